// The columns of events, in Parquet files and in the Iceberg table of a tenant's log. Columns are named after the
// event's fields on the wire. An id is never reused, and columns added later are optional.

import { type ColumnValue, msToMicros } from '../parquet/column-value.ts'
import type { Column } from '../parquet/columns.ts'
import type { Column as IcebergColumn } from '../iceberg/table-metadata.ts'

/** An event as the log holds it: its entity (`data`) and its changes are JSON strings, kept exactly. */
export interface EventRow {
  readonly seq: number
  readonly commit: number
  readonly format: number
  readonly id: string
  readonly type: string
  readonly target: string
  readonly version: number
  readonly atMs: number
  readonly actor: string
  readonly onBehalfOf: string | null
  /** The id of the key with which the actor called. */
  readonly key: string | null
  readonly via: string
  readonly causedBy: string | null
  readonly undoes: number | null
  readonly approvedBy: string | null
  /** The time at which it happened, if that is not `atMs`. */
  readonly effectiveMs: number | null
  /** The reason for which an administrator forced the event. */
  readonly reason: string | null
  readonly noun: string
  readonly data: string
  /** Null at version 1, where every field is new. */
  readonly changes: string | null
}

const whole = { storage: 'real', isInteger: true, isRequired: true, isIndexed: false } as const
const text = { storage: 'text', isRequired: true, isIndexed: false } as const

export const eventColumns = [
  { id: 1, name: 'seq', ...whole },
  { id: 2, name: 'timestamp', storage: 'time', isRequired: true, isIndexed: false },
  { id: 3, name: 'type', ...text },
  // The most frequent question to the log: all events of one entity.
  { id: 4, name: 'target', ...text, isIndexed: true },
  { id: 5, name: 'version', ...whole },
  { id: 6, name: 'id', ...text },
  { id: 7, name: 'commit', ...whole },
  { id: 8, name: 'actor', ...text },
  { id: 9, name: 'onBehalfOf', ...text, isRequired: false },
  { id: 10, name: 'via', ...text },
  { id: 11, name: 'causedBy', ...text, isRequired: false },
  { id: 12, name: 'noun', ...text },
  { id: 13, name: 'format', ...whole },
  { id: 14, name: 'data', storage: 'json', isRequired: true, isIndexed: false },
  { id: 15, name: 'changes', storage: 'json', isRequired: false, isIndexed: false },
  // Files of before system tables 6 lack these two, and then no event has a value.
  { id: 16, name: 'undoes', ...whole, isRequired: false },
  { id: 17, name: 'approvedBy', ...text, isRequired: false },
  // Files of before system tables 7 lack these two.
  { id: 18, name: 'effective', storage: 'time', isRequired: false, isIndexed: false },
  { id: 19, name: 'reason', ...text, isRequired: false },
  // Files of before system tables 8 lack it.
  { id: 20, name: 'key', ...text, isRequired: false },
] as const satisfies readonly Column[]

export type EventColumnName = (typeof eventColumns)[number]['name']

export function eventIcebergColumns(): readonly IcebergColumn[] {
  return eventColumns.map(({ id, name, storage, isRequired }) => ({
    id,
    name,
    type: storage === 'real' ? 'long' : storage === 'time' ? 'timestamptz' : 'string',
    required: isRequired,
  }))
}

export function eventRowToValue(row: EventRow, column: Column): ColumnValue {
  switch (column.name) {
    case 'timestamp':
      return msToMicros(row.atMs)
    case 'seq':
    case 'version':
    case 'commit':
    case 'format':
      return BigInt(row[column.name])
    case 'effective':
      return row.effectiveMs === null ? null : msToMicros(row.effectiveMs)
    case 'undoes':
      return row.undoes === null ? null : BigInt(row.undoes)
    case 'type':
    case 'target':
    case 'id':
    case 'actor':
    case 'onBehalfOf':
    case 'key':
    case 'via':
    case 'causedBy':
    case 'approvedBy':
    case 'reason':
    case 'noun':
    case 'data':
    case 'changes':
      return row[column.name]
    default:
      throw new Error(`events have no column '${column.name}'`)
  }
}
