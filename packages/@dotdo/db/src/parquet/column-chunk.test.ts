import { compareText } from 'digital-objects'
import { parquetMetadata } from 'hyparquet'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText } from '../../test/generated-entities.ts'
import { parsers } from './column-value.ts'
import type { Column } from './columns.ts'
import { FileWriter } from './file-writer.ts'

const text: Column = { id: 101, name: 'text', storage: 'text', isRequired: false, isIndexed: false }
const many = Array.from({ length: 3_000 }, (_, at) => at)

/** Returns the encodings and bounds of the only column of one row group. */
function chunkOf(column: Column, values: readonly (string | bigint | null)[]) {
  const writer = new FileWriter<string | bigint | null>({ columns: [column], toValue: (row) => row, facts: {} })
  writer.addGroup(values)
  const chunk = parquetMetadata(writer.finish().content.buffer, { parsers }).row_groups[0]?.columns[0]?.meta_data
  return {
    encodings: chunk?.encodings,
    statistics: chunk?.statistics,
    hasBloom: chunk?.bloom_filter_offset !== undefined,
  }
}

test('a text column has a dictionary, unless most values differ and the column is not indexed', () => {
  const dictionary = ['PLAIN', 'RLE_DICTIONARY']
  const unique = many.map((at) => `text ${at}`)
  expect(
    chunkOf(
      text,
      unique.map((value) => value.slice(0, 7)),
    ).encodings,
  ).toEqual(dictionary)
  expect(chunkOf(text, unique.slice(0, 200)).encodings).toEqual(dictionary)
  expect(chunkOf(text, unique).encodings).toEqual(['PLAIN'])
  expect(chunkOf({ ...text, isIndexed: true }, unique)).toMatchObject({ encodings: dictionary, hasBloom: true })
})

test('bounds of strings follow the order of their UTF-8 bytes, with and without surrogates', () => {
  const texts = fc.array(fc.option(anyText.filter((value) => Buffer.byteLength(value) <= 64)), {
    minLength: 1,
    maxLength: 20,
  })
  fc.assert(
    fc.property(texts, (values) => {
      const sorted = values.filter((value) => value !== null).toSorted(compareText)
      const { statistics } = chunkOf(text, values)
      expect(statistics?.min_value).toBe(sorted[0])
      expect(statistics?.max_value).toBe(sorted.at(-1))
      expect(statistics?.null_count).toBe(BigInt(values.length - sorted.length))
    }),
    { numRuns: 300 },
  )
})

test('a row without a required value is refused, naming the column', () => {
  expect(() => chunkOf({ ...text, isRequired: true }, ['a', null])).toThrow("column 'text' is required")
})
