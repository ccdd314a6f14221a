// Decodes Avro's binary encoding (Avro 1.12, "Binary Encoding") by a schema. The bytes may be damaged: whatever they
// are, decoding ends, and uses no more memory than their length justifies.

import { unreachable } from 'digital-objects'
import type { AvroSchema, AvroValue } from './avro-schema.ts'

/** Items of zero bytes, such as nulls, take no space in a file, so a damaged count of them could be endless. */
const itemsMax = 1_000_000
/** A long has 64 bits, seven in each byte. */
const longBytesMax = 10

/** Throws an Error if the bytes are not exactly one value of the schema. */
export function decodeAvro(schema: AvroSchema, bytes: Uint8Array): AvroValue {
  const reader = new AvroReader(bytes)
  const value = reader.value(schema)
  if (!reader.isAtEnd) throw new Error('bytes follow the Avro value')
  return value
}

export class AvroReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #offset = 0
  #items = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length
  }

  value(schema: AvroSchema): AvroValue {
    if (typeof schema === 'string') return this.#primitive(schema)
    if (!('type' in schema)) {
      const index = this.long()
      const branch = schema[index]
      if (branch === undefined) throw new Error(`an Avro union of ${schema.length} has no branch ${index}`)
      return this.value(branch)
    }
    switch (schema.type) {
      case 'record':
        return Object.fromEntries(schema.fields.map((field) => [field.name, this.value(field.type)]))
      case 'array': {
        const items: AvroValue[] = []
        this.#blocks(() => items.push(this.value(schema.items)))
        return items
      }
      case 'map': {
        const items = new Map<string, AvroValue>()
        this.#blocks(() => items.set(this.string(), this.value(schema.values)))
        return items
      }
      case 'fixed':
        return this.raw(schema.size)
      default:
        return unreachable(schema)
    }
  }

  long(): number {
    const first = this.#bytes[this.#take(1)] ?? 0
    // Most longs take one byte: ids, counts and lengths.
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let bits = BigInt(first & 0x7f)
    for (let at = 1; at < longBytesMax; at++) {
      const byte = this.#bytes[this.#take(1)] ?? 0
      bits |= BigInt(byte & 0x7f) << BigInt(at * 7)
      if (byte >= 0x80) continue
      const value = Number((bits >> 1n) ^ -(bits & 1n))
      if (!Number.isSafeInteger(value)) throw new Error('an Avro long is beyond 2^53')
      return value
    }
    throw new Error(`an Avro long is longer than ${longBytesMax} bytes`)
  }

  string(): string {
    const bytes = this.bytes()
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw new Error('an Avro string is not UTF-8')
    }
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.raw(this.long())
  }

  /** Returns a copy. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#take(length)
    return this.#bytes.slice(start, start + length)
  }

  #primitive(schema: string): AvroValue {
    switch (schema) {
      case 'null':
        return null
      case 'boolean': {
        const byte = this.#bytes[this.#take(1)] ?? 0
        if (byte > 1) throw new Error(`an Avro boolean is 0 or 1, got ${byte}`)
        return byte === 1
      }
      case 'int': {
        const value = this.long()
        if ((value | 0) !== value) throw new Error(`an Avro int has 32 bits, got ${value}`)
        return value
      }
      case 'long':
        return this.long()
      case 'float':
        return this.#view.getFloat32(this.#take(4), true)
      case 'double':
        return this.#view.getFloat64(this.#take(8), true)
      case 'bytes':
        return this.bytes()
      case 'string':
        return this.string()
      default:
        throw new Error(`unsupported Avro type '${schema}'`)
    }
  }

  /** Arrays and maps come in blocks, up to an empty one. A negative count is followed by the block's size in bytes. */
  #blocks(readItem: () => void): void {
    for (let count = this.long(); count !== 0; count = this.long()) {
      if (count < 0) this.long()
      const items = Math.abs(count)
      this.#items += items
      if (this.#items > itemsMax) throw new Error(`an Avro value has more than ${itemsMax} items`)
      for (let at = 0; at < items; at++) readItem()
    }
  }

  /** Returns the offset of the next `length` bytes and moves past them. */
  #take(length: number): number {
    const start = this.#offset
    const left = this.#bytes.length - start
    if (length < 0 || length > left) throw new Error(`Avro needs ${length} bytes where ${left} are left`)
    this.#offset = start + length
    return start
  }
}
