// Maps a Noun to Parquet columns. A column keeps its number for ever: a field that changes its type becomes a new
// column, and a removed field leaves its number unused. Readers find columns by number, so they can read files written
// under older definitions.

import { type NounSchema, type StorageClass, type StoredField, storageClassOf, unreachable } from 'digital-objects'
import type { ParquetType, SchemaElement } from 'hyparquet'

export interface Column {
  /** The Parquet field id. */
  readonly id: number
  readonly name: string
  readonly storage: StorageClass
  /** True for `$version` and `$seq`, which are stored as integers. */
  readonly isInteger?: boolean
  readonly isRequired: boolean
  /** Whether the column gets bloom filters. */
  readonly isIndexed: boolean
}

/** The number of a field's column, as the manifest stores it. */
export interface FieldNumber {
  readonly id: number
  readonly field: string
  readonly storage: StorageClass
}

/**
 * The meta-fields, and two columns that layers need: `$seq`, the event that produced the row, and `$deleted`, which
 * marks tombstones. Every scan reads `$id` and `$deleted`, so they are stored side by side.
 */
export const metaColumns = [
  { id: 1, name: '$id', storage: 'text', isRequired: true, isIndexed: true },
  { id: 7, name: '$deleted', storage: 'boolean', isRequired: true, isIndexed: false },
  { id: 2, name: '$version', storage: 'real', isInteger: true, isRequired: true, isIndexed: false },
  { id: 3, name: '$createdAt', storage: 'time', isRequired: true, isIndexed: false },
  { id: 4, name: '$createdBy', storage: 'text', isRequired: true, isIndexed: false },
  { id: 5, name: '$updatedAt', storage: 'time', isRequired: true, isIndexed: false },
  { id: 6, name: '$seq', storage: 'real', isInteger: true, isRequired: true, isIndexed: false },
] as const satisfies readonly Column[]

const firstFieldId = 101

/** Gives each stored field a number: fields with a known number keep it, new ones get the next free number. */
export function numberFields(schema: NounSchema, known: readonly FieldNumber[]): readonly FieldNumber[] {
  const numbers = [...known]
  for (const field of storedFields(schema)) {
    const storage = storageClassOf(field)
    if (numbers.some((number) => number.field === field.name && number.storage === storage)) continue
    const id = Math.max(firstFieldId - 1, ...numbers.map((number) => number.id)) + 1
    numbers.push({ id, field: field.name, storage })
  }
  return numbers.length === known.length ? known : numbers
}

/**
 * Returns meta-columns first, then the fields in definition order. A field without a number is in no file yet, so it is
 * left out.
 */
export function nounToColumns(schema: NounSchema, numbers: readonly FieldNumber[]): readonly Column[] {
  const columns = storedFields(schema).flatMap((field): Column[] => {
    const storage = storageClassOf(field)
    const number = numbers.find((candidate) => candidate.field === field.name && candidate.storage === storage)
    if (number === undefined) return []
    return [{ id: number.id, name: field.name, storage, isRequired: false, isIndexed: field.indexed }]
  })
  return [...metaColumns, ...columns]
}

function storedFields(schema: NounSchema): readonly StoredField[] {
  return Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
}

export function columnsToSchema(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'entity', num_children: columns.length },
    ...columns.map((column): SchemaElement => ({
      name: column.name,
      field_id: column.id,
      repetition_type: column.isRequired ? 'REQUIRED' : 'OPTIONAL',
      ...elementOf(column),
    })),
  ]
}

export function physicalTypeOf(column: Column): ParquetType {
  return elementOf(column).type
}

function elementOf(
  column: Column,
): Pick<SchemaElement, 'converted_type' | 'logical_type'> & { readonly type: ParquetType } {
  switch (column.storage) {
    case 'text':
    case 'json':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }
    case 'real':
      return { type: column.isInteger === true ? 'INT64' : 'DOUBLE' }
    case 'boolean':
      return { type: 'BOOLEAN' }
    case 'time':
      return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } }
    case 'date':
      return { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } }
    default:
      return unreachable(column.storage)
  }
}
