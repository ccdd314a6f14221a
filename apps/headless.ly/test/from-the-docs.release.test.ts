// A claimed server on an address that others reach (here an alias of loopback), used as the pages about people, OAuth and agents
// say: by a browser, a key, the command line and a client of MCP.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, afterEach, expect, test } from 'vitest'
import { readMarkdownBlocks } from '../../../test/markdown-blocks.ts'

const address = '127.0.0.5'
const folder = mkdtempSync(join(tmpdir(), 'headlessly-from-the-docs-'))
const serve = resolve(import.meta.dirname, '../bin/serve.js')
const cli = resolve(import.meta.dirname, '../../../packages/@headlessly/cli/bin/headlessly.js')
const running = new Set<ChildProcess>()
const run = promisify(execFile)

afterEach(async () => {
  for (const child of running) await stop(child)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly output: string
}

function start(...options: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [serve, '--port', '0', '--data', join(folder, 'data'), ...options])
  running.add(child)
  let output = ''
  return new Promise((done, fail) => {
    child.once('exit', () => fail(new Error(output)))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        // The link comes in the same tick as the greeting.
        if (output.includes('Stop it with Ctrl-C.'))
          setTimeout(() => done({ child, output, url: /serves on (\S+),/.exec(output)?.[1] ?? '' }), 50)
      })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  running.delete(child)
  child.removeAllListeners('exit')
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
}

/** Acts as a browser: sends its cookies and the origin of the page, and keeps the cookies that it gets. */
class Browser {
  readonly url: string
  readonly #cookies = new Map<string, string>()

  constructor(url: string) {
    this.url = url
  }

  async open(path: string): Promise<string> {
    return (await this.#ask(path, {})).text()
  }

  /** Sends a form, or JSON as the pages' scripts do. */
  async send(
    path: string,
    fields: Readonly<Record<string, string>>,
    type: 'form' | 'json' = 'json',
  ): Promise<Response> {
    const body = type === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString()
    const contentType = type === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
    return this.#ask(path, { method: 'POST', body, headers: { 'content-type': contentType } })
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('origin', this.url)
    if (init.method === undefined) headers.set('accept', 'text/html')
    headers.set('cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const answer = await fetch(this.url + path, { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.#cookies.set(name, value)
    }
    return answer
  }
}

/** Runs the shell blocks of a page against the server, with a key, and returns what they print. */
async function runBlocks(page: string, url: string, key: string): Promise<string> {
  const blocks = readMarkdownBlocks(page).filter(({ language, info }) => language === 'sh' && info === '')
  expect(blocks.length).toBeGreaterThan(0)
  let printed = ''
  for (const { text } of blocks) {
    const script = text
      .replaceAll('localhost:8787', url.replace('http://', ''))
      .replaceAll('curl -s', `curl -s -H 'authorization: Bearer ${key}'`)
    printed += (await run('sh', ['-c', script])).stdout
  }
  return printed
}

/** `headlessly login`, while its person allows the code that it shows. */
async function login(url: string, browser: Browser): Promise<void> {
  const child = spawn(process.execPath, [cli, 'login', '--tenant', 'acme', '--endpoint', url], { env: cliEnv })
  running.add(child)
  let said = ''
  const opened = await new Promise<string>((done, fail) => {
    child.once('exit', () => fail(new Error(said)))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const found = /open (http\S+)/.exec(said)?.[1]
        if (found !== undefined && said.includes('minutes')) done(found)
      })
  })
  const { pathname, searchParams } = new URL(opened)
  const code = searchParams.get('user_code') ?? ''
  const page = await (await browser.send(pathname, { user_code: code }, 'form')).text()
  const handle = /name="handle" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const allowed = await browser.send(pathname, { handle, user_code: code, decision: 'approve', scope: 'admin' }, 'form')
  expect(allowed.status).toBe(200)
  child.removeAllListeners('exit')
  const exitCode = child.exitCode ?? (await new Promise((done) => child.once('exit', done)))
  running.delete(child)
  expect([exitCode, said]).toEqual([0, expect.stringContaining('tenant acme')])
}

