// Encodes one column of one row group as Parquet pages. The column determines the encoding: text, references and
// indexed values use a dictionary, booleans use runs, everything else is plain.

import { compareText, elementStorageOf } from 'digital-objects'
import type { ColumnChunk, Encoding, ParquetType } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer'
import { writePageHeader } from 'hyparquet-writer/src/datapage.js'
import { deltaBinaryPack } from 'hyparquet-writer/src/delta.js'
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js'
import { encodeBitRuns } from './bit-runs.ts'
import { buildBloomFilter } from './bloom-filter.ts'
import type { ColumnValue } from './column-value.ts'
import { type Column, pathInSchema } from './columns.ts'
import { codec, compressors } from './compression.ts'
import { type LeafValues, leafValuesOf, type Present } from './leaf-values.ts'
import { encodePlain, plainContents } from './plain-values.ts'
import { hashPathValues } from './path-values.ts'
import { type Hash64, xxhash64 } from './xxhash64.ts'

export interface WrittenChunk {
  readonly chunk: ColumnChunk
  /** The words of its bloom filter, to be put at the end of the file. */
  readonly bloomFilter?: Uint32Array
}

interface Dictionary {
  readonly values: readonly Present[]
  /** For each value of the chunk, its index in the dictionary. */
  readonly indexes: Uint32Array
}

interface Page {
  readonly encoding: Encoding
  readonly bytes: Uint8Array
}

/** An unindexed text column with more distinct values than this is stored plain if most values differ. */
const distinctMax = 256

/**
 * `values` are all of the row group's values of the column, in row order. A required column must have a value in every
 * row.
 */
export function writeColumnChunk(
  writer: ByteWriter,
  column: Column,
  chunk: { readonly type: ParquetType; readonly values: readonly ColumnValue[] },
): WrittenChunk {
  const { type } = chunk
  const leaves = leafValuesOf(column, chunk.values)
  const { present, entries } = leaves
  const dictionary = dictionaryOf(present, column)
  const plain = dictionary === undefined ? undefined : encodePlain(dictionary.values, type)
  const start = writer.offset
  let uncompressedBytes = 0
  if (dictionary !== undefined && plain !== undefined)
    uncompressedBytes += writeDictionaryPage(writer, column, { plain, count: dictionary.values.length })
  const dataStart = writer.offset
  const page = dictionary === undefined ? encodeValues(present, column, type) : encodeIndexes(dictionary)
  uncompressedBytes += writeDataPage(writer, column, { page, leaves })
  const bloomFilter =
    column.paths === undefined
      ? plain !== undefined && column.isIndexed
        ? bloomFilterOf(hashesOf(plain, type))
        : undefined
      : bloomFilterOf([...hashesOf(encodePlain(present, type), type), ...hashPathValues(column, present)])
  return {
    chunk: {
      file_offset: BigInt(start),
      meta_data: {
        type,
        encodings: plain === undefined ? [page.encoding] : ['PLAIN', page.encoding],
        path_in_schema: pathInSchema(column),
        codec,
        num_values: BigInt(entries),
        total_compressed_size: BigInt(writer.offset - start),
        total_uncompressed_size: BigInt(uncompressedBytes),
        data_page_offset: BigInt(dataStart),
        ...(plain !== undefined && { dictionary_page_offset: BigInt(start) }),
        ...(column.storage !== 'json' && {
          statistics: {
            ...boundsOf(dictionary?.values ?? present),
            null_count: BigInt(entries - present.length),
          },
        }),
      },
    },
    ...(bloomFilter !== undefined && { bloomFilter }),
  }
}

function dictionaryOf(values: readonly Present[], column: Column): Dictionary | undefined {
  const { isIndexed } = column
  const storage = elementStorageOf(column.storage)
  if (storage === 'boolean' || storage === 'json' || (storage !== 'text' && !isIndexed)) return undefined
  const found = new Map<Present, number>()
  const indexes = new Uint32Array(values.length)
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as Present
    let index = found.get(value)
    if (index === undefined) {
      index = found.size
      found.set(value, index)
    }
    indexes[at] = index
  }
  if (!isIndexed && found.size > distinctMax && found.size * 2 > values.length) return undefined
  if (storage !== 'text') return { values: [...found.keys()], indexes }
  // Adjacent strings in sorted order are similar, so they compress better.
  const sorted = [...found.keys()].map(String).sort()
  const ranks = new Uint32Array(sorted.length)
  for (let rank = 0; rank < sorted.length; rank++) ranks[found.get(sorted[rank] ?? '') ?? 0] = rank
  return { values: sorted, indexes: indexes.map((index) => ranks[index] as number) }
}

