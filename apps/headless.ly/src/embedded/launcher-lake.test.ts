// A Worker in the workerd that ships, with the disk service and the launcher of the embedded server.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from './launcher.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-lake-'))
const workerFile = join(folder, 'worker.js')
const storeFile = resolve(import.meta.dirname, '../../../../packages/@dotdo/db/src/object-store/disk-object-store.ts')

/** Runs a method of the store, named by the URL, in a Durable Object as the server does. */
const worker = `
import { DurableObject } from 'cloudflare:workers'
import { DiskObjectStore } from ${JSON.stringify(storeFile)}

export class TenantObject extends DurableObject {
  #store = new DiskObjectStore({ disk: this.env.LAKE_DISK, syncer: this.env.LAKE_SYNC })
  async fetch(request) {
    const [method, ...values] = await request.json()
    if (method === 'secret') return Response.json({ result: this.env.LAKE_SECRET })
    const parameters = method === 'put' ? [values[0], new TextEncoder().encode(values[1]), values[2]] : values
    try {
      const result = await this.#store[method](...parameters)
      return Response.json({ result: result instanceof Uint8Array ? new TextDecoder().decode(result) : result })
    } catch (error) {
      return Response.json({ error: error.message })
    }
  }
}
export default {
  fetch: (request, env) => request.method === 'GET' ? new Response('up') : env.TENANTS.get(env.TENANTS.idFromName('t')).fetch(request)
}`

let server: Server
beforeAll(async () => {
  await build({
    stdin: { contents: worker, resolveDir: folder, loader: 'ts' },
    bundle: true,
    format: 'esm',
    external: ['cloudflare:*'],
    outfile: workerFile,
  })
  // Nothing here runs code next to the data, so that any file will do for its process.
  server = await startServer({ dataFolder: join(folder, 'data'), port: 0, workerFile, sandboxFile: workerFile })
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function call(on: Server, method: string, ...parameters: readonly unknown[]): Promise<unknown> {
  const answer = await fetch(on.url, { method: 'POST', body: JSON.stringify([method, ...parameters]) })
  const { result, error } = (await answer.json()) as { readonly result?: unknown; readonly error?: string }
  return error ?? result
}

test('the Worker stores objects as files in the folder `lake`', async () => {
  expect(await call(server, 'put', 'acme/a', '0123456789', { ifAbsent: true })).toBe(true)
  expect(await call(server, 'put', 'acme/a', 'other', { ifAbsent: true })).toBe(false)
  expect(await call(server, 'put', 'acme/b', '', { ifAbsent: false })).toBe(true)
  expect(readFileSync(join(folder, 'data/lake/acme/a'), 'utf8')).toBe('0123456789')
  expect(await call(server, 'get', 'acme/a', { start: 3, end: 5 })).toBe('34')
  expect(await call(server, 'get', 'acme/a', { start: 0, end: 50 })).toBe('0123456789')
  expect(await call(server, 'get', 'acme/a', { start: 10, end: 11 })).toBe('')
  expect(await call(server, 'get', 'acme/b')).toBe('')
  expect(await call(server, 'get', 'acme')).toBeUndefined()
  expect(await call(server, 'head', 'acme/a')).toBe(10)
  expect(await call(server, 'head', 'acme')).toBeUndefined()
  const objects = [
    { key: 'acme/a', bytes: 10, modifiedMs: expect.any(Number) as number },
    { key: 'acme/b', bytes: 0, modifiedMs: expect.any(Number) as number },
  ]
  expect(await call(server, 'list', { prefix: 'acme/', limit: 10 })).toMatchObject({ objects, hasMore: false })
  await call(server, 'delete', ['acme/b', 'acme', 'missing'])
  expect(readdirSync(join(folder, 'data/lake/acme'))).toEqual(['a'])
})

test('the Worker reaches the launcher, which syncs its files', async () => {
  await call(server, 'put', 'acme/synced', 'x', { ifAbsent: false })
  expect(await call(server, 'sync', ['acme/synced'])).toBeUndefined()
  expect(await call(server, 'sync', ['acme/synced', 'acme/missing'])).toMatch(/^sync of 2 keys: 404 file not found/)
})

test('the Worker gets the secret of its folder, which only the owner can read', async () => {
  expect(await call(server, 'secret')).toBe(readFileSync(join(folder, 'data/lake-secret'), 'utf8'))
  expect(statSync(join(folder, 'data/lake-secret')).mode & 0o077).toBe(0)
})

test('the launcher is still reachable after workerd restarts and after an idle period', async () => {
  await call(server, 'put', 'acme/again', 'x', { ifAbsent: false })
  const pid = server.pid()
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => server.pid(), { timeout: 10_000 }).not.toBe(pid)
  await expect.poll(() => call(server, 'head', 'acme/again').catch(String), { timeout: 10_000 }).toBe(1)
  expect(await call(server, 'sync', ['acme/again'])).toBeUndefined()
  // Longer than Node and workerd keep idle connections by default.
  await new Promise((done) => setTimeout(done, 6_000))
  expect(await call(server, 'sync', ['acme/again'])).toBeUndefined()
})

test('a data folder with a path too long for a socket works', async () => {
  const dataFolder = join(folder, 'x'.repeat(60), 'y'.repeat(60))
  const long = await startServer({ dataFolder, port: 0, workerFile, sandboxFile: workerFile })
  try {
    await call(long, 'put', 'a', 'x', { ifAbsent: false })
    expect(await call(long, 'sync', ['a'])).toBeUndefined()
  } finally {
    await long.stop()
  }
})

test('a Worker that cannot start does not leave its folder locked', async () => {
  const broken = join(folder, 'broken.js')
  writeFileSync(broken, 'export default {')
  const dataFolder = join(folder, 'broken')
  await expect(startServer({ dataFolder, port: 0, workerFile: broken, sandboxFile: broken })).rejects.toThrow('workerd')
  const next = await startServer({ dataFolder, port: 0, workerFile, sandboxFile: workerFile })
  await next.stop()
})
