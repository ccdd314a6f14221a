// A parsed Noun, as plain frozen data. Every other layer takes schemas as arguments and has no built-in list, so a tenant's
// own Noun needs no new code.

import type { JsonValue } from '../base/entity.ts'
import type { NounDefinition } from './definition.ts'
import type { DeletionRule } from './deletion-rule.ts'
import type { NounRole } from './role.ts'
import type { Schedule } from './schedule.ts'
import type { EffectValues, VerbEffect } from './verb-effect.ts'

export type DataType =
  | 'string'
  /** A long string, which `$text` searches by its words. */
  | 'text'
  | 'number'
  /** A safe integer. */
  | 'integer'
  /** A safe integer in minor units of the currency in the entity's field `currency`. */
  | 'money'
  | 'boolean'
  | 'datetime'
  | 'date'
  | 'json'
  | 'url'
  | 'email'
  /** The code of a currency by ISO 4217, in upper case. */
  | 'currency'
  | 'id'

/** The properties of every stored field. */
export interface FieldBase {
  readonly name: string
  /** `[]`: the field holds a list. An empty list counts as missing. */
  readonly many: boolean
  readonly required: boolean
  /** `#` or `##`. */
  readonly indexed: boolean
  /** `##`: no two live entities of the tenant have the same value. */
  readonly unique: boolean
  /**
   * Personal data: erasing the person erases the value. On a reference or an `id`: the entity's personal values are also those
   * of the entity that it names.
   */
  readonly personal: boolean
  /** A sentence that describes it. */
  readonly description?: string
}

/** `'string!'`, `'email?## personal'`, `'integer(0..100) = 0'`. */
export interface DataField extends FieldBase {
  readonly kind: 'data'
  readonly type: DataType
  /** For a json field: an update merges into the stored object and does not replace it. */
  readonly merged?: boolean
  /** The range, including both ends. */
  readonly min?: number
  readonly max?: number
  readonly default?: JsonValue
  /** `'money! = subtotal - discount + tax'`: the sum that the field always has. */
  readonly sum?: string
}

/** `'Lead | Qualified'`, `'(Red | Blue)[]'`. `stage` and `status` default to their first value. */
export interface EnumField extends FieldBase {
  readonly kind: 'enum'
  readonly values: readonly string[]
  readonly default?: string | readonly string[]
}

/**
 * `'-> Organization.contacts'`, `'-> User.deals | Contact.deals'`: holds the target's id. Always indexed. A unique one,
 * `'-> Contact.customer##'`, is one-to-one.
 */
export interface ReferenceField extends FieldBase {
  readonly kind: 'reference'
  /** Names of the Nouns to which the reference may point. The catalog gives those of a reference to any Noun. */
  readonly to: readonly string[]
  /** `'-> *.comments'`: the reference may point to every Noun that has no other member of the inverse's name. */
  readonly any?: true
  /** The reverse relation's name, the same on every Noun in `to`. */
  readonly inverse?: string
  /** The fate of the entity when the entity that the reference names is deleted. */
  readonly onDelete: DeletionRule
}

/** `'<- Deal.contact[]'`: computed from the references of the other Noun, and not stored. */
export interface ReverseField {
  readonly kind: 'reverse'
  readonly name: string
  /** The Noun that has the reference, and its field. */
  readonly from: string
  readonly by: string
  readonly many: boolean
  /** A sentence that describes it. */
  readonly description?: string
}

/** A field with a stored value. */
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
  /** A sentence that describes it. */
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

/** A row of the state field's table: from any of the values in `from`, the verb sets the value in `to`. */
export interface Transition {
  /** Empty if the verb creates the entity. */
  readonly from: readonly string[]
  /** A custom verb, `create` or `update`. */
  readonly verb: string
  readonly to: string
  readonly irreversible: boolean
  /** Present if the verb leads there only when the caller sends the state. */
  readonly named?: true
}

/** The fields that belong to a value of the state field. `definition.ts` explains them. */
export interface StateRule {
  readonly sets: EffectValues
  readonly holds: readonly string[]
}

export interface NounSchema {
  readonly name: string
  /** `contact` for ids such as `contact_1VbZ0kQ3x9Ta`. */
  readonly idPrefix: string
  /** Changes with every part of the definition except descriptions. Events carry it. */
  readonly version: string
  /** Describes the Noun in one sentence. */
  readonly about?: string
  /** The service that brings it, such as `payments.do`; absent for other Nouns. */
  readonly service?: string
  /** The fields, in the order of the definition. */
  readonly fields: Readonly<Record<string, Field>>
  /** Enabled CRUD verbs, then custom verbs, by infinitive. */
  readonly verbs: Readonly<Record<string, Verb>>
  /** CRUD verbs that the definition disables with `null`. */
  readonly disabled: readonly ('create' | 'update' | 'delete')[]
  /** Names of the stored string fields that `$text` searches. */
  readonly searchable: readonly string[]
  readonly indexes: readonly PathIndex[]
  /** The enum field to which `transitions`, `states` and `categories` apply. */
  readonly state?: string
  /** The allowed changes of the state field; empty if all are allowed. */
  readonly transitions: readonly Transition[]
  /** Whether the transitions are enforced. */
  readonly strict: boolean
  /** Maps a value of the state field to the fields that belong to it. */
  readonly states: Readonly<Record<string, StateRule>>
  /** Maps a value of the state field to the category that metrics use. */
  readonly categories: Readonly<Record<string, string>>
  /** The values that fields get at creation unless the caller gives them, in this order. */
  readonly fills: EffectValues
  /** The verbs that the server calls by itself, and when. */
  readonly schedules: readonly Schedule[]
  /** The part of the product that works with its entities. */
  readonly role?: NounRole
  /** The definition that the schema was made from, which is also its wire format. */
  readonly definition: NounDefinition
}

/** Returns the Noun of that name, or undefined if there is none. */
export type NounLookup = (name: string) => NounSchema | undefined
