// A Noun's definition, as its author writes it: field texts, descriptions, indexes, transitions, effects and deletion rules. It is JSON:
// a tenant sends its own Nouns in this form, and every schema carries the definition that it was made from.

import type { DeletionRule } from './deletion-rule.ts'
import type { EffectValue, VerbEffect } from './verb-effect.ts'

/** Maps the name of a field or verb to its text; null disables a CRUD verb. */
export type FieldTexts = Readonly<Record<string, string | null>>

export interface NounDefinition {
  readonly fields: FieldTexts
  /** Describes the Noun in one sentence. */
  readonly about?: string
  /** Maps the name of a field or verb to a sentence that describes it. */
  readonly descriptions?: Readonly<Record<string, string | undefined>>
  /** Indexes on paths inside `json` fields. */
  readonly indexes?: readonly PathIndexDefinition[]
  /** The enum field to which `transitions` and `categories` apply. */
  readonly state?: string
  /** All allowed transitions of the state. Without them, every change is allowed. */
  readonly transitions?: readonly TransitionDefinition[]
  /** Maps a value of the state field to the category that metrics use: `{ Won: 'won' }`. */
  readonly categories?: Readonly<Record<string, string | undefined>>
  /** Maps a verb to its effects besides the default one, which sets the state that its event names. */
  readonly effects?: Readonly<Record<string, EffectDefinition | undefined>>
  /** Maps a reference to the fate of the entity when the entity that it names is deleted. */
  readonly onDelete?: Readonly<Record<string, DeletionRule | undefined>>
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
}

export type EffectDefinition = Partial<Omit<VerbEffect, 'sets'>> & {
  readonly sets?: Readonly<Record<string, EffectValue | undefined>>
}
