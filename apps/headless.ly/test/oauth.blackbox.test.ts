// Official clients sign in to the server that ships. `npm ci --prefix checks` installs them; without them, their tests are
// skipped.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { findEngine } from '../../../checks/engines.ts'
import { useServer } from './server.ts'

const run = promisify(execFile)
const folder = join(import.meta.dirname, '../../../checks/oauth/clients')
const { url, tenant, call } = useServer()

/** Runs the program of a client with the tenant's URL, and returns what it prints. */
async function signIn(program: string, below = ''): Promise<string> {
  const name = tenant()
  await call('POST', `/~${name}/Contact`, { name: 'Ada' })
  const address = `${url().replace('127.0.0.1', 'localhost')}/~${name}${below}`
  return (await run(process.execPath, [join(folder, `${program}.ts`), address])).stdout
}

const hasClients = ['oauth4webapi', 'openid-client', '@modelcontextprotocol/client'].every(
  (name) => findEngine(name) !== undefined,
)

describe.skipIf(!hasClients)('official clients', () => {
  test.concurrent('oauth4webapi finds the server, signs in, refreshes, asks about a token and revokes', async () => {
    expect(await signIn('oauth4webapi')).toBe(`signed in: read write
read 200
refreshed: read 200
introspected: true owner
revoked: read 401
`)
  })

  test.concurrent('openid-client signs in by a code and as a device, and a replay ends the grant', async () => {
    expect(await signIn('openid-client')).toBe(`signed in: read
read 200
refreshed: read 200
replayed: invalid_grant
after the replay: read 401
device: read write, read 200
revoked: read 401
`)
  })

  test.concurrent('the client of MCP signs in from the URL of the interface for agents, refreshes, and lists the tools', async () => {
    expect(await signIn('mcp', '/mcp')).toBe(`refused 401
REDIRECT: read write for mcp
AUTHORIZED
AUTHORIZED, refreshed: true
tools: search,fetch,do
`)
  })
})
