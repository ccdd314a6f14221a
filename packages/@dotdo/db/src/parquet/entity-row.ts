// A version of an entity as files hold it.

import type { EntityFields } from 'digital-objects'
import { type ColumnValue, jsonToColumnValue, msToMicros } from './column-value.ts'
import type { Column } from './columns.ts'

/** No `$type` and no `$context`; moments in milliseconds. */
export interface EntityRow {
  readonly id: string
  readonly version: number
  readonly createdAtMs: number
  readonly createdBy: string
  readonly updatedAtMs: number
  /** The event that made it true. */
  readonly seq: number
  /** A tombstone: the entity is gone since this event. */
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
      // A field may be called as something that every object has, such as `isPrototypeOf`.
      return Object.hasOwn(row.fields, column.name) ? jsonToColumnValue(row.fields[column.name], column.storage) : null
  }
}
