// Plans the undo of commits as data: the changes that restore what their events changed, newest first, and the conflicts
// with what happened since. Fields that the events did not change keep their present values.

import { type EntityFields, type JsonValue, schemaNoun } from 'digital-objects'
import { entityConflicts, type FinalEntity, referenceConflicts, type UndoConflict } from './undo-conflicts.ts'
import type { UndoState } from './undo-state.ts'
import { changedNames, type EntityKey, type UndoneEvent } from './undone-event.ts'

/** A change of the undo. */
export type Restoration = RestorationOf &
  EntityKey & {
    readonly undoes: number
    /** The version of the definition under which the restored values were replaced. */
    readonly definition: string
  }

type RestorationOf =
  /** Sets these fields; null clears one. */
  | { readonly kind: 'change'; readonly fields: Readonly<Record<string, JsonValue>> }
  | { readonly kind: 'remove' }
  /** Brings a deleted entity back with exactly these fields. */
  | { readonly kind: 'restore'; readonly fields: EntityFields }

export interface UndoPlan {
  /** The changes, in the order in which they are to be made. */
  readonly restorations: readonly Restoration[]
  /** Conflicts, any of which refuses the undo. */
  readonly conflicts: readonly UndoConflict[]
}

/** `events` are all events of the undone commits, oldest first. */
export function planUndo(events: readonly UndoneEvent[], state: UndoState): UndoPlan {
  const byEntity = Map.groupBy(events, ({ id }) => id)
  const runs = toRuns(events)
  const restorations = runs.flatMap(restorationOf)
  const returning = returningNouns(events)
  const conflicts = [...byEntity.values()].flatMap((own) => entityConflicts(own, { state, returning }))
  const finals = finalEntities(runs, state)
  const [first] = events
  return {
    restorations,
    conflicts:
      first === undefined ? conflicts : [...conflicts, ...referenceConflicts(finals, { state, firstSeq: first.seq })],
  }
}

/** The Nouns whose definitions the undo brings back: since they had none, their entities have not changed. */
function returningNouns(events: readonly UndoneEvent[]): ReadonlySet<string> {
  return new Set(
    events.flatMap(({ noun, before, after }) =>
      noun === schemaNoun.name && before !== undefined && after === undefined ? [String(before['name'])] : [],
    ),
  )
}

/** Successive events of one entity in one commit, newest run first. */
interface Run extends EntityKey {
  readonly commit: number
  readonly definition: string
  readonly before: EntityFields | undefined
  readonly after: EntityFields | undefined
}

/**
 * Only successive events are joined: taken back in this order, each step leads to a state that the tenant was in, so unique
 * values and references hold in between.
 */
function toRuns(events: readonly UndoneEvent[]): readonly Run[] {
  const runs: Run[] = []
  for (const { noun, id, commit, definition, before, after } of events.toReversed()) {
    const last = runs.at(-1)
    if (last?.id === id && last.commit === commit) runs[runs.length - 1] = { ...last, definition, before }
    else runs.push({ noun, id, commit, definition, before, after })
  }
  return runs
}

function restorationOf({ noun, id, commit, definition, before, after }: Run): readonly Restoration[] {
  const key = { noun, id, undoes: commit, definition }
  if (before === undefined) return after === undefined ? [] : [{ kind: 'remove', ...key }]
  if (after === undefined) return [{ kind: 'restore', ...key, fields: before }]
  const fields = Object.fromEntries(changedNames(before, after).map((name) => [name, before[name] ?? null]))
  return Object.keys(fields).length === 0 ? [] : [{ kind: 'change', ...key, fields }]
}

/** Returns the undone entities as they will be, by id. */
function finalEntities(runs: readonly Run[], state: UndoState): ReadonlyMap<string, FinalEntity> {
  const finals = new Map<string, FinalEntity>()
  for (const { noun, id, commit, before, after } of runs) {
    const known = finals.get(id)
    const restored = new Map(known?.restored)
    const now = known === undefined ? state.present({ noun, id })?.fields : known.fields
    const names = before === undefined ? [] : after === undefined ? Object.keys(before) : changedNames(before, after)
    for (const name of names) restored.set(name, commit)
    finals.set(id, { noun, id, fields: fieldsAfter({ now, names, before }), restored })
  }
  return finals
}

function fieldsAfter({
  now,
  names,
  before,
}: {
  readonly now: EntityFields | undefined
  readonly names: readonly string[]
  readonly before: EntityFields | undefined
}): EntityFields | undefined {
  if (before === undefined) return undefined
  const fields: Record<string, JsonValue> = { ...now }
  for (const name of names) {
    const value = before[name]
    if (value === undefined) delete fields[name]
    else fields[name] = value
  }
  return fields
}
