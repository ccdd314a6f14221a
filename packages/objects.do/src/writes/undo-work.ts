// The work of an undo: it plans and makes the restoring changes in the write lane, as one commit, so nothing can change in
// between.

import type { Change, Committing, LogRow, TenantStore } from '@dotdo/do'
import {
  compileAuthority,
  type EntityFields,
  isSameJson,
  type JsonValue,
  type NounDefinition,
  type NounSchema,
  ObjectError,
  schemaNoun,
  systemNoun,
  undoVerb,
  validateUpdate,
} from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { planUndo, type Restoration } from '../commits/plan-undo.ts'
import { StoreUndoState } from '../commits/store-undo-state.ts'
import type { UndoConflict } from '../commits/undo-conflicts.ts'
import { type Onlooker, refuseIrreversible, undoConflict } from '../commits/undo-refusal.ts'
import type { UndoState } from '../commits/undo-state.ts'
import type { UndoneEvent } from '../commits/undone-event.ts'
import { changedBy } from './changed-by.ts'
import { checkRedefinition } from './check-redefinition.ts'
import { forbidden } from './forbidden.ts'
import { guardOf } from './guard-write.ts'
import { happenedAt } from './happened.ts'
import type { WriteAsked, WriteParts } from './write.ts'

/**
 * Makes the undo of these events, oldest first, in a commit, and returns its own events. Throws an ObjectError, after which
 * the commit must not be made.
 */
export function undoIn(
  commit: Committing,
  {
    parts,
    asked,
    rows,
    isTakenBack,
  }: {
    readonly parts: Pick<WriteParts, 'store'>
    readonly asked: WriteAsked
    readonly rows: readonly LogRow[]
    /** Whether a later commit is no change, since it was taken back or took one back. */
    readonly isTakenBack?: (commit: number) => boolean
  },
): readonly LogRow[] {
  const { caller } = asked
  const { store } = parts
  const state = new StoreUndoState(store, isTakenBack === undefined ? {} : { isTakenBack })
  const events = state.undoneEvents(rows)
  requireUndoable(events, { state, caller })
  const onlooker = onlookerOf(store, caller)
  const { restorations, conflicts } = planUndo(events, state)
  if (conflicts.length > 0) throw undoConflict(conflicts, onlooker)
  return restorations.flatMap((restoration) => restore(commit, restoration, { parts, asked, state, onlooker }))
}

/** Throws an ObjectError if the caller may not take the events back, or nobody may. */
export function requireUndoable(
  events: readonly UndoneEvent[],
  { state, caller }: { readonly state: UndoState; readonly caller: Caller },
): void {
  const ofSystem = events.find(({ noun }) => systemNoun(noun) !== undefined)
  if (ofSystem !== undefined)
    requireFullAuthority(caller, ofSystem.noun === schemaNoun.name ? 'a definition' : 'a setting')
  refuseIrreversible(events, state)
}

export function onlookerOf(store: TenantStore, caller: Caller): Onlooker {
  const { visibility } = compileAuthority(caller.authority, store.catalog.current.lookup)
  return { visibility, events: store.eventVisibility(visibility), head: store.events.head }
}

interface Restoring {
  readonly parts: Pick<WriteParts, 'store'>
  readonly asked: WriteAsked
  readonly state: StoreUndoState
  readonly onlooker: Onlooker
}

function restore(commit: Committing, restoration: Restoration, given: Restoring): readonly LogRow[] {
  try {
    const { row, isUnchanged } = commit.write(toChange(restoration, given))
    return isUnchanged ? [] : [row]
  } catch (error) {
    const conflict = conflictIn(error, restoration)
    throw conflict === undefined ? error : undoConflict([conflict], given.onlooker)
  }
}

