// Converts one value of a column to and from bytes (Iceberg spec, appendix D, "Binary single-value serialization"), the
// form of bounds of data files and partitions.

import { unreachable } from 'digital-objects'
import type { ColumnType } from './table-metadata.ts'

/** A timestamp is in microseconds and a date in days, both since 1970 in UTC. */
export type SingleValue = string | number | boolean

/** Length of a string in a bound. Readers load manifests completely, and longer bounds would hardly skip more files. */
const boundCharactersMax = 32
const codePointLast = 0x10ffff
const surrogates = { first: 0xd800, last: 0xdfff }

/** Throws if the value does not have the type. */
export function singleValueToBytes(value: SingleValue, type: ColumnType): Uint8Array<ArrayBuffer> {
  if (!isOfType(value, type)) throw new Error(`a bound of a ${type} column cannot be ${typeof value} ${String(value)}`)
  if (typeof value === 'string') return new Uint8Array(new TextEncoder().encode(value))
  if (typeof value === 'boolean') return new Uint8Array([value ? 1 : 0])
  const view = new DataView(new ArrayBuffer(type === 'int' || type === 'date' ? 4 : 8))
  if (type === 'double') view.setFloat64(0, value, true)
  else if (view.byteLength === 4) view.setInt32(0, value, true)
  else view.setBigInt64(0, BigInt(value), true)
  return new Uint8Array(view.buffer)
}

/** Throws if the bytes are not a value of the type. */
export function bytesToSingleValue(bytes: Uint8Array, type: ColumnType): SingleValue {
  if (type === 'string') return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  const size = type === 'boolean' ? 1 : type === 'int' || type === 'date' ? 4 : 8
  if (bytes.length !== size) throw new Error(`a bound of a ${type} column has ${size} bytes, got ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (type === 'boolean') return view.getUint8(0) !== 0
  if (type === 'double') return view.getFloat64(0, true)
  return size === 4 ? view.getInt32(0, true) : Number(view.getBigInt64(0, true))
}

/** Returns the value or a shorter one that is not greater. */
export function lowerBoundOf(value: SingleValue): SingleValue {
  if (typeof value !== 'string') return value
  const characters = [...value]
  return characters.length <= boundCharactersMax ? value : characters.slice(0, boundCharactersMax).join('')
}

/** Returns the value or a shorter one that is not less; undefined if no such string exists. */
export function upperBoundOf(value: SingleValue): SingleValue | undefined {
  if (typeof value !== 'string') return value
  const characters = [...value]
  if (characters.length <= boundCharactersMax) return value
  for (let at = boundCharactersMax - 1; at >= 0; at--) {
    const next = (characters[at]?.codePointAt(0) ?? codePointLast) + 1
    if (next > codePointLast) continue
    // Lone surrogates cannot be encoded in UTF-8.
    const whole = next >= surrogates.first && next <= surrogates.last ? surrogates.last + 1 : next
    return characters.slice(0, at).join('') + String.fromCodePoint(whole)
  }
  return undefined
}

function isOfType(value: SingleValue, type: ColumnType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'double':
      return typeof value === 'number' && !Number.isNaN(value)
    case 'int':
    case 'date':
      return typeof value === 'number' && (value | 0) === value
    case 'long':
    case 'timestamptz':
      return Number.isSafeInteger(value)
    default:
      return unreachable(type)
  }
}
