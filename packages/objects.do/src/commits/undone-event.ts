// An event of a commit that is undone, as the entity before and after it. An event has the whole entity and its changes,
// so the state before it needs no other event.

import type { LogRow } from '@dotdo/do'
import { type Changes, type EntityFields, isSameJson, type JsonValue } from 'digital-objects'

export interface EntityKey {
  readonly noun: string
  readonly id: string
}

export interface UndoneEvent extends EntityKey {
  readonly seq: number
  readonly commit: number
  /** The version of the Noun's definition under which it was written. */
  readonly definition: string
  /** `Qualified` */
  readonly event: string
  /** The entity's `$version` after the event. */
  readonly version: number
  /** Whether the event took back another one. */
  readonly isUndo: boolean
  /** The entity's fields before the event; undefined if it did not exist. */
  readonly before: EntityFields | undefined
  /** The entity's fields after the event; undefined if the event deleted it. */
  readonly after: EntityFields | undefined
}

/** `wasLive` says whether the entity existed before the event. */
export function rowToUndoneEvent(row: LogRow, wasLive: boolean): UndoneEvent {
  const { seq, commit, type, target: id, version, undoes } = row
  const dot = type.indexOf('.')
  const event = type.slice(dot + 1)
  const fields = fieldsOf(row.data)
  return {
    seq,
    commit,
    noun: type.slice(0, dot),
    id,
    definition: row.noun,
    event,
    version,
    isUndo: undoes !== null,
    before: wasLive ? fieldsBefore(fields, row.changes) : undefined,
    after: event === 'Deleted' ? undefined : fields,
  }
}

function fieldsOf(data: string): EntityFields {
  const entity = JSON.parse(data) as Readonly<Record<string, JsonValue>> // written by the log
  return Object.fromEntries(Object.entries(entity).filter(([name]) => !name.startsWith('$')))
}

function fieldsBefore(after: EntityFields, changes: string | null): EntityFields {
  const fields: Record<string, JsonValue> = { ...after }
  const changed = JSON.parse(changes ?? '{}') as Changes // written by the log
  for (const [name, { from }] of Object.entries(changed)) {
    if (from === null) delete fields[name]
    else fields[name] = from as JsonValue
  }
  return fields
}

/** Returns the names of the fields whose values differ. */
export function changedNames(before: EntityFields, after: EntityFields): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => !isSameJson(before[name], after[name]))
}
