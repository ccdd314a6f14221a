// The fields of a Noun that files have, and what a reader of files should find of an entity.

import { type JsonValue, type NounSchema, type StoredField, storageClassOf } from 'digital-objects'

export type { JsonValue, NounSchema, StoredField }

export function storedFieldsOf(schema: NounSchema): readonly StoredField[] {
  return Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
}

type Values = Readonly<Record<string, unknown>>

/** The values of a strong read as files have them: times in microseconds, no empty list, no value of what is missing. */
export function expectedValues(entity: Values, schema: NounSchema): Values {
  const { $id, $version, $createdBy } = entity
  const own = {
    $id,
    $version,
    $createdBy,
    $createdAt: micros(entity['$createdAt']),
    $updatedAt: micros(entity['$updatedAt']),
  }
  const fields = storedFieldsOf(schema).flatMap((field) => {
    const value = entity[field.name]
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0 && field.many)) return []
    return [[field.name, storageClassOf(field) === 'time' ? micros(value) : value] as const]
  })
  return { ...own, ...Object.fromEntries(fields) }
}

/** The values of a row in the same form. Throws if it is a deleted one. */
export function foundValues(row: Values, schema: NounSchema): Values {
  const { $deleted, $seq, ...values } = row
  if ($deleted === true || typeof $seq !== 'number') throw new Error(`a row has ${JSON.stringify({ $deleted, $seq })}`)
  const found = Object.entries(values).flatMap(([name, value]) => {
    const field = schema.fields[name]
    if (field === undefined || field.kind === 'reverse') return [[name, value] as const]
    // ClickHouse has no missing lists.
    if (field.many && Array.isArray(value) && value.length === 0) return []
    return [[name, storageClassOf(field) === 'json' ? (JSON.parse(String(value)) as unknown) : value] as const]
  })
  return Object.fromEntries(found)
}

function micros(value: unknown): number {
  return Date.parse(String(value)) * 1_000
}