/** Returns the conflict of a restored value that is not allowed any more. */
function conflictIn(error: unknown, restoration: Restoration): UndoConflict | undefined {
  const { noun, id } = restoration
  if (!(error instanceof ObjectError) || systemNoun(noun) !== undefined) return undefined
  const reason = reasonOf(error)
  if (reason === undefined) return undefined
  const { field = null } = error
  const fields = 'fields' in restoration ? restoration.fields : {}
  const then = field === null ? null : (fields[field.split('.')[0] ?? ''] ?? null)
  return { entityType: noun, id, field, reason, then, now: error.detail?.['existingId'] ?? null, commit: null }
}

/** A refusal by a rule names the rule in its details; one by a unique value names none, or its holder. */
function reasonOf({ code, detail }: ObjectError): UndoConflict['reason'] | undefined {
  if (code === 'validation_error') return 'undefined'
  if (code !== 'conflict') return undefined
  return typeof detail?.['reason'] === 'string' ? 'refused' : 'taken'
}

function toChange(restoration: Restoration, { parts, asked, state }: Restoring): Change {
  const { caller } = asked
  const { noun, id, kind, undoes } = restoration
  const schema = state.schema(noun)
  if (schema === undefined)
    throw new ObjectError({ code: 'undo_conflict', message: `${noun} has no definition now`, field: 'noun' })
  return {
    schema,
    verb: undoVerb(kind),
    kind: kind === 'remove' ? 'remove' : 'restore',
    target: id,
    ...changedBy(caller),
    undoes,
    ...happenedAt(parts.store, asked.call),
    ...guardFor(schema, restoration, { parts, caller }),
    decide: ({ current }) => {
      const fields = fieldsAfter(schema, restoration, current ?? {})
      if (schema === schemaNoun) checkDefinition(parts, restoration, fields)
      return fields
    },
  }
}

/** The verbs that a caller needs to bring an entity into the same state by itself. */
const neededVerbs = { change: 'update', remove: 'delete', restore: 'create' } as const

function guardFor(
  schema: NounSchema,
  { kind }: Restoration,
  { parts, caller }: Pick<Restoring, 'parts'> & { readonly caller: Caller },
): Pick<Change, 'guard'> {
  const { visibility, permission } = compileAuthority(caller.authority, parts.store.catalog.current.lookup)
  if (visibility.isFull) return {}
  const verb = neededVerbs[kind]
  if (!permission.mayCall(schema.name, verb)) throw forbidden(`this caller may not call ${schema.name}.${verb}`)
  return { guard: guardOf(parts, { schema, visibility, permission, authority: caller.authority }) }
}

/** The fields as they were, exactly, unless the definition has changed: then each restored value must be valid by today's. */
function fieldsAfter(schema: NounSchema, restoration: Restoration, current: EntityFields): EntityFields {
  if (restoration.kind === 'remove') return current
  const restored = Object.entries(restoration.fields).filter(
    ([name, value]) => value !== null || Object.hasOwn(current, name),
  )
  if (restoration.definition !== schema.version) checkValues(schema, Object.fromEntries(restored))
  const fields: Record<string, JsonValue> = restoration.kind === 'change' ? { ...current } : {}
  for (const [name, value] of restored) {
    if (value === null) delete fields[name]
    else fields[name] = value
  }
  return fields
}

function checkValues(schema: NounSchema, values: Readonly<Record<string, JsonValue>>): void {
  const validated = validateUpdate(schema, values)
  const faults = validated.ok
    ? Object.keys(values).flatMap((field) =>
        isSameJson(validated.fields[field], values[field]) ? [] : [{ field, message: 'has another form now' }],
      )
    : validated.faults
  const [first] = faults
  if (first === undefined) return
  throw new ObjectError({
    code: 'validation_error',
    field: first.field,
    message: `${schema.name}: field '${first.field}' ${first.message}`,
    faults,
  })
}

function checkDefinition(
  { store }: Pick<WriteParts, 'store'>,
  { kind }: Restoration,
  { name, definition }: EntityFields,
): void {
  const restored = definition as unknown as NounDefinition // a definition of earlier, checked before it was written
  checkRedefinition(store, { name: String(name), definition: kind === 'remove' ? undefined : restored, isUndo: true })
}
