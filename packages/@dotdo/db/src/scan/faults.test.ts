// Whatever the store does, a scan answers correctly or throws.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type World, worldOf } from '../../test/tenant-history.ts'
import { anyTenant, briefly, fileCache, putTenant } from '../../test/tenant-layers.ts'
import { lookup, schemas } from '../../test/tenant-nouns.ts'
import { anyQuery, expected, parseQuery, type Query, regex } from '../../test/tenant-queries.ts'
import { FaultyObjectStore, StoreFault } from '../object-store/faulty-object-store.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { ByteRange, ObjectStore } from '../object-store/object-store.ts'
import { DamagedFile } from '../parquet/block-checksums.ts'
import { Snapshot } from './snapshot.ts'

const queries = fc.array(anyQuery, { minLength: 30, maxLength: 30, size: 'max' }).map(briefly)

/** Returns true if the first page was correct, false if the store failed. Any other outcome fails the test. */
async function isRight(query: Query, snapshot: Snapshot, world: World): Promise<boolean> {
  const { filter, sort } = parseQuery(query)
  const { kind, limit, isCounted } = query
  const wanted = expected(query, world)
  try {
    const found = await snapshot.find(schemas[kind], { filter, sort, limit, isCounted })
    const rows = wanted.slice(0, limit).map(({ id }) => world.get(id)?.row)
    expect(found?.rows, JSON.stringify(query)).toEqual(rows)
    expect(found?.count).toBe(isCounted ? wanted.length : null)
    return true
  } catch (error) {
    if (error instanceof StoreFault || error instanceof DamagedFile) return false
    throw error
  }
}

test('with a failing and slow store, concurrent readers get correct answers or errors', async () => {
  let [right, wrong] = [0, 0]
  const property = fc.asyncProperty(anyTenant, queries, fc.nat(), async (tenant, asked, seed) => {
    const memory = new MemoryObjectStore()
    const manifest = await putTenant(memory, tenant)
    const world = worldOf(tenant.changes)
    const faults = { failRate: 0.05, halfRate: 0.05, lateRate: 0.3, lateMs: 1, seed }
    const store = new FaultyObjectStore(memory, { ...faults, sleep: () => new Promise((done) => setImmediate(done)) })
    const snapshot = new Snapshot({ store, manifest, cache: fileCache(tenant.cacheWeightMax), lookup, regex })
    for (let at = 0; at < asked.length; at += 5) {
      const answers = await Promise.all(asked.slice(at, at + 5).map((query) => isRight(query, snapshot, world)))
      right += answers.filter((answer) => answer).length
      wrong += answers.filter((answer) => !answer).length
    }
  })
  await fc.assert(property, { numRuns: 8 })
  expect(right).toBeGreaterThan(20)
  expect(wrong).toBeGreaterThan(5)
})

/** Truncates, shifts, blanks or changes some of the bytes that it returns, or claims that the object is missing. */
class LyingObjectStore extends MemoryObjectStore {
  lies = 0
  readonly #truth: ObjectStore
  readonly #lie: () => number

  constructor(truth: ObjectStore, lie: () => number) {
    super()
    this.#truth = truth
    this.#lie = lie
  }

  override async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await this.#truth.get(key, range)
    const lie = this.#lie()
    if (bytes === undefined || bytes.length === 0 || lie >= 5) return bytes
    this.lies++
    if (lie === 0) return undefined
    if (lie === 1) return bytes.slice(0, bytes.length - 1)
    if (lie === 2) return bytes.slice(1)
    if (lie === 3) return new Uint8Array(bytes.length)
    const at = (this.lies * 7_919) % bytes.length
    return bytes.with(at, (bytes[at] as number) ^ 16)
  }
}

test('with a store that returns wrong bytes, a reader gets a correct answer or an error that names the file', async () => {
  let [right, wrong, lies] = [0, 0, 0]
  const property = fc.asyncProperty(anyTenant, queries, fc.infiniteStream(fc.nat(80)), async (tenant, asked, lie) => {
    const memory = new MemoryObjectStore()
    const manifest = await putTenant(memory, tenant)
    const world = worldOf(tenant.changes)
    const store = new LyingObjectStore(memory, () => lie.next().value ?? 9)
    const snapshot = new Snapshot({ store, manifest, cache: fileCache(tenant.cacheWeightMax), lookup, regex })
    for (const query of asked) {
      if (await isRight(query, snapshot, world)) right++
      else wrong++
    }
    lies += store.lies
  })
  await fc.assert(property, { numRuns: 8 })
  expect(right).toBeGreaterThan(20)
  expect(wrong).toBeGreaterThan(5)
  expect(lies).toBeGreaterThanOrEqual(wrong)
})

describe('after the store recovers', () => {
  test('every query succeeds: neither a failed open nor a failed read of ids is cached', async () => {
    const property = fc.asyncProperty(anyTenant, queries, async (tenant, asked) => {
      const memory = new MemoryObjectStore()
      const store = new FaultyObjectStore(memory, { seed: 1 })
      const manifest = await putTenant(memory, tenant)
      const world = worldOf(tenant.changes)
      const snapshot = new Snapshot({ store, manifest, cache: fileCache(), lookup, regex })
      for (const query of asked) {
        store.isDown = true
        await isRight(query, snapshot, world)
        store.isDown = false
        expect(await isRight(query, snapshot, world)).toBe(true)
      }
    })
    await fc.assert(property, { numRuns: 4 })
  })
})