const cliEnv = { ...process.env, HEADLESSLY_CONFIG: join(folder, 'cli') }

async function whoami(
  url: string,
): Promise<{ readonly actor?: string; readonly key?: string; readonly fault?: string }> {
  const words = [cli, 'whoami', '--tenant', 'acme', '--endpoint', url, '--json']
  try {
    return JSON.parse((await run(process.execPath, words, { env: cliEnv })).stdout) as { actor: string; key: string }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  }
}

test('from the docs alone: a first owner, a member, a key, the command line and a client of MCP', async () => {
  const { url, output } = await start('--host', address)
  expect(url).toContain(address)
  expect((await fetch(`${url}/~acme/Contact`)).status).toBe(401)

  // The first owner opens the printed link, and begins a tenant on the account page.
  const owner = new Browser(url)
  expect(await owner.open('/sign-in/claim')).toContain('Become the owner of this server')
  const code = /#(\S+)$/m.exec(output)?.[1] ?? ''
  const claimed = await owner.send('/sign-in/claim', { code, name: 'Ada', email: 'ada@example.com' }, 'form')
  expect([claimed.status, claimed.headers.get('location')]).toEqual([303, '/account'])
  expect(await owner.open('/account')).toContain('owner of this server')
  expect((await owner.send('/account/tenants', { tenant: 'acme' }, 'form')).status).toBe(303)
  expect(await owner.open('/~acme')).toContain('acme')

  // A key of the owner runs the examples.
  const made = await owner.send('/~acme/ApiKey', { name: 'script' })
  const { key } = (await made.json()) as { readonly key: string }
  expect(key).toMatch(/^hly_sk_/)
  const [, link = ''] = /"link":\s*"([^"]+)"/.exec(await runBlocks('docs/people.md', url, key)) ?? []
  expect(
    JSON.parse(await runBlocks('docs/oauth.md', url, key).then((text) => text.slice(text.lastIndexOf('{"')))),
  ).toBeTypeOf('object')
  expect(await runBlocks('docs/mcp.md', url, key)).toContain('Rollout')

  // The invited person gets an account, and signs the command line in.
  const grace = new Browser(url)
  const accepted = await grace.send('/sign-in/invitation', { code: link.slice(link.indexOf('#') + 1), name: 'Grace' })
  expect(accepted.status).toBe(200)
  const { user } = (await accepted.json()) as { readonly user: string }
  await login(url, grace)
  expect(await whoami(url)).toMatchObject({ actor: user, key: expect.stringMatching(/^grant_/) })

  // An agent works with the key, and the event names it.
  const client = new Client({ name: 'test', version: '1.0.0' })
  const headers = { authorization: `Bearer ${key}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/~acme/mcp`), { requestInit: { headers } }))
  const done = await client.callTool({ name: 'do', arguments: { code: '$.Contact.create({ name: "From an agent" })' } })
  await client.close()
  expect(done.isError ?? false).toBe(false)
  expect(await owner.open('/~acme/Contact')).toContain('From an agent')

  // The member revokes the grant on a page.
  const listed = await grace.open('/~acme/oauth/grants')
  const grant = /value="(grant_[^"]+)"/.exec(listed)?.[1] ?? ''
  expect((await grace.send('/~acme/oauth/grants', { grant }, 'form')).status).toBe(303)
  expect(await whoami(url)).toHaveProperty('fault')
})

test('what anybody at the machine has allowed ends once the server requires a sign-in', async () => {
  const before = await start()
  await fetch(`${before.url}/~acme/Contact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"Ada"}',
  })
  await login(before.url, new Browser(before.url))
  expect(await whoami(before.url)).toMatchObject({ actor: 'owner', key: expect.stringMatching(/^grant_/) })
  const { port } = new URL(before.url)
  await stop(before.child)
  const after = await start('--require-sign-in', '--port', port)
  expect(after.url).toBe(before.url)
  expect((await whoami(after.url)).fault).toContain('key is not valid here')
})
