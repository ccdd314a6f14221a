// The built-in Nouns by name, for types: `'Contact'` stands for `typeof Contact` in every message that a reader sees.

import type {
  EntityOf,
  EventTypeOf,
  IncludeOf,
  NounName,
  nouns,
  ObjectEvent,
  Simplify,
  WithIncludes,
} from 'digital-objects'

export type Nouns = typeof nouns
export type NounOf<Name extends NounName> = Nouns[Name]

/** What `include` may name. */
export type RelationOf<Name extends NounName> = IncludeOf<NounOf<Name>> & string

/** What `fields` may name. */
export type FieldOf<Name extends NounName> = Exclude<keyof EntityOf<NounOf<Name>>, '$id' | '$type'> & string

/** What a read gives: relations in place of their ids, cut down to `fields` where some are named. */
export type Row<Name extends NounName, Include extends string, Field extends string> = [Field] extends [never]
  ? Whole<Name, Include>
  : Simplify<Pick<Whole<Name, Include>, keyof Whole<Name, Include> & (Field | Include | '$id' | '$type')>>

type Whole<Name extends NounName, Include extends string> = [Include] extends [never]
  ? EntityOf<NounOf<Name>>
  : WithIncludes<Nouns, NounOf<Name>, Include & RelationOf<Name>>

/** An event of this Noun: its type is one of the Noun's, its data the entity. */
export type EventOf<Name extends NounName> = Simplify<
  Omit<ObjectEvent, 'type' | 'data'> & {
    readonly type: EventTypeOf<NounOf<Name>>
    readonly data: EntityOf<NounOf<Name>>
  }
>
