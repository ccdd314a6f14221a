// Constructors for the verb effects of the built-in Nouns. Each returns plain data of `verb-effect.ts`.

import type { Scalar } from '../base/entity.ts'
import type { EffectValue } from '../noun/verb-effect.ts'

export const now: EffectValue = { kind: 'now' }
export const today: EffectValue = { kind: 'today' }
export const clear: EffectValue = { kind: 'clear' }

export function literal(value: Scalar): EffectValue {
  return { kind: 'literal', value }
}

/** Takes the caller's argument. */
export function given(name: string): EffectValue {
  return { kind: 'argument', name }
}

/** Takes the value that a field had before the verb. */
export function before(name: string): EffectValue {
  return { kind: 'field', name }
}

/** Takes the value that a field of the verb's entity has after the verb, for effects on related entities. */
export function after(name: string): EffectValue {
  return { kind: 'field', name }
}

/** Follows references and members from the fields so far, or from an entity that an effect has named. */
export function path(text: string): EffectValue {
  return { kind: 'path', path: text }
}

/** Takes a member of the caller's argument. */
export function memberOf(argument: string, name: string): EffectValue {
  return { kind: 'member', of: given(argument), name }
}

export function first(...of: readonly EffectValue[]): EffectValue {
  return { kind: 'first', of }
}

/** Takes the timestamp that the caller passes, as an import does, or else that of the event. */
export function givenOrNow(name: string): EffectValue {
  return first(given(name), now)
}

export function ifEmpty(value: EffectValue): EffectValue {
  return { kind: 'ifEmpty', value }
}

export function when(
  field: string,
  equals: Scalar,
  branches: { readonly then: EffectValue; readonly otherwise: EffectValue },
): EffectValue {
  return { kind: 'when', field, equals, ...branches }
}

export function sum(...of: readonly EffectValue[]): EffectValue {
  return { kind: 'sum', of }
}

export function product(...of: readonly EffectValue[]): EffectValue {
  return { kind: 'product', of }
}

/** Takes the value that a field of the verb's entity has so far: after the arguments, and after the effects before. */
export function soFar(name: string): EffectValue {
  return { kind: 'soFar', name }
}

/** Takes a setting of the tenant. */
export function setting(name: 'currency' | 'timeZone' | 'paymentTerms'): EffectValue {
  return { kind: 'setting', name }
}

/** Takes the value that a field of the verb's entity had before the verb, for effects on related entities. */
export function previous(name: string): EffectValue {
  return { kind: 'previous', name }
}

/** Takes the amount that the verb has added to a field of its entity, for effects on related entities. */
export function increaseOf(name: string): EffectValue {
  return sum(after(name), product(literal(-1), previous(name)))
}

/** Takes a member of the item for which an entity is created. */
export function ofItem(name: string): EffectValue {
  return { kind: 'ofItem', name }
}
