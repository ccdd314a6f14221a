// The values of a column that Parquet stores, and the levels that say where they belong: which rows have a value, and for
// a list where each row's list begins (apache/parquet-format, README.md, "Nested Encoding").

import { ByteWriter } from 'hyparquet-writer'
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js'
import { encodeBitRuns } from './bit-runs.ts'
import type { ColumnValue, SingleValue } from './column-value.ts'
import { type Column, isListColumn } from './columns.ts'

export type Present = Exclude<SingleValue, null>

export interface LeafValues {
  /** In row order; a list contributes each of its values. */
  readonly present: readonly Present[]
  /** Values and missing ones together. */
  readonly entries: number
  readonly rows: number
  readonly repetitionLevels: Uint8Array
  readonly definitionLevels: Uint8Array
}

/** The definition level of a value in a list: the list is there, and it has an item. */
const itemLevel = 2

/** A required column must have a value in every row. A list is never empty: that is no value. */
export function leafValuesOf(column: Column, values: readonly ColumnValue[]): LeafValues {
  if (isListColumn(column)) return listLeaves(column, values)
  const present: Present[] = []
  for (const value of values) {
    if (Array.isArray(value)) throw new Error(`column '${column.name}' holds no list`)
    if (value !== null) present.push(value as Present) // not a list, as was checked
  }
  if (column.isRequired && present.length < values.length)
    throw new Error(`column '${column.name}' is required, but a row has no value for it`)
  return {
    present,
    entries: values.length,
    rows: values.length,
    repetitionLevels: new Uint8Array(),
    definitionLevels: column.isRequired ? new Uint8Array() : encodeBitRuns(values.length, (at) => values[at] !== null),
  }
}

function listLeaves(column: Column, values: readonly ColumnValue[]): LeafValues {
  const present: Present[] = []
  const [repetition, definition]: [number[], number[]] = [[], []]
  for (const value of values) {
    if (value === null) {
      repetition.push(0)
      definition.push(0)
      continue
    }
    if (!Array.isArray(value) || value.length === 0) throw new Error(`column '${column.name}' holds lists with values`)
    for (const [at, item] of (value as readonly Present[]).entries()) {
      repetition.push(at === 0 ? 0 : 1)
      definition.push(itemLevel)
      present.push(item)
    }
  }
  return {
    present,
    entries: repetition.length,
    rows: values.length,
    repetitionLevels: encodeLevels(repetition, 1),
    definitionLevels: encodeLevels(definition, 2),
  }
}

function encodeLevels(levels: readonly number[], bits: number): Uint8Array {
  const writer = new ByteWriter(levels.length + 16)
  writeRleBitPackedHybrid(writer, Uint32Array.from(levels), bits)
  return writer.getBytes()
}
