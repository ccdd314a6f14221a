// The effects of a verb on its entity, as data. One interpreter runs all of them, so a tenant's own verb needs no code.

import type { Scalar } from '../base/entity.ts'

/** The source of a field's new value. `first` takes the first of several that gives a value. */
export type EffectValue =
  | { readonly kind: 'literal'; readonly value: Scalar }
  /** The timestamp of the event. */
  | { readonly kind: 'now' }
  /** The date of the event. */
  | { readonly kind: 'today' }
  /** The caller's argument of that name. Without it, the field is unchanged. */
  | { readonly kind: 'argument'; readonly name: string }
  /** The value of another field before the verb. */
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'add'; readonly amount: number }
  | { readonly kind: 'clear' }
  /** The value after the current one in this list. The last value, or one outside the list, is unchanged. */
  | { readonly kind: 'next'; readonly values: readonly string[] }
  | { readonly kind: 'first'; readonly of: readonly EffectValue[] }
  /** Tests the field's value after the arguments and the unconditional effects. */
  | {
      readonly kind: 'when'
      readonly field: string
      readonly equals: Scalar
      readonly then: EffectValue
      readonly otherwise: EffectValue
    }
  /** Sets the field only if neither the entity nor the caller's arguments give it a value. */
  | { readonly kind: 'ifEmpty'; readonly value: EffectValue }
  /** The sum of these numbers. A missing one counts as 0. */
  | { readonly kind: 'sum'; readonly of: readonly EffectValue[] }
  /** An object of the caller's arguments of these names, with the event's timestamp as `at`. For `json` fields. */
  | { readonly kind: 'arguments'; readonly names: readonly string[] }
  /** Appends the value to the list, and removes the oldest items above `itemsMax`. For `json` fields. */
  | { readonly kind: 'append'; readonly value: EffectValue; readonly itemsMax: number }
  /** The end of the next period, after the one between these two fields. `periodAfter` defines its length. */
  | { readonly kind: 'periodAfter'; readonly start: string; readonly end: string }

export interface VerbEffect {
  /** Maps a field to its new value. Effects run in order, after the caller's arguments are merged in. */
  readonly sets: Readonly<Record<string, EffectValue>>
  /** The states that the documentation expects before the verb. A hard guard refuses others with `invalid_transition`. */
  readonly from?: { readonly field: string; readonly values: readonly string[]; readonly hard: boolean }
  /** Maps alternative argument names to fields: `{ agent: 'assignee' }`. */
  readonly argumentAliases?: Readonly<Record<string, string>>
  /** Arguments that only `sets` reads. They are not stored, even if a field has the same name. */
  readonly argumentsOnly?: readonly string[]
  /** Without an id, the verb creates the entity and emits its own event at version 1. */
  readonly creates?: boolean
}
