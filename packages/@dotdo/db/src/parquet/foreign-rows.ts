// The rows of a Parquet file that another program has written, some thousand at a time. The file is checked first, since its pages
// say how much memory they take.

import * as zlib from 'node:zlib'
import type { JsonValue } from 'digital-objects'
import { type AsyncBuffer, type FileMetaData, parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet'
import { checkPages } from './foreign-pages.ts'
import { ForeignParquetError } from './foreign-parquet-error.ts'

export interface ForeignRows {
  readonly columns: readonly string[]
  readonly rows: AsyncGenerator<Readonly<Record<string, JsonValue>>>
}

const rowsPerRead = 5_000
const rowsMax = 10_000_000
type Decompressor = (bytes: Uint8Array, outputBytes: number) => Uint8Array

const decompressors: Readonly<Record<string, Decompressor>> = {
  GZIP: (bytes, outputBytes) => zlib.gunzipSync(bytes, { maxOutputLength: Math.max(2 * outputBytes, 1) }),
  BROTLI: (bytes, outputBytes) => zlib.brotliDecompressSync(bytes, { maxOutputLength: Math.max(2 * outputBytes, 1) }),
  // Old versions of Node have none.
  ...('zstdDecompressSync' in zlib
    ? {
        ZSTD: (bytes, outputBytes) => zlib.zstdDecompressSync(bytes, { maxOutputLength: Math.max(2 * outputBytes, 1) }),
      }
    : {}),
}

function isDecompressed(codec: string): boolean {
  return codec === 'UNCOMPRESSED' || codec === 'SNAPPY' || decompressors[codec] !== undefined
}

/** Throws a ForeignParquetError, as `rows` does. */
export function openForeignRows(bytes: Uint8Array<ArrayBuffer>): ForeignRows {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const metadata = understood(() => parquetMetadata(buffer))
  if (metadata.num_rows > BigInt(rowsMax)) throw new ForeignParquetError(`it has more than ${rowsMax} rows`)
  understood(() => checkPages(buffer, metadata, { rowsPerRead, isDecompressed }))
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
  return { columns, rows: rowsOf(buffer, metadata) }
}

async function* rowsOf(
  buffer: ArrayBuffer,
  metadata: FileMetaData,
): AsyncGenerator<Readonly<Record<string, JsonValue>>> {
  const file: AsyncBuffer = { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) }
  let groupStart = 0
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows)
    for (let rowStart = groupStart; rowStart < groupEnd; rowStart += rowsPerRead) {
      const rowEnd = Math.min(rowStart + rowsPerRead, groupEnd)
      let rows: readonly Record<string, unknown>[]
      try {
        rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors: decompressors, parsers })
      } catch (error) {
        throw notUnderstood(error)
      }
      for (const row of rows)
        yield Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toJson(value)]))
    }
    groupStart = groupEnd
  }
}

const parsers = {
  dateFromDays: (days: number): string => isoOf(days * 86_400_000).slice(0, 10),
  timestampFromMilliseconds: (millis: bigint): string => isoOf(Number(millis)),
  timestampFromMicroseconds: (micros: bigint): string => isoOf(Number(micros / 1_000n)),
  timestampFromNanoseconds: (nanos: bigint): string => isoOf(Number(nanos / 1_000_000n)),
}

function isoOf(ms: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) throw new ForeignParquetError('it has a time that is out of range')
  return date.toISOString()
}

/** Bytes that are no text, and numbers that JSON cannot hold exactly, become texts. */
function toJson(value: unknown): JsonValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return isoOf(value.getTime())
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset, byteLength))
  }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toJson(one)]))
  return null
}

function understood<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw notUnderstood(error)
  }
}

/** The library throws errors of many kinds for bytes that are no Parquet file. */
function notUnderstood(error: unknown): Error {
  if (error instanceof ForeignParquetError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ForeignParquetError(`it is no whole Parquet file (${message.slice(0, 120)})`)
}
