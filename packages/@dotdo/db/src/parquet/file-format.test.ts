// The stored format does not move unannounced, and what was written in it stays readable.

import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { expect, test } from 'vitest'
import { columnsOf, everyType, putEntityFile, readAllRows } from '../../test/entity-files.ts'
import { fixtureColumns, fixtureGroupRows, fixtureKey, fixtureRows, readFixture } from '../../test/format-fixture.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { checksum } from './block-checksums.ts'
import { compressors, decompressors } from './compression.ts'
import { fileFormat } from './file-writer.ts'
import { type FileRef, openFile } from './open-file.ts'

const magic = 'PAR1'

async function storeOf(content: Uint8Array): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore()
  await store.put(fixtureKey, content, { ifAbsent: false })
  return store
}

async function writeToday(): Promise<{ readonly ref: FileRef; readonly content: Uint8Array<ArrayBuffer> }> {
  const store = new MemoryObjectStore()
  const written = { store, columns: fixtureColumns, rows: fixtureRows, key: fixtureKey, groupRows: fixtureGroupRows }
  const ref = await putEntityFile(written)
  return { ref, content: (await store.get(fixtureKey)) ?? new Uint8Array() }
}

test.each(Array.from({ length: fileFormat }, (_, at) => at + 1))(
  'a file that was written in format %i reads as the rows that it was written from',
  async (format) => {
    const { content, layout } = readFixture(format)
    const store = await storeOf(content)
    const file = { ref: { key: fixtureKey, ...layout }, columns: fixtureColumns }
    expect(await readAllRows(store, file)).toStrictEqual(fixtureRows)
  },
)

test('the same rows are written as the same file, page by page', async () => {
  const { content, layout } = readFixture(fileFormat)
  const today = await writeToday()
  expect(unpack(today.content)).toEqual(unpack(content))
  // Whatever is left to differ is how well this machine's zlib compresses.
  const { compressed } = unpackPages(content)
  const isSameCompressor = compressed.every((one) => Buffer.compare(recompress(one), one.page) === 0)
  if (!isSameCompressor) return
  expect(Buffer.compare(today.content, content)).toBe(0)
  expect(today.ref).toEqual({ key: fixtureKey, ...layout })
})

function recompress({ page, column }: Compressed): Uint8Array {
  const storage = fixtureColumns.find(({ name }) => name === column)?.storage
  return compressors.GZIP(decompressors.GZIP(page, 2 ** 20), storage)
}

test('a file of a format that this program does not know is refused by its name and both formats', async () => {
  const { content, layout } = readFixture(1)
  for (const format of ['2', 'x']) {
    const changed = new Uint8Array(content)
    const at = Buffer.from(content).indexOf('headlessly.format') + 'headlessly.format'.length
    // Thrift: the next field is a text of one byte.
    expect([...content.subarray(at, at + 3)]).toEqual([0x18, 1, '1'.charCodeAt(0)])
    changed[at + 2] = format.charCodeAt(0)
    const footerChecksum = checksum(changed.subarray(layout.footerStart))
    const ref = { key: fixtureKey, ...layout, footerChecksum }
    await expect(openFile(await storeOf(changed), ref)).rejects.toThrow(
      `file '${fixtureKey}' has format ${format}; this program knows ${fileFormat}`,
    )
  }
})

test('a Parquet file that is not of ours is refused', async () => {
  const { content, layout } = readFixture(1)
  const changed = new Uint8Array(content)
  const at = Buffer.from(content).indexOf('headlessly.format')
  changed.set(Buffer.from('somebody-s.format'), at)
  const ref = { key: fixtureKey, ...layout, footerChecksum: checksum(changed.subarray(layout.footerStart)) }
  await expect(openFile(await storeOf(changed), ref)).rejects.toThrow(/has format none/)
})

test('a file names its format, its Noun and the size of its blocks', async () => {
  const { content } = await writeToday()
  const facts = new Map(parquetMetadata(content).key_value_metadata?.map(({ key, value }) => [key, value]))
  expect([...facts.keys()]).toEqual(['headlessly.format', 'headlessly.noun', 'headlessly.blocks'])
  expect(facts.get('headlessly.format')).toBe('1')
  expect(facts.get('headlessly.blocks')).toMatch(/^8192 [A-Za-z0-9+/]+=*$/)
})

test('an empty file is one that opens and has no rows', async () => {
  const store = new MemoryObjectStore()
  const columns = columnsOf(everyType)
  const ref = await putEntityFile({ store, columns, rows: [] })
  expect(await readAllRows(store, { ref, columns })).toEqual([])
})

/** All that a file says, without how well it is compressed and what follows from that. */
function unpack(content: Uint8Array<ArrayBuffer>): object {
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

interface Compressed {
  readonly page: Uint8Array
  readonly column: string
}

/** Page by page and filter by filter, in the order in which they lie; throws when something lies between. */
function unpackPages(content: Uint8Array<ArrayBuffer>): {
  readonly metadata: FileMetaData
  readonly pages: readonly object[]
  readonly compressed: readonly Compressed[]
  readonly blooms: readonly object[]
} {
  const metadata = parquetMetadata(content)
  expect(Buffer.from(content.subarray(0, 4)).toString()).toBe(magic)
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
