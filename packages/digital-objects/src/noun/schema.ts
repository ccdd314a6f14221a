// What a Noun is once its texts are parsed: plain frozen data. Every other layer works from this, never from
// a built-in list, so a tenant's own Noun needs no new code.

import type { VerbEffect } from './verb-effect.ts'

export type DataType = 'string' | 'number' | 'boolean' | 'datetime' | 'date' | 'json' | 'url' | 'email' | 'id'

export type Scalar = string | number | boolean

interface FieldBase {
  readonly name: string
  readonly required: boolean
  /** `#` or `##`. */
  readonly indexed: boolean
  /** `##`: among the live entities of the tenant. */
  readonly unique: boolean
}

/** `'string!'`, `'email?##'`, `'number = 0'`. */
export interface DataField extends FieldBase {
  readonly kind: 'data'
  readonly type: DataType
  readonly default?: Scalar
}

/** `'Lead | Qualified'`. `stage` and `status` default to their first value. */
export interface EnumField extends FieldBase {
  readonly kind: 'enum'
  readonly values: readonly string[]
  readonly default?: string
}

/** `'-> Organization.contacts'`, `'-> User | Contact'`: holds the target's id. Always indexed. */
export interface ReferenceField extends FieldBase {
  readonly kind: 'reference'
  /** Names of the Nouns that the id may be of; never empty. */
  readonly to: readonly string[]
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
}

export interface NounSchema {
  readonly name: string
  /** `contact`: ids read `contact_…`. */
  readonly idPrefix: string
  /** Changes whenever the definition does; events carry it. */
  readonly version: string
  /** In definition order. */
  readonly fields: Readonly<Record<string, Field>>
  /** CRUD verbs that are not taken away, then the custom ones, by infinitive. */
  readonly verbs: Readonly<Record<string, Verb>>
  /** CRUD verbs that the definition takes away with `null`. */
  readonly disabled: readonly ('create' | 'update' | 'delete')[]
  /** Names of the stored string fields that `$text` searches. */
  readonly searchable: readonly string[]
}

/** How the engine finds a Noun by its name. Undefined when there is none. */
export type NounLookup = (name: string) => NounSchema | undefined
