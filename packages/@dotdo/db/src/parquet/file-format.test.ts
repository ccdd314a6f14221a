// The stored format does not change unannounced, and files of old formats stay readable.

import { parquetMetadata } from 'hyparquet'
import { expect, test } from 'vitest'
import { columnsOf, everyType, putEntityFile, readAllRows } from '../../test/entity-files.ts'
import { fixtureColumns, fixtureGroupRows, fixtureKey, fixtureRows } from '../../test/format-fixture.ts'
import { readFixture } from '../../test/read-format-fixture.ts'
import { type Compressed, unpackFile, unpackPages } from '../../test/unpack-file.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { checksum } from './block-checksums.ts'
import { compressors, decompressors } from './compression.ts'
import { fileFormat } from './file-writer.ts'
import { type FileRef, openFile } from './open-file.ts'

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
  'a file written in format %i reads as the rows it was written from',
  async (format) => {
    const { content, layout } = readFixture(format)
    const store = await storeOf(content)
    const file = { ref: { key: fixtureKey, ...layout }, columns: fixtureColumns }
    expect(await readAllRows(store, file)).toStrictEqual(fixtureRows)
  },
)

test('the same rows produce the same file, page by page', async () => {
  const { content, layout } = readFixture(fileFormat)
  const today = await writeToday()
  expect(unpackFile(today.content)).toEqual(unpackFile(content))
  // Compressed sizes may differ with this machine's zlib.
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

test('a file of an unknown format is refused with its name and both formats', async () => {
  const { content, layout } = readFixture(1)
  for (const format of ['2', 'x']) {
    const changed = new Uint8Array(content)
    const at = Buffer.from(content).indexOf('headlessly.format') + 'headlessly.format'.length
    // Thrift: the next field is a string of one byte.
    expect([...content.subarray(at, at + 3)]).toEqual([0x18, 1, '1'.charCodeAt(0)])
    changed[at + 2] = format.charCodeAt(0)
    const footerChecksum = checksum(changed.subarray(layout.footerStart))
    const ref = { key: fixtureKey, ...layout, footerChecksum }
    await expect(openFile(await storeOf(changed), ref)).rejects.toThrow(
      `file '${fixtureKey}' has format ${format}; this program knows ${fileFormat}`,
    )
  }
})

test('a Parquet file from another program is refused', async () => {
  const { content, layout } = readFixture(1)
  const changed = new Uint8Array(content)
  const at = Buffer.from(content).indexOf('headlessly.format')
  changed.set(Buffer.from('somebody-s.format'), at)
  const ref = { key: fixtureKey, ...layout, footerChecksum: checksum(changed.subarray(layout.footerStart)) }
  await expect(openFile(await storeOf(changed), ref)).rejects.toThrow(/has format none/)
})

test('a file records its format, its Noun and its block size', async () => {
  const { content } = await writeToday()
  const facts = new Map(parquetMetadata(content).key_value_metadata?.map(({ key, value }) => [key, value]))
  expect([...facts.keys()]).toEqual(['headlessly.format', 'headlessly.noun', 'headlessly.blocks'])
  expect(facts.get('headlessly.format')).toBe('1')
  expect(facts.get('headlessly.blocks')).toMatch(/^8192 [A-Za-z0-9+/]+=*$/)
})

test('a file without rows opens and reads as empty', async () => {
  const store = new MemoryObjectStore()
  const columns = columnsOf(everyType)
  const ref = await putEntityFile({ store, columns, rows: [] })
  expect(await readAllRows(store, { ref, columns })).toEqual([])
})
