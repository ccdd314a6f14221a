import { type EntityFields, Noun, type NounSchema } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf, everyType, putEntityFile, readAllRows } from '../../test/entity-files.ts'
import { anyFields, anyRows, anySchema } from '../../test/generated-entities.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { EntityRow } from './entity-row.ts'
import { rowGroupRowsMax } from './file-writer.ts'

async function roundTrip(
  schema: NounSchema,
  rows: readonly EntityRow[],
  groupRows = rowGroupRowsMax,
): Promise<readonly EntityRow[]> {
  const store = new MemoryObjectStore()
  const columns = columnsOf(schema)
  const ref = await putEntityFile({ store, columns, rows, groupRows })
  expect(ref.rows).toBe(rows.length)
  return readAllRows(store, { ref, columns })
}

function rowOf(fields: EntityFields, at = 0): EntityRow {
  const id = `thing_${String(at).padStart(12, '0')}`
  return { id, version: 1, createdAtMs: 0, createdBy: 'ada', updatedAtMs: 0, seq: at + 1, isDeleted: false, fields }
}

test('rows of any Noun read back unchanged, however they are cut into row groups', async () => {
  const cases = anySchema.chain((schema) =>
    fc.tuple(fc.constant(schema), anyRows(schema, { min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
  )
  await fc.assert(
    fc.asyncProperty(cases, async ([schema, rows, groupRows]) => {
      expect(await roundTrip(schema, rows, groupRows)).toStrictEqual(rows)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 120) },
  )
})

test('rows with every field type read back unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows(everyType, { min: 1, max: 30 }), async (rows) => {
      expect(await roundTrip(everyType, rows)).toStrictEqual(rows)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 40) },
  )
})

test('a full row group, with dictionaries of every width, reads back unchanged, and so do many groups', async () => {
  const samples = fc.sample(anyFields(everyType), { numRuns: 500, seed: 7 })
  const rows = Array.from({ length: rowGroupRowsMax + 1 }, (_, at) => {
    const fields = samples[(at * 7) % samples.length] ?? {}
    return rowOf({ ...fields, stringUnique: `text ${at}`, numberUnique: at / 3, number: 1 - at }, at)
  })
  expect(await roundTrip(everyType, rows)).toStrictEqual(rows)
  expect(await roundTrip(everyType, rows, 97)).toStrictEqual(rows)
})

test('columns without any value, and groups without one between others, read back as missing', async () => {
  const rows = [rowOf({}, 0), rowOf({ string: 'a', datetimeIndexed: '2026-01-15T10:00:00.000Z' }, 1), rowOf({}, 2)]
  expect(await roundTrip(everyType, rows, 1)).toStrictEqual(rows)
})

test('null reads back as a missing value, and negative zero as zero', async () => {
  const given = { string: null, number: -0, numberIndexed: -0, datetime: null, date: null, json: null, boolean: null }
  const [row] = await roundTrip(everyType, [rowOf(given)])
  expect(row?.fields).toStrictEqual({ number: 0, numberIndexed: 0 })
})

test('a field may be named after an inherited property', async () => {
  const { $schema } = Noun('Thing', {
    isPrototypeOf: 'string',
    toLocaleString: 'json',
    propertyIsEnumerable: 'number#',
  })
  const rows = [rowOf({}, 0), rowOf({ isPrototypeOf: 'a', toLocaleString: [1], propertyIsEnumerable: 2 }, 1)]
  expect(await roundTrip($schema, rows)).toStrictEqual(rows)
})
