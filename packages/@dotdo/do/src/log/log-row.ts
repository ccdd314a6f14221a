// An event of the log, and its form on the wire.

import { assert, type JsonValue, type ObjectEvent, type Via } from 'digital-objects'

/** A row of the log: an event with its entity as JSON, because most readers only forward it. */
export interface LogRow {
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
  readonly via: Via
  readonly causedBy: string | null
  readonly undoes: number | null
  readonly approvedBy: string | null
  /** The time at which it happened, if that is earlier than `atMs`. */
  readonly effectiveMs: number | null
  /** The reason for which an administrator forced the event. */
  readonly reason: string | null
  readonly noun: string
  /** The whole entity as JSON without `$context`, which depends on the URL that serves it. */
  readonly data: string
  /** The changes as JSON; null at version 1, where `changesFromNothing` derives them from the entity. */
  readonly changes: string | null
}

/** Returns the event as JSON, with the tenant's URL as `$context`. */
export function logRowToText(row: LogRow, context: string): string {
  const optional =
    (row.onBehalfOf === null ? '' : `,"onBehalfOf":${JSON.stringify(row.onBehalfOf)}`) +
    (row.key === null ? '' : `,"key":${JSON.stringify(row.key)}`) +
    `,"via":"${row.via}"` +
    (row.causedBy === null ? '' : `,"causedBy":"${row.causedBy}"`) +
    (row.undoes === null ? '' : `,"undoes":${row.undoes}`) +
    (row.approvedBy === null ? '' : `,"approvedBy":${JSON.stringify(row.approvedBy)}`) +
    (row.reason === null ? '' : `,"reason":${JSON.stringify(row.reason)}`)
  const effective = row.effectiveMs === null ? '' : `,"effective":"${new Date(row.effectiveMs).toISOString()}"`
  return (
    `{"format":${row.format},"id":"${row.id}","seq":${row.seq},"commit":${row.commit},"type":"${row.type}","target":"${row.target}",` +
    `"version":${row.version},"timestamp":"${new Date(row.atMs).toISOString()}"${effective},"actor":${JSON.stringify(row.actor)}${optional},` +
    `"noun":"${row.noun}","data":${withContext(row, context)},"changes":${row.changes ?? changesFromNothing(row.data)}}`
  )
}

/** Returns the entity of an event as JSON, with `$context` inserted. */
export function withContext(row: Pick<LogRow, 'type' | 'data'>, context: string): string {
  const head = `{"$type":"${row.type.slice(0, row.type.indexOf('.'))}",`
  assert(row.data.startsWith(head), 'an entity in the log begins with its type')
  return `${head}"$context":${JSON.stringify(context)},${row.data.slice(head.length)}`
}

function changesFromNothing(data: string): string {
  const entity = JSON.parse(data) as Record<string, JsonValue>
  const changes = Object.entries(entity).filter(([field]) => !field.startsWith('$'))
  return JSON.stringify(Object.fromEntries(changes.map(([field, to]) => [field, { from: null, to }])))
}

/** Returns the event as an object, for handlers. */
export function logRowToEvent(row: LogRow, context: string): ObjectEvent {
  return JSON.parse(logRowToText(row, context)) as ObjectEvent
}
