// Converts between a row of a Noun's table and a version of an entity. Columns are in the order of `columnList`.

import { assert, type EntityFields, isListStorage, type JsonValue, parseStoredJson } from 'digital-objects'
import { type Column } from './column.ts'
import { metaColumns, type NounTable } from './noun-table.ts'

export type SqlValue = string | number | null
export type Row = readonly SqlValue[]

/** One stored version of an entity, without `$type` and `$context`. Timestamps are in milliseconds. */
export interface StoredVersion {
  readonly id: string
  readonly version: number
  readonly createdAtMs: number
  readonly createdBy: string
  readonly updatedAtMs: number
  /** The event that made this version. */
  readonly seq: number
  /** The row of the full-text table with its words; null without words. */
  readonly textSeq: number | null
  readonly fields: EntityFields
}

export function rowToVersion(table: NounTable, row: Row): StoredVersion {
  const fields: Record<string, JsonValue> = {}
  const { columns } = table
  for (let at = 0; at < columns.length; at++) {
    const value = row[at + metaColumns.length]
    if (value === null || value === undefined) continue
    const column = columns[at] as Column
    fields[column.field] = decodeValue(column, value)
  }
  const [id, version, createdAtMs, createdBy, updatedAtMs, seq, textSeq] = row
  assert(typeof id === 'string' && typeof createdBy === 'string', 'a row has its id and its creator')
  assert(typeof version === 'number' && typeof seq === 'number', 'a row has its version and its seq')
  assert(typeof createdAtMs === 'number' && typeof updatedAtMs === 'number', 'a row has its timestamps')
  return {
    id,
    version,
    createdAtMs,
    createdBy,
    updatedAtMs,
    seq,
    textSeq: typeof textSeq === 'number' ? textSeq : null,
    fields,
  }
}

export function versionToRow(table: NounTable, version: StoredVersion): SqlValue[] {
  const { id, createdAtMs, createdBy, updatedAtMs, seq, textSeq, fields } = version
  const row: SqlValue[] = [id, version.version, createdAtMs, createdBy, updatedAtMs, seq, textSeq]
  for (const column of table.columns) row.push(encodeValue(column, fields[column.field]))
  return row
}

export function encodeValue(column: Pick<Column, 'name' | 'storage'>, value: JsonValue | undefined): SqlValue {
  if (column.storage === 'json') return value === undefined ? null : JSON.stringify(value)
  if (value === undefined || value === null) return null
  if (column.storage === 'time') return Date.parse(String(value))
  if (isListStorage(column.storage)) return JSON.stringify(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  assert(typeof value === 'string' || typeof value === 'number', `${column.name} has a scalar value`)
  return value
}

export function decodeValue(column: Column, value: string | number): JsonValue {
  switch (column.storage) {
    case 'json':
    case 'text[]':
    case 'real[]':
      return parseStoredJson(String(value))
    case 'time':
      return new Date(Number(value)).toISOString()
    case 'boolean':
      return value === 1
    default:
      return value
  }
}
