import type { StoredField } from 'digital-objects'
import fc from 'fast-check'
import { parquetSchema } from 'hyparquet'
import { hashParquetValue, readBloomFilter, sbbfContains } from 'hyparquet/src/bloom.js'
import { describe, expect, test } from 'vitest'
import { columnsOf, everyType, putEntityFile } from '../../test/entity-files.ts'
import { anyRows, anyValue, storedFields } from '../../test/generated-entities.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { bloomFilterMayContain, buildBloomFilter } from './bloom-filter.ts'
import { columnValueToHash, jsonToColumnValue } from './column-value.ts'
import { openFile } from './open-file.ts'
import type { Hash64 } from './xxhash64.ts'

const anyHash: fc.Arbitrary<Hash64> = fc.record({
  high: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  low: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
})

test('a filter contains every hash it was built from', () => {
  fc.assert(
    fc.property(fc.array(anyHash, { minLength: 1, maxLength: 300 }), (hashes) => {
      const words = buildBloomFilter(hashes) ?? new Uint32Array()
      expect(hashes.every((hash) => bloomFilterMayContain(words, hash))).toBe(true)
    }),
  )
})

test('no hashes give no filter', () => {
  expect(buildBloomFilter([])).toBeUndefined()
})

describe('at most one in a hundred absent values looks present', () => {
  // The largest number of values of each size, and some in between.
  test.each([1, 23, 24, 95, 186, 744, 1_500, 2_978, 5_000, 5_957])('in a filter of %i values', (values) => {
    const hashes = Array.from({ length: values }, (_, at) => hashOf(`value ${at}`))
    const words = buildBloomFilter(hashes) ?? new Uint32Array()
    const probes = 50_000
    let yes = 0
    for (let at = 0; at < probes; at++) if (bloomFilterMayContain(words, hashOf(`absent ${at}`))) yes++
    expect(yes / probes).toBeLessThanOrEqual(0.01)
  })
})

function hashOf(text: string): Hash64 {
  const hash = columnValueToHash(text, 'text')
  if (hash === undefined) throw new Error('expected a string to have a hash')
  return hash
}

const indexed = storedFields(everyType).filter((field) => field.indexed)

test('every indexed type but boolean has filters, which contain every value of their row group', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRows(everyType, { min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      async (rows, groupRows) => {
        const store = new MemoryObjectStore()
        const columns = columnsOf(everyType)
        const file = await openFile(store, await putEntityFile({ store, columns, rows, groupRows }))
        for (const column of columns.filter(({ isIndexed }) => isIndexed)) {
          for (const group of file.groups) {
            const words = await file.bloomFilter(column.id, group.index)
            const values = rows
              .slice(group.rowStart, group.rowEnd)
              .map((row) => (column.name === '$id' ? row.id : row.fields[column.name]))
              .filter((value) => value !== undefined)
            expect(words === undefined).toBe(values.length === 0 || column.storage === 'boolean')
            for (const value of words === undefined ? [] : values) {
              const hash = columnValueToHash(jsonToColumnValue(value, column.storage), column.storage)
              expect(words !== undefined && hash !== undefined && bloomFilterMayContain(words, hash)).toBe(true)
            }
          }
        }
      },
    ),
    { numRuns: 50 },
  )
})

test("hyparquet's own reader finds the same filters, and the same answers in them", async () => {
  const fields = indexed.filter(
    (field) => field.kind !== 'data' || !['boolean', 'datetime', 'date'].includes(field.type),
  )
  const probes = fc.tuple(...fields.map((field: StoredField) => fc.array(anyValue(field), { maxLength: 20 })))
  await fc.assert(
    fc.asyncProperty(anyRows(everyType, { min: 1, max: 20 }), probes, async (rows, values) => {
      const store = new MemoryObjectStore()
      const columns = columnsOf(everyType)
      const ref = await putEntityFile({ store, columns, rows })
      const content = (await store.get(ref.key)) ?? new Uint8Array()
      const file = await openFile(store, ref)
      for (const [at, field] of fields.entries()) {
        const column = columns.find(({ name }) => name === field.name)
        const element = parquetSchema(file.metadata).children.find(
          (child) => child.element.name === field.name,
        )?.element
        const chunk = file.metadata.row_groups[0]?.columns.find(
          (one) => one.meta_data?.path_in_schema[0] === field.name,
        )
        if (column === undefined || element === undefined) throw new Error(`no column ${field.name}`)
        const words = await file.bloomFilter(column.id, 0)
        const offset = chunk?.meta_data?.bloom_filter_offset
        expect(offset === undefined).toBe(words === undefined)
        if (offset === undefined || words === undefined) continue
        const reader = { view: new DataView(content.buffer), offset: Number(offset) }
        expect(readBloomFilter(reader)?.blocks).toEqual(words)
        const present = rows.flatMap((row) => row.fields[field.name] ?? [])
        for (const value of [...present, ...(values[at] ?? [])]) {
          const theirs = hashParquetValue(value, element)
          const ours = columnValueToHash(jsonToColumnValue(value, column.storage), column.storage)
          if (theirs === undefined || ours === undefined) throw new Error(`expected a hash of ${JSON.stringify(value)}`)
          expect(bloomFilterMayContain(words, ours)).toBe(sbbfContains(words, theirs))
        }
        expect(reader.offset - Number(offset)).toBe(chunk?.meta_data?.bloom_filter_length)
      }
    }),
    { numRuns: 30 },
  )
})
