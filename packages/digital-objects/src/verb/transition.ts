// Enforces a Noun's table of transitions: the state that a verb sets, and the changes that are refused. A Noun without a
// table allows every change.

import type { EntityFields } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { NounSchema, Transition } from '../noun/schema.ts'

export interface StateChange {
  /** A custom verb, `create` or `update`. */
  readonly verb: string
  /** A rollback returns to an earlier state, so only an irreversible transition refuses it. */
  readonly isRollback: boolean
  /** Undefined if the change creates the entity. */
  readonly before: EntityFields | undefined
  readonly after: EntityFields
}

/** Throws an ObjectError `invalid_transition` that names the field, both values and the verbs that are possible. */
export function checkTransition(schema: NounSchema, change: StateChange): void {
  if (schema.state === undefined || schema.transitions.length === 0) return
  const [from, to] = [stateOf(schema, change.before), textOf(change.after[schema.state])]
  if (isAllowed(schema, change, { from, to })) return
  throw refusal(schema, change, { from, to })
}

/** Returns the state that the table gives the verb, if any. `before` is undefined if the verb creates the entity. */
export function stateAfterVerb(schema: NounSchema, verb: string, before: EntityFields | undefined): string | undefined {
  const from = stateOf(schema, before)
  const isFrom = (row: Transition): boolean =>
    before === undefined ? row.from.length === 0 : from !== undefined && row.from.includes(from)
  return schema.transitions.find((row) => row.verb === verb && isFrom(row))?.to
}

/** A change of state that an event made. */
export interface MadeTransition {
  /** The event's name, such as `Paid`. */
  readonly event: string
  /** The fields before; undefined if the event created the entity. */
  readonly before: EntityFields | undefined
  readonly after: EntityFields
}

/** Returns the irreversible transition that the event made, if it made one. */
export function irreversibleTransition(
  schema: NounSchema,
  { event, before, after }: MadeTransition,
): { readonly from: string | null; readonly to: string } | undefined {
  if (schema.state === undefined) return undefined
  const [from, to] = [stateOf(schema, before), textOf(after[schema.state])]
  if (to === undefined || from === to) return undefined
  const rows = schema.transitions.filter(
    (row) =>
      row.to === to && (before === undefined ? row.from.length === 0 : from !== undefined && row.from.includes(from)),
  )
  // An update may make any transition of the table, and then counts as the strictest of them.
  const own = rows.filter((row) => schema.verbs[row.verb]?.event === event)
  const isFinal = (own.length === 0 ? rows : own).some((row) => row.irreversible)
  return isFinal ? { from: from ?? null, to } : undefined
}

interface Move {
  readonly from: string | undefined
  readonly to: string | undefined
}

function isAllowed(schema: NounSchema, { verb, isRollback, before }: StateChange, { from, to }: Move): boolean {
  const { transitions } = schema
  if (isRollback) return from === to || !transitions.some((row) => row.irreversible && row.to === from)
  if (before === undefined || from === undefined) return startsOf(schema, verb).includes(to)
  if (verb === 'update') return from === to || transitions.some((row) => leads(row, { from, to }))
  const own = transitions.filter((row) => row.verb === verb)
  return own.length === 0 ? from === to : own.some((row) => leads(row, { from, to }))
}

/** The values at which a new entity, or one without a state, may start: the default, and targets of rows without `from`. */
function startsOf(schema: NounSchema, verb: string): readonly (string | undefined)[] {
  const rows = schema.transitions.filter((row) => row.from.length === 0 && (row.verb === verb || verb === 'update'))
  return [...new Set([defaultState(schema), ...rows.map((row) => row.to)])]
}

function leads(row: Transition, { from, to }: Move): boolean {
  return from !== undefined && row.from.includes(from) && row.to === to
}

/** Returns the default state for an entity from before the state field existed. */
function stateOf(schema: NounSchema, fields: EntityFields | undefined): string | undefined {
  if (fields === undefined || schema.state === undefined) return undefined
  return textOf(fields[schema.state]) ?? defaultState(schema)
}

function defaultState({ state, fields }: NounSchema): string | undefined {
  const field = state === undefined ? undefined : fields[state]
  return field?.kind === 'enum' ? textOf(field.default) : undefined
}

function textOf(value: EntityFields[string] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function refusal(schema: NounSchema, { verb, isRollback, before }: StateChange, { from, to }: Move): ObjectError {
  const { name, state = '', transitions } = schema
  const own = transitions.filter((row) => row.verb === verb)
  // A verb that is not allowed in this state has not changed it: the message names the verb's targets from other states.
  const targets = from === to ? [...new Set(own.map((row) => row.to))] : []
  const wanted = targets.length > 0 || to === undefined ? targets : [to]
  const possible = transitions.filter((row) =>
    before === undefined || from === undefined ? row.from.length === 0 : row.from.includes(from),
  )
  const isStart = !isRollback && (before === undefined || from === undefined)
  const verbs = possible.map((row) => `${row.verb} (to ${row.to})`)
  const reason = isRollback
    ? `${from ?? 'no value'} was reached by a transition that cannot be undone`
    : verbs.length === 0
      ? 'no verb is possible there'
      : `possible there: ${verbs.join(', ')}`
  return new ObjectError({
    code: 'invalid_transition',
    field: state,
    message: isStart
      ? `${name}.${verb} cannot start ${state} at ${to ?? 'no value'}; it starts at ${startsOf(schema, verb)
          .map((start) => start ?? 'no value')
          .join(' or ')}`
      : `${name}.${isRollback ? 'rollback' : verb} cannot bring ${state} from ${from ?? 'no value'} to ${wanted.join(' or ') || 'no value'}; ${reason}`,
    detail: {
      from: from ?? null,
      to: wanted,
      verbs: isRollback ? [] : [...new Set(possible.map((row) => row.verb))],
    },
  })
}
