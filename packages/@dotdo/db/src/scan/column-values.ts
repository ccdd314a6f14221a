// Values of the rows of a row group, read from its decoded columns: without an entity for each row.

import { type FilterPath, type JsonValue, valueInField } from 'digital-objects'
import { readValueToJson } from '../parquet/column-value.ts'
import type { Column } from '../parquet/columns.ts'
import type { ReadColumns } from '../parquet/read-columns.ts'

/** Returns the value in a row, as `valueAt` returns it for the row's entity; undefined if it is missing. */
export type ValueInRow = (row: number) => JsonValue | undefined

export interface DecodedGroup {
  /** The columns of the Noun, by name. */
  readonly columns: ReadonlyMap<string, Column>
  readonly read: ReadColumns
}

/** Limits the dates whose texts are kept, of one column in one row group. */
const datesMax = 10_000

/** The path crosses no relation. A field without a column has no values. */
export function valuesAt(path: FilterPath, { columns, read }: DecodedGroup): ValueInRow {
  const column = columns.get(path.field)
  const values = read.get(path.field)
  if (column === undefined || values === undefined) return () => undefined
  const isPlain = column.storage === path.storage && path.keys.length === 0
  if (isPlain && path.storage === 'time') return (row) => instant(values[row])
  const toJson = jsonReader(column)
  if (isPlain) return (row) => toJson(values[row]) ?? undefined
  return (row) => valueInField(toJson(values[row]), path)
}

/** Converts the values of a column. It keeps the texts of dates, since many rows have the same. */
function jsonReader({ storage }: Column): (value: unknown) => JsonValue | undefined {
  if (storage !== 'date') return (value) => readValueToJson(value, storage)
  const known = new Map<unknown, JsonValue | undefined>()
  return (value) => {
    const kept = known.get(value)
    if (kept !== undefined) return kept
    const text = readValueToJson(value, storage)
    if (known.size < datesMax) known.set(value, text)
    return text
  }
}

function instant(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value)
}
