// The types derived from a Noun: its entity, the inputs of `create` and `update`, its verbs, hooks, relations and filters.

import type { Gerund, Past } from './conjugate.ts'
import type { Entity, EntityMeta } from '../base/entity.ts'
import type { FieldTexts } from './definition.ts'
import type {
  FieldKind,
  IsAlways,
  IsList,
  IsMany,
  IsRequired,
  ItemOfText,
  ReferenceTargets,
  ReverseSource,
  ValueOfText,
} from './field-text.ts'
import type { Scalar } from '../base/entity.ts'

/** Makes editors show a type's plain shape on hover instead of the helper types. */
export type Simplify<Shape> = { [Key in keyof Shape]: Shape[Key] } & {}

/** The custom verbs of a definition: `{ qualify: 'Qualified' }` -> `'qualify'`. */
export type CustomVerb<Fields extends FieldTexts> = {
  [Name in keyof Fields & string]: FieldKind<Fields[Name]> extends 'verb' ? Name : never
}[keyof Fields & string]

export type FieldsOf<Type> = Type extends { readonly $definition: infer Fields extends FieldTexts } ? Fields : never
type NameOf<Type> = Type extends { readonly $name: infer Name extends string } ? Name : never

export type StoredKey<Fields> = {
  [Key in keyof Fields & string]: FieldKind<Fields[Key]> extends 'data' | 'enum' | 'reference' ? Key : never
}[keyof Fields & string]
type AlwaysKey<Fields> = {
  [Key in StoredKey<Fields>]: IsAlways<Key, Fields[Key]> extends true ? Key : never
}[StoredKey<Fields>]
type RequiredKey<Fields> = {
  [Key in StoredKey<Fields>]: IsRequired<Key, Fields[Key]> extends true ? Key : never
}[StoredKey<Fields>]
export type RelationKey<Fields> = {
  [Key in keyof Fields & string]: FieldKind<Fields[Key]> extends 'reference' | 'reverse' ? Key : never
}[keyof Fields & string]

/** An entity as reads return it: `{ $type: 'Contact', $id, …, name: string, email?: string }`. */
export type EntityOf<Type> = Simplify<
  Omit<EntityMeta, '$type'> & { readonly $type: NameOf<Type> } & {
    readonly [Key in AlwaysKey<FieldsOf<Type>>]: ValueOfText<FieldsOf<Type>[Key]>
  } & {
    readonly [Key in Exclude<StoredKey<FieldsOf<Type>>, AlwaysKey<FieldsOf<Type>>>]?: ValueOfText<FieldsOf<Type>[Key]>
  }
>

/** The input of `create`. A datetime may be a `Date`. */
export type CreateInput<Type> = Simplify<
  { readonly [Key in RequiredKey<FieldsOf<Type>>]: InputValue<FieldsOf<Type>[Key]> } & {
    readonly [Key in Exclude<StoredKey<FieldsOf<Type>>, RequiredKey<FieldsOf<Type>>>]?:
      | InputValue<FieldsOf<Type>[Key]>
      | null
      | undefined
  }
>

/** The input of `update`: the fields to change; null clears a field. */
export type UpdateInput<Type> = Simplify<{
  readonly [Key in StoredKey<FieldsOf<Type>>]?: InputValue<FieldsOf<Type>[Key]> | null | undefined
}>

type InputValue<Text> = Text extends `datetime${string}` ? string | Date : ValueOfText<Text>

/** `'create' | 'update' | 'delete' | 'qualify'`, without disabled verbs. */
export type VerbNameOf<Type> = CrudVerb<FieldsOf<Type>> | CustomVerb<FieldsOf<Type>>
type CrudVerb<Fields> = Exclude<
  'create' | 'update' | 'delete',
  { [Key in keyof Fields]: Fields[Key] extends null ? Key : never }[keyof Fields]
>

/** `'qualifying' | 'qualified' | 'creating' | 'created' …` */
export type HookNameOf<Type> = CrudHook<CrudVerb<FieldsOf<Type>>> | VerbHook<FieldsOf<Type>>
type CrudHook<Verb extends string> = Gerund<Verb> | `${Verb}d`
type VerbHook<Fields extends FieldTexts> = {
  [Key in CustomVerb<Fields>]: Gerund<Key> | Past<Fields[Key] & string>
}[CustomVerb<Fields>]

/** `'Contact.Qualified' | 'Contact.Created' …` */
export type EventTypeOf<Type> =
  | `${NameOf<Type>}.${Capitalize<CrudVerb<FieldsOf<Type>>>}d`
  | `${NameOf<Type>}.${FieldsOf<Type>[CustomVerb<FieldsOf<Type>>] & string}`

/** The relations that a read can include: `'organization' | 'deals'`. */
export type IncludeOf<Type> = RelationKey<FieldsOf<Type>>

/** A relation, or a path of them: `'deals.contact.organization'`. The compiler checks only its beginning, for speed. */
export type IncludePathOf<Type> = IncludeOf<Type> | `${IncludeOf<Type>}.${string}`

/** `'deals.contact' | 'tickets'` -> `'deals' | 'tickets'`. */
export type FirstOf<Path extends string> = Path extends `${infer First}.${string}` ? First : Path
/** `'deals.contact' | 'tickets'`, `'deals'` -> `'contact'`. */
type RestAfter<Path extends string, First extends string> = Path extends `${First}.${infer Rest}` ? Rest : never

/** The Nouns by name, to resolve relations. */
export type NounMap = object

