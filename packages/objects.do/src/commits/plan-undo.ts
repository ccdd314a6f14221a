// Plans the undo of commits as data: the changes that restore what their events changed, newest first, and the conflicts
// with what happened since. Fields that the events did not change keep their present values.

import type { EntityFields, JsonValue } from 'digital-objects'
import { entityConflicts, type FinalEntity, referenceConflicts, type UndoConflict } from './undo-conflicts.ts'
import type { UndoState } from './undo-state.ts'
import { changedNames, type EntityKey, type UndoneEvent } from './undone-event.ts'

/** One change of the undo. */
export type Restoration = RestorationOf & EntityKey & { readonly undoes: number }

type RestorationOf =
  /** Sets these fields; null clears one. */
  | { readonly kind: 'change'; readonly fields: Readonly<Record<string, JsonValue>> }
  | { readonly kind: 'remove' }
  /** Brings a deleted entity back with exactly these fields. */
  | { readonly kind: 'restore'; readonly fields: EntityFields }

export interface UndoPlan {
  /** In the order in which they are to be made. */
  readonly restorations: readonly Restoration[]
  /** If there are any, the undo is refused. */
  readonly conflicts: readonly UndoConflict[]
}

/** `events` are all events of the undone commits, oldest first. */
export function planUndo(events: readonly UndoneEvent[], state: UndoState): UndoPlan {
  const byEntity = Map.groupBy(events, ({ id }) => id)
  const runs = toRuns(events)
  const restorations = runs.flatMap(restorationOf)
  const conflicts = [...byEntity.values()].flatMap((own) => entityConflicts(own, state))
  const finals = finalEntities(runs, state)
  const [first] = events
  return {
    restorations,
    conflicts:
      first === undefined ? conflicts : [...conflicts, ...referenceConflicts(finals, { state, firstSeq: first.seq })],
  }
}

/** Successive events of one entity in one commit, newest run first. */
interface Run extends EntityKey {
  readonly commit: number
  /** The oldest event. */
  readonly seq: number
  readonly before: EntityFields | undefined
  readonly after: EntityFields | undefined
}

/**
 * Only successive events are joined: taken back in this order, each step leads to a state that the tenant was in, so unique
 * values and references hold in between.
 */
function toRuns(events: readonly UndoneEvent[]): readonly Run[] {
  const runs: Run[] = []
  for (const { noun, id, commit, seq, before, after } of events.toReversed()) {
    const last = runs.at(-1)
    if (last?.id === id && last.commit === commit) runs[runs.length - 1] = { ...last, seq, before }
    else runs.push({ noun, id, commit, seq, before, after })
  }
  return runs
}

function restorationOf({ noun, id, commit, before, after }: Run): readonly Restoration[] {
  const key = { noun, id, undoes: commit }
  if (before === undefined) return after === undefined ? [] : [{ kind: 'remove', ...key }]
  if (after === undefined) return [{ kind: 'restore', ...key, fields: before }]
  const fields = Object.fromEntries(changedNames(before, after).map((name) => [name, before[name] ?? null]))
  return Object.keys(fields).length === 0 ? [] : [{ kind: 'change', ...key, fields }]
}

/** Returns the undone entities as they will be, by id. */
function finalEntities(runs: readonly Run[], state: UndoState): ReadonlyMap<string, FinalEntity> {
  const finals = new Map<string, FinalEntity>()
  for (const { noun, id, seq, before, after } of runs) {
    const known = finals.get(id)
    const restored = new Map(known?.restored)
    const now = known === undefined ? state.present({ noun, id })?.fields : known.fields
    const names = before === undefined ? [] : after === undefined ? Object.keys(before) : changedNames(before, after)
    for (const name of names) restored.set(name, seq)
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
