// What files say is what the plain predicate says over the same history, whatever layers it was cut into.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LruCache } from '../lru-cache.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { anyHistory, type Change, type World, worldOf } from '../../test/tenant-history.ts'
import { type LayerPlan, manifestOf, putLayers } from '../../test/tenant-layers.ts'
import { kinds, lookup, schemas } from '../../test/tenant-nouns.ts'
import { anyQuery, expected, parseQuery, type Query, regex } from '../../test/tenant-queries.ts'
import type { Ordered } from './candidate-order.ts'
import type { FoundInFiles } from './layered-scan.ts'
import { Snapshot } from './snapshot.ts'

const runs = Number(process.env['RUNS'] ?? 12)
const queriesEach = 60

interface Tenant {
  readonly changes: readonly Change[]
  /** For each Noun where its layers are cut, as shares of the history. */
  readonly cuts: readonly (readonly number[])[]
  readonly shape: { readonly groupRows: number; readonly groupsPerFile: number }
}

/** Fails in few words: the seed and the path make the rest again. */
function briefly<Value extends object>(value: Value): Value {
  const text = JSON.stringify(value)
  return Object.assign(value, {
    [fc.toStringMethod]: () => (text.length < 2_000 ? text : `${text.slice(0, 200)}… (${text.length} characters)`),
  })
}

const anyTenant: fc.Arbitrary<Tenant> = fc
  .record({
    changes: anyHistory({ min: 40, max: 220 }),
    cuts: fc.array(fc.array(fc.nat(100), { maxLength: 5 }), { minLength: kinds.length, maxLength: kinds.length }),
    shape: fc.record({ groupRows: fc.constantFrom(1, 1, 2, 3, 8, 50), groupsPerFile: fc.constantFrom(1, 2, 5) }),
  })
  .map(briefly)

/** A base up to the first cut and a delta up to each of the others; the same cut twice is an empty layer. */
function plansOf(cuts: readonly number[], seq: number): readonly LayerPlan[] {
  const ends = [...cuts.map((share) => Math.floor((share * seq) / 100)).toSorted((a, b) => a - b), seq]
  return ends.map((throughSeq, at) => ({ afterSeq: ends[at - 1] ?? 0, throughSeq }))
}

async function snapshotOf(tenant: Tenant): Promise<Snapshot> {
  const store = new MemoryObjectStore()
  const seq = tenant.changes.length
  const nouns = await Promise.all(
    kinds.map(async (kind, at) => {
      const rows = tenant.changes.filter((change) => change.kind === kind).map(({ row }) => row)
      const layers = plansOf(tenant.cuts[at] ?? [], seq)
      return [kind, await putLayers({ store, schema: schemas[kind], rows, layers, shape: tenant.shape })] as const
    }),
  )
  const cache = { files: new LruCache<never>(2 ** 26), ids: new LruCache<never>(2 ** 20) }
  return new Snapshot({ store, manifest: manifestOf(Object.fromEntries(nouns), seq), cache, lookup, regex })
}

async function check(query: Query, snapshot: Snapshot, world: World): Promise<number> {
  const { filter, sort } = parseQuery(query)
  const { kind, limit, countMax, fields } = query
  const wanted = expected(query, world)
  const find = async (after?: Ordered): Promise<FoundInFiles> => {
    const found = await snapshot.find(schemas[kind], {
      filter,
      sort,
      limit,
      countMax,
      ...(after === undefined ? {} : { after }),
      ...(fields === undefined ? {} : { fields }),
    })
    if (found === undefined) throw new Error('too many related entities')
    return found
  }
  const label = JSON.stringify(query)
  const count = countMax === 0 || wanted.length > countMax ? null : wanted.length
  for (let at = 0; at === 0 || at < wanted.length; at += limit) {
    const found = await find(wanted[at - 1])
    const page = wanted.slice(at, at + limit)
    expect(found.count, label).toBe(count)
    expect(
      found.rows.map(({ id }) => id),
      label,
    ).toEqual(page.map(({ id }) => id))
    for (const row of found.rows) {
      const whole = world.get(row.id)?.row
      const own = Object.fromEntries(
        Object.entries(whole?.fields ?? {}).filter(([name]) => fields === undefined || fields.includes(name)),
      )
      expect(row, label).toEqual({ ...whole, fields: own })
    }
    if (limit === 0) break
  }
  return wanted.length
}

test('files find exactly what the predicate says, in order, page by page, counted', { timeout: 600_000 }, async () => {
  let matched = 0
  const queries = fc.array(anyQuery, { minLength: queriesEach, maxLength: queriesEach, size: 'max' }).map(briefly)
  await fc.assert(
    fc.asyncProperty(anyTenant, queries, async (tenant, queries) => {
      const snapshot = await snapshotOf(tenant)
      const world = worldOf(tenant.changes)
      for (const query of queries) matched += await check(query, snapshot, world)
    }),
    { numRuns: runs, endOnFailure: process.env['SHRINK'] === undefined },
  )
  expect(matched).toBeGreaterThan(100)
})
