// Checks the fields that belong to the states of a Noun: those that entering a state sets, and those that only it holds. A
// client's bundle leaves this out, since the server checks every definition that it takes.

import { constantsOf } from './check-effects.ts'
import { invalidDefinition } from './invalid-definition.ts'
import type { NounSchema, StoredField } from './schema.ts'
import { checkEffectValue } from './validate-value.ts'
import type { EffectValue } from './verb-effect.ts'

/** Throws an ObjectError `invalid_definition` that names the state and the field. */
export function checkStateRules(schema: NounSchema): void {
  const { name: noun, state, states } = schema
  const field = state === undefined ? undefined : schema.fields[state]
  for (const [value, { sets, holds }] of Object.entries(states)) {
    if (field?.kind !== 'enum' || !field.values.includes(value))
      throw invalidRule(noun, 'states', `states expects values of ${state ?? 'a state'}, got '${value.slice(0, 100)}'`)
    const place = `states.${value}`
    for (const [name, effect] of Object.entries(sets))
      checkSet(noun, effect, { place, field: stateField(schema, { place, name }) })
    for (const name of holds)
      if (stateField(schema, { place, name }).required)
        throw invalidRule(noun, place, `${place} holds ${name}, which is required in every state`)
  }
  checkHeld(schema)
}

function stateField(
  { name: noun, state, fields }: NounSchema,
  { place, name }: { readonly place: string; readonly name: string },
): StoredField {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field === undefined || field.kind === 'reverse' || name === state)
    throw invalidRule(noun, place, `${place} expects stored fields besides ${state ?? ''}, got '${name.slice(0, 64)}'`)
  return field
}

function checkSet(
  noun: string,
  effect: EffectValue,
  { place, field }: { readonly place: string; readonly field: StoredField },
): void {
  if (effect.kind === 'clear' && field.required)
    throw invalidRule(noun, place, `${place} clears ${field.name}, which is required`)
  if (effect.kind === 'id' || effect.kind === 'append')
    throw invalidRule(noun, place, `${place}: the kind '${effect.kind}' is for effects of verbs`)
  for (const constant of constantsOf(effect)) {
    const checked = checkEffectValue(field, constant)
    if (!checked.ok) throw invalidRule(noun, place, `${place} sets ${field.name}, and the field ${checked.message}`)
  }
}

/** A field that some states hold would be cleared at once in a state that sets it and does not hold it. */
function checkHeld({ name: noun, states }: NounSchema): void {
  const held = new Set(Object.values(states).flatMap(({ holds }) => holds))
  for (const [value, { sets, holds }] of Object.entries(states))
    for (const name of Object.keys(sets))
      if (held.has(name) && !holds.includes(name))
        throw invalidRule(noun, `states.${value}`, `states.${value} sets ${name}, which only other states hold`)
}

function invalidRule(noun: string, field: string, message: string): Error {
  return invalidDefinition(field, `${noun}: ${message}`)
}
