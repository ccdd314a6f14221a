// The words that the verb effects of the built-in Nouns are written in; each is plain data of `verb-effect.ts`.

import type { Scalar } from '../base/entity.ts'
import type { EffectValue } from '../noun/verb-effect.ts'

export const now: EffectValue = { kind: 'now' }
export const today: EffectValue = { kind: 'today' }
export const clear: EffectValue = { kind: 'clear' }

export function literal(value: Scalar): EffectValue {
  return { kind: 'literal', value }
}

/** The caller's argument. */
export function given(name: string): EffectValue {
  return { kind: 'argument', name }
}

/** Another field as it was before the verb. */
export function before(name: string): EffectValue {
  return { kind: 'field', name }
}

export function first(...of: readonly EffectValue[]): EffectValue {
  return { kind: 'first', of }
}

/** The moment that the caller states, as an import does; else the moment of the event. */
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
