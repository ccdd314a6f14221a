// Indexes that are created before the definition that wants them: they come one at a time, promise nothing, and are there
// when the definition comes into use, whatever happens in between.

import { type CatalogEntry, type FieldTexts, type NounDefinition, schemaNoun } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

/** Every Noun with an entity counts as big. */
const options = { schemas: [], slices: { smallRowsMax: 0 } } as const

test('the commit of a definition finds its indexes, and those of a big Noun come one at a time', () =>
  inFlushedStore(async (flushed) => {
    await define(flushed, { name: 'string!' })
    await create(flushed, { name: 'a' })
    const wanted = { name: 'string!##', power: 'number?#', notes: 'json?' }
    const indexes: PathIndexTexts = [{ path: 'notes.key' }]
    const counts = [indexesOf(flushed).size]
    let isPreparing = true
    const preparing = flushed.store.indexes.prepare(preview(flushed, { fields: wanted, indexes })).finally(() => {
      isPreparing = false
    })
    while (isPreparing) {
      counts.push(indexesOf(flushed).size)
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    expect(await preparing).toBe(true)
    expect(counts.every((count, at) => at === 0 || count - (counts[at - 1] ?? 0) <= 1)).toBe(true)
    const prepared = indexesOf(flushed)
    expect(prepared.size).toBe(8)
    await define(flushed, wanted, indexes)
    expect(indexesOf(flushed)).toEqual(prepared)
    expect(flushed.store.catalog.lookup('Car')?.fields['power']).toMatchObject({ indexed: true })
  }, options))

test('a prepared unique index refuses nothing, and the commit that would promise it is refused with the count', () =>
  inFlushedStore(async (flushed) => {
    const fields = { name: 'string!##' }
    await define(flushed, { name: 'string!' })
    await create(flushed, { name: 'a' })
    const before = indexesOf(flushed)
    const next = preview(flushed, { fields })
    expect(await flushed.store.indexes.prepare(next)).toBe(true)
    await create(flushed, { name: 'a' })
    flushed.store.indexes.forget(next)
    expect(indexesOf(flushed)).toEqual(before)
  }, options))

test('a small tenant prepares nothing, since the commit creates its indexes in a moment', () =>
  inFlushedStore(
    async (flushed) => {
      await define(flushed, { name: 'string!' })
      await create(flushed, { name: 'a' })
      expect(await flushed.store.indexes.prepare(preview(flushed, { fields: { name: 'string!#' } }))).toBe(false)
    },
    { schemas: [] },
  ))

type PathIndexTexts = readonly { readonly path: string }[]

type Step =
  | { readonly kind: 'define' | 'prepare' | 'forget'; readonly fields: FieldTexts }
  | { readonly kind: 'create'; readonly value: number }
  | { readonly kind: 'restart' | 'rebuild' }

const fieldsOfStep: fc.Arbitrary<FieldTexts> = fc
  .record({ a: fc.constantFrom('string?', 'string?#', 'string?##'), b: fc.constantFrom('number?#', 'number?##') })
  .map((fields) => ({ name: 'string!', ...fields }))
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('define', 'define', 'prepare', 'prepare', 'forget'), fields: fieldsOfStep }),
  fc.record({ kind: fc.constant('create'), value: fc.nat(6) }),
  fc.record({ kind: fc.constantFrom('restart', 'rebuild') }),
)

test(`a definition that comes into use has exactly its indexes, and its unique values are unique (seed ${seed})`, () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 12 }), (steps) =>
      inFlushedStore((flushed) => runSteps(flushed, steps), options),
    ),
    { seed, numRuns: 10 },
  ))

async function runSteps(first: Flushed, steps: readonly Step[]): Promise<void> {
  let flushed = first
  await define(flushed, { name: 'string!', a: 'string?', b: 'number?' })
  const taken: number[] = []
  for (const one of steps) {
    switch (one.kind) {
      case 'define': {
        const isUnique = Object.values(one.fields).some((text) => text?.endsWith('##'))
        // Refused by the check in the lane, which this test has not.
        if (isUnique && new Set(taken).size < taken.length) break
        const before = flushed.store.catalog.lookup('Car')
        await define(flushed, one.fields)
        const schema = flushed.store.catalog.lookup('Car')
        if (schema === undefined) throw new Error('it is defined')
        // An abandoned preparation leaves indexes until the definition changes.
        if (!flushed.store.state.hasTable('Car') || schema.version === before?.version) break
        const names = flushed.store.state.tableOf(schema).indexes.map(({ name }) => name)
        expect([...indexesOf(flushed).keys()].toSorted()).toEqual(names.toSorted())
        break
      }
      case 'prepare':
        await flushed.store.indexes.prepare(preview(flushed, { fields: one.fields }))
        break
      case 'forget':
        flushed.store.indexes.forget(preview(flushed, { fields: one.fields }))
        break
      case 'create': {
        const schema = flushed.store.catalog.lookup('Car')
        const isUnique = ['a', 'b'].some((name) => isUniqueField(schema?.fields[name]))
        const created = create(flushed, { name: 'c', a: `v${one.value}`, b: one.value })
        if (isUnique && taken.includes(one.value)) await expect(created).rejects.toMatchObject({ code: 'conflict' })
        else {
          await created
          taken.push(one.value)
        }
        break
      }
      case 'restart':
        flushed = flushed.restart()
        break
      case 'rebuild':
        await flushed.store.rebuild()
        break
      default:
        throw new Error('no such step')
    }
  }
  expect((await flushed.store.verify()).faults).toEqual([])
}

function isUniqueField(field: object | undefined): boolean {
  return field !== undefined && 'unique' in field && field.unique === true
}

/** The indexes of the Noun's tables by name, each with the page at which it begins: it changes if one is created again. */
function indexesOf({ storage }: Flushed): Map<string, number> {
  const query =
    "SELECT name, rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('Car', 'Car/past') AND sql IS NOT NULL"
  const rows = storage.sql.exec<{ name: string; rootpage: number }>(query)
  return new Map([...rows].map(({ name, rootpage }) => [name, rootpage]))
}

function preview({ store }: Flushed, definition: NounDefinition) {
  const others = store.catalog.current.entries.filter(({ name }: CatalogEntry) => name !== 'Car')
  return store.catalog.preview([...others, { name: 'Car', definition }])
}

async function define(flushed: Flushed, fields: FieldTexts, indexes?: PathIndexTexts): Promise<void> {
  const stored = flushed.store.catalog.stored('Car')
  const next = {
    name: 'Car',
    definition: { fields, ...(indexes && { indexes: indexes.map(({ path }) => ({ path })) }) },
  }
  if (stored === undefined) await flushed.create(next, schemaNoun)
  else await flushed.update(stored.id, next, schemaNoun)
}

async function create(flushed: Flushed, fields: { readonly name: string; readonly a?: string; readonly b?: number }) {
  const schema = flushed.store.catalog.lookup('Car')
  if (schema === undefined) throw new Error('it is defined')
  await flushed.create(fields, schema)
}
