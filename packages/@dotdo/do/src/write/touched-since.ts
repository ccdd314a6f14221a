// The expected version of a change, and touches. A touch moves times of an entity forward while somebody else works on it. A
// change that was made for the version before is accepted, as if it had come before the touches, unless it sets a touched
// field itself.

import {
  type EntityFields,
  type ExpectedVersion,
  isSameJson,
  type JsonValue,
  type NounSchema,
  touchedFields,
} from 'digital-objects'
import type { EventsStore } from '../log/events-store.ts'
import type { NounTable } from '../state/noun-table.ts'
import type { StoredVersion } from '../state/row-codec.ts'
import type { StorageHandler } from '../state/storage-handler.ts'

/** Limits the touches since the expected version. After more, the change conflicts. */
const touchesMax = 100

export interface TouchLookup {
  readonly events: EventsStore
  readonly state: StorageHandler
  readonly catalog: { readonly current: { readonly nouns: readonly NounSchema[] } }
}

/**
 * Returns the fields of the newest expected version since which the entity was only touched; undefined if there is none. Call
 * it if the current version is not expected.
 */
export function untouchedFields(
  lookup: TouchLookup,
  table: NounTable,
  { current, expected }: { readonly current: StoredVersion; readonly expected: ExpectedVersion },
): EntityFields | undefined {
  const touched = touchedFields(lookup.catalog.current.nouns, table.schema.name)
  if (touched.size === 0) return undefined
  const newest = Math.max(...versionsOf(expected).filter((version) => version < current.version))
  if (current.version - newest > touchesMax) return undefined
  const seq = lookup.state.seqOfVersion(table, current.id, newest)
  const before = seq === undefined ? undefined : lookup.state.getAsOf(table, current.id, seq)
  if (seq === undefined || before === undefined) return undefined
  const seqs = lookup.state.eventSeqs(table, { id: current.id, after: seq, limit: touchesMax })
  const isOnlyTouched =
    seqs.every((one) => isEffect(lookup.events, one)) &&
    differingFields(before.fields, current.fields).every((name) => touched.has(name))
  return isOnlyTouched ? before.fields : undefined
}

/**
 * Returns the fields after a change that was made for the fields `before`, with the touches since then. Returns undefined if
 * the change sets a touched field itself.
 */
export function keepTouches(
  before: EntityFields,
  current: EntityFields,
  changed: EntityFields,
): EntityFields | undefined {
  const kept: Record<string, JsonValue> = { ...changed }
  for (const name of differingFields(before, current)) {
    if (isSameJson(changed[name], current[name])) continue
    if (!isSameJson(changed[name], before[name])) return undefined
    const value = current[name]
    if (value === undefined) delete kept[name]
    else kept[name] = value
  }
  return kept
}

function versionsOf(expected: ExpectedVersion): readonly number[] {
  if (typeof expected === 'number') return [expected]
  return typeof expected === 'object' && 'oneOf' in expected ? expected.oneOf : []
}

/** Effects of versions before this one were handlers. */
function isEffect(events: EventsStore, seq: number): boolean {
  const [row] = events.read({ after: seq - 1, limit: 1, isHeadOnly: true }).rows
  return row?.seq === seq && (row.via === 'effect' || row.via === 'hook')
}

function differingFields(one: EntityFields, other: EntityFields): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => !isSameJson(one[name], other[name]),
  )
}
