// Converts entity values to the values that Parquet's writer takes, and what its reader returns back to entity values.

import { elementStorageOf, type JsonValue, parseStoredJson, type StorageClass, unreachable } from 'digital-objects'
import { type Hash64, xxhash64 } from './xxhash64.ts'

/** A value for the writer: timestamps in microseconds, dates in days, `json` as a string; null if there is no value. */
export type SingleValue = string | number | bigint | boolean | null
/** A list has at least one value. */
export type ColumnValue = SingleValue | readonly Exclude<SingleValue, null>[]

const dayMs = 86_400_000

/** Undefined and null both mean a field without a value. Negative zero becomes zero. */
export function jsonToColumnValue(value: JsonValue | undefined, storage: StorageClass): ColumnValue {
  if (value === undefined || value === null) return null
  switch (storage) {
    case 'json':
      return JSON.stringify(value)
    case 'time':
      return msToMicros(Date.parse(String(value)))
    case 'date':
      return dateToDays(String(value))
    case 'text[]':
    case 'real[]':
      return jsonToList(value)
    case 'text':
    case 'real':
    case 'boolean':
      return typeof value === 'object' ? null : value === 0 ? 0 : value
    default:
      return unreachable(storage)
  }
}

function jsonToList(value: JsonValue): ColumnValue {
  const items = Array.isArray(value) ? value.filter((item) => typeof item === 'string' || typeof item === 'number') : []
  return items.length === 0 ? null : items.map((item) => (item === 0 ? 0 : item))
}

export function msToMicros(ms: number): bigint {
  return BigInt(ms) * 1000n
}

/** Returns the days since 1970 for a date such as `2026-01-31`. */
export function dateToDays(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / dayMs)
}

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Parsers for hyparquet: timestamps as milliseconds and dates as days, without a Date object per value. */
export const parsers = {
  /** hyparquet's own parser drops a leading byte order mark, but a stored string may begin with one. */
  stringFromBytes: (bytes: Uint8Array): string => textDecoder.decode(bytes),
  timestampFromMicroseconds: (micros: bigint): number => Number(micros / 1000n),
  dateFromDays: (days: number): number => days,
}

/** Converts a value read with `parsers` back to an entity's value. */
export function readValueToJson(value: unknown, storage: StorageClass): JsonValue | undefined {
  if (value === null || value === undefined) return undefined
  switch (storage) {
    case 'json':
      return parseStoredJson(String(value))
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
    case 'text[]':
      return Array.from(value as Iterable<unknown>, String)
    case 'real[]':
      return Array.from(value as Iterable<unknown>, Number)
    default:
      return unreachable(storage)
  }
}

/** Converts a read value, or a bound from statistics, to the form that filters and sorts compare (`SortValue`). */
export function readValueToComparable(value: unknown, column: StorageClass): string | number | null {
  if (value === null || value === undefined) return null
  const storage = elementStorageOf(column)
  if (storage === 'boolean') return value === true ? 1 : 0
  if (storage === 'text' || storage === 'json') return String(value)
  if (storage === 'date') return new Date(Number(value) * dayMs).toISOString().slice(0, 10)
  return Number(value)
}

/**
 * Returns the hash of the value's PLAIN encoding, as bloom filters hold it; undefined if bloom filters do not cover the
 * value.
 */
export function columnValueToHash(value: ColumnValue, column: StorageClass): Hash64 | undefined {
  const storage = elementStorageOf(column)
  if (typeof value === 'string' && storage === 'text') return xxhash64(textEncoder.encode(value))
  if (typeof value === 'number' && storage === 'real')
    // -0 equals 0, so both need the same hash
    return hashOf(8, (view) => view.setFloat64(0, value === 0 ? 0 : value, true))
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
