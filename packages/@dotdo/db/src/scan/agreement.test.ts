// A scan of files answers exactly as the plain predicate does over the same history, however the history is cut into
// layers.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { type World, worldOf } from '../../test/tenant-history.ts'
import { anyTenant, briefly, fileCache, putTenant, type Tenant } from '../../test/tenant-layers.ts'
import { lookup, schemas } from '../../test/tenant-nouns.ts'
import { anyQuery, expected, parseQuery, type Query, regex } from '../../test/tenant-queries.ts'
import type { Ordered } from './candidate-order.ts'
import type { FoundInFiles } from './list-plan.ts'
import { Snapshot } from './snapshot.ts'

const runs = Number(process.env['RUNS'] ?? 4)
const queriesEach = 45

async function snapshotOf(tenant: Tenant): Promise<Snapshot> {
  const store = new MemoryObjectStore()
  const manifest = await putTenant(store, tenant)
  return new Snapshot({ store, manifest, cache: fileCache(tenant.cacheWeightMax), lookup, regex })
}

async function check(query: Query, snapshot: Snapshot, world: World): Promise<number> {
  const { filter, sort } = parseQuery(query)
  const { kind, limit, isCounted, fields } = query
  const wanted = expected(query, world)
  const find = async (after?: Ordered): Promise<FoundInFiles> => {
    const found = await snapshot.find(schemas[kind], {
      filter,
      sort,
      limit,
      isCounted,
      ...(after === undefined ? {} : { after }),
      ...(fields === undefined ? {} : { fields }),
    })
    if (found === undefined) throw new Error('too many related entities')
    return found
  }
  const label = JSON.stringify(query)
  const count = isCounted ? wanted.length : null
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

test(
  'a scan returns exactly what the predicate selects, in order, page by page, with its count',
  { timeout: 600_000 },
  async () => {
    let matched = 0
    const queries = fc.array(anyQuery, { minLength: queriesEach, maxLength: queriesEach, size: 'max' }).map(briefly)
    await fc.assert(
      fc.asyncProperty(anyTenant, queries, async (tenant, queries) => {
        const snapshot = await snapshotOf(tenant)
        const world = worldOf(tenant.changes)
        for (const query of queries) matched += await check(query, snapshot, world)
        // Also asks for every entity that ever existed, and expects its newest row.
        for (const { kind, row } of tenant.changes) {
          const found = await snapshot.get(schemas[kind], row.id)
          expect(found, row.id).toEqual(world.get(row.id)?.row)
        }
      }),
      { numRuns: runs, endOnFailure: process.env['SHRINK'] === undefined },
    )
    expect(matched).toBeGreaterThan(100)
  },
)
