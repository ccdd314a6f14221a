// SQL, files and the predicate agree for generated definitions, with generated entities, histories and filters.

import { LruCache, Snapshot } from '@dotdo/db'
import {
  compareText,
  type Entity,
  type EntityFields,
  type Filter,
  type MatchContext,
  matches,
  type NounSchema,
  parseFilter,
  referredIds,
} from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import { anyDefinition, anyFieldsOf, anyFilterOf } from '../../test/generated-definition.ts'
import { findVersions } from './find.ts'
import { compileRegex } from './regex-engine.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const definitions = Number(process.env['RUNS'] ?? 3)
const stepsEach = 45
const filtersEach = 60

type World = ReadonlyMap<string, EntityFields>

/** The state after each `seq`. */
async function liveThrough(flushed: Flushed, schema: NounSchema, salt: number) {
  const { create, update, remove, run, clock } = flushed
  const worlds: World[] = [new Map()]
  const sample = <Value>(arbitrary: fc.Arbitrary<Value>, at: number): Value =>
    fc.sample(arbitrary, { seed: salt * 1_009 + at, numRuns: 1 })[0] as Value
  for (let step = 0; step < stepsEach; step++) {
    const before = worlds.at(-1) ?? new Map<string, EntityFields>()
    const ids = [...before.keys()]
    const verb = step < 8 ? 'create' : sample(fc.constantFrom('create', 'update', 'update', 'remove'), step)
    const target = ids[sample(fc.nat(1_000), step) % Math.max(ids.length, 1)]
    const fields = sample(anyFieldsOf(schema, ids), step)
    const after = new Map(before)
    if (verb === 'create' || target === undefined) {
      const { row } = await create(fields, schema)
      after.set(row.target, fieldsOf(row.data))
    } else if (verb === 'update') {
      const { row } = await update(target, fields, schema)
      after.set(row.target, fieldsOf(row.data))
    } else {
      await remove(target, schema)
      after.delete(target)
    }
    // An update that changes nothing is no event.
    if (flushed.store.events.head === worlds.length) worlds.push(after)
    // Several layers, and a tail of the log that is not in files yet.
    if (step % 12 === 11) {
      clock.ms += 60_000
      await run()
    }
  }
  return worlds
}

function fieldsOf(data: string): EntityFields {
  const entity = JSON.parse(data) as EntityFields
  return Object.fromEntries(Object.entries(entity).filter(([name]) => !name.startsWith('$')))
}

function expected(world: World, filter: Filter, schema: NounSchema): string[] {
  const entities = new Map([...world].map(([id, fields]) => [id, { $id: id, ...fields } as Entity])) // as far as filters look
  const related: MatchContext['related'] = (entity, { field }) =>
    field.kind === 'reference'
      ? referredIds(entity[field.name]).flatMap((id) => entities.get(id) ?? [])
      : [...entities.values()].filter((other) => referredIds(other[field.by]).includes(entity.$id))
  const context = { related, regex: compileRegex, searchable: schema.searchable }
  return [...entities.values()]
    .filter((entity) => matches(filter, entity, context))
    .map(({ $id }) => $id)
    .toSorted(compareText)
}

function inSql(
  { store }: Flushed,
  schema: NounSchema,
  request: { filter: Filter; seq: number | undefined; world: World },
): string[] {
  const { filter, seq, world } = request
  const { state, sql } = store
  if (seq !== undefined) store.past.require(store.events.head)
  const found = findVersions({
    sql,
    table: state.tableOf(schema),
    filter,
    limit: 1_000,
    list: '',
    sort: [{ field: '$id', storage: 'text', direction: 1 }],
    point: {
      seq,
      isPastIndexed: true,
      table: () => state.table(schema.name),
      hasList: (name) => state.hasList(name),
    },
    matches: ({ id }) => expected(world, filter, schema).includes(id),
  })
  return found.versions.map(({ id }) => id)
}

async function inFiles({ lake, files }: Flushed, schema: NounSchema, filter: Filter): Promise<string[] | undefined> {
  const cache = { files: new LruCache<never>(2 ** 26), ids: new LruCache<never>(2 ** 26) }
  const manifest = lake.manifests.current
  const snapshot = new Snapshot({ store: files, manifest, cache, lookup: () => schema, regex: compileRegex })
  const found = await snapshot.find(schema, { filter, sort: [], limit: 1_000, isCounted: false })
  return found?.rows.map(({ id }) => id)
}

describe(`seed ${seed}`, () => {
  test('a generated filter finds the same in SQL, now and then, in files, and by the predicate', async () => {
    let matched = 0
    let filed = 0
    for (const [at, schema] of fc.sample(anyDefinition, { seed, numRuns: definitions }).entries()) {
      await inFlushedStore(
        async (flushed) => {
          const worlds = await liveThrough(flushed, schema, seed + at)
          const now = worlds.at(-1) ?? new Map<string, EntityFields>()
          const fileSeq = flushed.lake.manifests.current.seq
          const filters = fc.sample(anyFilterOf(schema, [...now.keys()]), { seed: seed + at, numRuns: filtersEach })
          for (const [nth, written] of filters.entries()) {
            const filter = parseFilter(written, { schema, lookup: () => schema })
            const label = `${JSON.stringify(schema.definition.fields)} ${JSON.stringify(written)}`
            const wanted = expected(now, filter, schema)
            expect(inSql(flushed, schema, { filter, seq: undefined, world: now }), label).toEqual(wanted)
            const seq = (nth * 7) % worlds.length
            const then = worlds[seq] ?? now
            expect(inSql(flushed, schema, { filter, seq, world: then }), `${label} at ${seq}`).toEqual(
              expected(then, filter, schema),
            )
            const flushedThen = worlds[fileSeq] ?? now
            expect(await inFiles(flushed, schema, filter), `${label} in files`).toEqual(
              expected(flushedThen, filter, schema),
            )
            matched += wanted.length
          }
          filed += flushed.lake.manifests.current.nouns['Thing']?.entities ?? 0
        },
        { schemas: [schema], startMs: Date.UTC(2040, 9, 20) },
      )
    }
    expect(matched).toBeGreaterThan(40)
    expect(filed).toBeGreaterThan(3)
  })
})
