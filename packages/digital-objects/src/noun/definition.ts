// A Noun's definition, as its author writes it: field texts, descriptions, indexes, transitions, states, effects, deletion rules,
// and rules for amounts. It is JSON: a tenant sends its own Nouns in this form, and every schema carries the definition that it was made from.

import type { WhileState } from './amount-rules.ts'
import type { DeletionRule } from './deletion-rule.ts'
import type { NounRole } from './role.ts'
import type { ScheduleDefinition } from './schedule.ts'
import type { EffectValue, VerbEffect } from './verb-effect.ts'

/** Maps the name of a field or verb to its text; null disables a CRUD verb. */
export type FieldTexts = Readonly<Record<string, string | null>>

export interface NounDefinition {
  readonly fields: FieldTexts
  /**
   * The service that brings the Noun, such as `payments.do`. In a tenant's additions to such a Noun, the server sets it; a
   * stored definition without it is a Noun of the tenant's own, which takes the place of the service's.
   */
  readonly service?: string
  /** Describes the Noun in one sentence. */
  readonly about?: string
  /** Maps the name of a field or verb to a sentence that describes it. */
  readonly descriptions?: Readonly<Record<string, string | undefined>>
  /** Indexes on paths inside `json` fields. */
  readonly indexes?: readonly PathIndexDefinition[]
  /** The enum field to which `transitions`, `states` and `categories` apply. */
  readonly state?: string
  /** All allowed transitions of the state. Without them, every change is allowed. */
  readonly transitions?: readonly TransitionDefinition[]
  /**
   * False makes the table a guide: `update` and `create` may set any state, and a verb leads to its first target. True in a
   * built-in Noun means that a tenant cannot loosen it. By default the table is enforced.
   */
  readonly strict?: boolean
  /** Maps a value of the state field to the fields that belong to it: `{ Won: { sets: {...}, holds: ['closedAt'] } }`. */
  readonly states?: Readonly<Record<string, StateDefinition | undefined>>
  /** Maps a value of the state field to the category that metrics use: `{ Won: 'won' }`. */
  readonly categories?: Readonly<Record<string, string | undefined>>
  /** Maps a verb to its effects besides the default one, which sets the state that its event names. */
  readonly effects?: Readonly<Record<string, EffectDefinition | undefined>>
  /** Maps a reference to the fate of the entity when the entity that it names is deleted. */
  readonly onDelete?: Readonly<Record<string, DeletionRule | undefined>>
  /** The part of the product that works with its entities, such as `flag`. */
  readonly role?: NounRole
  /** The verbs that the server calls by itself, and when. */
  readonly schedules?: readonly ScheduleDefinition[]
  /** Comparisons that hold after every write: `'0 < amount <= total'`, or one that holds in some states only. */
  readonly bounds?: readonly (string | BoundDefinition)[]
  /** Gives fields values at creation, in this order, unless the caller gives them. */
  readonly fills?: Readonly<Record<string, EffectValue | undefined>>
  /** Maps a unique string field to the numbers that it gets, without gaps. */
  readonly numbers?: Readonly<Record<string, NumberDefinition | undefined>>
  /** Fields that callers cannot change, and entities that they cannot delete. */
  readonly frozen?: readonly FrozenDefinition[]
}

/** `{ rule: 'amountDue = 0', while: { field: 'status', values: ['Paid'] } }`. */
export interface BoundDefinition {
  readonly rule: string
  readonly while?: WhileState
}

/** `{ pattern: 'INV-{year}-{number:4}', by: 'finalize' }`. */
export interface NumberDefinition {
  readonly pattern: string
  /** The verb that assigns the number: `create` or a custom one. */
  readonly by: string
}

/** Verbs may still change the fields by their own effects. */
export interface FrozenDefinition {
  readonly fields?: readonly string[]
  /** The states in which the rule applies. Without it, it always does. */
  readonly while?: WhileState
  /** Callers cannot give the fields at creation either. */
  readonly onCreate?: boolean
  /** The entity cannot be deleted. */
  readonly delete?: boolean
}

/** The fields that belong to a state, however it is reached: by a verb, `create` or `update`. */
export interface StateDefinition {
  /** Gives fields values when the entity enters the state. The default of a creation is not entered: `$createdAt` is its time. */
  readonly sets?: Readonly<Record<string, EffectValue | undefined>>
  /** Fields that have a value only in the states that list them. Entering another state clears them. */
  readonly holds?: readonly string[]
}

/** `{ path: 'metadata.externalId', unique: true }`. */
export interface PathIndexDefinition {
  readonly path: string
  readonly unique?: boolean
}

/** `{ from: ['Calm'], verb: 'drive', to: 'Busy' }`. An empty `from` stands for a creation. */
export interface TransitionDefinition {
  readonly from: readonly string[]
  readonly verb: string
  readonly to: string
  /** Undo and rollback cannot reverse the transition. */
  readonly irreversible?: boolean
  /** The verb leads there only if the caller sends the state: `advance(id, { stage: 'Proposal' })`. */
  readonly named?: boolean
}

export type EffectDefinition = Partial<Omit<VerbEffect, 'sets'>> & {
  readonly sets?: Readonly<Record<string, EffectValue | undefined>>
}
