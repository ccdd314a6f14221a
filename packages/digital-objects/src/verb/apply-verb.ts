// Applies a verb to an entity: one interpreter for all verbs, built-in or a tenant's own.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { patchedFields } from './patched-fields.ts'
import { type ReadFields, type ReadTotal, resolveEffect } from './resolve-effect.ts'
import type { ReadRecords } from './list-value.ts'
import { stateAfterVerb } from './transition.ts'
import type { TenantSettings } from '../settings/tenant-settings.ts'
import { withSums } from '../rules/fill-sums.ts'
import type { Field, NounSchema, StoredField, Verb } from '../noun/schema.ts'
import { checkEffectValue, type CheckedValue } from '../noun/validate-value.ts'
import type { EffectValue } from '../noun/verb-effect.ts'

export interface VerbCall {
  readonly schema: NounSchema
  readonly verb: Verb
  /** The stored fields; undefined if the verb creates the entity. */
  readonly current: EntityFields | undefined
  /**
   * The caller's arguments by name; null clears the field. Arguments named like a field are already validated, except for
   * those in `argumentsOnly`.
   */
  readonly input: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
  /** The time at which the entity was created; undefined while it is. */
  readonly createdAtMs?: number
  /** True if the table of transitions does not refuse the verb. */
  readonly isForced?: boolean | undefined
  /** Returns the fields of another live entity. Without it, there are none. */
  readonly read?: ReadFields
  readonly total?: ReadTotal
  readonly records?: ReadRecords
  /** The id of the entity; undefined while it is created. */
  readonly id?: string
  readonly settings?: TenantSettings
}

/**
 * Returns all stored fields after the verb, and changes none of its arguments. Throws `invalid_transition` if a hard
 * guard refuses the verb. `validateCreate`, which runs afterwards, reports fields that a created entity lacks.
 */
export function applyVerb(call: VerbCall): EntityFields {
  const { schema, verb, current } = call
  if (current !== undefined) checkGuard(schema, verb, current)
  return fieldsAfterVerb(call)
}

/** Returns the fields after the verb, also if a guard would refuse it. */
export function fieldsAfterVerb(call: VerbCall): EntityFields {
  const { schema, verb, current, input } = call
  const plan = planOf(schema, verb)
  const before = current ?? applyDefaults(schema, {})
  const stored = Object.entries(input).filter(([name]) => !plan.argumentsOnly.has(name))
  const fields: Record<string, JsonValue> =
    current === undefined
      ? // A new entity has no value to clear or to merge into.
        { ...before, ...Object.fromEntries(stored.filter(([, value]) => value !== null)) }
      : { ...patchedFields(schema, before, Object.fromEntries(stored)) }
  // The table's target depends on the state before the verb; the verb's own effects run afterwards and may replace it.
  const { state } = schema
  const asked = state === undefined || plan.argumentsOnly.has(state) ? undefined : input[state]
  const target = stateAfterVerb(schema, { verb: verb.name, before: current, asked, isForced: call.isForced === true })
  if (target !== undefined && state !== undefined) fields[state] = target
  setFields(call, plan.plain, { before, fields })
  // Sums follow the amounts, and conditional effects can test them: an invoice is paid when nothing is due.
  const isGiven = (name: string): boolean => Object.hasOwn(input, name) && !plan.argumentsOnly.has(name)
  Object.assign(fields, withSums(schema, { fields, before: current, isGiven }))
  setFields(call, plan.conditional, { before, fields })
  return fields
}

/** Gives the fields the values of these effects, in their order. */
function setFields(
  call: VerbCall,
  steps: readonly Step[],
  { before, fields }: { readonly before: EntityFields; readonly fields: Record<string, JsonValue> },
): void {
  const { input, nowMs, createdAtMs, id, read, total, records, settings } = call
  for (const step of steps) {
    const { name } = step.field
    const given = resolveEffect(step.effect, {
      before,
      fields,
      value: before[name],
      valueSoFar: fields[name],
      input,
      nowMs,
      ...(createdAtMs === undefined ? {} : { createdAtMs }),
      ...(id === undefined ? {} : { id }),
      ...(read === undefined ? {} : { read }),
      ...(total === undefined ? {} : { total }),
      ...(records === undefined ? {} : { records }),
      ...(settings === undefined ? {} : { settings }),
    })
    if (given === undefined) continue
    const value = valueForField(call, step.field, given)
    if (value === null) delete fields[name]
    else fields[name] = value
  }
}

