// What a verb does to its entity, as data: one interpreter runs all of them, so a tenant's own verb needs no code.

import type { Scalar } from '../base/entity.ts'

/** Where a field's new value comes from. The first that yields a value wins in `first`. */
export type EffectValue =
  | { readonly kind: 'literal'; readonly value: Scalar }
  /** The moment of the event. */
  | { readonly kind: 'now' }
  /** The moment of the event, as a date. */
  | { readonly kind: 'today' }
  /** The caller's argument of that name; none leaves the field as it is. */
  | { readonly kind: 'argument'; readonly name: string }
  /** The value of another field before the verb. */
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'add'; readonly amount: number }
  | { readonly kind: 'clear' }
  /** The value after the current one in this list; the last stays. A current value outside it leaves the field as it is. */
  | { readonly kind: 'next'; readonly values: readonly string[] }
  | { readonly kind: 'first'; readonly of: readonly EffectValue[] }
  /** Compared after the arguments and the unconditional effects are in place. */
  | {
      readonly kind: 'when'
      readonly field: string
      readonly equals: Scalar
      readonly then: EffectValue
      readonly otherwise: EffectValue
    }
  /** Only where the field has no value yet, the caller's argument included. */
  | { readonly kind: 'ifEmpty'; readonly value: EffectValue }
  /** These numbers together; one without a value counts as 0. */
  | { readonly kind: 'sum'; readonly of: readonly EffectValue[] }
  /** The caller's arguments of these names as one object, with the moment of the event as its `at`. For `json` fields. */
  | { readonly kind: 'arguments'; readonly names: readonly string[] }
  /** The list in the field with this value as its last item; the oldest items over `itemsMax` go. For `json` fields. */
  | { readonly kind: 'append'; readonly value: EffectValue; readonly itemsMax: number }
  /** The end of the period that follows the one between these two fields: as many calendar months, or as many milliseconds. */
  | { readonly kind: 'periodAfter'; readonly start: string; readonly end: string }

export interface VerbEffect {
  /** Field to its new value, in order. The caller's arguments are merged in before. */
  readonly sets: Readonly<Record<string, EffectValue>>
  /** Documented source values of the state field; a hard guard refuses others with 409 `invalid_transition`. */
  readonly from?: { readonly field: string; readonly values: readonly string[]; readonly hard: boolean }
  /** Argument names that stand for a field: `{ agent: 'assignee' }`. */
  readonly argumentAliases?: Readonly<Record<string, string>>
  /** Arguments that no field takes and only `sets` reads, even where a field has the same name. */
  readonly argumentsOnly?: readonly string[]
  /** Called without an id, it creates the entity and emits this verb's event at version 1. */
  readonly creates?: boolean
}
