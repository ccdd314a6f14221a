// Parquet files whose pages take more than the file: bombs, made of one chunk that the footer names again and again.

import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer'
import { writeMetadata } from 'hyparquet-writer/src/metadata.js'
import { describe, expect, test } from 'vitest'
import { openForeignRows } from './foreign-rows.ts'

const MiB = 2 ** 20
const magic = 0x31524150 // PAR1

/** A file with another footer. */
function withFooter(buffer: ArrayBuffer, change: (metadata: FileMetaData) => FileMetaData): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(buffer)
  const footerBytes = new DataView(buffer).getUint32(bytes.length - 8, true)
  const writer = new ByteWriter()
  writer.appendBytes(bytes.subarray(0, bytes.length - 8 - footerBytes))
  writeMetadata(writer, change(parquetMetadata(buffer)))
  writer.appendUint32(magic)
  return writer.getBytes().slice()
}

function repeated(buffer: ArrayBuffer, groups: number): Uint8Array<ArrayBuffer> {
  return withFooter(buffer, (metadata) => ({
    ...metadata,
    num_rows: metadata.num_rows * BigInt(groups),
    row_groups: Array.from({ length: groups }, () => metadata.row_groups).flat(),
  }))
}

/** A chunk with a page that unpacks to about so many bytes. */
function zeros(bytes: number): ArrayBuffer {
  return parquetWriteBuffer({
    columnData: [{ name: 'name', data: ['0'.repeat(bytes)], type: 'STRING', encoding: 'PLAIN' }],
    codec: 'SNAPPY',
    statistics: false,
  })
}

async function rowsOf(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  let count = 0
  for await (const _ of openForeignRows(bytes).rows) count++
  return count
}

describe('a file', () => {
  test.each([3, 8, 17, 31])('of pages of %i MiB is read up to 512 MiB in all, and refused beyond', async (size) => {
    const page = zeros(size * MiB)
    const most = Math.floor((512 * MiB) / (size * MiB + 64))
    expect(() => openForeignRows(repeated(page, most))).not.toThrow()
    const bomb = repeated(page, most + 1)
    expect(bomb.length).toBeLessThan(3 * MiB)
    expect(() => openForeignRows(bomb)).toThrow('its pages unpack to more than 536870912 bytes')
    expect(await rowsOf(repeated(page, 2))).toBe(2)
  })

  test('of gigabytes in a file of one megabyte is refused before any page is unpacked', () => {
    const bomb = repeated(zeros(16 * MiB), 1_000)
    const before = process.memoryUsage().arrayBuffers
    expect(() => openForeignRows(bomb)).toThrow('unpack to more than')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MiB)
  })

  test('whose footer names the same pages again and again is refused', () => {
    const data = Array.from({ length: 20_000 }, (_, at) => at)
    const columnData = [{ name: 'n', data, type: 'INT32', encoding: 'PLAIN' }] as const
    const small = parquetWriteBuffer({ columnData: [...columnData], codec: 'UNCOMPRESSED', pageSize: 4 })
    expect(() => openForeignRows(repeated(small, 2))).not.toThrow()
    expect(() => openForeignRows(repeated(small, 12))).toThrow('more than 200000 pages')
  })

  test('of many columns whose pages have millions of empty values is refused, since all of them would be held', () => {
    const data = Array.from({ length: 900_000 }, () => null)
    const columnData = [{ name: 'c', data, type: 'INT32', nullable: true }] as const
    const one = parquetWriteBuffer({ columnData: [...columnData], pageSize: 100 * MiB, rowGroupSize: 1_000_000 })
    const names = (columns: number) => Array.from({ length: columns }, (_, at) => `c${at}`)
    const wide =
      (columns: number) =>
      ({ schema: [root, leaf], row_groups: groups, ...metadata }: FileMetaData): FileMetaData => ({
        ...metadata,
        schema: [
          { name: 'root', ...root, num_children: columns },
          ...names(columns).map((name) => ({ ...leaf, name })),
        ],
        row_groups: groups.map((group) => ({
          ...group,
          columns: names(columns).flatMap((name) =>
            group.columns.map(({ meta_data: chunk, ...column }) => ({
              ...column,
              ...(chunk === undefined ? {} : { meta_data: { ...chunk, path_in_schema: [name] } }),
            })),
          ),
        })),
      })
    expect(() => openForeignRows(withFooter(one, wide(10)))).not.toThrow()
    expect(() => openForeignRows(withFooter(one, wide(40)))).toThrow('too many values to be read a part at a time')
  })
})
