// Takes a file apart, so that files compressed on different machines can be compared.

import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { expect } from 'vitest'
import { decompressors } from '../src/parquet/compression.ts'

/** Returns everything in a file except what depends on how well it was compressed. */
export function unpackFile(content: Uint8Array<ArrayBuffer>): object {
  const { pages, blooms, metadata } = unpackPages(content)
  const { row_groups: groups, key_value_metadata: facts, metadata_length: _, ...others } = metadata
  return {
    ...others,
    facts: facts?.map(({ key, value }) => (key === 'headlessly.blocks' ? [key, value?.split(' ')[0]] : [key, value])),
    groups: groups.map(({ columns, num_rows, total_byte_size }) => ({
      num_rows,
      total_byte_size,
      columns: columns.map(({ meta_data }) => ({
        ...meta_data,
        total_compressed_size: undefined,
        data_page_offset: undefined,
        dictionary_page_offset: meta_data?.dictionary_page_offset === undefined,
        bloom_filter_offset: undefined,
      })),
    })),
    pages,
    blooms,
  }
}

export interface Compressed {
  readonly page: Uint8Array
  readonly column: string
}

/** Returns pages and bloom filters in file order. Throws if there are other bytes between them. */
export function unpackPages(content: Uint8Array<ArrayBuffer>): {
  readonly metadata: FileMetaData
  readonly pages: readonly object[]
  readonly compressed: readonly Compressed[]
  readonly blooms: readonly object[]
} {
  const metadata = parquetMetadata(content)
  expect(Buffer.from(content.subarray(0, 4)).toString()).toBe('PAR1')
  const reader = { view: new DataView(content.buffer), offset: 4 }
  const [pages, compressed]: [object[], Compressed[]] = [[], []]
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data: chunk } of columns) {
      if (chunk === undefined) throw new Error('a column without metadata')
      expect(BigInt(reader.offset)).toBe(chunk.dictionary_page_offset ?? chunk.data_page_offset)
      const end = reader.offset + Number(chunk.total_compressed_size)
      while (reader.offset < end) {
        const { compressed_page_size: size, ...header } = parquetHeader(reader)
        const v2 = header.data_page_header_v2
        const levels = (v2?.definition_levels_byte_length ?? 0) + (v2?.repetition_levels_byte_length ?? 0)
        const packed = content.subarray(reader.offset + levels, reader.offset + size)
        const inflated = decompressors.GZIP(packed, header.uncompressed_page_size)
        pages.push({
          header,
          levels: Buffer.from(content.subarray(reader.offset, reader.offset + levels)).toString('hex'),
          content: Buffer.from(inflated).toString('latin1'),
        })
        compressed.push({ page: packed, column: chunk.path_in_schema[0] ?? '' })
        reader.offset += size
      }
      expect(reader.offset).toBe(end)
    }
  }
  const filters = metadata.row_groups
    .flatMap(({ columns }, group) => columns.map(({ meta_data: chunk }) => ({ chunk, group })))
    .filter(({ chunk }) => chunk?.bloom_filter_offset !== undefined)
    .toSorted((a, b) => Number(a.chunk?.bloom_filter_offset) - Number(b.chunk?.bloom_filter_offset))
  const blooms = filters.map(({ chunk, group }) => {
    expect(Number(chunk?.bloom_filter_offset)).toBe(reader.offset)
    const bytes = content.subarray(reader.offset, reader.offset + (chunk?.bloom_filter_length ?? 0))
    reader.offset += bytes.length
    return { column: chunk?.path_in_schema, group, bytes: Buffer.from(bytes).toString('hex') }
  })
  expect(reader.offset + metadata.metadata_length + 8).toBe(content.length)
  return { metadata, pages, compressed, blooms }
}
