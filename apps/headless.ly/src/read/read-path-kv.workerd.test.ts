// Isolates of different data centres that share nothing but KV.

import { type Authority, fullAuthority } from 'digital-objects'
import fc from 'fast-check'
import { env } from 'cloudflare:test'
import {
  formatManifest,
  type LayerFile,
  type Manifest,
  manifestKey,
  MemoryObjectStore,
  noLayers,
  type ObjectStore,
} from '@dotdo/db'
import { type Answer, builtInWith, type Caller } from 'objects.do'
import { beforeEach, describe, expect, test } from 'vitest'
import { ask as askObject, askWrite, toRead } from '../../../../packages/objects.do/test/ask-tenant.ts'
import { putTenantFiles } from '../../../../packages/objects.do/test/tenant-files.ts'
import type { KvNamespace } from '../base/env.ts'
import { KvReadCache } from './kv-read-cache.ts'
import { KvValues } from './kv-values.ts'
import { MemoryReadCache } from './memory-read-cache.ts'
import { lastingMs, ReadPath } from './read-path.ts'
import { storeWithTails, tailRowsMin, tailsMax } from './store-with-tails.ts'

const stubOf = (tenant: string) => env.TENANTS.get(env.TENANTS.idFromName(tenant))
const builtIn = builtInWith([])
const work: Promise<unknown>[] = []
let tenants = 0
let nowMs = 0
let stored: Map<string, ArrayBuffer>
let kv: KvNamespace & { gets: number }

beforeEach(() => {
  nowMs = Date.now() + 10 * lastingMs
  stored = new Map()
  kv = {
    gets: 0,
    get: async (key) => (kv.gets++, stored.get(key) ?? null),
    put: async (key, value) => void stored.set(key, value),
  }
})

/** An isolate that has nothing in memory. */
function isolate(store: ObjectStore): ReadPath {
  const values = new KvValues({ kv, now: () => nowMs })
  const far = { answers: new KvReadCache({ values, deployment: 'one' }), values }
  return new ReadPath({
    store,
    builtIn,
    memory: new MemoryReadCache(0),
    near: undefined,
    far,
    now: () => nowMs,
    log: () => {},
  })
}

async function list(path: ReadPath, caller: Caller, query = ''): Promise<Answer | undefined> {
  const call = toRead({ read: 'find', noun: 'Contact', parameters: {} })
  const visit = { path: `/~same/Contact${query}`, waitUntil: (promise: Promise<unknown>) => void work.push(promise) }
  const answer = await path.answer({ caller, call }, visit)
  await Promise.all(work)
  return answer
}

async function tenantWith(names: readonly string[], authority: Authority = fullAuthority('anonymous')) {
  const tenant = `kv${++tenants}`
  // All tenants are reached under one context, as a deleted one and its successor are.
  const caller: Caller = { tenant, context: 'http://localhost/~same', authority, via: 'rest' }
  const full = { ...caller, authority: fullAuthority('anonymous') }
  for (const name of names)
    await askWrite(stubOf(tenant), full, { noun: 'Contact', verb: 'create', body: JSON.stringify({ name }) })
  const store = new MemoryObjectStore()
  const publish = async (revision: number): Promise<void> => {
    const manifest = await putTenantFiles({ store, stub: stubOf(tenant), caller: full, cuts: [0.5], revision })
    await store.put(manifestKey(tenant), new TextEncoder().encode(formatManifest(manifest)), { ifAbsent: false })
  }
  await publish(1)
  return { tenant, caller, full, store, publish }
}

const sourceOf = (answer: Answer | undefined): string | undefined => (answer?.ok === true ? answer.source : undefined)

