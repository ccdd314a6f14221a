// The effects of a verb on its entity and on related ones, as data. One interpreter runs all of them, so a tenant's own verb
// needs no code.

import type { Scalar } from '../base/entity.ts'
import type { Conditions } from './condition.ts'
import type { Requirement } from './requirement.ts'
import type { VerbKind } from './verb-kind.ts'

/** The settings that effects can read. */
export const textSettings = ['currency', 'timeZone', 'paymentTerms'] as const
type TextSetting = (typeof textSettings)[number]

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
  /** A setting of the tenant. */
  | { readonly kind: 'setting'; readonly name: TextSetting }
  /** The time after an ISO 8601 duration such as `P30D`. */
  | { readonly kind: 'durationAfter'; readonly time: EffectValue; readonly duration: EffectValue }
  /**
   * The time at which a target in a setting has passed since a time, in business hours: `sla.firstResponse` by `priority` is
   * the target of the entity's priority so far. No value without a target.
   */
  | { readonly kind: 'target'; readonly since: EffectValue; readonly setting: string; readonly by: string }
  /** The time at which the entity was created. */
  | { readonly kind: 'createdAt' }
  /**
   * A fill that follows other fields: when one of them changes, the field is filled again, unless it has another value than
   * the fill gave it. For `fills`.
   */
  | { readonly kind: 'following'; readonly fields: readonly string[]; readonly value: EffectValue }
  /** The value, if the entity has one in the field so far. */
  | { readonly kind: 'ifSet'; readonly field: string; readonly value: EffectValue }
  /** The value, if the caller gives the argument. */
  | { readonly kind: 'ifGiven'; readonly argument: string; readonly value: EffectValue }
  /** Tests whether the time of the field before the verb has passed: now, or at another time. It never has without that time. */
  | {
      readonly kind: 'ifPast'
      readonly field: string
      readonly at?: EffectValue
      readonly then: EffectValue
      readonly otherwise: EffectValue
    }
  /** The value of the entity's field so far: after the arguments, and after the effects that come before. */
  | { readonly kind: 'soFar'; readonly name: string }
  /** The product of these numbers; no value if one of them has none. */
  | { readonly kind: 'product'; readonly of: readonly EffectValue[] }
  /** A time some days later; no value without days. */
  | { readonly kind: 'daysAfter'; readonly time: EffectValue; readonly days: EffectValue }
  /** A list for a `json` field. A part that is a list adds its items, and one without a value adds none. Clears if empty. */
  | { readonly kind: 'list'; readonly of: readonly EffectValue[] }
  /** An object such as the line of a bill; no value if one of its parts has none. */
  | { readonly kind: 'line'; readonly of: Readonly<Record<string, EffectValue>> }
  /** An edge of the billing period that contains a time, as `billing-period.ts` counts them. */
  | ({ readonly kind: 'period'; readonly edge: 'start' | 'end'; readonly at: EffectValue } & BillingTerms)
  /** The part of an amount for the rest of a period, between two times of the entity before the verb, from now on. */
  | { readonly kind: 'prorated'; readonly amount: EffectValue; readonly start: string; readonly end: string }
  /** The amount by which the items of a list, with their discounts and taxes, add up to less than 0; no value if they do not. */
  | { readonly kind: 'shortfall'; readonly of: EffectValue }
  /**
   * A field of an entity to which references lead, `contact.organization`, or a member of a `json` field, over at most three
   * dots. It starts at the fields so far, arguments included, or at the entity that an earlier effect has named: `$contact`
   * is its id.
   */
  | { readonly kind: 'path'; readonly path: string }
  /** The value that a field of the verb's entity had before the verb. For effects on related entities. */
  | { readonly kind: 'previous'; readonly name: string }
  /** A member of the item for which an effect with `each` creates an entity. */
  | { readonly kind: 'ofItem'; readonly name: string }
  /** The member of a value that is an object, such as an argument. */
  | { readonly kind: 'member'; readonly of: EffectValue; readonly name: string }
  /** An object of those members that have a value. For `json` fields. */
  | { readonly kind: 'object'; readonly members: EffectValues }
  /**
   * From a list of objects, the member `gives` of the one whose member `key` equals the value; with `isNext`, of the one after
   * it, or of the last one itself. Objects with a number `order` are sorted by it.
   */
  | {
      readonly kind: 'item'
      readonly list: EffectValue
      readonly key: string
      readonly equals: EffectValue
      readonly gives: string
      readonly isNext?: boolean
    }
  /**
   * The number of entities of a Noun that a filter chooses, or the sum of a field of theirs. The filter is a value, an object
   * of the filter language; `{ type, filter }` names another Noun. No value without a filter. Inside it, `id` is the id of the
   * entity of the verb.
   */
  | { readonly kind: 'total'; readonly noun: string; readonly filter: EffectValue; readonly sum?: string }
  /**
   * A list of objects, one for each live entity of a Noun whose reference `by` leads to the verb's entity, in the order of their
   * ids. `members` maps the object's members to fields of those entities; those without a value are left out. At most 1,000.
   * With `ifKnown`, there are none unless a service brings the Noun. `joins` names a list that they join, in place of its items
   * that have the member; the field is unchanged if nothing joins or leaves the list.
   */
  | {
      readonly kind: 'records'
      readonly noun: string
      readonly by: string
      readonly members: Readonly<Record<string, string>>
      readonly ifKnown?: boolean
      readonly joins?: { readonly list: EffectValue; readonly member: string }
    }
  /** The objects of a list that lack a member. */
  | { readonly kind: 'without'; readonly of: EffectValue; readonly member: string }
  /** The number of items of a value that is a list. */
  | { readonly kind: 'length'; readonly of: EffectValue }
  /** The gain of one number over another in percent of the latter; no value without the latter, or if it is 0. */
  | { readonly kind: 'gain'; readonly of: EffectValue; readonly over: EffectValue }
  /** The minutes that a person needs to read the words of a field: 200 a minute, rounded up. */
  | { readonly kind: 'minutesToRead'; readonly field: string }
  /** The end of the next period, after the one between these two fields. `periodAfter` defines its length. */
  | { readonly kind: 'periodAfter'; readonly start: string; readonly end: string }
  /** The id of the entity of the verb. For effects on related entities. */
  | { readonly kind: 'id' }

