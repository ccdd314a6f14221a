// Typed access to the fields of an Avro record. Files may come from other programs, so each kind is checked.

import type { AvroRecord, AvroValue } from './avro-schema.ts'

export function integerIn(record: AvroRecord, name: string): number {
  const value = optionalIntegerIn(record, name)
  if (value === null) throw new Error(`an Avro record is missing the number '${name}'`)
  return value
}

export function optionalIntegerIn(record: AvroRecord, name: string): number | null {
  const value = record[name] ?? null
  if (value !== null && (typeof value !== 'number' || !Number.isSafeInteger(value))) {
    throw new Error(`'${name}' of an Avro record is not an integer`)
  }
  return value
}

export function textIn(record: AvroRecord, name: string): string {
  const value = record[name]
  if (typeof value !== 'string') throw new Error(`an Avro record is missing the string '${name}'`)
  return value
}

export function recordIn(record: AvroRecord, name: string): AvroRecord {
  const value = record[name]
  if (!isAvroRecord(value)) throw new Error(`an Avro record is missing the record '${name}'`)
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