/** Returns the fields, with defaults in place of missing values. */
export function applyDefaults(schema: NounSchema, fields: EntityFields): EntityFields {
  const complete: Record<string, JsonValue> = { ...fields }
  for (const name in schema.fields) {
    const field = schema.fields[name]
    if ((field?.kind === 'data' || field?.kind === 'enum') && field.default !== undefined)
      complete[name] ??= field.default
  }
  return complete
}

function checkGuard(schema: NounSchema, verb: Verb, current: EntityFields): void {
  const guard = verb.effect.from
  if (guard === undefined || !guard.hard) return
  const value = current[guard.field]
  if (typeof value === 'string' && guard.values.includes(value)) return
  throw new ObjectError({
    code: 'invalid_transition',
    field: guard.field,
    message: `${schema.name}.${verb.name} expects ${guard.field} ${guard.values.join(' or ')}, it is ${typeof value === 'string' ? value : 'not set'}`,
    detail: { current: typeof value === 'string' ? value : null, expected: guard.values.join(', ') },
  })
}

interface Step {
  readonly field: StoredField
  readonly effect: EffectValue
}

interface Plan {
  readonly argumentsOnly: ReadonlySet<string>
  readonly plain: readonly Step[]
  /** Effects that test fields run last. */
  readonly conditional: readonly Step[]
}

/** A pure cache: plans depend only on the frozen schema. */
const plans = new WeakMap<NounSchema, Map<string, Plan>>()

function planOf(schema: NounSchema, verb: Verb): Plan {
  const ofSchema = plans.get(schema) ?? new Map<string, Plan>()
  plans.set(schema, ofSchema)
  const known = ofSchema.get(verb.name)
  if (known !== undefined) return known
  const plan = makePlan(schema, verb)
  ofSchema.set(verb.name, plan)
  return plan
}

function makePlan(schema: NounSchema, verb: Verb): Plan {
  const argumentsOnly = new Set(verb.effect.argumentsOnly)
  const steps = Object.entries(effectsOf(schema, verb)).flatMap(([name, effect]): Step[] => {
    const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
    if (field === undefined || field.kind === 'reverse') return []
    return [{ field, effect }]
  })
  return {
    argumentsOnly,
    plain: steps.filter((step) => step.effect.kind !== 'when'),
    conditional: steps.filter((step) => step.effect.kind === 'when'),
  }
}

/** Returns the enum that a custom verb sets to its event, unless its own effects or the table set it. */
export function namedState(schema: NounSchema, verb: Verb): Field | undefined {
  return Object.values(schema.fields).find(
    (field) => field.kind === 'enum' && !field.many && field.values.includes(verb.event),
  )
}

/** Adds the default effect: a verb sets the first enum that has its event as a value, unless it sets that enum itself. */
export function effectsOf(schema: NounSchema, verb: Verb): Readonly<Record<string, EffectValue>> {
  const { sets } = verb.effect
  const state = namedState(schema, verb)
  const isInTable = schema.transitions.some((row) => row.verb === verb.name) && state?.name === schema.state
  if (state === undefined || isInTable || verb.category === 'crud' || Object.hasOwn(sets, state.name)) return sets
  return { [state.name]: { kind: 'literal', value: verb.event }, ...sets }
}

/**
 * Validates the value of an effect: an argument may have been validated by another field, a sum may exceed the range, and
 * a copied value may be from before the field had a rule. Returns null for no value. An effect cannot clear a required
 * field of an existing entity; `validateCreate` checks new ones.
 */
export function valueForField(
  { schema, verb, current }: Pick<VerbCall, 'schema' | 'verb' | 'current'>,
  field: StoredField,
  value: JsonValue,
): JsonValue {
  const checked: CheckedValue = value === null ? { ok: true, value } : checkEffectValue(field, value)
  if (checked.ok && checked.value === null && field.required && current !== undefined)
    throw invalidValue({ schema, verb }, field.name, 'is required and cannot be cleared')
  if (checked.ok) return checked.value
  throw invalidValue(
    { schema, verb },
    checked.at === undefined ? field.name : `${field.name}.${checked.at}`,
    checked.message,
  )
}

function invalidValue(call: Pick<VerbCall, 'schema' | 'verb'>, field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    field,
    message: `${call.schema.name}.${call.verb.name}: field '${field}' ${message}`,
    faults: [{ field, message }],
  })
}
