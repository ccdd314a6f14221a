// Encodes a value by its schema in Avro's binary encoding (Avro 1.12, "Binary Encoding").

import { unreachable } from 'digital-objects'
import { isAvroRecord } from './avro-fields.ts'
import type { AvroSchema, AvroValue } from './avro-schema.ts'

/** Throws an Error if the value does not fit the schema. */
export function encodeAvro(schema: AvroSchema, value: AvroValue): Uint8Array<ArrayBuffer> {
  const writer = new AvroWriter()
  writer.value(schema, value)
  return writer.take()
}

export class AvroWriter {
  #bytes = new Uint8Array(1_024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Returns the bytes written so far and empties the writer. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return bytes
  }

  value(schema: AvroSchema, value: AvroValue): void {
    if (typeof schema === 'string') {
      this.#primitive(schema, value)
    } else if (!('type' in schema)) {
      const branch = schema.findIndex((candidate) => fits(candidate, value))
      const chosen = schema[branch]
      if (chosen === undefined) throw new Error(`no branch of the Avro union accepts ${describe(value)}`)
      this.long(branch)
      this.value(chosen, value)
    } else if (schema.type === 'record') {
      if (!isAvroRecord(value)) throw unfit('a record', value)
      for (const field of schema.fields) {
        const fieldValue = Object.hasOwn(value, field.name) ? value[field.name] : undefined
        if (fieldValue === undefined) throw new Error(`the Avro record '${schema.name}' is missing '${field.name}'`)
        this.value(field.type, fieldValue)
      }
    } else if (schema.type === 'array') {
      if (!isArray(value)) throw unfit('an array', value)
      if (value.length > 0) this.long(value.length)
      for (const item of value) this.value(schema.items, item)
      this.long(0)
    } else if (schema.type === 'map') {
      if (!(value instanceof Map)) throw unfit('a map', value)
      if (value.size > 0) this.long(value.size)
      for (const [key, item] of value) {
        this.string(key)
        this.value(schema.values, item)
      }
      this.long(0)
    } else {
      if (!(value instanceof Uint8Array) || value.length !== schema.size) throw unfit(`${schema.size} bytes`, value)
      this.raw(value)
    }
  }

  #primitive(schema: string, value: AvroValue): void {
    if (!fitsPrimitive(schema, value)) throw unfit(`'${schema}'`, value)
    if (typeof value === 'boolean') {
      this.raw([value ? 1 : 0])
    } else if (typeof value === 'string') {
      this.string(value)
    } else if (value instanceof Uint8Array) {
      this.bytes(value)
    } else if (typeof value === 'number') {
      if (schema === 'float' || schema === 'double') this.#real(value, schema === 'float' ? 4 : 8)
      else this.long(value)
    }
  }

  /** Zigzag encoding, then seven bits in each byte, the lowest first. */
  long(value: number): void {
    // Most longs take one byte: ids, counts and lengths.
    if (value >= -64 && value < 64) return this.raw([(value << 1) ^ (value >> 31)])
    const big = BigInt(value)
    let rest = big < 0n ? -2n * big - 1n : 2n * big
    for (; rest >= 0x80n; rest >>= 7n) this.raw([Number(rest & 0x7fn) | 0x80])
    this.raw([Number(rest)])
  }

  string(text: string): void {
    this.bytes(new TextEncoder().encode(text))
  }

  bytes(bytes: Uint8Array): void {
    this.long(bytes.length)
    this.raw(bytes)
  }

  raw(bytes: ArrayLike<number>): void {
    const end = this.#length + bytes.length
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = end
  }

  #real(value: number, size: 4 | 8): void {
    const view = new DataView(new ArrayBuffer(size))
    if (size === 4) view.setFloat32(0, value, true)
    else view.setFloat64(0, value, true)
    this.raw(new Uint8Array(view.buffer))
  }
}

/** Whether a branch of a union accepts the value. The first branch that does is used. */
function fits(schema: AvroSchema, value: AvroValue): boolean {
  if (typeof schema === 'string') return fitsPrimitive(schema, value)
  if (!('type' in schema)) return false
  switch (schema.type) {
    case 'record':
      return isAvroRecord(value)
    case 'array':
      return isArray(value)
    case 'map':
      return value instanceof Map
    case 'fixed':
      return value instanceof Uint8Array && value.length === schema.size
    default:
      return unreachable(schema)
  }
}

function fitsPrimitive(schema: string, value: AvroValue): boolean {
  switch (schema) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return typeof value === 'number' && (value | 0) === value
    case 'long':
      return Number.isSafeInteger(value)
    case 'float':
    case 'double':
      return typeof value === 'number'
    case 'string':
      return typeof value === 'string'
    default:
      return schema === 'bytes' && value instanceof Uint8Array
  }
}

function isArray(value: AvroValue): value is readonly AvroValue[] {
  return Array.isArray(value)
}

function unfit(expected: string, value: AvroValue): Error {
  return new Error(`Avro expected ${expected}, got ${describe(value)}`)
}

function describe(value: AvroValue): string {
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return typeof value === 'object' ? 'an object' : `${typeof value} ${String(value).slice(0, 50)}`
}
