// A value as Parquet's writer takes it and its reader gives it, and the conversions between that and an entity's.

import { type JsonValue, type StorageClass, unreachable } from 'digital-objects'
import { type Hash64, xxhash64 } from './xxhash64.ts'

/** What the writer takes: moments in microseconds, dates in days, `json` as text; null where there is no value. */
export type ColumnValue = string | number | bigint | boolean | null

const dayMs = 86_400_000

/** Undefined and null are a field without a value; negative zero is zero. */
export function jsonToColumnValue(value: JsonValue | undefined, storage: StorageClass): ColumnValue {
  if (value === undefined || value === null) return null
  switch (storage) {
    case 'json':
      return JSON.stringify(value)
    case 'time':
      return msToMicros(Date.parse(String(value)))
    case 'date':
      return dateToDays(String(value))
    case 'text':
    case 'real':
    case 'boolean':
      return typeof value === 'object' ? null : value === 0 ? 0 : value
    default:
      return unreachable(storage)
  }
}

export function msToMicros(ms: number): bigint {
  return BigInt(ms) * 1000n
}

/** Days since 1970 of a date such as `2026-01-31`. */
export function dateToDays(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / dayMs)
}

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** For hyparquet: moments as milliseconds and dates as days, with no Date object for each value. */
export const parsers = {
  /** Its own drops a byte order mark, with which a text of ours may begin. */
  stringFromBytes: (bytes: Uint8Array): string => textDecoder.decode(bytes),
  timestampFromMicroseconds: (micros: bigint): number => Number(micros / 1000n),
  dateFromDays: (days: number): number => days,
}

/** A value as it was read with `parsers`, back in an entity's form. */
export function readValueToJson(value: unknown, storage: StorageClass): JsonValue | undefined {
  if (value === null || value === undefined) return undefined
  switch (storage) {
    case 'json':
      return JSON.parse(String(value)) as JsonValue
    case 'time':
      return new Date(Number(value)).toISOString()
    case 'date':
      return new Date(Number(value) * dayMs).toISOString().slice(0, 10)
    case 'real':
      return Number(value)
    case 'boolean':
      return value === true
    case 'text':
      return String(value)
    default:
      return unreachable(storage)
  }
}

/** A value as it was read, or as statistics hold it, in the form in which filters and sorts compare: see `SortValue`. */
export function readValueToComparable(value: unknown, storage: StorageClass): string | number | null {
  if (value === null || value === undefined) return null
  if (storage === 'boolean') return value === true ? 1 : 0
  if (storage === 'text' || storage === 'json') return String(value)
  if (storage === 'date') return new Date(Number(value) * dayMs).toISOString().slice(0, 10)
  return Number(value)
}

/** The hash of a value's plain encoding, which bloom filters hold. Undefined for what has none. */
export function columnValueToHash(value: ColumnValue, storage: StorageClass): Hash64 | undefined {
  if (typeof value === 'string' && storage === 'text') return xxhash64(textEncoder.encode(value))
  if (typeof value === 'number' && storage === 'real')
    return hashOf(8, (view) => view.setFloat64(0, value === 0 ? 0 : value, true)) // -0 equals 0, and so must its hash
  if (typeof value === 'number' && storage === 'date') return hashOf(4, (view) => view.setInt32(0, value, true))
  if (typeof value === 'bigint') return hashOf(8, (view) => view.setBigInt64(0, value, true))
  return undefined
}

const textEncoder = new TextEncoder()

function hashOf(length: number, write: (view: DataView) => void): Hash64 {
  const bytes = new Uint8Array(length)
  write(new DataView(bytes.buffer))
  return xxhash64(bytes)
}
