// Finds what happened after a commit that its undo would destroy: later changes of the same fields, and of what these
// fields refer to.

import { type EntityFields, isSameJson, type JsonValue, referredIds } from 'digital-objects'
import type { FieldValue, Gap, LaterEvent, PresentEntity, Referrer, UndoState } from './undo-state.ts'
import { changedNames, type EntityKey, type UndoneEvent } from './undone-event.ts'

export interface UndoConflict {
  readonly entityType: string
  readonly id: string
  /** Null if the whole entity is at fault. */
  readonly field: string | null
  readonly reason: 'changed' | 'deleted' | 'restored' | 'refers' | 'missing' | 'taken' | 'refused' | 'undefined'
  /** The value that the undone commit left; for `missing`, the value that it replaced. */
  readonly then: JsonValue
  readonly now: JsonValue
  /** The later commit, if one is at fault. */
  readonly commit: number | null
}

/** `events` are those of one entity, oldest first. `returning` are Nouns whose definitions the undo brings back. */
export function entityConflicts(
  events: readonly UndoneEvent[],
  { state, returning }: { readonly state: UndoState; readonly returning: ReadonlySet<string> },
): readonly UndoConflict[] {
  const [first] = events
  if (first === undefined) return []
  const present = state.present(first)
  if (present === undefined)
    return returning.has(first.noun) ? [] : [conflictOf(first, { reason: 'undefined', commit: null })]
  if (isWholeHistory(events, present)) return []
  const changed = new Set<string>()
  /** Conflicts by field. A later one replaces an earlier one. */
  const found = new Map<string | null, UndoConflict>()
  for (const [at, event] of events.entries()) {
    for (const name of namesToKeep(event, state)) changed.add(name)
    const next = events[at + 1]
    if ((next?.version ?? present.lastVersion + 1) === event.version + 1) continue
    const gap = { after: event.seq, before: next?.seq ?? Number.MAX_SAFE_INTEGER }
    const end = next === undefined ? present.fields : next.before
    for (const conflict of gapConflicts(event, { gap, end, changed, state })) found.set(conflict.field, conflict)
  }
  return [...found.values()]
}

/** Whether these are all events of the entity, so that nothing else has changed it: each event makes one version. */
export function isWholeHistory(events: readonly UndoneEvent[], { lastVersion }: PresentEntity): boolean {
  return events.length === lastVersion
}

/** The fields whose later changes the undo of the event would destroy: all of them, if it deletes the entity. */
function namesToKeep({ noun, before, after }: UndoneEvent, state: UndoState): readonly string[] {
  if (after === undefined) return []
  if (before !== undefined) return changedNames(before, after)
  return [...Object.keys(after), ...Object.keys(state.schema(noun)?.fields ?? {})]
}

interface Later {
  readonly gap: Gap
  /** The entity's fields at the end of the gap; undefined if it did not exist then. */
  readonly end: EntityFields | undefined
  readonly changed: ReadonlySet<string>
  readonly state: UndoState
}

function gapConflicts(event: UndoneEvent, later: Later): readonly UndoConflict[] {
  const { gap, end, changed, state } = later
  const { after } = event
  const { events, isCut } = state.laterEvents(event, gap)
  const standing = isCut ? events : standingEvents(events)
  const last = events.at(-1)?.commit ?? null
  if (after === undefined) {
    if (end === undefined && standing.length === 0) return []
    return [conflictOf(event, { reason: 'restored', now: end === undefined ? null : event.id, commit: last })]
  }
  if (end === undefined) return [conflictOf(event, { reason: 'deleted', then: event.id, commit: last })]
  const values = [...changed].map((name): FieldValue => [name, after[name]])
  return state.touched(event, gap, values).flatMap((field) => {
    const changer = isCut ? events.at(-1) : standing.findLast(({ seq }) => changes(event, { seq, field, state }))
    if (changer === undefined && isSameJson(end[field], after[field])) return []
    const [then, now] = [after[field] ?? null, end[field] ?? null]
    return [conflictOf(event, { field, reason: 'changed', then, now, commit: changer?.commit ?? last })]
  })
}

function conflictOf(
  { noun, id }: EntityKey,
  { field = null, then = null, now = null, ...rest }: Partial<UndoConflict> & Pick<UndoConflict, 'reason' | 'commit'>,
): UndoConflict {
  return { entityType: noun, id, field, then, now, ...rest }
}

