// What a verb makes of an entity: one interpreter for all verbs, built in or a tenant's own.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { resolveEffect } from './resolve-effect.ts'
import { stateAfterVerb } from './transition.ts'
import type { Field, NounSchema, StoredField, Verb } from '../noun/schema.ts'
import { checkValue } from '../noun/validate-value.ts'
import type { EffectValue } from '../noun/verb-effect.ts'

export interface VerbCall {
  readonly schema: NounSchema
  readonly verb: Verb
  /** The stored fields; undefined where the verb creates the entity. */
  readonly current: EntityFields | undefined
  /**
   * The caller's arguments, null where one clears its field. Those that are fields are valid already and have their
   * field's name; those in `argumentsOnly` are whatever the caller sent, and are checked here where a field takes them.
   */
  readonly input: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
}

/**
 * All stored fields as they are after the verb. Changes nothing it is given. Throws `invalid_transition` where a hard
 * guard refuses. What a created entity still lacks is for `validateCreate` to say, which comes after this.
 */
export function applyVerb({ schema, verb, current, input, nowMs }: VerbCall): EntityFields {
  const plan = planOf(schema, verb)
  if (current !== undefined) checkGuard(schema, verb, current)
  const before = current ?? applyDefaults(schema, {})
  const fields: Record<string, JsonValue> = { ...before }
  for (const name of Object.keys(input)) {
    if (plan.argumentsOnly.has(name)) continue
    const value = input[name]
    // Nothing is there to clear yet in an entity that is being created.
    if (value === null) {
      if (current !== undefined) delete fields[name]
    } else if (value !== undefined) fields[name] = value
  }
  // The table leads on from the state as it was; what the verb's own effect says of the state comes after it.
  const target = stateAfterVerb(schema, verb.name, current)
  if (target !== undefined && schema.state !== undefined) fields[schema.state] = target
  for (const step of plan.steps) {
    const value = resolveEffect(step.effect, { name: step.field.name, before, fields, input, nowMs })
    if (value === undefined) continue
    if (value === null) delete fields[step.field.name]
    else fields[step.field.name] = fitted({ schema, verb, step, value })
  }
  return fields
}

/** The fields with the default of each that has one and no value. */
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
  /** Whether an argument that nobody has checked yet may end up in the field. */
  readonly isUnchecked: boolean
}

interface Plan {
  readonly argumentsOnly: ReadonlySet<string>
  readonly steps: readonly Step[]
}

/** Derived from the schema's own frozen data alone, so remembering it changes nothing. */
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
    return [{ field, effect, isUnchecked: argumentsRead(effect).some((argument) => argumentsOnly.has(argument)) }]
  })
  const [conditional, plain] = [
    steps.filter((step) => step.effect.kind === 'when'),
    steps.filter((step) => step.effect.kind !== 'when'),
  ]
  return { argumentsOnly, steps: [...plain, ...conditional] }
}

/** The enum that a custom verb sets to its event's word, unless its effect or the table says otherwise. */
export function namedState(schema: NounSchema, verb: Verb): Field | undefined {
  return Object.values(schema.fields).find(
    (field) => field.kind === 'enum' && !field.many && field.values.includes(verb.event),
  )
}

function effectsOf(schema: NounSchema, verb: Verb): Readonly<Record<string, EffectValue>> {
  const { sets } = verb.effect
  const state = namedState(schema, verb)
  const isInTable = schema.transitions.some((row) => row.verb === verb.name) && state?.name === schema.state
  if (state === undefined || isInTable || verb.category === 'crud' || Object.hasOwn(sets, state.name)) return sets
  return { [state.name]: { kind: 'literal', value: verb.event }, ...sets }
}

/** The names of the caller's arguments that the effect may read. */
function argumentsRead(effect: EffectValue): readonly string[] {
  switch (effect.kind) {
    case 'argument':
      return [effect.name]
    case 'arguments':
      return effect.names
    case 'first':
    case 'sum':
      return effect.of.flatMap(argumentsRead)
    case 'ifEmpty':
    case 'append':
      return argumentsRead(effect.value)
    case 'when':
      return [...argumentsRead(effect.then), ...argumentsRead(effect.otherwise)]
    default:
      return []
  }
}

/** A moment becomes the day it is on, and a day its first moment, where the field wants the other. */
function fitted(options: { schema: NounSchema; verb: Verb; step: Step; value: JsonValue }): JsonValue {
  const { schema, verb, step, value } = options
  const type = step.field.kind === 'data' ? step.field.type : undefined
  if (type === 'date' && typeof value === 'string') return value.slice(0, 10)
  if (type === 'datetime' && typeof value === 'string' && value.length === 10) return `${value}T00:00:00.000Z`
  // A sum may leave the range that each of its parts is in.
  const isComputed = step.field.many || ['number', 'integer', 'money'].includes(type ?? '')
  if (!step.isUnchecked && !isComputed) return value
  const checked = checkValue(step.field, value)
  if (checked.ok) return checked.value
  const field = checked.at === undefined ? step.field.name : `${step.field.name}.${checked.at}`
  throw new ObjectError({
    code: 'validation_error',
    field,
    message: `${schema.name}.${verb.name}: field '${field}' ${checked.message}`,
    faults: [{ field, message: checked.message }],
  })
}
