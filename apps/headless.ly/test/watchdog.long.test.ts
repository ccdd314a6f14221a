// A busy server is left alone, a frozen one is restarted, and internal errors reach the operator.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-watchdog-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Keeps the one thread busy, with work that reads and writes or with a loop that does neither. */
const busyWorker = `
import { DurableObject } from 'cloudflare:workers'
export class TenantObject extends DurableObject {
  work(ms) {
    const { sql } = this.ctx.storage
    sql.exec('CREATE TABLE IF NOT EXISTS t (v)')
    for (const until = Date.now() + ms; Date.now() < until; sql.exec('DELETE FROM t'))
      for (let at = 0; at < 8; at++) sql.exec('INSERT INTO t VALUES (randomblob(500000))')
  }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname === '/loop') for (;;) {}
    if (pathname === '/work') await env.TENANTS.getByName('busy').work(5_000)
    return new Response('done')
  },
}`

test('a server that works for long is not killed, and one that does nothing is', { timeout: 60_000 }, async () => {
  const workerFile = join(folder, 'busy-worker.js')
  writeFileSync(workerFile, busyWorker)
  const warned: string[] = []
  const server = await startServer({
    dataFolder: join(folder, 'busy'),
    port: 0,
    workerFile,
    warn: (line) => void warned.push(line),
    probe: { intervalMs: 100, timeoutMs: 300 },
  })
  const pid = server.pid()
  // Longer than the time after which a frozen server is killed.
  expect(await (await fetch(`${server.url}/work`)).text()).toBe('done')
  expect(server.pid()).toBe(pid)
  expect(warned.filter((line) => !line.includes('at work'))).toEqual([])
  await expect(fetch(`${server.url}/loop`)).rejects.toThrow('fetch failed')
  await expect.poll(() => server.pid() !== pid, { timeout: 20_000 }).toBe(true)
  expect(warned.slice(-2)).toEqual([
    expect.stringMatching(/did not answer \d+ times in a row, and did no work/),
    'restarting workerd',
  ])
  await server.stop()
})

test('an internal error is shown to the operator with its request, tenant and stack', async () => {
  const warned: string[] = []
  const options = { dataFolder: join(folder, 'broken'), port: 0, warn: (line: string) => void warned.push(line) }
  const first = await startServer(options)
  await fetch(`${first.url}/~acme/Contact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"Ada"}',
  })
  await first.stop()
  const databases = readdirSync(join(folder, 'broken/objects'), { recursive: true, encoding: 'utf8' })
  for (const name of databases.filter((one) => one.endsWith('.sqlite') && !one.includes('metadata')))
    writeFileSync(join(folder, 'broken/objects', name), 'no database '.repeat(1_000))
  const second = await startServer(options)
  const refused = await fetch(`${second.url}/~acme/Contact?strong=true`)
  const { requestId } = (await refused.json()) as { requestId: string }
  expect(refused.status).toBe(500)
  await expect.poll(() => warned.join('\n')).toContain(`internal error (${requestId}, GET /~acme/Contact)`)
  for (let at = 0; at < 50; at++) await fetch(`${second.url}/~acme/Contact?strong=true`)
  expect(warned.length).toBeLessThan(20)
  await second.stop()
})
