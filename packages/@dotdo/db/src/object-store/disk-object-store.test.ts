// DiskObjectStore against the disk service of the workerd that ships, reached through a socket instead of a binding.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DiskObjectStore, type Fetching } from './disk-object-store.ts'
import { objectStoreSuite } from './object-store.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-disk-'))
const lakeFolder = join(folder, 'lake')
const bytes = new Uint8Array([1, 2, 3])
const always = { ifAbsent: false }
let workerd: ChildProcess
let port = 0
/** Requests to the disk since the test began. */
const requests: string[] = []
/** Bodies of the calls to the launcher. */
const synced: unknown[] = []
let syncStatus = 204

const disk: Fetching = {
  fetch: (url, init) => {
    requests.push(`${init?.method ?? 'GET'} ${url}`)
    return fetch(url.replace('http://lake', `http://127.0.0.1:${port}`), init)
  },
}
const syncer: Fetching = {
  fetch: async (url, init) => {
    synced.push([init?.method, url, JSON.parse(String(init?.body))])
    return syncStatus === 204
      ? new Response(null, { status: 204 })
      : new Response('no such disk', { status: syncStatus })
  },
}

beforeAll(async () => {
  mkdirSync(lakeFolder)
  const configFile = join(folder, 'config.capnp')
  writeFileSync(
    configFile,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "lake", disk = (path = ${JSON.stringify(lakeFolder)}, writable = true))],
  sockets = [(name = "disk", address = "127.0.0.1:0", http = (), service = "lake")],
);`,
  )
  const { default: program } = createRequire(import.meta.url)('workerd') as { readonly default: string }
  workerd = spawn(program, ['serve', '--experimental', '--control-fd=3', configFile], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  for await (const line of (workerd.stdio[3] as Readable).setEncoding('utf8')) {
    port = Number(/"port":\s*(\d+)/.exec(String(line))?.[1] ?? 0)
    if (port > 0) break
  }
})

afterAll(() => {
  workerd.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function makeStore(): DiskObjectStore {
  for (const name of readdirSync(lakeFolder)) rmSync(join(lakeFolder, name), { recursive: true })
  return new DiskObjectStore({ disk, syncer })
}

objectStoreSuite('DiskObjectStore', makeStore)

describe('on a disk', () => {
  beforeEach(() => {
    syncStatus = 204
    for (const calls of [requests, synced]) calls.length = 0
  })

  test('an object is stored as one plain file in its folder', async () => {
    await makeStore().put('a/b/c.parquet', bytes, always)
    expect(readdirSync(lakeFolder, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual([
      'a',
      'a/b',
      'a/b/c.parquet',
    ])
  })

  test('a key cannot be the folder of other keys: the second put fails and the first object stays', async () => {
    const store = makeStore()
    await store.put('a/b', bytes, always)
    await expect(store.put('a', bytes, always)).rejects.toThrow("put 'a': 500")
    await expect(store.put('a/b/c', bytes, always)).rejects.toThrow("put 'a/b/c': 500")
    expect(await store.list({ prefix: '', limit: 9 })).toMatchObject({
      objects: [{ key: 'a/b', bytes: 3 }],
      hasMore: false,
    })
  })

  test('segments that a disk hides or cannot name are refused before any request', async () => {
    const store = makeStore()
    for (const key of ['.a', 'a/.b/c', '...', 'x'.repeat(201)]) {
      await expect(store.put(key, bytes, always)).rejects.toThrow('expected segments of at most')
      expect(await store.get(key)).toBeUndefined()
      await store.delete([key])
    }
    await store.put('x'.repeat(200), bytes, always)
    expect(requests.filter((request) => /^(?:PUT|DELETE)/.test(request))).toHaveLength(1)
  })

  test('an aborted put leaves no object, and its temporary file is never listed', async () => {
    const store = makeStore()
    await store.put('a/b', bytes, always)
    const socket = connect(port, '127.0.0.1')
    socket.write(`PUT /a/c HTTP/1.1\r\nhost: lake\r\ncontent-length: 1000\r\n\r\n${'x'.repeat(500)}`)
    await expect.poll(() => readdirSync(join(lakeFolder, 'a')).filter((name) => name.startsWith('.c.'))).toHaveLength(1)
    expect((await store.list({ prefix: '', limit: 9 })).objects).toMatchObject([{ key: 'a/b', bytes: 3 }])
    expect(await store.get('a/c')).toBeUndefined()
    socket.destroy()
    await expect.poll(() => readdirSync(join(lakeFolder, 'a'))).toEqual(['b'])
  })

  test('foreign files in the folder that are not objects are not listed', async () => {
    const store = makeStore()
    await store.put('a/b', bytes, always)
    writeFileSync(join(lakeFolder, 'a', '.b.123.4.tmp'), 'left by a crash')
    writeFileSync(join(lakeFolder, 'a', 'with a "space"'), 'x')
    mkdirSync(join(lakeFolder, 'ä'))
    writeFileSync(join(lakeFolder, 'ä', 'b'), 'x')
    mkdirSync(join(lakeFolder, 'nothing', 'here'), { recursive: true })
    symlinkSync('b', join(lakeFolder, 'a', 'link'))
    expect((await store.list({ prefix: '', limit: 9 })).objects).toMatchObject([{ key: 'a/b', bytes: 3 }])
  })

  test('a page opens only the folders on its path, and requests sizes only of the objects it returns', async () => {
    const store = makeStore()
    for (let tenant = 0; tenant < 9; tenant++) {
      for (const file of ['1', '2']) await store.put(`t${tenant}/${file}`, bytes, always)
    }
    requests.length = 0
    const { objects } = await store.list({ prefix: 't', after: 't3/1', limit: 2 })
    expect(objects.map(({ key }) => key)).toEqual(['t3/2', 't4/1'])
    expect(requests).toEqual([
      'GET http://lake/',
      'GET http://lake/t3/',
      'GET http://lake/t4/',
      'HEAD http://lake/t3/2',
      'HEAD http://lake/t4/1',
    ])
  })

  test('a failed put does not block the next put of its key', async () => {
    let fails = true
    const store = new DiskObjectStore({
      disk: {
        fetch: (url, init) => (fails ? Promise.reject(new Error('the disk is full')) : disk.fetch(url, init)),
      },
    })
    await expect(store.put('failed', bytes, always)).rejects.toThrow('full')
    fails = false
    expect(await store.put('failed', bytes, { ifAbsent: true })).toBe(true)
  })

  test('sync names the keys to the launcher, at most 1,000 in a call', async () => {
    const keys = Array.from({ length: 1_001 }, (_, index) => `a/${index}`)
    await makeStore().sync(keys)
    expect(synced).toEqual([
      ['POST', 'http://launcher/sync', { keys: keys.slice(0, 1_000) }],
      ['POST', 'http://launcher/sync', { keys: ['a/1000'] }],
    ])
  })

  test('an error of the service names the action and the key', async () => {
    const broken = new DiskObjectStore({ disk: { fetch: () => Promise.reject(new Error('internal error')) } })
    await expect(broken.put('a/b', bytes, always)).rejects.toThrow("put 'a/b': internal error")
    await expect(broken.get('a/b')).rejects.toThrow("get 'a/b': internal error")
    await expect(broken.delete(['a/b'])).rejects.toThrow("head 'a/b': internal error")
  })

  test('sync throws if the launcher fails, and if there is none', async () => {
    syncStatus = 500
    await expect(makeStore().sync(['a'])).rejects.toThrow('sync of 1 keys: 500 no such disk')
    await expect(new DiskObjectStore({ disk }).sync(['a'])).rejects.toThrow('it cannot tell')
  })
})
