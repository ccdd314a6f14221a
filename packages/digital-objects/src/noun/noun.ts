// `Noun(name, definition)` makes an entity type as frozen data, without a registry or side effects. The engine takes such
// values as arguments and has no built-in list.

import type {
  BoundDefinition,
  FieldTexts,
  FrozenDefinition,
  NounDefinition,
  NumberDefinition,
  PathIndexDefinition,
} from './definition.ts'
import type { CreateInput, CustomVerb } from './entity-types.ts'
import type { CheckedText, FieldKind, ValueOfText } from './field-text.ts'
import { makeSchema } from './make-schema.ts'
import type { NounSchema } from './schema.ts'
import { type StandardSchema, standardSchemaOf } from './standard-schema.ts'
import type { NounRole } from './role.ts'
import type { After, SettingCondition } from './schedule.ts'
import type { Scalar } from '../base/entity.ts'
import type { DeletionRule } from './deletion-rule.ts'
import type { EffectValue, VerbEffect } from './verb-effect.ts'

export interface Noun<Name extends string, Fields extends FieldTexts> {
  readonly $name: Name
  readonly $definition: Fields
  readonly $schema: NounSchema
  /** Standard Schema v1 of the input of `create`. */
  readonly '~standard': StandardSchema<CreateInput<Noun<Name, Fields>>>
}

type NameOfKind<Fields extends FieldTexts, Kind> = {
  [Name in keyof Fields & string]: FieldKind<Fields[Name]> extends Kind ? Name : never
}[keyof Fields & string]
type StoredName<Fields extends FieldTexts> = NameOfKind<Fields, 'data' | 'enum' | 'reference'>
type StateValue<Fields extends FieldTexts> = ValueOfText<Fields[NameOfKind<Fields, 'enum'>]> & string

type TimeName<Fields extends FieldTexts> = NameOfKind<Fields, 'data'> | '$createdAt' | '$updatedAt'

/** `ScheduleDefinition` with the names of the Noun. */
export interface ScheduleOf<Fields extends FieldTexts> {
  readonly call: CustomVerb<Fields>
  readonly name?: string
  readonly at?: TimeName<Fields> | readonly TimeName<Fields>[]
  readonly when?: { readonly [Name in StoredName<Fields>]?: Scalar | null | readonly (Scalar | null)[] }
  readonly settings?: SettingCondition
  readonly after?: After
  readonly hours?: 'business'
  readonly every?: string
  readonly cron?: string | { readonly field: NameOfKind<Fields, 'data'> }
}

/** The parts of a definition besides fields and verbs. `definition.ts` explains each. */
export interface NounOptions<Fields extends FieldTexts> {
  readonly about?: string
  readonly service?: string
  readonly descriptions?: {
    readonly [Name in (keyof Fields & string) | 'create' | 'update' | 'delete']?: string
  }
  readonly indexes?: readonly PathIndexDefinition[]
  readonly state?: NameOfKind<Fields, 'enum'>
  readonly transitions?: readonly {
    readonly from: readonly StateValue<Fields>[]
    readonly verb: CustomVerb<Fields> | 'create' | 'update'
    readonly to: StateValue<Fields>
    readonly irreversible?: boolean
    readonly named?: boolean
  }[]
  readonly strict?: boolean
  readonly states?: {
    readonly [Value in StateValue<Fields>]?: {
      readonly sets?: { readonly [Field in NameOfKind<Fields, 'data' | 'enum' | 'reference'>]?: EffectValue }
      readonly holds?: readonly NameOfKind<Fields, 'data' | 'enum' | 'reference'>[]
    }
  }
  readonly categories?: { readonly [Value in StateValue<Fields>]?: string }
  readonly effects?: {
    readonly [Name in CustomVerb<Fields>]?: Partial<Omit<VerbEffect, 'sets'>> & {
      readonly sets?: {
        readonly [Field in StoredName<Fields>]?: EffectValue
      }
    }
  } & { readonly [Name in 'create' | 'update' | 'delete']?: Pick<VerbEffect, 'related' | 'does' | 'strangers'> }
  readonly bounds?: readonly (string | BoundDefinition)[]
  readonly fills?: { readonly [Name in StoredName<Fields>]?: VerbEffect['sets'][string] }
  readonly numbers?: { readonly [Name in StoredName<Fields>]?: NumberDefinition }
  readonly frozen?: readonly (Omit<FrozenDefinition, 'fields'> & {
    readonly fields?: readonly StoredName<Fields>[]
  })[]
  readonly onDelete?: { readonly [Name in NameOfKind<Fields, 'reference'>]?: DeletionRule }
  readonly role?: NounRole
  readonly schedules?: readonly ScheduleOf<Fields>[]
}

/**
 * Throws an ObjectError `invalid_definition` that names the field and what was expected. The compiler checks the names in
 * `options`, and the server checks their values when it takes the definition.
 */
export function Noun<const Name extends string, const Fields extends FieldTexts>(
  name: Name,
  definition: { readonly [Key in keyof Fields]: CheckedText<Key, Fields[Key]> },
  options: NounOptions<Fields> = {},
): Noun<Name, Fields> {
  return makeNoun(name, { fields: definition, ...options }) as Noun<Name, Fields>
}

/** Makes a Noun from a definition that is known only at run time. Throws like `Noun`. */
export function makeNoun(name: string, definition: NounDefinition): Noun<string, FieldTexts> {
  const schema = makeSchema(name, definition)
  return Object.freeze({
    $name: name,
    $definition: schema.definition.fields,
    $schema: schema,
    '~standard': standardSchemaOf(schema),
  })
}
