// Types refer to a Noun by a key. The key of a built-in Noun is its name, so that compiler messages show `'Contact'`
// instead of the whole definition.

import type {
  EntityOf,
  EventTypeOf,
  FieldTexts,
  FirstOf,
  IncludeOf,
  IncludePathOf,
  KnownName,
  nouns,
  NounSchema,
  ObjectEvent,
  serviceNouns,
  Simplify,
  WithIncludes,
} from 'digital-objects'

/** The Nouns that a client knows by default: the built-in ones and those of services. */
export type Nouns = typeof nouns & typeof serviceNouns

/** The key of a Noun in a client with Nouns of its own; `All` maps the names to all of them: `Among<'Vehicle', All>`. */
export interface Among<Name extends string, All extends object> {
  readonly name: Name
  readonly all: All
}

export type NounKey = KnownName | Among<string, object>

/** The key of another Noun of the same client: `Sibling<'Contact', 'Deal'>` -> `'Deal'`. */
export type Sibling<Key extends NounKey, Name> =
  Key extends Among<string, infer All> ? (Name extends keyof All & string ? Among<Name, All> : never) : Name & KnownName

export type NameOfKey<Key extends NounKey> =
  Key extends Among<infer Name, object> ? Name : Key extends KnownName ? Key : never

export type NounOf<Key extends NounKey> = Key extends KnownName
  ? Nouns[Key]
  : Key extends Among<infer Name, infer All>
    ? All[Name & keyof All]
    : never

export type DefinitionOf<Key extends NounKey> =
  NounOf<Key> extends { readonly $definition: infer Fields } ? Fields : never

/** All Nouns of its client, by name. */
export type NounsBeside<Key extends NounKey> = Key extends Among<string, infer All> ? All : Nouns

/** The names of its relations. */
export type RelationOf<Key extends NounKey> = IncludeOf<NounOf<Key>> & string

/** Names and paths that `include` takes. */
export type IncludePath<Key extends NounKey> = IncludePathOf<NounOf<Key>> & string

/** Names that `fields` takes. */
export type FieldOf<Key extends NounKey> = Exclude<keyof EntityOf<NounOf<Key>>, '$id' | '$type'> & string

/** The result of a read: included relations replace their ids, and `fields`, if any, limit the rest. */
export type Row<Key extends NounKey, Include extends string, Field extends string> = [Field] extends [never]
  ? Whole<Key, Include>
  : Simplify<
      Pick<Whole<Key, Include>, keyof Whole<Key, Include> & (Field | FirstOf<Include> | '$id' | '$type' | '$more')>
    >

type Whole<Key extends NounKey, Include extends string> = [Include] extends [never]
  ? EntityOf<NounOf<Key>>
  : WithIncludes<NounsBeside<Key>, NounOf<Key>, Include & IncludePath<Key>>

/** An event of this Noun; its data is the whole entity. */
export type EventOf<Key extends NounKey> = Simplify<
  Omit<ObjectEvent, 'type' | 'data'> & {
    readonly type: EventTypeOf<NounOf<Key>>
    readonly data: EntityOf<NounOf<Key>>
  }
>

/** A Noun as `Noun()` and `extend()` make it. */
export interface NounValue {
  readonly $name: string
  readonly $definition: FieldTexts
  readonly $schema: NounSchema
}
