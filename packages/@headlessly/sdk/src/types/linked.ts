// Types of pending results: entities whose relations can be followed, lists that are processed at the server, and values
// that other calls accept while they are pending.

import type { EntityOf, WithIncludes } from 'digital-objects'
import type { NameOfKey, NounKey, NounOf, NounsBeside, RelationOf, Row, Sibling } from './noun-of.ts'

/** The type once it has arrived: for an entity, its fields and ids. */
declare const plain: unique symbol
declare const related: unique symbol
declare const pending: unique symbol

/** `Linked<'Contact'>` has a Contact's fields, and entities in place of relations: `contact.organization?.name`. */
export type Linked<in out Key extends NounKey> = {
  readonly [Member in keyof Branded<Key, EntityOf<NounOf<Key>>>]: LinkedField<Key, EntityOf<NounOf<Key>>, Member>
}

/** A key's secret, which only the answer that creates it has. */
interface Secret {
  /** Absent if the answer repeats an earlier one, or if the key was made elsewhere. */
  readonly key?: string
}

/** An entity as `create` returns it: an `ApiKey` with its key. */
export type Created<Key extends NounKey> =
  NameOfKey<Key> extends 'ApiKey' ? Linked<Key> & Secret & { readonly [plain]: Secret } : Linked<Key>

/** An entity as `find` and `get` return it, with its relations. */
export type LinkedRow<Key extends NounKey, Include extends string, Field extends string> = [Include | Field] extends [
  never,
]
  ? Linked<Key>
  : LinkedPart<Key, Row<Key, Include, Field>, [Field] extends [never] ? string : Field>

/** An entity limited to `Field`; its relations can still be followed. */
export type LinkedPart<Key extends NounKey, Entity, Field extends string> = {
  readonly [
    Member in keyof Branded<Key, Entity> as Member extends Field | RelationOf<Key> | '$id' | '$type' | typeof plain
      ? Member
      : never
  ]: LinkedField<Key, Entity, Member>
}

type Branded<Key extends NounKey, Entity> = WithRelations<Key> & { readonly [plain]: Entity }
type LinkedField<Key extends NounKey, Entity, Member extends keyof Branded<Key, Entity>> =
  Member extends RelationOf<Key> ? LinkOf<Key, Branded<Key, Entity>[Member]> : Branded<Key, Entity>[Member]
type WithRelations<Key extends NounKey> = WithIncludes<NounsBeside<Key>, NounOf<Key>, RelationOf<Key>>
type LinkOf<Key extends NounKey, Value> = Value extends readonly (infer Item)[]
  ? RelatedList<LinkOf<Key, Item>>
  : Value extends { readonly $type: infer Name extends string }
    ? string extends Name
      ? Value
      : Linked<Sibling<Key, Name>>
    : Value

/** The entities at the other end of a relation. `map` flattens them. */
export type RelatedList<Item> = readonly Item[] & { readonly [related]: true }

/** `Plain<Linked<'Contact'>>` -> the contact as it is read, also deep inside a value. */
export type Plain<Value> = Value extends { readonly [plain]: infer Entity }
  ? Entity
  : Value extends readonly (infer Item)[]
    ? Plain<Item>[]
    : Value extends object
      ? { [Key in keyof Value]: Plain<Value[Key]> }
      : Value

/** The pending result of a call; calls accept it wherever they accept the value. */
export type Later<Value> = PromiseLike<Value> & { readonly [pending]: true }

/** `await` resolves it. Before that its parts can be reached, and then only they are sent: `get(id).organization`. */
export type Pending<Value> = [NonNullable<Value>] extends [readonly (infer Item)[]]
  ? Pipeline<Item>
  : PendingValue<Value> & Members<NonNullable<Value>>

/** Has a name, so that an editor shows `PendingValue<Linked<'Contact'> | null>` instead of all fields. */
export interface PendingValue<in out Value> extends Promise<Plain<Value>> {
  readonly [pending]: true
}

type Members<Value> = Value extends { readonly [plain]: unknown }
  ? { readonly [Key in keyof Value as Key extends string ? Key : never]-?: Pending<Value[Key]> }
  : unknown

type Flat<Made> = Made extends RelatedList<infer Item> ? Item : Made

/**
 * A list that the server processes, all steps in one call, and of which only the result is sent. It covers all matches,
 * or `limit` of them; more than 10,000 are refused. Awaited without steps, `find` returns one page: 50 rows, or up to
 * 1,000 with `limit`.
 * Callbacks are parsed instead of run, so they cannot use outer variables; pass these as the last argument.
 */
export interface Pipeline<in out Item> extends Promise<Plain<Item>[]> {
  readonly [pending]: true
  /** Flattens relations: `find().map((contact) => contact.deals)` is a list of deals. */
  map<Made>(make: (item: Item) => Made): Pipeline<Flat<Made>>
  map<Made, const Given>(make: (item: Item, given: Given) => Made, given: Given): Pipeline<Flat<Made>>
  flatMap<Made>(make: (item: Item) => Made | readonly Made[]): Pipeline<Made>
  flatMap<Made, const Given>(make: (item: Item, given: Given) => Made | readonly Made[], given: Given): Pipeline<Made>
  filter<Kept extends Item>(test: (item: Item) => item is Kept): Pipeline<Kept>
  filter(test: (item: Item) => unknown): Pipeline<Item>
  filter<const Given>(test: (item: Item, given: Given) => unknown, given: Given): Pipeline<Item>
  find(test: (item: Item) => unknown): Pending<Item | undefined>
  find<const Given>(test: (item: Item, given: Given) => unknown, given: Given): Pending<Item | undefined>
  some(test: (item: Item) => unknown): Pending<boolean>
  some<const Given>(test: (item: Item, given: Given) => unknown, given: Given): Pending<boolean>
  every(test: (item: Item) => unknown): Pending<boolean>
  every<const Given>(test: (item: Item, given: Given) => unknown, given: Given): Pending<boolean>
  reduce<Sum>(add: (sum: Sum, item: Item) => Sum, initial: Sum): Pending<Sum>
  reduce<Sum, const Given>(add: (sum: Sum, item: Item, given: Given) => Sum, initial: Sum, given: Given): Pending<Sum>
  /** A sorted copy; without `compare`, items are compared as strings. */
  sort(compare?: (left: Item, right: Item) => number): Pipeline<Item>
  sort<const Given>(compare: (left: Item, right: Item, given: Given) => number, given: Given): Pipeline<Item>
  slice(start?: number, end?: number): Pipeline<Item>
  readonly length: Pending<number>
}

/** The fields that a call takes: values, or pending results of other calls. */
export type OrLater<Input> = { readonly [Key in keyof Input]: Input[Key] | Later<NonNullable<Input[Key]>> }
