// A receiver whose name gets another address between two deliveries. Names are resolved by the connection (decision 0109), so the
// server runs with a hosts file of its own, which the test changes.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

type Json = Record<string, unknown>

const folder = mkdtempSync(join(tmpdir(), 'headlessly-moved-'))
const hosts = join(folder, 'hosts')
const program = resolve(import.meta.dirname, '../bin/serve.js')
const [allowed, forbidden] = ['127.0.0.2', '127.0.0.3'] as const
/** A mount that only the server and its children see. */
const withHosts = ['--map-root-user', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', hosts]

moveTo(allowed)
const canMount = spawnSync('unshare', [...withHosts, 'true'], { stdio: 'ignore' }).status === 0

function moveTo(address: string): void {
  writeFileSync(hosts, `127.0.0.1 localhost\n${address} receiver.internal\n`)
}

/** The requests received, by the address to which they came. Connections count even if they send nothing. */
const connections: (string | undefined)[] = []
const received: { readonly at: string | undefined; readonly name: unknown }[] = []
const receiver = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (part: string) => (text += part))
  request.on('end', () => {
    const { data } = JSON.parse(text === '' ? '{}' : text) as { readonly data?: Json }
    received.push({ at: request.socket.localAddress, name: data?.['name'] })
    // The next delivery makes a connection of its own.
    response.writeHead(200, { connection: 'close' }).end()
  })
}).on('connection', ({ localAddress }) => connections.push(localAddress))

let server: ChildProcess | undefined
let tenant = ''
let port = 0

beforeAll(async () => {
  if (!canMount) return
  await new Promise<void>((done) => void receiver.listen(0, '0.0.0.0', done))
  port = (receiver.address() as AddressInfo).port
  const options = ['--port', '0', '--data', join(folder, 'data'), '--outside-networks', `${allowed}/32`]
  const child = spawn('unshare', [...withHosts, process.execPath, program, ...options])
  server = child
  let output = ''
  tenant = await new Promise((done, fail) => {
    child.once('exit', () => fail(new Error(`the server ended: ${output}`)))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const url = /serves on (\S+),/.exec(output)?.[1]
        if (url !== undefined && output.includes('Stop it with Ctrl-C.')) done(`${url}/~acme`)
      })
  })
})

afterAll(async () => {
  const child = server
  if (child !== undefined && child.exitCode === null)
    await new Promise((done) => {
      child.once('exit', done)
      child.kill('SIGTERM')
    })
  receiver.closeAllConnections()
  receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

async function post(path: string, body: Json): Promise<Json> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(tenant + path, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(answer.ok).toBe(true)
  return (await answer.json()) as Json
}

test.skipIf(!canMount)(
  'a receiver whose name moves to a private address gets nothing there, and what waited once it is back',
  async () => {
    const { $id } = await post('/webhooks', { url: `http://receiver.internal:${port}/`, events: ['Deal.*'] })
    const last = async (): Promise<unknown> => {
      const answer = await fetch(`${tenant}/webhooks/${String($id)}/deliveries`)
      const { results } = (await answer.json()) as { readonly results: readonly Json[] }
      return results.at(-1)
    }
    await post('/Deal', { name: 'first', value: 1 })
    await expect.poll(last, { timeout: 10_000 }).toMatchObject({ status: 'delivered' })
    expect(received).toEqual([{ at: allowed, name: 'first' }])

    // The receiver answers at the other address too, to those who may connect.
    expect((await fetch(`http://${forbidden}:${port}/`)).status).toBe(200)
    expect(connections.splice(0)).toEqual([allowed, forbidden])
    received.splice(0)
    moveTo(forbidden)
    await post('/Deal', { name: 'second', value: 2 })
    await expect
      .poll(last, { timeout: 15_000 })
      .toMatchObject({ status: 'failed', error: expect.stringContaining('its address is not public') })
    expect(connections).toEqual([])

    moveTo(allowed)
    await post(`/Webhook/${String($id)}/disable`, {})
    await post(`/Webhook/${String($id)}/enable`, {})
    await expect.poll(last, { timeout: 10_000 }).toMatchObject({ status: 'delivered' })
    expect(received).toEqual([{ at: allowed, name: 'second' }])
    expect(connections).toEqual([allowed])
  },
)
