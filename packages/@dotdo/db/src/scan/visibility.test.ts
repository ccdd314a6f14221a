// Files read for a caller show exactly what is left of all entities once its authority has filtered them.

import { compileAuthority, type Entity, ObjectError, type Visibility } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyAuthority, visibleEntities } from '../../test/generated-authority.ts'
import { actors, type World, worldOf } from '../../test/tenant-history.ts'
import { anyTenant, briefly, fileCache, putTenant } from '../../test/tenant-layers.ts'
import { type Kind, kinds, lookup, schemas } from '../../test/tenant-nouns.ts'
import { anyQuery, expected, filterOf, parseQuery, type Query, regex } from '../../test/tenant-queries.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { Snapshot } from './snapshot.ts'

const runs = Number(process.env['RUNS'] ?? 7)
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

const authorities = anyAuthority({
  schemas: Object.values(schemas),
  ruleOf: (noun) => filterOf(kinds.find((kind) => kind === noun) ?? 'Contact'),
  whos: actors,
})

/** The world as the caller sees it. */
function visibleWorld(world: World, entities: readonly Entity[]): World {
  const visible = new Map(entities.map((entity) => [entity.$id, entity]))
  return new Map(
    [...world].flatMap(([id, { row }]) => {
      const entity = visible.get(id)
      return entity === undefined ? [] : [[id, { row, entity }] as const]
    }),
  )
}

/** Returns the number of results, or undefined if the query names a part that does not exist for the caller. */
async function check(query: Query, snapshot: Snapshot, options: { world: World; visibility: Visibility }) {
  const { world, visibility } = options
  let parsed: ReturnType<typeof parseQuery>
  try {
    parsed = parseQuery(query, visibility.lookup)
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
  const schema = schemas[query.kind]
  const request = { ...parsed, limit: 100, isCounted: true }
  const found = await snapshot.find(schema, request)
  const hasHiddenWords = JSON.stringify(query.filter).includes('$text') && !visibility.searchesAllFields(query.kind)
  if (hasHiddenWords) {
    expect(found).toBeUndefined()
    return 0
  }
  const wanted = expected(query, world)
  const label = JSON.stringify([query, found?.count])
  expect(
    found?.rows.map(({ id }) => id),
    label,
  ).toEqual(wanted.map(({ id }) => id))
  expect(found?.count, label).toBe(wanted.length)
  for (const row of found?.rows ?? []) {
    for (const name of Object.keys(row.fields)) expect(Object.hasOwn(world.get(row.id)?.entity ?? {}, name)).toBe(true)
  }
  return wanted.length
}

test(
  `what a caller finds in files is what its authority leaves of them (seed ${seed})`,
  { timeout: 600_000 },
  async () => {
    let [found, hidden, refused] = [0, 0, 0]
    const queries = fc.array(anyQuery, { minLength: 12, maxLength: 12, size: 'max' }).map(briefly)
    await fc.assert(
      fc.asyncProperty(anyTenant, authorities, queries, async (tenant, authority, queries) => {
        const { visibility, faults } = compileAuthority(authority, lookup)
        expect(faults).toEqual([])
        const store = new MemoryObjectStore()
        const manifest = await putTenant(store, tenant)
        const cache = fileCache(tenant.cacheWeightMax)
        const snapshot = new Snapshot({ store, manifest, cache, lookup, regex, visibility })
        const all = worldOf(tenant.changes)
        const entities = [...all.values()].map(({ entity }) => entity)
        const world = visibleWorld(all, visibleEntities(entities, authority, { lookup, regex }))
        hidden += all.size - world.size
        for (const query of queries) {
          const count = await check(query, snapshot, { world, visibility })
          if (count === undefined) refused++
          else found += count
        }
        for (const [id, { row, entity }] of all) {
          const kind: Kind | undefined = kinds.find((name) => name === entity.$type)
          const got = kind === undefined ? undefined : await snapshot.get(schemas[kind], id)
          const fields = Object.fromEntries(
            Object.entries(world.get(id)?.entity ?? {}).filter(([name]) => !name.startsWith('$')),
          )
          expect(got, id).toEqual(world.has(id) ? { ...row, fields } : undefined)
        }
      }),
      { numRuns: runs, seed, endOnFailure: process.env['SHRINK'] === undefined },
    )
    expect(Math.min(found, hidden, refused)).toBeGreaterThan(0)
  },
)
