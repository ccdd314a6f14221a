// Values in Parquet's PLAIN encoding: one after the other, a string with its length before it.

import type { ParquetType } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer'
import { writePlain } from 'hyparquet-writer/src/plain.js'
import type { SingleValue } from './column-value.ts'

const textEncoder = new TextEncoder()
const lengthBytes = 4
/** UTF-8 needs at most this many bytes per UTF-16 unit. */
const bytesPerUnitMax = 3
/** Copying shorter strings takes less time than calling the encoder. */
const copiedUnitsMax = 48

export function encodePlain(values: readonly SingleValue[], type: ParquetType): Uint8Array {
  const page = new ByteWriter(values.length * 16 + 64)
  if (type === 'BYTE_ARRAY') for (const value of values) appendText(page, String(value))
  else writePlain(page, [...values], type, undefined)
  return page.getBytes()
}

/** Yields the bytes that are hashed for each value: strings without their length. */
export function* plainContents(plain: Uint8Array, type: ParquetType): Generator<Uint8Array> {
  const isText = type === 'BYTE_ARRAY'
  const width = type === 'INT32' ? 4 : 8
  const view = new DataView(plain.buffer, plain.byteOffset, plain.length)
  for (let at = 0; at < plain.length;) {
    const start = isText ? at + lengthBytes : at
    const end = start + (isText ? view.getUint32(at, true) : width)
    yield plain.subarray(start, end)
    at = end
  }
}

function appendText(page: ByteWriter, text: string): void {
  page.ensure(lengthBytes + text.length * bytesPerUnitMax)
  const start = page.index + lengthBytes
  const length =
    appendAscii(page.view, start, text) ?? textEncoder.encodeInto(text, new Uint8Array(page.buffer, start)).written
  page.appendUint32(length)
  page.index += length
  page.offset += length
}

/** Returns the length; undefined if the string is long or not ASCII. */
function appendAscii(view: DataView, start: number, text: string): number | undefined {
  if (text.length > copiedUnitsMax) return undefined
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > 0x7f) return undefined
    view.setUint8(start + at, unit)
  }
  return text.length
}
