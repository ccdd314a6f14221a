// The refusals of an undo: what conflicts with it, and what cannot be taken back. A caller learns only about what it may
// see.

import type { EventVisibility } from '@dotdo/do'
import { irreversibleTransition, type JsonValue, ObjectError, unreachable, type Visibility } from 'digital-objects'
import type { UndoConflict } from './undo-conflicts.ts'
import type { UndoState } from './undo-state.ts'
import type { UndoneEvent } from './undone-event.ts'

/** Limits the listed conflicts and transitions. */
const listedMax = 100
/** Longer values are shortened. */
const valueCharactersMax = 1_000

export interface Onlooker {
  readonly visibility: Visibility
  readonly events: EventVisibility
  /** The end of the log. */
  readonly head: number
}

export function undoConflict(conflicts: readonly UndoConflict[], onlooker: Onlooker): ObjectError {
  const seen = conflicts.filter((conflict) => isSeen(conflict, onlooker))
  const [first] = seen
  const more = conflicts.length > 1 ? `, and ${conflicts.length - 1} more` : ''
  const reason = first === undefined ? 'later changes that this caller may not see' : sentenceOf(first)
  return new ObjectError({
    code: 'undo_conflict',
    message: `the undo conflicts with what happened since: ${reason}${first === undefined ? '' : more}`,
    detail: { conflicts: seen.slice(0, listedMax).map(toData), count: conflicts.length },
  })
}

function isSeen({ entityType, id, field, reason }: UndoConflict, { visibility, events, head }: Onlooker): boolean {
  if (visibility.isFull) return true
  if (reason === 'deleted' || reason === 'restored' || reason === 'undefined') return true
  const schema = visibility.lookup(entityType)
  const hasField = field === null || (schema !== undefined && Object.hasOwn(schema.fields, field))
  return hasField && events.versionAt(entityType, { id, seq: head }) !== undefined
}

function sentenceOf({ entityType, id, field, reason, now, commit }: UndoConflict): string {
  const by = commit === null ? '' : ` by commit ${commit}`
  switch (reason) {
    case 'changed':
      return `${entityType} '${id}': ${field} was changed${by}`
    case 'deleted':
      return `${entityType} '${id}' was deleted${by}`
    case 'restored':
      return `${entityType} '${id}' was restored${by}`
    case 'refers':
      return `${entityType} '${id}': ${field} refers to '${String(now)}', which the undo would delete`
    case 'missing':
      return `${entityType} '${id}': ${field} would refer to an entity that was deleted${by}`
    case 'taken':
      return `${entityType} '${id}': another entity has the unique value of ${field} now`
    case 'refused':
      return `${entityType} '${id}': a rule refuses the earlier value of ${field ?? 'a field'} now`
    case 'undefined':
      return `${entityType} '${id}': ${field ?? 'its entity type'} is defined differently now`
    default:
      return unreachable(reason)
  }
}

function toData({ then, now, ...conflict }: UndoConflict): { readonly [name: string]: JsonValue } {
  return { ...conflict, then: shortened(then), now: shortened(now) }
}

function shortened(value: JsonValue): JsonValue {
  const text = JSON.stringify(value)
  return text.length <= valueCharactersMax ? value : `${text.slice(0, valueCharactersMax)}…`
}

/**
 * Throws an ObjectError `undo_irreversible` if an event made an irreversible transition, was delivered to the world outside, or
 * lost personal values since. An undo itself makes no such transition.
 */
export function refuseIrreversible(
  events: readonly UndoneEvent[],
  state: Pick<UndoState, 'schema' | 'deliveries' | 'erased'>,
): void {
  const transitions = events.flatMap((event) => transitionIn(event, state))
  const bySeq = new Map(events.map((event) => [event.seq, event]))
  const deliveries = state.deliveries([...bySeq.keys()]).flatMap(({ seq, handler }): readonly Final[] => {
    const made = bySeq.get(seq)
    if (made === undefined) return []
    const reason = `'${handler}' has delivered it`
    return [{ data: { ...toKey(made), handler }, reason }]
  })
  const erased = erasedIn(events, state)
  const [first] = [...transitions, ...deliveries, ...erased]
  if (first === undefined) return
  const { entityType, id, event } = first.data
  throw new ObjectError({
    code: 'undo_irreversible',
    message: `${entityType}.${event} of '${id}' cannot be undone: ${first.reason}`,
    detail: {
      transitions: transitions.slice(0, listedMax).map(({ data }) => data),
      deliveries: deliveries.slice(0, listedMax).map(({ data }) => data),
      ...(erased.length === 0 ? {} : { erased: erased.slice(0, listedMax).map(({ data }) => data) }),
    },
  })
}

/** An undo across an erasure would restore what is left of the values, as if that had been all. */
function erasedIn(events: readonly UndoneEvent[], state: Pick<UndoState, 'erased'>): readonly Final[] {
  const through = state.erased([...new Set(events.map(({ id }) => id))])
  return events.flatMap((event) => {
    const isErased = event.seq <= (through.get(event.id) ?? 0)
    return isErased ? [{ data: toKey(event), reason: 'its personal values were erased since' }] : []
  })
}

/** An event that cannot be taken back, and the reason. */
interface Final {
  readonly data: { readonly [name: string]: JsonValue } & ReturnType<typeof toKey>
  readonly reason: string
}

function toKey({ noun, id, commit, event }: UndoneEvent) {
  return { entityType: noun, id, commit, event }
}

function transitionIn(event: UndoneEvent, state: Pick<UndoState, 'schema'>): readonly Final[] {
  const { noun, before, after, isUndo, version } = event
  const schema = state.schema(noun)
  const isReturn = before === undefined && version > 1
  if (schema === undefined || after === undefined || isUndo || isReturn) return []
  const made = irreversibleTransition(schema, { event: event.event, before, after })
  if (made === undefined) return []
  const { state: field = '' } = schema
  const reason = `${field} went to ${made.to} by a transition that is irreversible`
  return [{ data: { ...toKey(event), field, ...made }, reason }]
}