function encodeIndexes({ values, indexes }: Dictionary): Page {
  const bits = values.length < 2 ? 0 : Math.ceil(Math.log2(values.length))
  // One byte per index takes more space before compression but less after it, since compression works on bytes.
  const width = bits > 4 && bits < 8 ? 8 : bits
  const page = new ByteWriter(indexes.length * 2 + 16)
  page.appendUint8(width)
  writeRleBitPackedHybrid(page, indexes, width)
  return { encoding: 'RLE_DICTIONARY', bytes: page.getBytes() }
}

function encodeValues(values: readonly Present[], column: Column, type: ParquetType): Page {
  // A column without any value has an empty page, which not every reader accepts in the encoding of deltas.
  const isCounter = column.isInteger === true && column.isRequired
  if (column.storage !== 'boolean' && !isCounter) return { encoding: 'PLAIN', bytes: encodePlain(values, type) }
  const page = new ByteWriter()
  if (isCounter) {
    // Counters increase with the rows or stay small.
    deltaBinaryPack(page, [...values], 'INT64')
    return { encoding: 'DELTA_BINARY_PACKED', bytes: page.getBytes() }
  }
  const runs = encodeBitRuns(values.length, (at) => values[at] === true)
  page.appendUint32(runs.length)
  page.appendBytes(runs)
  return { encoding: 'RLE', bytes: page.getBytes() }
}

/** Returns the page's uncompressed size in bytes. */
function writeDictionaryPage(
  writer: ByteWriter,
  column: Column,
  dictionary: { readonly plain: Uint8Array; readonly count: number },
): number {
  const { plain, count } = dictionary
  const compressed = compressors.GZIP(plain, column.storage)
  const start = writer.offset
  writePageHeader(writer, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: plain.length,
    compressed_page_size: compressed.length,
    dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
  })
  const headerBytes = writer.offset - start
  writer.appendBytes(compressed)
  return headerBytes + plain.length
}

/** Returns the page's uncompressed size in bytes. */
function writeDataPage(
  writer: ByteWriter,
  column: Column,
  data: { readonly page: Page; readonly leaves: LeafValues },
): number {
  const { page, leaves } = data
  const { repetitionLevels, definitionLevels } = leaves
  const levelsLength = repetitionLevels.length + definitionLevels.length
  const compressed = compressors.GZIP(page.bytes, column.storage)
  const start = writer.offset
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levelsLength + page.bytes.length,
    compressed_page_size: levelsLength + compressed.length,
    data_page_header_v2: {
      num_values: leaves.entries,
      num_nulls: leaves.entries - leaves.present.length,
      num_rows: leaves.rows,
      encoding: page.encoding,
      definition_levels_byte_length: definitionLevels.length,
      repetition_levels_byte_length: repetitionLevels.length,
      is_compressed: true,
    },
  })
  const headerBytes = writer.offset - start
  writer.appendBytes(repetitionLevels)
  writer.appendBytes(definitionLevels)
  writer.appendBytes(compressed)
  return headerBytes + levelsLength + page.bytes.length
}

function hashesOf(plain: Uint8Array, type: ParquetType): Hash64[] {
  return Array.from(plainContents(plain, type), (bytes) => xxhash64(bytes))
}

function bloomFilterOf(hashes: readonly Hash64[]): Uint32Array | undefined {
  return buildBloomFilter(hashes)
}

const surrogate = /[\ud800-\udfff]/

/** Returns bounds in Parquet's order. A zero bound covers both 0 and -0. */
function boundsOf(values: readonly Present[]): { readonly min_value?: Present; readonly max_value?: Present } {
  let [min, max] = [values[0], values[0]]
  if (min === undefined || max === undefined) return {}
  // JavaScript's own string order is ten times faster, and equals Parquet's order if there are no surrogates.
  const isBefore = values.some((value) => typeof value === 'string' && surrogate.test(value))
    ? (a: Present, b: Present): boolean => compareText(String(a), String(b)) < 0
    : (a: Present, b: Present): boolean => a < b
  for (const value of values) {
    if (isBefore(value, min)) min = value
    if (isBefore(max, value)) max = value
  }
  return { min_value: min === 0 ? -0 : min, max_value: max === 0 ? 0 : max }
}