/** Where to read the rest of an included list that is cut: by `find`, or by the ids that were left out. */
export interface MoreRelated {
  readonly noun?: string
  readonly filter?: Readonly<Record<string, string>>
  readonly ids?: readonly string[]
}

/**
 * An entity with included relations, null for a deleted one: `WithIncludes<typeof nouns, typeof Contact, 'deals.owner'>`.
 * `$more` names the included lists that are longer than what the answer contains.
 */
export type WithIncludes<Nouns extends NounMap, Type, Included extends string> = Simplify<
  Omit<EntityOf<Type>, FirstOf<Included>> & {
    readonly [Key in FirstOf<Included> & AlwaysRelation<FieldsOf<Type>>]: Related<
      Nouns,
      FieldsOf<Type>[Key] & string,
      RestAfter<Included, Key>
    >
  } & {
    readonly [
      Key in FirstOf<Included> & Exclude<RelationKey<FieldsOf<Type>>, AlwaysRelation<FieldsOf<Type>>>
    ]?: Related<Nouns, FieldsOf<Type>[Key] & string, RestAfter<Included, Key>>
  } & { readonly $more?: { readonly [Key in FirstOf<Included>]?: MoreRelated } }
>

/** Included relations that are always present: lists of the entities that refer to it, and required references. */
type AlwaysRelation<Fields> = {
  [Key in RelationKey<Fields>]: FieldKind<Fields[Key]> extends 'reverse'
    ? Key
    : IsAlways<Key, Fields[Key]> extends true
      ? Key
      : IsListField<Fields[Key]> extends true
        ? Key
        : never
}[RelationKey<Fields>]
type IsListField<Text> = Text extends string ? IsList<Text> : false

type Related<Nouns extends NounMap, Text extends string, Rest extends string> =
  FieldKind<Text> extends 'reference'
    ? IsList<Text> extends true
      ? readonly EntityNamed<Nouns, ReferenceTargets<Text>, Rest>[]
      : EntityNamed<Nouns, ReferenceTargets<Text>, Rest> | null
    : IsMany<Text> extends true
      ? readonly EntityNamed<Nouns, ReverseSource<Text>, Rest>[]
      : EntityNamed<Nouns, ReverseSource<Text>, Rest> | null
type EntityNamed<Nouns extends NounMap, Name, Rest extends string> = Name extends keyof Nouns
  ? [Rest] extends [never]
    ? EntityOf<Nouns[Name]>
    : WithIncludes<Nouns, Nouns[Name], Rest>
  : Name extends '*'
    ? Entity
    : never

/** The value of another field of the same entity. */
interface FieldValue {
  readonly $field: string
}
interface Comparisons<Value> {
  readonly $eq?: Value | FieldValue | null
  readonly $ne?: Value | FieldValue | null
  readonly $gt?: Value | FieldValue
  readonly $gte?: Value | FieldValue
  readonly $lt?: Value | FieldValue
  readonly $lte?: Value | FieldValue
  readonly $in?: readonly (Value | null)[]
  readonly $nin?: readonly (Value | null)[]
  readonly $exists?: boolean
  readonly $not?: Comparisons<Value>
}
interface TextComparisons<Value> extends Comparisons<Value> {
  readonly $regex?: string
  readonly $options?: 'i' | ''
}
/** The type at the end of a path is unknown. */
type PathCondition = Scalar | null | TextComparisons<Scalar>
/** Does not distribute over a union, because `$in` takes several of an enum's values. */
type Condition<Value> = Value | null | ([Value] extends [string] ? TextComparisons<Value> : Comparisons<Value>)

/** A filter compares each value of a list. An empty list counts as missing. */
type ConditionOn<Text> =
  IsListField<Text> extends true ? Condition<ItemOfText<Text & string>> | readonly [] : Condition<InputValue<Text>>

/** A filter on the Noun's own fields; dotted paths reach through relations and `json`. */
export type FilterInput<Type> = {
  readonly [Key in StoredKey<FieldsOf<Type>>]?: ConditionOn<FieldsOf<Type>[Key]>
} & {
  readonly [Path in `${RelationKey<FieldsOf<Type>> | JsonKey<FieldsOf<Type>>}.${string}`]?: PathCondition
} & {
  readonly $id?: Condition<string>
  readonly $version?: Condition<number>
  readonly $createdAt?: Condition<string | Date>
  readonly $createdBy?: Condition<string>
  readonly $updatedAt?: Condition<string | Date>
  readonly $text?: string
  readonly $and?: readonly FilterInput<Type>[]
  readonly $or?: readonly FilterInput<Type>[]
  readonly $not?: FilterInput<Type>
}
export type JsonKey<Fields> = {
  [Key in keyof Fields & string]: Fields[Key] extends `json${string}` ? Key : never
}[keyof Fields & string]

export type ListKey<Fields> = {
  [Key in keyof Fields & string]: IsListField<Fields[Key]> extends true ? Key : never
}[keyof Fields & string]

type SortKey<Type> =
  | Exclude<StoredKey<FieldsOf<Type>>, JsonKey<FieldsOf<Type>> | ListKey<FieldsOf<Type>>>
  | '$id'
  | '$version'
  | '$createdAt'
  | '$updatedAt'

/** `'-value'`, `['-value', 'name']` or `{ value: -1 }`. */
export type SortInput<Type> =
  | SortText<Type>
  | readonly SortText<Type>[]
  | { readonly [Key in SortKey<Type>]?: 1 | -1 | undefined }
type SortText<Type> = SortKey<Type> | `-${SortKey<Type>}`
