// Files keep the columns that their Noun had when they were written. A list reads all of them through the present
// columns.

import {
  type JsonValue,
  matches,
  Noun,
  type NounSchema,
  ObjectError,
  parseFilter,
  storageClassOf,
} from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowToEntity } from '../../test/tenant-history.ts'
import { fileCache, manifestOf, putLayers } from '../../test/tenant-layers.ts'
import { regex } from '../../test/tenant-queries.ts'
import { noLayers, type NounLayers } from '../layers/manifest.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import { Snapshot } from './snapshot.ts'

function rowOf(n: number, seq: number, fields: EntityRow['fields'], version = 1): EntityRow {
  const id = `thing_${String(n).padStart(12, '0')}`
  return { id, version, createdAtMs: n, createdBy: 'anonymous', updatedAtMs: seq, seq, isDeleted: false, fields }
}

/** Writes one layer per definition of the Noun. */
async function putAges(
  store: MemoryObjectStore,
  ages: readonly { readonly schema: NounSchema; readonly rows: readonly EntityRow[] }[],
  groupRows = 2,
): Promise<NounLayers> {
  let layers = noLayers
  let seq = 0
  const ids = new Set<string>()
  for (const [at, { schema, rows }] of ages.entries()) {
    const next = await putLayers({
      store,
      schema,
      rows: rows.map((row) => ({ ...row, seq: seq + 1 })),
      layers: [{ afterSeq: seq, throughSeq: seq + 1 }],
      shape: { groupRows, groupsPerFile: 2 },
      folder: `acme/entities/${at}`,
      fields: layers.fields,
    })
    for (const { id } of rows) ids.add(id)
    seq++
    layers = {
      ...next,
      entities: ids.size,
      base: at === 0 ? next.base : layers.base,
      deltas: [...layers.deltas, ...next.deltas],
    }
  }
  return layers
}

async function findAll(
  store: MemoryObjectStore,
  layers: NounLayers,
  request: { readonly schema: NounSchema; readonly filter?: object },
): Promise<readonly (readonly [string, EntityRow['fields']])[]> {
  const { schema, filter = {} } = request
  const lookup = (name: string) => (name === schema.name ? schema : undefined)
  const manifest = manifestOf({ [schema.name]: layers })
  const snapshot = new Snapshot({ store, manifest, cache: fileCache(), lookup, regex })
  const parsed = parseFilter(filter, { schema, lookup })
  const found = await snapshot.find(schema, { filter: parsed, sort: [], limit: 1_000, isCounted: true })
  expect(found?.count).toBe(found?.rows.length)
  return found?.rows.map(({ id, fields }) => [id, fields] as const) ?? []
}

describe('a field', () => {
  const before = Noun('Thing', { name: 'string', score: 'number#', removed: 'string#' }).$schema
  const after = Noun('Thing', { name: 'string', score: 'string#', added: 'date#' }).$schema
  const old = rowOf(1, 1, { name: 'old', score: 42, removed: 'x' })
  const young = rowOf(2, 2, { name: 'young', score: '42', added: '2026-01-15' })
  const store = new MemoryObjectStore()
  const layers = putAges(store, [
    { schema: before, rows: [old] },
    { schema: after, rows: [young] },
  ])

  test('that changed its type keeps the values written since the change, and none from before', async () => {
    expect(await findAll(store, await layers, { schema: after })).toEqual([
      [old.id, { name: 'old' }],
      [young.id, young.fields],
    ])
    expect(await findAll(store, await layers, { schema: after, filter: { score: '42' } })).toEqual([
      [young.id, young.fields],
    ])
    const without = await findAll(store, await layers, { schema: after, filter: { score: null } })
    expect(without.map(([id]) => id)).toEqual([old.id])
  })

  test('that changed back to its old type has its old values again', async () => {
    expect(await findAll(store, await layers, { schema: before, filter: { score: { $gt: 41 } } })).toEqual([
      [old.id, old.fields],
    ])
  })

  test('that was added later has no value in older files', async () => {
    const missing = await findAll(store, await layers, { schema: after, filter: { added: { $exists: false } } })
    expect(missing.map(([id]) => id)).toEqual([old.id])
    const day = { added: { $gte: '2026-01-15' } }
    expect((await findAll(store, await layers, { schema: after, filter: day })).map(([id]) => id)).toEqual([young.id])
  })

  test('without a column in any file has no value anywhere', async () => {
    const newer = Noun('Thing', { name: 'string', brandNew: 'number#' }).$schema
    expect(await findAll(store, await layers, { schema: newer, filter: { brandNew: 1 } })).toEqual([])
    expect(await findAll(store, await layers, { schema: newer, filter: { brandNew: { $ne: 1 } } })).toHaveLength(2)
    expect(await findAll(store, await layers, { schema: newer, filter: { name: 'old' } })).toEqual([
      [old.id, { name: 'old' }],
    ])
  })

  test('that became a reference is found in files whose index does not cover it', async () => {
    const text = Noun('Thing', { name: 'string', parent: 'string#', other: '-> Thing' }).$schema
    const reference = Noun('Thing', { name: 'string', parent: '-> Thing', other: '-> Thing' }).$schema
    const target = rowOf(0, 1, {}).id
    const rowsOf = (seq: number) =>
      Array.from({ length: 8 }, (_, n) => rowOf(8 * seq + n, seq, { parent: target, other: target }))
    const mixed = new MemoryObjectStore()
    const ages = await putAges(mixed, [
      { schema: text, rows: rowsOf(1) },
      { schema: reference, rows: rowsOf(2) },
    ])
    expect(ages.base[0]?.relations).toBeDefined()
    expect(await findAll(mixed, ages, { schema: reference, filter: { parent: target } })).toHaveLength(16)
  })
})

