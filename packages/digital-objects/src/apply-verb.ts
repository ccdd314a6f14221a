// What a verb makes of an entity: one interpreter for all verbs, built in or a tenant's own.

import type { EntityFields, JsonValue } from './entity.ts'
import { ObjectError } from './object-error.ts'
import type { NounSchema, Verb } from './schema.ts'
import type { EffectValue } from './verb-effect.ts'

/**
 * The entity's fields after the verb. `current` is absent where the verb creates. `input` holds the caller's arguments,
 * already valid, null where they clear a field. Throws `invalid_transition` where a hard guard refuses.
 */
export function applyVerb(options: {
  readonly schema: NounSchema
  readonly verb: Verb
  readonly current: EntityFields | undefined
  readonly input: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
}): EntityFields {
  const { schema, verb, current, input, nowMs } = options
  const before = current ?? defaultFields(schema)
  checkGuard(schema, verb, current)
  const fields: Record<string, JsonValue> = { ...before }
  for (const [name, value] of Object.entries(input)) {
    if (verb.effect.argumentsOnly?.includes(name) === true) continue
    if (value === null) delete fields[name]
    else fields[name] = value
  }
  const sets = withState(schema, verb)
  for (const isConditional of [false, true]) {
    for (const [name, effect] of Object.entries(sets)) {
      if ((effect.kind === 'when') !== isConditional) continue
      const value = resolveEffect(effect, { name, before, fields, input, nowMs })
      if (value === null) delete fields[name]
      else if (value !== undefined) fields[name] = value
    }
  }
  return fields
}

/** The fields that a new entity starts with. */
export function defaultFields(schema: NounSchema): EntityFields {
  const fields: Record<string, JsonValue> = {}
  for (const field of Object.values(schema.fields)) {
    if ((field.kind === 'data' || field.kind === 'enum') && field.default !== undefined) fields[field.name] = field.default
  }
  return fields
}

/** A verb whose effects leave it open sets the first enum that has its event's word among its values. */
function withState(schema: NounSchema, verb: Verb): Readonly<Record<string, EffectValue>> {
  for (const field of Object.values(schema.fields)) {
    if (field.kind !== 'enum' || !field.values.includes(verb.event)) continue
    if (Object.hasOwn(verb.effect.sets, field.name)) return verb.effect.sets
    return { ...verb.effect.sets, [field.name]: { kind: 'literal', value: verb.event } }
  }
  return verb.effect.sets
}

function checkGuard(schema: NounSchema, verb: Verb, current: EntityFields | undefined): void {
  const guard = verb.effect.from
  if (guard === undefined || !guard.hard || current === undefined) return
  const value = current[guard.field]
  if (typeof value === 'string' && guard.values.includes(value)) return
  throw new ObjectError({
    code: 'invalid_transition',
    field: guard.field,
    message: `${schema.name}.${verb.name} expects ${guard.field} ${guard.values.join(' or ')}, it is ${String(value ?? 'not set')}`,
    detail: { current: typeof value === 'string' ? value : null, expected: guard.values.join(', ') },
  })
}

interface Place {
  readonly name: string
  readonly before: EntityFields
  readonly fields: EntityFields
  readonly input: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
}

/** null clears the field, undefined leaves it as it is. */
function resolveEffect(effect: EffectValue, place: Place): JsonValue | undefined {
  switch (effect.kind) {
    case 'literal':
      return effect.value
    case 'now':
      return new Date(place.nowMs).toISOString()
    case 'today':
      return new Date(place.nowMs).toISOString().slice(0, 10)
    case 'argument':
      return Object.hasOwn(place.input, effect.name) ? place.input[effect.name] : undefined
    case 'field':
      return Object.hasOwn(place.before, effect.name) ? place.before[effect.name] : undefined
    case 'add':
      return Number(place.before[place.name] ?? 0) + effect.amount
    case 'clear':
      return null
    case 'next':
      return nextOf(effect.values, place.before[place.name])
    case 'first':
      return firstOf(effect.of, place)
    case 'when':
      return resolveEffect(place.fields[effect.field] === effect.equals ? effect.then : effect.otherwise, place)
    case 'ifEmpty':
      return place.before[place.name] === undefined ? resolveEffect(effect.value, place) : undefined
    default:
      return unreachable(effect)
  }
}

function firstOf(effects: readonly EffectValue[], place: Place): JsonValue | undefined {
  for (const effect of effects) {
    const value = resolveEffect(effect, place)
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

function nextOf(values: readonly string[], current: JsonValue | undefined): string | undefined {
  const at = values.indexOf(String(current))
  return at < 0 ? undefined : values[Math.min(at + 1, values.length - 1)]
}

function unreachable(effect: never): never {
  throw new Error(`no such effect: ${JSON.stringify(effect)}`)
}
