// The Nouns that types speak of, each by a key. For a built-in one it is its name, so that `'Contact'` stands for
// `typeof Contact` in every message that a reader sees.

import type {
  EntityOf,
  EventTypeOf,
  FieldTexts,
  IncludeOf,
  NounName,
  nouns,
  NounSchema,
  ObjectEvent,
  Simplify,
  WithIncludes,
} from 'digital-objects'

export type Nouns = typeof nouns

/** The key of a Noun in a client that has Nouns of its own, `All` by name: `Among<'Vehicle', All>`. */
export interface Among<Name extends string, All extends object> {
  readonly name: Name
  readonly all: All
}

export type NounKey = NounName | Among<string, object>

/** The key of the Noun `Name` beside this one: `Sibling<'Contact', 'Deal'>` -> `'Deal'`. */
export type Sibling<Key extends NounKey, Name> =
  Key extends Among<string, infer All> ? (Name extends keyof All & string ? Among<Name, All> : never) : Name & NounName

export type NameOfKey<Key extends NounKey> =
  Key extends Among<infer Name, object> ? Name : Key extends NounName ? Key : never

export type NounOf<Key extends NounKey> = Key extends NounName
  ? Nouns[Key]
  : Key extends Among<infer Name, infer All>
    ? All[Name & keyof All]
    : never

export type DefinitionOf<Key extends NounKey> =
  NounOf<Key> extends { readonly $definition: infer Fields } ? Fields : never

/** All Nouns that are known beside it, by name. */
export type NounsBeside<Key extends NounKey> = Key extends Among<string, infer All> ? All : Nouns

/** What `include` may name. */
export type RelationOf<Key extends NounKey> = IncludeOf<NounOf<Key>> & string

/** What `fields` may name. */
export type FieldOf<Key extends NounKey> = Exclude<keyof EntityOf<NounOf<Key>>, '$id' | '$type'> & string

/** What a read gives: relations in place of their ids, cut down to `fields` where some are named. */
export type Row<Key extends NounKey, Include extends string, Field extends string> = [Field] extends [never]
  ? Whole<Key, Include>
  : Simplify<Pick<Whole<Key, Include>, keyof Whole<Key, Include> & (Field | Include | '$id' | '$type')>>

type Whole<Key extends NounKey, Include extends string> = [Include] extends [never]
  ? EntityOf<NounOf<Key>>
  : WithIncludes<NounsBeside<Key>, NounOf<Key>, Include & RelationOf<Key>>

/** An event of this Noun: its type is one of the Noun's, its data the entity. */
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
