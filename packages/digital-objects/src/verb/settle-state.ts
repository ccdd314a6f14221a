// Fields that belong to a state, such as the time of a sale: entering the state sets them and leaving it clears them,
// whichever write moves the state.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isSameJson } from '../base/canonical-json.ts'
import { ObjectError } from '../base/object-error.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import { valueForField } from './apply-verb.ts'
import { resolveEffect } from './resolve-effect.ts'
import { defaultState, stateOf } from './state-of.ts'

export interface StateWrite {
  readonly schema: NounSchema
  readonly verb: Verb
  /** Undefined if the write creates the entity. */
  readonly before: EntityFields | undefined
  /** The fields as the write leaves them. */
  readonly after: EntityFields
  /** The fields that the caller sent, validated; null clears one. */
  readonly given: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
  /** True if the caller may send fields that the state does not have. */
  readonly isForced?: boolean | undefined
}

/**
 * Returns the fields with those of the state set, and those of other states cleared. What the caller sent wins where `sets`
 * reads it. Throws an ObjectError `invalid_transition` if the caller sent a field that the state does not have.
 */
export function settleState(write: StateWrite): EntityFields {
  const { schema, before, after } = write
  if (!hasStateFields(schema)) return after
  const from = stateOf(schema, before)
  const to = stateOf(schema, after)
  const given = newValues(write)
  const isEntered = before === undefined ? to !== defaultState(schema) : from !== to
  if (write.isForced !== true) checkGiven(write, { given, to, isEntered })
  const kept = keepToState(schema, after)
  if (!isEntered || to === undefined) return kept
  const left = from === undefined ? kept : leave({ ...write, after: kept, given }, from)
  return enter({ ...write, after: left, given }, to)
}

/** Settles fields that a hook returned, which may have moved the state. It sends nothing that could be refused. */
export function resettleState(write: Omit<StateWrite, 'given'>): EntityFields {
  const after = keepToState(write.schema, write.after)
  return settleState({ ...write, after, given: after })
}

/** Returns the names of fields with a value that only other states have. Records from before a rule may have some. */
export function foreignFields(schema: NounSchema, fields: EntityFields): readonly string[] {
  if (!hasStateFields(schema)) return []
  const to = stateOf(schema, fields)
  return Object.keys(fields).filter((name) => !isHeld(schema, { name, to }))
}

/** Returns the fields without those that only other states have. */
export function keepToState(schema: NounSchema, fields: EntityFields): EntityFields {
  const foreign = foreignFields(schema, fields)
  if (foreign.length === 0) return fields
  const kept: Record<string, JsonValue> = { ...fields }
  for (const name of foreign) delete kept[name]
  return kept
}

/** Takes back the constants that the state gave, such as the probability 100 of a sale. */
function leave({ schema, after, given }: StateWrite, state: string): EntityFields {
  const constants = Object.entries(schema.states[state]?.sets ?? {}).filter(
    ([name, effect]) => effect.kind === 'literal' && effect.value === after[name] && !Object.hasOwn(given, name),
  )
  const left: Record<string, JsonValue> = { ...after }
  for (const [name] of constants) {
    const field = schema.fields[name]
    if (field !== undefined && field.kind !== 'reverse' && !field.required) delete left[name]
  }
  return left
}

function enter(write: StateWrite, state: string): EntityFields {
  const { schema, verb, before = {}, after, given, nowMs } = write
  const fields: Record<string, JsonValue> = { ...after }
  for (const [name, effect] of Object.entries(schema.states[state]?.sets ?? {})) {
    const field = schema.fields[name]
    // The verb's own effect is the more specific one.
    if (field === undefined || field.kind === 'reverse' || Object.hasOwn(verb.effect.sets, name)) continue
    const values = { value: before[name], valueSoFar: fields[name] }
    const resolved = resolveEffect(effect, { before, fields, ...values, input: given, nowMs })
    if (resolved === undefined) continue
    const value = valueForField({ schema, verb, current: write.before }, field, resolved)
    if (value === null) delete fields[name]
    else fields[name] = value
  }
  return fields
}

/** An entity that was read may be sent back whole, so values that it had already do not count as sent. */
function newValues({ before, given, verb }: StateWrite): Readonly<Record<string, JsonValue>> {
  const { argumentsOnly = [] } = verb.effect
  const isNew = ([name, value]: readonly [string, JsonValue]): boolean =>
    !argumentsOnly.includes(name) && !isSameJson(value, before?.[name] ?? null)
  return Object.fromEntries(Object.entries(given).filter(isNew))
}

function checkGiven(
  { schema, verb, after }: StateWrite,
  {
    given,
    to,
    isEntered,
  }: { readonly given: StateWrite['given']; readonly to: string | undefined; readonly isEntered: boolean },
): void {
  for (const [name, value] of Object.entries(given)) {
    const isSent = value !== null && after[name] !== undefined
    if (isSent && !isHeld(schema, { name, to })) throw foreignField({ schema, verb }, { name, to })
    const rule = to === undefined ? undefined : schema.states[to]
    const isOwn = rule !== undefined && rule.holds.includes(name) && Object.hasOwn(rule.sets, name)
    if (value === null && isOwn && !isEntered) throw neededField({ schema, verb }, { name, to })
  }
}

interface Place {
  readonly name: string
  readonly to: string | undefined
}

/** Whether the state may have the field: it lists it, or no state does. */
function isHeld(schema: NounSchema, { name, to }: Place): boolean {
  const holders = holdersOf(schema).get(name)
  return holders === undefined || (to !== undefined && holders.includes(to))
}

function hasStateFields({ state, states }: NounSchema): boolean {
  return state !== undefined && Object.keys(states).length > 0
}

/** A pure cache: depends only on the frozen schema. */
const holders = new WeakMap<NounSchema, ReadonlyMap<string, readonly string[]>>()

/** Maps each field that belongs to states to these states. */
function holdersOf(schema: NounSchema): ReadonlyMap<string, readonly string[]> {
  const known = holders.get(schema)
  if (known !== undefined) return known
  const made = new Map<string, readonly string[]>()
  for (const [state, { holds }] of Object.entries(schema.states))
    for (const name of holds) made.set(name, [...(made.get(name) ?? []), state])
  holders.set(schema, made)
  return made
}

type Written = Pick<StateWrite, 'schema' | 'verb'>

function foreignField({ schema, verb }: Written, { name, to }: Place): ObjectError {
  const { state = '' } = schema
  const states = holdersOf(schema).get(name) ?? []
  return new ObjectError({
    code: 'invalid_transition',
    field: name,
    message: `${schema.name}.${verb.name}: field '${name}' is set only while ${state} is ${states.join(' or ')}, and ${state} is ${to ?? 'not set'}`,
    detail: { from: to ?? null, to: states, verbs: [] },
  })
}

function neededField({ schema, verb }: Written, { name, to }: Place): ObjectError {
  const { state = '' } = schema
  return new ObjectError({
    code: 'invalid_transition',
    field: name,
    message: `${schema.name}.${verb.name}: field '${name}' cannot be cleared while ${state} is ${to ?? 'not set'}`,
    detail: { from: to ?? null, to: [], verbs: [] },
  })
}
