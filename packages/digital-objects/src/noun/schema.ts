// What a Noun is once its texts are parsed: plain frozen data. Every other layer works from this, never from
// a built-in list, so a tenant's own Noun needs no new code.

import type { JsonValue } from '../base/entity.ts'
import type { NounDefinition } from './definition.ts'
import type { VerbEffect } from './verb-effect.ts'

export type DataType =
  | 'string'
  /** Long, and searched by its words. */
  | 'text'
  | 'number'
  /** A number that is a safe integer. */
  | 'integer'
  /** A safe integer: minor units of the currency that the field `currency` of the same entity names. */
  | 'money'
  | 'boolean'
  | 'datetime'
  | 'date'
  | 'json'
  | 'url'
  | 'email'
  | 'id'

/** What every field with a value of its own has. */
export interface FieldBase {
  readonly name: string
  /** `[]`: it holds a list. An empty list is no value. */
  readonly many: boolean
  readonly required: boolean
  /** `#` or `##`. */
  readonly indexed: boolean
  /** `##`: among the live entities of the tenant. */
  readonly unique: boolean
  /** What is known of a person: erasing the person erases it. */
  readonly personal: boolean
  /** One sentence. */
  readonly description?: string
}

/** `'string!'`, `'email?## personal'`, `'integer(0..100) = 0'`. */
export interface DataField extends FieldBase {
  readonly kind: 'data'
  readonly type: DataType
  /** The ends of its range, which belong to it. */
  readonly min?: number
  readonly max?: number
  readonly default?: JsonValue
}

/** `'Lead | Qualified'`, `'(Red | Blue)[]'`. `stage` and `status` default to their first value. */
export interface EnumField extends FieldBase {
  readonly kind: 'enum'
  readonly values: readonly string[]
  readonly default?: string | readonly string[]
}

/** `'-> Organization.contacts'`, `'-> User.deals | Contact.deals'`: holds the target's id. Always indexed. */
export interface ReferenceField extends FieldBase {
  readonly kind: 'reference'
  /** Names of the Nouns that the id may be of; never empty. */
  readonly to: readonly string[]
  /** The reverse relation's name, the same on every Noun in `to`. */
  readonly inverse?: string
}

/** `'<- Deal.contact[]'`: computed from the other side, stored nowhere here. */
export interface ReverseField {
  readonly kind: 'reverse'
  readonly name: string
  /** The Noun that holds the reference, and its field. */
  readonly from: string
  readonly by: string
  readonly many: boolean
  /** One sentence. */
  readonly description?: string
}

/** A field with a value of its own. */
export type StoredField = DataField | EnumField | ReferenceField
export type Field = StoredField | ReverseField

export interface Verb {
  /** `qualify` */
  readonly name: string
  /** `qualifying`, the BEFORE form */
  readonly gerund: string
  /** `qualified`, the AFTER form */
  readonly past: string
  /** `qualifiedBy` */
  readonly by: string
  /** `Qualified`: the event's type is `Contact.Qualified` */
  readonly event: string
  readonly category: 'crud' | 'custom'
  readonly effect: VerbEffect
  /** One sentence. */
  readonly description?: string
}

/** An index on one path inside a `json` field. */
export interface PathIndex {
  /** `metadata.externalId` */
  readonly path: string
  /** `metadata` */
  readonly field: string
  /** `['externalId']` */
  readonly keys: readonly string[]
  readonly unique: boolean
}

/** One row of the state field's table: from any of these values, this verb leads to that value. */
export interface Transition {
  /** Empty for a creation. */
  readonly from: readonly string[]
  /** A custom verb, `create` or `update`. */
  readonly verb: string
  readonly to: string
  readonly irreversible: boolean
}

export interface NounSchema {
  readonly name: string
  /** `contact`: ids read `contact_…`. */
  readonly idPrefix: string
  /** Changes whenever the definition does, but for descriptions; events carry it. */
  readonly version: string
  /** One sentence that says what the Noun is. */
  readonly about?: string
  /** In definition order. */
  readonly fields: Readonly<Record<string, Field>>
  /** CRUD verbs that are not taken away, then the custom ones, by infinitive. */
  readonly verbs: Readonly<Record<string, Verb>>
  /** CRUD verbs that the definition takes away with `null`. */
  readonly disabled: readonly ('create' | 'update' | 'delete')[]
  /** Names of the stored string fields that `$text` searches. */
  readonly searchable: readonly string[]
  readonly indexes: readonly PathIndex[]
  /** The enum field that `transitions` and `categories` are about. */
  readonly state?: string
  /** Every change of the state field that is allowed; empty when all are. */
  readonly transitions: readonly Transition[]
  /** A value of the state field to the category that metrics use. */
  readonly categories: Readonly<Record<string, string>>
  /** The form in which the Noun was written, and goes over the wire. */
  readonly definition: NounDefinition
}

/** How the engine finds a Noun by its name. Undefined when there is none. */
export type NounLookup = (name: string) => NounSchema | undefined
