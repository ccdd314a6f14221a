// The effects of a verb on its entity and on related ones, as data. One interpreter runs all of them, so a tenant's own verb
// needs no code.

import type { Scalar } from '../base/entity.ts'

/**
 * The source of a field's new value. `first` takes the first of several that gives a value. In an effect on a related entity,
 * `field`, `when` and `periodAfter` read the entity of the verb as it is after the verb; `add`, `next`, `ifEmpty` and `append`
 * read the field that they set.
 */
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
  /** The id of the entity of the verb. For effects on related entities. */
  | { readonly kind: 'id' }

export type EffectValues = Readonly<Record<string, EffectValue>>

/** Limits an effect to entities of the verb whose field has this value after the verb. */
interface Conditional {
  readonly when?: { readonly field: string; readonly equals: Scalar }
}

/**
 * An effect on other entities, in the same commit. `of` names a reference or a reverse relation of the verb's Noun; the effect
 * applies to each entity that it leads to, and to none if there is none.
 */
export type RelatedEffect = Conditional &
  (
    | {
        readonly kind: 'create'
        readonly noun: string
        readonly sets: EffectValues
        /** The reference of the verb's Noun that gets the id of the new entity. */
        readonly as?: string
      }
    | { readonly kind: 'update'; readonly of: string; readonly sets: EffectValues }
    /** Calls a custom verb or `delete`. `with` are its arguments. */
    | { readonly kind: 'call'; readonly of: string; readonly verb: string; readonly with?: EffectValues }
    /**
     * Moves times forward, never back and never past the time of the event. It does not conflict with the next change of a
     * caller who read the entity before.
     */
    | { readonly kind: 'touch'; readonly of: string; readonly sets: EffectValues }
    /**
     * Merges the entities of the same Noun whose ids this argument has: it fills empty fields from them, moves all references
     * to them, and deletes them.
     */
    | { readonly kind: 'merge'; readonly from: string }
  )

export interface VerbEffect {
  /** Maps a field to its new value. Effects run in order, after the caller's arguments are merged in. */
  readonly sets: EffectValues
  /** The states that the documentation expects before the verb. A hard guard refuses others with `invalid_transition`. */
  readonly from?: { readonly field: string; readonly values: readonly string[]; readonly hard: boolean }
  /** Maps alternative argument names to fields: `{ agent: 'assignee' }`. */
  readonly argumentAliases?: Readonly<Record<string, string>>
  /** Arguments that only `sets` reads. They are not stored, even if a field has the same name. */
  readonly argumentsOnly?: readonly string[]
  /** Without an id, the verb creates the entity and emits its own event at version 1. */
  readonly creates?: boolean
  /** Effects on other entities, in this order, after the event of the verb. */
  readonly related?: readonly RelatedEffect[]
}
