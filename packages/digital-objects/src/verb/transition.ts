// Enforces a Noun's table of transitions: the state that a verb sets, and the changes that are refused. A Noun without a
// table allows every change. A value that no row names, such as one that a tenant added, stands like the default.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { NounSchema, Transition } from '../noun/schema.ts'
import { defaultState, stateOf, textOf } from './state-of.ts'

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
  if (!schema.strict && !change.isRollback) return
  const [from, to] = [stateOf(schema, change.before), textOf(change.after[schema.state])]
  if (isAllowed(schema, change, { from, to })) return
  throw refusal(schema, change, { from, to })
}

export interface VerbMove {
  readonly verb: string
  /** Undefined if the verb creates the entity. */
  readonly before: EntityFields | undefined
  /** The state that the caller sent, if any. */
  readonly asked?: JsonValue | undefined
  /** True if the table does not refuse the verb, which then leads to its first target from anywhere. */
  readonly isForced?: boolean
}

/** Returns the state that the table gives the verb, if any. */
export function stateAfterVerb(schema: NounSchema, move: VerbMove): string | undefined {
  const { verb, before, asked, isForced = false } = move
  const from = standIn(schema, stateOf(schema, before))
  const isFrom = (row: Transition): boolean =>
    before === undefined ? row.from.length === 0 : from !== undefined && row.from.includes(from)
  const rows = schema.transitions.filter((row) => row.verb === verb && isFrom(row))
  if (typeof asked === 'string' && rows.some((row) => row.named === true)) return asked
  const target = rows.find((row) => row.named !== true)?.to
  if (rows.length > 0 || before === undefined || (schema.strict && !isForced)) return target
  const moving = schema.transitions.filter((row) => row.verb === verb && row.from.some((one) => one !== row.to))
  return moving.find((row) => row.named !== true)?.to
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
  if (to === undefined) return undefined
  const place = standIn(schema, from)
  const rows = schema.transitions.filter(
    (row) =>
      row.to === to && (before === undefined ? row.from.length === 0 : place !== undefined && row.from.includes(place)),
  )
  const own = rows.filter((row) => schema.verbs[row.verb]?.event === event)
  // An update may make any transition of the table, and then counts as the strictest of them. Only a verb makes one that leaves
  // the state as it is, such as the refund of a part.
  const isFinal = (own.length > 0 || from === to ? own : rows).some((row) => row.irreversible)
  return isFinal ? { from: from ?? null, to } : undefined
}

interface Move {
  readonly from: string | undefined
  readonly to: string | undefined
}

function isAllowed(schema: NounSchema, { verb, isRollback, before }: StateChange, asked: Move): boolean {
  const { transitions } = schema
  if (isRollback)
    return asked.from === asked.to || !transitions.some((row) => row.irreversible && row.to === asked.from)
  const move = { from: standIn(schema, asked.from), to: standIn(schema, asked.to) }
  if (before === undefined || move.from === undefined) return startsOf(schema, verb).includes(move.to)
  if (verb === 'update')
    return move.from === move.to || transitions.some((row) => leads(row, move) && !isSystemOnly(schema, row))
  const own = transitions.filter((row) => row.verb === verb && row.from.length > 0)
  return own.length === 0 ? move.from === move.to : own.some((row) => leads(row, move))
}

/** Returns the default instead of a value that no row names: a tenant may add values to a built-in state field. */
export function standIn(schema: NounSchema, value: string | undefined): string | undefined {
  return value === undefined || namedValues(schema).has(value) ? value : defaultState(schema)
}

/** A pure cache: depends only on the frozen schema. */
const named = new WeakMap<NounSchema, ReadonlySet<string>>()

function namedValues(schema: NounSchema): ReadonlySet<string> {
  const known = named.get(schema) ?? new Set(schema.transitions.flatMap(({ from, to }) => [...from, to]))
  named.set(schema, known)
  return known
}

/** The values at which a new entity, or one without a state, may start: the default, and targets of rows without `from`. */
function startsOf(schema: NounSchema, verb: string): readonly (string | undefined)[] {
  const rows = schema.transitions.filter((row) => row.from.length === 0 && (row.verb === verb || verb === 'update'))
  return [...new Set([defaultState(schema), ...rows.map((row) => row.to)])]
}

function isSystemOnly({ verbs }: NounSchema, { verb }: Transition): boolean {
  return verbs[verb]?.effect.systemOnly === true
}

function leads(row: Transition, { from, to }: Move): boolean {
  return from !== undefined && row.from.includes(from) && row.to === to
}

function refusal(schema: NounSchema, { verb, isRollback, before }: StateChange, { from, to }: Move): ObjectError {
  const { state = '', transitions } = schema
  const own = transitions.filter((row) => row.verb === verb)
  // A verb that is not allowed in this state has not changed it: the message names the verb's targets from other states.
  const targets = from === to ? [...new Set(own.map((row) => row.to))] : []
  const wanted = targets.length > 0 || to === undefined ? targets : [to]
  const place = standIn(schema, from)
  const possible = transitions.filter((row) =>
    before === undefined || place === undefined ? row.from.length === 0 : row.from.includes(place),
  )
  const isStart = !isRollback && (before === undefined || from === undefined)
  const verbs = [...new Set(possible.map((row) => `${row.verb} (to ${row.to})`))]
  const reason = isRollback
    ? `${from ?? 'no value'} was reached by a transition that cannot be undone`
    : verbs.length === 0
      ? 'no verb is possible there'
      : `possible there: ${verbs.join(', ')}`
  const message = sentenceOf(schema, { verb, isRollback, own, isStart, wanted, reason }, { from, to })
  return new ObjectError({
    code: 'invalid_transition',
    field: state,
    message,
    detail: {
      from: from ?? null,
      to: wanted,
      verbs: isRollback ? [] : [...new Set(possible.map((row) => row.verb))],
    },
  })
}

interface Refusal {
  readonly verb: string
  readonly isRollback: boolean
  /** The rows of the verb. */
  readonly own: readonly Transition[]
  readonly isStart: boolean
  /** The states to which the change leads. */
  readonly wanted: readonly string[]
  readonly reason: string
}

function sentenceOf(schema: NounSchema, refusal: Refusal, { from, to }: Move): string {
  const { name, state = '' } = schema
  const { verb, isRollback, own, isStart, wanted, reason } = refusal
  if (isStart) {
    const starts = startsOf(schema, verb).map((start) => start ?? 'no value')
    return `${name}.${verb} cannot start ${state} at ${to ?? 'no value'}; it starts at ${starts.join(' or ')}`
  }
  const [place, target] = [from ?? 'no value', wanted.join(' or ') || 'no value']
  if (isRollback) return `${name}.rollback cannot bring ${state} from ${place} to ${target}; ${reason}`
  if (from === to && own.some((row) => row.to === from))
    return `${name}.${verb}: ${state} is ${place} already; an update changes other fields; ${reason}`
  if (from === to && own.length > 0 && own.every((row) => row.from.includes(row.to)))
    return `${name}.${verb} expects ${state} ${target}, and it is ${place}; ${reason}`
  return `${name}.${verb} cannot bring ${state} from ${place} to ${target}; ${reason}`
}