/** No value, and so no period, without an anchor or for an interval that does not recur. The count is 1 and the zone UTC by default. */
export interface BillingTerms {
  readonly anchor: EffectValue
  readonly interval: EffectValue
  readonly count: EffectValue
  readonly zone: EffectValue
}

export type EffectValues = Readonly<Record<string, EffectValue>>

/** Limits an effect to entities of the verb that are so after the verb, and to calls with such arguments. */
interface Conditional {
  readonly when?: Conditions
  /** Does nothing if one of these verbs caused the verb: `['Payment.capture']`. */
  readonly unlessCausedBy?: readonly string[]
}

/**
 * The entities on which an effect acts: those to which a reference or a reverse relation of the verb's Noun leads, none if there
 * are none; `$self`, the entity of the verb; or `$name`, the entity that an earlier effect has named so.
 */
interface Acting {
  readonly of: string
  /** Limits the effect to entities that are so before it. */
  readonly where?: Conditions
}

/** An effect on other entities, in the same commit. */
export type RelatedEffect = Conditional &
  (
    | {
        readonly kind: 'create'
        readonly noun: string
        readonly sets: EffectValues
        /** The verb that creates, if not `create`. */
        readonly verb?: string
        /** Creates an entity for each object in this list. */
        readonly each?: EffectValue
        /** Does nothing unless a service brings the Noun. A tenant's own Noun of that name is not meant. */
        readonly ifKnown?: boolean
        /** Takes the oldest entity with all these values instead of a new one, if there is one. One of the fields is indexed. */
        readonly find?: EffectValues
        /** The reference of the verb's Noun that gets the id of the entity, or a name of your own such as `$contact`. */
        readonly as?: string
      }
    /**
     * Names the oldest entity with all these values, and with any value in the fields of `has`, as `create` does with `as`.
     * `$id` finds it by its id. Without one, a `required` effect refuses the verb.
     */
    | {
        readonly kind: 'find'
        readonly noun: string
        readonly by: EffectValues
        readonly has?: readonly string[]
        readonly as: string
        readonly required?: boolean
        /** Finds nothing unless a service brings the Noun. */
        readonly ifKnown?: boolean
      }
    | (Acting & { readonly kind: 'update'; readonly sets: EffectValues })
    /** Calls a custom verb or `delete`. `with` are its arguments. */
    | (Acting & { readonly kind: 'call'; readonly verb: string; readonly with?: EffectValues })
    /**
     * Moves times forward, never back and never past the time of the event. It does not conflict with the next change of a
     * caller who read the entity before.
     */
    | (Acting & { readonly kind: 'touch'; readonly sets: EffectValues })
    /**
     * Merges the entities of the same Noun whose ids this argument has: it fills empty fields from them, moves all references
     * to them, and deletes them.
     */
    | { readonly kind: 'merge'; readonly from: string }
  )

