// The embedded server from an operator's point of view.

import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-embedded-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const program = resolve(import.meta.dirname, '../bin/serve.js')

function serve(...options: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [program, ...options])
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('exit', (code) => done({ code, output }))
  })
}

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/health`).then(
    (answer) => answer.ok,
    () => false,
  )

test('data survives a stop and a start', async () => {
  const options = { dataFolder: join(folder, 'two'), port: 0 }
  const first = await startServer(options)
  const made = await fetch(`${first.url}/~acme/Contact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"Ada"}',
  })
  const { $id } = (await made.json()) as { $id: string }
  await first.stop()
  const second = await startServer(options)
  expect(await (await fetch(`${second.url}/~acme/Contact/${$id}`)).json()).toMatchObject({ name: 'Ada' })
  await second.stop()
})

test('a copy of the folder of a stopped server is a backup, and a client that saw more is told', async () => {
  const dataFolder = join(folder, 'backed-up')
  const backup = join(folder, 'backup')
  const bookmarks: string[] = []
  const write = async (name: string): Promise<void> => {
    const server = await startServer({ dataFolder, port: 0 })
    const headers = { 'content-type': 'application/json' }
    const made = await fetch(`${server.url}/~acme/Contact`, { method: 'POST', headers, body: JSON.stringify({ name }) })
    expect(made.status).toBe(201)
    bookmarks.push(made.headers.get('x-headlessly-bookmark') ?? '')
    await fetch(`${server.url}/~acme/lake/flush`, { method: 'POST' })
    await server.stop()
  }
  await write('before')
  cpSync(dataFolder, backup, { recursive: true })
  await write('after')
  rmSync(dataFolder, { recursive: true })
  cpSync(backup, dataFolder, { recursive: true })

  const server = await startServer({ dataFolder, port: 0 })
  const list = `${server.url}/~acme/Contact?fields=name`
  expect(await (await fetch(list)).json()).toMatchObject({ results: [{ name: 'before' }] })
  const ahead = await fetch(list, { headers: { 'x-headlessly-bookmark': bookmarks[1] ?? '' } })
  expect(await ahead.json()).toMatchObject({ status: 409, code: 'bookmark_ahead' })
  await server.stop()
  await write('since')
  const next = await startServer({ dataFolder, port: 0 })
  const report = await fetch(`${next.url}/~acme/lake/verify`, { method: 'POST' })
  expect(await report.json()).toMatchObject({ isWhole: true, events: 2, entities: 2 })
  await next.stop()
})

test('a workerd that dies is restarted on the same port', async () => {
  const server = await startServer({ dataFolder: join(folder, 'three'), port: 0 })
  const before = server.pid()
  process.kill(before, 'SIGKILL')
  await expect.poll(() => isUp(server.url), { timeout: 10_000 }).toBe(true)
  expect(server.pid()).not.toBe(before)
  await server.stop()
  expect(await isUp(server.url)).toBe(false)
})

test('a workerd that no longer answers is killed and restarted', { timeout: 40_000 }, async () => {
  const warned: string[] = []
  const warn = (line: string): void => void warned.push(line)
  const probe = { intervalMs: 100, timeoutMs: 300 }
  const server = await startServer({ dataFolder: join(folder, 'four'), port: 0, warn, probe })
  const before = server.pid()
  process.kill(before, 'SIGSTOP')
  await expect.poll(() => server.pid() !== before, { timeout: 30_000, interval: 200 }).toBe(true)
  await expect.poll(() => isUp(server.url), { timeout: 10_000 }).toBe(true)
  expect(warned).toEqual([expect.stringMatching(/^workerd did not answer \d+ times/), 'restarting workerd'])
  await server.stop()
})

test('a port in use, an invalid port and an address other than loopback are refused with a message', async () => {
  const server = await startServer({ dataFolder: join(folder, 'five'), port: 0 })
  const taken = await serve('--data', join(folder, 'six'), '--port', String(server.port))
  expect(taken).toMatchObject({ code: 1 })
  expect(taken.output).toContain(`port ${server.port} is taken: choose another with --port`)
  expect((await serve('--port', 'x')).output).toContain('expected a port from 0 to 65535')
  expect((await serve('--host', 'everywhere')).output).toContain(
    "expected an IP address such as 0.0.0.0 as --host, got 'everywhere'",
  )
  expect((await serve('--allowed-hosts', 'a.example:80')).output).toContain("got 'a.example:80'")
  expect((await serve('--public-url', 'https://a.example/')).output).toContain('expected a URL without a slash')
  await server.stop()
})

test('behind a proxy, the server answers to its public name, which is the base of $context', async () => {
  const server = await startServer({
    dataFolder: join(folder, 'proxied'),
    port: 0,
    allowedHosts: 'backend.example',
    publicUrl: 'https://backend.example/api',
  })
  const create = (host: string): Promise<{ readonly status: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const headers = { host, 'content-type': 'application/json' }
      const asked = request(`${server.url}/~acme/Contact`, { method: 'POST', headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      })
      asked.on('error', reject)
      asked.end('{"name":"Ada"}')
    })
  const made = await create('Backend.example')
  expect(made.status).toBe(201)
  expect(made.text).toContain('"$context":"https://backend.example/api/~acme"')
  expect((await create('other.example')).status).toBe(403)
  await server.stop()
})

test('stop ends the server even while a client is connected', { timeout: 20_000 }, async () => {
  const server = await startServer({ dataFolder: join(folder, 'seven'), port: 0 })
  const stream = await fetch(`${server.url}/~acme/events`, { headers: { accept: 'text/event-stream' } })
  await server.stop()
  await stream.body?.cancel().catch(() => {})
  expect(await isUp(server.url)).toBe(false)
})
