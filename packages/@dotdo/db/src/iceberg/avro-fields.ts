// Fields of an Avro record by the kind that a reader expects of them: files may be others' than ours.

import type { AvroRecord, AvroValue } from './avro-schema.ts'

export function integerIn(record: AvroRecord, name: string): number {
  const value = optionalIntegerIn(record, name)
  if (value === null) throw new Error(`an Avro record misses the number '${name}'`)
  return value
}

export function optionalIntegerIn(record: AvroRecord, name: string): number | null {
  const value = record[name] ?? null
  if (value !== null && (typeof value !== 'number' || !Number.isSafeInteger(value))) {
    throw new Error(`'${name}' of an Avro record is no whole number`)
  }
  return value
}

export function textIn(record: AvroRecord, name: string): string {
  const value = record[name]
  if (typeof value !== 'string') throw new Error(`an Avro record misses the text '${name}'`)
  return value
}

export function recordIn(record: AvroRecord, name: string): AvroRecord {
  const value = record[name]
  if (!isAvroRecord(value)) throw new Error(`an Avro record misses the record '${name}'`)
  return value
}

export function isAvroRecord(value: AvroValue | undefined): value is AvroRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Uint8Array)
  )
}
