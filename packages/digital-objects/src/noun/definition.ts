// A Noun as its author writes it: the texts of its fields, and what else is said about them. It is JSON, so a tenant's own
// Noun arrives over the wire in this form, and every schema carries the definition that it was made from.

import type { EffectValue, VerbEffect } from './verb-effect.ts'

/** A field or verb name to its text; null takes a CRUD verb away. */
export type FieldTexts = Readonly<Record<string, string | null>>

export interface NounDefinition {
  readonly fields: FieldTexts
  /** One sentence that says what the Noun is. */
  readonly about?: string
  /** One sentence for a field or verb, by its name. */
  readonly descriptions?: Readonly<Record<string, string | undefined>>
  /** Indexes on paths inside `json` fields. */
  readonly indexes?: readonly PathIndexDefinition[]
  /** The enum field that `transitions` and `categories` are about. */
  readonly state?: string
  /** The state's whole table: without one, every change of it is allowed. */
  readonly transitions?: readonly TransitionDefinition[]
  /** A value of the state field to the category that metrics use: `{ Won: 'won' }`. */
  readonly categories?: Readonly<Record<string, string | undefined>>
  /** What each verb does beyond setting the state that its event names. */
  readonly effects?: Readonly<Record<string, EffectDefinition | undefined>>
}

/** `{ path: 'metadata.externalId', unique: true }`. */
export interface PathIndexDefinition {
  readonly path: string
  readonly unique?: boolean
}

/** `{ from: ['Calm'], verb: 'drive', to: 'Busy' }`. An empty `from` is a creation. */
export interface TransitionDefinition {
  readonly from: readonly string[]
  readonly verb: string
  readonly to: string
  /** Undo and rollback do not lead back across it. */
  readonly irreversible?: boolean
}

export type EffectDefinition = Partial<Omit<VerbEffect, 'sets'>> & {
  readonly sets?: Readonly<Record<string, EffectValue | undefined>>
}