/** `origin` names where the texts come from, under `when` only if the entity is so after the verb. */
export interface StrangersText {
  readonly origin: string
  readonly when?: Conditions
}

export interface VerbEffect {
  /** Maps a field to its new value. Effects run in order, after the caller's arguments are merged in. */
  readonly sets: EffectValues
  /** The states that the documentation expects before the verb. A hard guard refuses others with `invalid_transition`. */
  readonly from?: { readonly field: string; readonly values: readonly string[]; readonly hard: boolean }
  /** Maps alternative argument names to fields: `{ agent: 'assignee' }`. */
  readonly argumentAliases?: Readonly<Record<string, string>>
  /** Arguments that only `sets` reads. They are not stored, even if a field has the same name. */
  readonly argumentsOnly?: readonly string[]
  /** Maps such an argument to its type, as in a field's text: `{ amount: 'integer(1..)' }`. */
  readonly argumentTypes?: Readonly<Record<string, string>>
  /**
   * Arguments or fields that the caller must send. A list inside stands for any one of its names: `['to', ['task', 'goal']]`.
   */
  readonly argumentsRequired?: readonly (string | readonly string[])[]
  /** Fields that must have a value after the verb, as an assignment needs an assignee. A list inside stands for any one. */
  readonly needs?: readonly (string | readonly string[])[]
  /** Times that must be later than the event. */
  readonly needsFuture?: readonly string[]
  /**
   * Holds an argument to the questions in a `json` field, as a form holds a submission. `check-answers.ts` has their form.
   * Without the argument, only the questions are checked.
   */
  readonly answers?: { readonly questions: string; readonly argument?: string }
  /** Connections to services outside of the tenant, without which the verb is refused. */
  readonly requires?: readonly Requirement[]
  /** Only the server calls the verb: by a schedule, or as an effect of another verb. */
  readonly systemOnly?: boolean
  /** The kinds of the verb, if it reaches beyond the data: `['sends']`. Deleting has its kind by itself. */
  readonly does?: readonly VerbKind[]
  /** Texts that the verb writes, also by its effects, are those of strangers: `{ origin: 'form' }`. */
  readonly strangers?: StrangersText
  /** Without an id, the verb creates the entity and emits its own event at version 1. */
  readonly creates?: boolean
  /**
   * Makes each call an event, even one that would leave the entity as it is, such as a measurement of the same value. Other
   * verbs change nothing when their work is done already.
   */
  readonly repeats?: boolean
  /**
   * Fields that get what the server finds when it analyzes the entity by the role of its Noun, before the verb, unless the
   * caller sends them: `analyze` of a funnel stores its `results`.
   */
  readonly analyzes?: readonly string[]
  /** Effects on other entities, in this order, after the event of the verb. */
  readonly related?: readonly RelatedEffect[]
}