/** Leaves out events that were undone, and those that undid them: together they changed nothing. */
function standingEvents(events: readonly LaterEvent[]): readonly LaterEvent[] {
  let standing: readonly LaterEvent[] = []
  const undone = new Set<string>()
  for (const event of events) {
    const pair = `${event.commit} ${event.undoes}`
    const isUndo = undone.has(pair) || standing.some(({ commit }) => commit === event.undoes)
    if (isUndo) {
      undone.add(pair)
      standing = standing.filter(({ commit }) => commit !== event.undoes)
    } else standing = [...standing, event]
  }
  return standing
}

function changes(
  key: EntityKey,
  { seq, field, state }: { readonly seq: number; readonly field: string; readonly state: UndoState },
): boolean {
  return !isSameJson(state.fieldsAt(key, seq - 1)?.[field], state.fieldsAt(key, seq)?.[field])
}

/** An entity as it will be: undefined if it will not exist. `restored` are the fields that get values of before a commit. */
export interface FinalEntity extends EntityKey {
  readonly fields: EntityFields | undefined
  readonly restored: ReadonlyMap<string, number>
}

/** `firstSeq` is the first undone event. */
export function referenceConflicts(
  finals: ReadonlyMap<string, FinalEntity>,
  given: { readonly state: UndoState; readonly firstSeq: number },
): readonly UndoConflict[] {
  const { state } = given
  const all = [...finals.values()]
  const removed = all.filter(({ fields }) => fields === undefined)
  const { referrers, isCut } = state.referrers(removed, [...finals.keys()])
  const own = ownReferrers(all, new Set(removed.map(({ id }) => id)), state)
  const found = [...referrers, ...own].flatMap((referrer) => referrerConflict(referrer, given))
  const [first] = removed
  const unknown =
    isCut && first !== undefined && found.length === 0 ? [conflictOf(first, { reason: 'refers', commit: null })] : []
  return [...found, ...unknown, ...all.flatMap((final) => targetConflicts(final, { finals, state }))]
}

/** The undone entities that will refer to one of those that will not exist. */
function ownReferrers(
  finals: readonly FinalEntity[],
  removed: ReadonlySet<string>,
  state: UndoState,
): readonly Referrer[] {
  return finals.flatMap(({ noun, id, fields = {} }) =>
    Object.values(state.schema(noun)?.fields ?? {}).flatMap(({ kind, name: field }) =>
      kind === 'reference'
        ? referredIds(fields[field]).flatMap((to) => (removed.has(to) ? [{ noun, id, field, to }] : []))
        : [],
    ),
  )
}

/** An entity that refers to one that will not exist, and did not do so before the undone commits. */
export function referrerConflict(
  referrer: Referrer,
  { state, firstSeq }: { readonly state: UndoState; readonly firstSeq: number },
): readonly UndoConflict[] {
  const { noun, id, field, to } = referrer
  if (referredIds(state.fieldsAt(referrer, firstSeq - 1)?.[field]).includes(to)) return []
  const { events, isCut } = state.laterEvents(referrer, { after: firstSeq - 1, before: Number.MAX_SAFE_INTEGER })
  const changer = isCut ? undefined : events.findLast(({ seq }) => changes(referrer, { seq, field, state }))
  const commit = (changer ?? events.at(-1))?.commit ?? null
  return [conflictOf({ noun, id }, { field, reason: 'refers', now: to, commit })]
}

/** Finds restored references whose entity existed before the undone commit and will not exist. */
function targetConflicts(
  final: FinalEntity,
  { finals, state }: { readonly finals: ReadonlyMap<string, FinalEntity>; readonly state: UndoState },
): readonly UndoConflict[] {
  const { restored, fields } = final
  if (fields === undefined) return []
  const schema = state.schema(final.noun)
  return [...restored].flatMap(([field, commit]) => {
    const reference = schema?.fields[field]
    if (reference?.kind !== 'reference') return []
    return referredIds(fields[field]).flatMap((id) => {
      const noun = reference.to.find((name) => id.startsWith(`${state.schema(name)?.idPrefix}_`))
      if (noun === undefined) return []
      const target = { noun, id }
      const planned = finals.get(id)
      const isLive = (planned === undefined ? state.present(target)?.fields : planned.fields) !== undefined
      if (isLive || state.fieldsAt(target, commit - 1) === undefined) return []
      const { events } = state.laterEvents(target, { after: commit - 1, before: Number.MAX_SAFE_INTEGER })
      const now = state.present(final)?.fields?.[field] ?? null
      return [conflictOf(final, { field, reason: 'missing', then: id, now, commit: events.at(-1)?.commit ?? null })]
    })
  })
}
