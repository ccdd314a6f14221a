// Maps a Noun to Parquet columns. A column keeps its number for ever: a field that changes its type becomes a new
// column, and a removed field leaves its number unused. Readers find columns by number, so they can read files written
// under older definitions.

import {
  elementStorageOf,
  type NounSchema,
  type StorageClass,
  type StoredField,
  storageClassOf,
  unreachable,
} from 'digital-objects'
import type { ParquetType, SchemaElement } from 'hyparquet'

export interface Column {
  /** The Parquet field id. */
  readonly id: number
  readonly name: string
  readonly storage: StorageClass
  /** The Parquet field id of a list's values. */
  readonly elementId?: number
  /** True for `$version` and `$seq`, which are stored as integers. */
  readonly isInteger?: boolean
  readonly isRequired: boolean
  /** Whether the column gets bloom filters. */
  readonly isIndexed: boolean
  /** Indexed paths inside a `json` column, as the keys that lead there. Its bloom filters hold the values found there. */
  readonly paths?: readonly (readonly string[])[]
}

/** The number of a field's column, as the manifest stores it. The values of a list have a number of their own. */
export interface FieldNumber {
  readonly id: number
  /** `tags`; `tags.element` for the values of that list. */
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
  const add = (field: string, storage: StorageClass): void => {
    if (numberOf(numbers, field, storage) !== undefined) return
    numbers.push({ id: Math.max(firstFieldId - 1, ...numbers.map(({ id }) => id)) + 1, field, storage })
  }
  for (const field of storedFields(schema)) {
    const storage = storageClassOf(field)
    add(field.name, storage)
    if (field.many) add(elementName(field.name), elementStorageOf(storage))
  }
  return numbers.length === known.length ? known : numbers
}

/** A field's name has no dot in it. */
function elementName(field: string): string {
  return `${field}.element`
}

function numberOf(numbers: readonly FieldNumber[], field: string, storage: StorageClass): number | undefined {
  return numbers.find((number) => number.field === field && number.storage === storage)?.id
}

/**
 * Returns meta-columns first, then the fields in definition order. A field without a number is in no file yet, so it is
 * left out.
 */
export function nounToColumns(schema: NounSchema, numbers: readonly FieldNumber[]): readonly Column[] {
  const columns = storedFields(schema).flatMap((field): Column[] => {
    const storage = storageClassOf(field)
    const id = numberOf(numbers, field.name, storage)
    const elementId = field.many ? numberOf(numbers, elementName(field.name), elementStorageOf(storage)) : undefined
    if (id === undefined || (field.many && elementId === undefined)) return []
    const paths = schema.indexes.filter((index) => index.field === field.name).map(({ keys }) => keys)
    return [
      {
        id,
        name: field.name,
        storage,
        isRequired: false,
        isIndexed: field.indexed,
        ...(elementId === undefined ? {} : { elementId }),
        ...(paths.length === 0 ? {} : { paths }),
      },
    ]
  })
  return [...metaColumns, ...columns]
}

function storedFields(schema: NounSchema): readonly StoredField[] {
  return Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
}

export function columnsToSchema(columns: readonly Column[]): SchemaElement[] {
  return [{ name: 'entity', num_children: columns.length }, ...columns.flatMap(columnToElements)]
}

/** A list has three elements: itself, its repetition and its values (apache/parquet-format, LogicalTypes.md, "Lists"). */
function columnToElements(column: Column): SchemaElement[] {
  const { id, name, isRequired, elementId } = column
  const repetition_type = isRequired ? 'REQUIRED' : 'OPTIONAL'
  if (elementId === undefined) return [{ name, field_id: id, repetition_type, ...elementOf(column) }]
  return [
    {
      name,
      field_id: id,
      repetition_type,
      num_children: 1,
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
    },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', field_id: elementId, repetition_type: 'REQUIRED', ...elementOf(column) },
  ]
}

export function isListColumn({ elementId }: Column): boolean {
  return elementId !== undefined
}

/** Where the column's values are in the file's schema. */
export function pathInSchema(column: Column): string[] {
  return isListColumn(column) ? [column.name, 'list', 'element'] : [column.name]
}

/** The type of the column's values, of each value in a list. */
export function physicalTypeOf(column: Column): ParquetType {
  return elementOf(column).type
}

function elementOf(
  column: Column,
): Pick<SchemaElement, 'converted_type' | 'logical_type'> & { readonly type: ParquetType } {
  const storage = elementStorageOf(column.storage)
  switch (storage) {
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
      return unreachable(storage)
  }
}
