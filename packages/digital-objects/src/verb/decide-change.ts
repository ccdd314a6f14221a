// The fields of an entity after a verb, CRUD verbs included, from the caller's arguments.

import { isSameJson } from '../base/canonical-json.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { acceptedFields } from '../noun/accepted-fields.ts'
import type { TenantSettings } from '../settings/tenant-settings.ts'
import { withSums } from '../rules/fill-sums.ts'
import { createdFields } from './created-fields.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import { validateUpdate } from '../noun/validate.ts'
import { ObjectError } from '../base/object-error.ts'
import { parseField } from '../noun/parse-field.ts'
import { checkValue } from '../noun/validate-value.ts'
import { applyVerb } from './apply-verb.ts'
import { checkAnswers } from './check-answers.ts'
import { checkArguments, checkNeeds } from './check-demands.ts'
import { isVerbDone } from './is-verb-done.ts'
import type { ReadRecords } from './list-value.ts'
import { settleState } from './settle-state.ts'
import { stateAfterVerb } from './transition.ts'
import { patchedFields } from './patched-fields.ts'
import { refilled } from './refill.ts'
import { type ReadFields, type ReadTotal, resolveEffect } from './resolve-effect.ts'

export interface DecidedCall {
  readonly schema: NounSchema
  readonly verb: Verb
  /** The caller's arguments, not validated. */
  readonly input: Readonly<Record<string, JsonValue>>
  /** The stored fields; undefined if the call creates the entity. */
  readonly current: EntityFields | undefined
  readonly nowMs: number
  /** The time at which the entity was created; undefined while it is. */
  readonly createdAtMs?: number
  readonly read?: ReadFields
  readonly total?: ReadTotal
  readonly records?: ReadRecords
  /** The id of the entity; undefined while it is created. */
  readonly id?: string
  /** True if an administrator forces the change past the table of transitions and the fields of states. */
  readonly isForced?: boolean | undefined
  readonly settings?: TenantSettings
}

/** Returns undefined if the work of the verb is done already. Throws an ObjectError that refuses the call. */
export function decideChange(call: DecidedCall): EntityFields | undefined {
  const { schema, verb, input, current } = call
  const place = `${schema.name}.${verb.name}`
  if (verb.category === 'custom') return decideVerb(call)
  switch (verb.name) {
    case 'create':
      return settled(call, createdFields(schema, filledInput(call), place))
    case 'update': {
      const patch = acceptedFields(validateUpdate(schema, input), place)
      const after = refilled(call, updatedFields(call, patch))
      return settleState({ ...call, before: current, after, given: patch })
    }
    default:
      return current ?? {}
  }
}

/** Settles the state of a creation. All its fields were sent, except for defaults, which belong to no state. */
function settled(call: DecidedCall, fields: EntityFields): EntityFields {
  return settleState({ ...call, before: undefined, after: fields, given: fields })
}

function decideVerb(decided: DecidedCall): EntityFields | undefined {
  const { schema, verb, current } = decided
  const given = verbArguments(schema, verb, decided.input)
  const call = { ...decided, input: current === undefined ? filledInput({ ...decided, input: given }) : given }
  if (isVerbDone(call)) {
    checkAskedState(call, { asked: given, after: current })
    return undefined
  }
  const fields = refilled(call, applyVerb(call))
  checkNeeds(call, fields, call.nowMs)
  checkAnswers({ ...call, fields })
  if (claimsNothing(call, fields)) {
    checkAskedState(call, { asked: given, after: current })
    return undefined
  }
  // An entity created by a verb must be as valid as any new entity.
  const after = current === undefined ? createdFields(schema, fields, `${schema.name}.${verb.name}`) : fields
  const settledFields = settleState({
    schema,
    verb,
    before: current,
    after,
    given: call.input,
    nowMs: call.nowMs,
    isForced: call.isForced,
  })
  checkAskedState(call, { asked: given, after: settledFields })
  return settledFields
}

