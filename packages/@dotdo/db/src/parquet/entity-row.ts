// One version of an entity as files hold it.

import type { EntityFields } from 'digital-objects'
import { type ColumnValue, jsonToColumnValue, msToMicros } from './column-value.ts'
import type { Column } from './columns.ts'

/** Has neither `$type` nor `$context`; timestamps are in milliseconds. */
export interface EntityRow {
  readonly id: string
  readonly version: number
  readonly createdAtMs: number
  readonly createdBy: string
  readonly updatedAtMs: number
  /** The event that produced this version. */
  readonly seq: number
  /** True for a tombstone: this event deleted the entity. */
  readonly isDeleted: boolean
  readonly fields: EntityFields
}

export function entityRowToValue(row: EntityRow, column: Column): ColumnValue {
  switch (column.name) {
    case '$id':
      return row.id
    case '$version':
      return BigInt(row.version)
    case '$createdAt':
      return msToMicros(row.createdAtMs)
    case '$createdBy':
      return row.createdBy
    case '$updatedAt':
      return msToMicros(row.updatedAtMs)
    case '$seq':
      return BigInt(row.seq)
    case '$deleted':
      return row.isDeleted
    default:
      // Use hasOwn: a field may be named after an inherited property, such as `isPrototypeOf`.
      return Object.hasOwn(row.fields, column.name) ? jsonToColumnValue(row.fields[column.name], column.storage) : null
  }
}