describe('an answer', () => {
  test('is written by the second request of an isolate, and then answers other isolates', async () => {
    const { caller, store } = await tenantWith(['Ada'])
    const one = isolate(store)
    const keysAfter = async (path: ReadPath): Promise<readonly [string | undefined, number]> => [
      sourceOf(await list(path, caller)),
      [...stored.values()].filter((value) => new TextDecoder().decode(value).includes('answer one ')).length,
    ]
    expect(await keysAfter(one)).toEqual(['files', 0])
    expect(await keysAfter(one)).toEqual(['files', 1])
    expect(await keysAfter(isolate(store))).toEqual(['cache', 1])
    expect((await list(isolate(store), caller))?.ok).toBe(true)
  })

  test('of a manifest that may soon be replaced costs KV neither a read nor a write', async () => {
    const { caller, store } = await tenantWith(['Ada'])
    nowMs = Date.now()
    const one = isolate(store)
    for (let at = 0; at < 3; at++) expect(sourceOf(await list(one, caller))).toBe('files')
    expect([kv.gets, stored.size]).toEqual([0, 0])
  })

  test('never crosses to another tenant, log, manifest or authority', async () => {
    const full = fullAuthority('anonymous')
    const everything = full.others
    const authorities: readonly Authority[] = [
      full,
      { ...full, nouns: { Contact: { ...everything, hidden: ['name'] } } },
      { ...full, nouns: { Contact: { ...everything, read: { name: 'Bob' } } } },
    ]
    // The second one is like a tenant of the same name, created after the first one was deleted.
    const worlds = [await tenantWith(['Ada', 'Bob']), await tenantWith(['Bob', 'Cyd']), await tenantWith([])]
    const anyStep = fc.record({
      world: fc.nat({ max: worlds.length - 1 }),
      authority: fc.constantFrom(...authorities),
      query: fc.constantFrom('', '?a'),
      isNewIsolate: fc.nat({ max: 9 }).map((dice) => dice === 0),
      isPublished: fc.nat({ max: 79 }).map((dice) => dice === 0),
    })
    let revision = 1
    let fromKv = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 30, maxLength: 40 }), async (steps) => {
        const paths = worlds.map(({ store }) => isolate(store))
        for (const { world, authority, query, isNewIsolate, isPublished } of steps) {
          const at = worlds[world] ?? worlds[0]
          if (at === undefined) continue
          const caller = { ...at.caller, authority }
          if (isPublished) await at.publish(++revision)
          if (isNewIsolate || isPublished) paths[world] = isolate(at.store)
          const answer = await list(paths[world] ?? isolate(at.store), caller, query)
          const call = toRead({ read: 'find', noun: 'Contact', parameters: {} })
          const object = await askObject(stubOf(at.tenant), caller, call)
          if (!object.ok) throw new Error(JSON.stringify(object))
          if (answer !== undefined) expect(answer).toMatchObject({ ok: true, body: object.body })
          if (sourceOf(answer) === 'cache') fromKv++
        }
      }),
      { numRuns: 8 },
    )
    expect(fromKv, 'isolates have no memory here').toBeGreaterThan(20)
  })

  test('comes in time from files if KV hangs, throws, or has garbage', async () => {
    const { caller, store } = await tenantWith(['Ada'])
    const wanted = await list(isolate(store), caller)
    for (const get of [
      () => new Promise<never>(() => {}),
      () => Promise.reject(new Error('no')),
      async () => new Uint8Array(100).fill(7).buffer,
    ]) {
      kv.get = get
      const start = Date.now()
      expect(await list(isolate(store), caller)).toEqual(wanted)
      expect(Date.now() - start).toBeLessThan(2_000)
    }
  })
})

describe('the end of a file', () => {
  test('comes from KV for other isolates, so that they open files without the store', async () => {
    const { caller, store, tenant } = await tenantWith(['Ada'])
    const ends: string[] = []
    const counted = Object.assign(Object.create(store) as ObjectStore, {
      get: (...[key, range]: Parameters<ObjectStore['get']>) => {
        if (range !== undefined) ends.push(key)
        return store.get(key, range)
      },
    })
    await list(isolate(counted), caller, '?1')
    const cold = ends.length
    await list(isolate(counted), caller, '?2')
    expect(cold).toBeGreaterThan(0)
    expect(ends.length - cold).toBeLessThan(cold)
    expect(ends.every((key) => key.startsWith(tenant))).toBe(true)
  })

  const bytes = 100
  const layerFile = (rows: number): LayerFile => ({
    key: 'acme/entities/Contact/base-0.parquet',
    bytes,
    rows,
    tailStart: 50,
    footerStart: 60,
    footerChecksum: 0,
    idMin: 'a',
    idMax: 'b',
    afterSeq: 0,
    throughSeq: 1,
  })
  const tailStore = (of: { epoch: string; rows?: number; isLasting?: boolean; fill: number }): ObjectStore => {
    const { epoch, rows = tailRowsMin, isLasting = false, fill } = of
    const nouns = { Contact: { ...noLayers, base: [layerFile(rows)] } }
    const manifest = { ...emptyManifest, epoch, nouns }
    const values = new KvValues({ kv, now: () => nowMs })
    const store = new MemoryObjectStore()
    void store.put(layerFile(rows).key, new Uint8Array(bytes).fill(fill), { ifAbsent: false })
    return storeWithTails({ store, values, manifest, isLasting, waitUntil: (promise) => void work.push(promise) })
  }
  const endOf = async (store: ObjectStore, range = { start: 50, end: bytes }): Promise<number | undefined> => {
    const read = await store.get(layerFile(1).key, range)
    await Promise.all(work)
    return read?.[0]
  }

  test('belongs to one log: a file of a later tenant of the same name is read', async () => {
    expect(await endOf(tailStore({ epoch: 'one', fill: 1 }))).toBe(1)
    expect(await endOf(tailStore({ epoch: 'one', fill: 2 })), 'the same file, so the store is not asked').toBe(1)
    expect(await endOf(tailStore({ epoch: 'two', fill: 2 }))).toBe(2)
  })

  test('costs nothing for a small file of a young manifest, and other ranges are always read', async () => {
    await endOf(tailStore({ epoch: 'one', rows: tailRowsMin - 1, fill: 1 }))
    await endOf(tailStore({ epoch: 'one', fill: 1 }), { start: 10, end: 20 })
    expect([kv.gets, stored.size]).toEqual([0, 0])
    await endOf(tailStore({ epoch: 'one', rows: tailRowsMin - 1, isLasting: true, fill: 1 }))
    expect([kv.gets, stored.size]).toEqual([1, 1])
  })

  test('is asked for a limited number of times in one read', async () => {
    const store = tailStore({ epoch: 'one', fill: 1 })
    for (let at = 0; at < 2 * tailsMax; at++) await endOf(store, { start: at % 90, end: bytes })
    expect(kv.gets).toBe(tailsMax)
  })
})

const emptyManifest: Manifest = {
  tenant: 'acme',
  epoch: '',
  revision: 1,
  seq: 1,
  madeAt: '2026-01-01T00:00:00.000Z',
  nouns: {},
  definitions: [],
  stale: [],
  events: { version: 0, throughSeq: 0 },
}