/** Refuses a verb whose caller sends another state than the one to which the verb leads: `credit(id, { status: 'Paid' })`. */
function checkAskedState(
  { schema, verb, current }: DecidedCall,
  {
    asked,
    after = {},
  }: { readonly asked: Readonly<Record<string, JsonValue>>; readonly after: EntityFields | undefined },
): void {
  const { name, state = '' } = schema
  const [wanted, reached] = [asked[state], after[state]]
  if (wanted === undefined || wanted === null || wanted === reached) return
  if (verb.effect.argumentsOnly?.includes(state) === true) return
  throw new ObjectError({
    code: 'invalid_transition',
    field: state,
    message: `${name}.${verb.name} leads to ${state} ${String(reached ?? 'no value')}, not to ${String(wanted)}`,
    detail: { from: current?.[state] ?? null, to: [typeof reached === 'string' ? reached : 'no value'], verbs: [] },
  })
}

/**
 * The event of a verb that sets fields would claim what did not happen if it changed none, such as a deal that advanced beyond
 * its last stage. The event of a verb that sets none says no more than that it was called.
 */
function claimsNothing({ schema, verb, current, isForced = false }: DecidedCall, fields: EntityFields): boolean {
  const { related, requires, sets, repeats = false } = verb.effect
  if (current === undefined || repeats || Object.keys(sets).length === 0) return false
  // The table refuses a verb that it does not allow here.
  const isInTable = schema.transitions.some((row) => row.verb === verb.name && row.from.length > 0)
  if (isInTable && stateAfterVerb(schema, { verb: verb.name, before: current, isForced }) === undefined) return false
  return related === undefined && requires === undefined && isSameJson(current, fields)
}

/**
 * Returns the arguments of a custom verb. Validates those that are fields, and passes the verb's own ones unchanged. Throws an
 * ObjectError if a required one is missing.
 */
export function verbArguments(
  schema: NounSchema,
  verb: Verb,
  input: Readonly<Record<string, JsonValue>>,
): Readonly<Record<string, JsonValue>> {
  const { argumentAliases = {}, argumentsOnly = [], argumentTypes = {} } = verb.effect
  const own: Record<string, JsonValue> = {}
  const ofFields: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(input)) {
    if (argumentsOnly.includes(name))
      own[name] = typedArgument({ schema, verb }, { name, value, text: argumentTypes[name] })
    else ofFields[(Object.hasOwn(argumentAliases, name) ? argumentAliases[name] : undefined) ?? name] = value
  }
  const given = { ...acceptedFields(validateUpdate(schema, ofFields), `${schema.name}.${verb.name}`), ...own }
  checkArguments({ schema, verb }, given)
  return given
}

/** Throws an ObjectError `validation_error`, unless the argument has the type that the verb gives it. */
function typedArgument(
  { schema, verb }: Pick<DecidedCall, 'schema' | 'verb'>,
  { name, value, text }: { readonly name: string; readonly value: JsonValue; readonly text: string | undefined },
): JsonValue {
  if (text === undefined || value === null) return value
  const field = parseField({ noun: schema.name, name }, text)
  const checked =
    field.kind === 'data' || field.kind === 'enum' ? checkValue(field, value) : ({ ok: true, value } as const)
  if (checked.ok) return checked.value
  throw new ObjectError({
    code: 'validation_error',
    field: name,
    message: `${schema.name}.${verb.name}: '${name}' ${checked.message}`,
    faults: [{ field: name, message: checked.message }],
  })
}

/** Adds the values that the Noun fills at creation, where the caller gives none. */
function filledInput({
  schema,
  input,
  ...context
}: Pick<DecidedCall, 'schema' | 'input' | 'nowMs' | 'read' | 'settings'>): Readonly<Record<string, JsonValue>> {
  const filled: Record<string, JsonValue> = { ...input }
  for (const [name, effect] of Object.entries(schema.fills)) {
    if (filled[name] !== undefined && filled[name] !== null) continue
    const target = { before: filled, fields: filled, value: undefined, valueSoFar: undefined, input, ...context }
    const value = resolveEffect(effect, target)
    if (value !== undefined && value !== null) filled[name] = value
  }
  return filled
}

function updatedFields({ schema, current = {} }: DecidedCall, patch: EntityFields): EntityFields {
  return withSums(schema, {
    fields: patchedFields(schema, current, patch),
    before: current,
    isGiven: (name) => Object.hasOwn(patch, name),
  })
}