test('entities of every definition that a Noun had read as their own columns say', async () => {
  const text = (of: readonly string[]) => fc.constantFrom(...of)
  const anyDefinition = fc.dictionary(
    text(['a', 'b', 'c']),
    text(['string', 'string#', 'number', 'number#', 'boolean', 'datetime#', 'date', 'json', 'Low | High', '-> Thing']),
    { minKeys: 1, noNullPrototype: true },
  )
  const schemaOf = (definition: Readonly<Record<string, string>>) => Noun('Thing', { ...definition }).$schema
  const valueOf: Readonly<Record<string, readonly JsonValue[]>> = {
    text: ['1', 'Low', 'thing_000000000001', '2026-01-15'],
    real: [1, 0, -1.5],
    boolean: [true, false],
    time: ['2026-01-15T00:00:00.000Z', '1969-12-31T23:59:59.999Z'],
    date: ['2026-01-15', '1999-12-31'],
    json: ['1', 1, true, { a: 1 }],
  }
  const storageOf = (schema: NounSchema, name: string): string | undefined => {
    const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
    return field === undefined || field.kind === 'reverse' ? undefined : storageClassOf(field)
  }
  const anyAge = anyDefinition.map(schemaOf).chain((schema) => {
    const values = Object.fromEntries(
      Object.keys(schema.fields).map((name) => [
        name,
        fc.option(fc.constantFrom(...(valueOf[storageOf(schema, name) ?? ''] ?? [])), { nil: undefined, freq: 4 }),
      ]),
    )
    const row = fc.record({ n: fc.nat(12), fields: fc.record(values, { noNullPrototype: true }) })
    return fc.record({
      schema: fc.constant(schema),
      rows: fc.uniqueArray(row, { minLength: 1, maxLength: 8, selector: ({ n }) => n }),
    })
  })
  const anyCondition = fc
    .tuple(
      text(['a', 'b', 'c']),
      text(['$eq', '$ne', '$gt', '$lte']),
      fc.constantFrom(...Object.values(valueOf).flat()),
    )
    .map(([name, operator, value]) => ({ [name]: { [operator]: typeof value === 'object' ? null : value } }))
  const property = fc.asyncProperty(
    fc.array(anyAge, { minLength: 1, maxLength: 4 }),
    fc.array(anyCondition, { minLength: 8, maxLength: 8 }),
    async (ages, conditions) => {
      const store = new MemoryObjectStore()
      const plain = ages.map(({ schema, rows }) => ({
        schema,
        rows: rows.map(({ n, fields }) => rowOf(n, 1, JSON.parse(JSON.stringify(fields)) as EntityRow['fields'])),
      }))
      const layers = await putAges(store, plain, 1)
      const last = new Map(plain.flatMap(({ schema, rows }) => rows.map((row) => [row.id, { schema, row }] as const)))
      for (const { schema } of plain) {
        const entities = [...last.values()]
          .map(({ schema: written, row }) => ({
            ...row,
            fields: Object.fromEntries(
              Object.entries(row.fields).filter(([name]) => storageOf(written, name) === storageOf(schema, name)),
            ),
          }))
          .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        expect(await findAll(store, layers, { schema })).toEqual(entities.map(({ id, fields }) => [id, fields]))
        const lookup = () => schema
        for (const condition of conditions) {
          const [name = ''] = Object.keys(condition)
          if (storageOf(schema, name) === undefined || !isAccepted(condition, schema)) continue
          const filter = parseFilter(condition, { schema, lookup })
          const context = { related: () => [], regex, searchable: [] }
          const wanted = entities.filter((row) => matches(filter, rowToEntity('Thing', row), context))
          const found = await findAll(store, layers, { schema, filter: condition })
          expect(found, JSON.stringify(condition)).toEqual(wanted.map(({ id, fields }) => [id, fields]))
        }
      }
    },
  )
  await fc.assert(property, { numRuns: Number(process.env['RUNS'] ?? 15) })
})

/** Dates, timestamps and enums refuse strings that are not valid values. */
function isAccepted(condition: object, schema: NounSchema): boolean {
  try {
    parseFilter(condition, { schema, lookup: () => schema })
    return true
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return false
  }
}
