// What `$.Contact` is to the compiler: reads, the writes that its Noun has not taken away, and a method for each verb.

import type {
  CreateInput,
  EntityMeta,
  EntityOf,
  FilterInput,
  NounSchema,
  SortInput,
  UpdateInput,
  VerbNameOf,
} from 'digital-objects'
import type { EventsBy } from '../events/events-by-types.ts'
import type { Later, Linked, LinkedRow, OrLater, Pending, Pipeline } from '../types/linked.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { Listing, Page } from '../calls/listing.ts'
import type { DefinitionOf, EventOf, FieldOf, NameOfKey, NounKey, NounOf, RelationOf, Row } from '../types/noun-of.ts'
import type { ArgumentsOf, CreatingVerbs } from '../types/verb-arguments.ts'

export interface ReadOptions extends CallOptions {
  /** The newest committed state, from the tenant's object. */
  readonly strong?: boolean
  /** What was true at this moment. */
  readonly asOf?: string | Date
}

export interface GetOptions<Include extends string, Field extends string> extends ReadOptions {
  /** Relations that come as entities in place of their ids. */
  readonly include?: Include | readonly Include[]
  /** Nothing but these; `$id` and `$type` always come. */
  readonly fields?: readonly Field[]
}

export interface FindOptions<Key extends NounKey, Include extends string, Field extends string> extends GetOptions<
  Include,
  Field
> {
  /** Newest first unless given. */
  readonly sort?: SortInput<NounOf<Key>>
  /**
   * How many at most: 50 unless given, 1,000 at most. A `for await` over them ends there, and has no end of its own; a
   * pipeline goes through all of them unless given.
   */
  readonly limit?: number
  /** Of an earlier page of the same filter and sort. */
  readonly cursor?: string
}

export interface WriteOptions extends CallOptions {
  /** The `$version` that the entity must have; else `version_conflict`. */
  readonly ifVersion?: number
  /** One is made for each write unless given: the server does a write once, however often it is sent. */
  readonly idempotencyKey?: string
}

export interface ManyOptions extends CallOptions {
  /** Each write's key is made from it, so that calling again after a failure does only what was not done. */
  readonly idempotencyKey?: string
}

/** A version, or a moment. */
export type Point = { readonly version: number } | { readonly asOf: string | Date }

export interface Diff<Key extends NounKey> {
  /** Null where it did not exist. */
  readonly before: EntityOf<NounOf<Key>> | null
  readonly after: EntityOf<NounOf<Key>> | null
  readonly changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[]
  /** Those in between, oldest first; 100 at most. */
  readonly events: readonly EventOf<Key>[]
}

/** Says in the arguments themselves which entity is meant; what was read may be sent back whole. */
type Addressed<Input> = Input &
  Omit<Partial<EntityMeta>, '$id'> &
  ({ readonly id: string | Later<string> } | { readonly $id: string | Later<string> })

/**
 * What no call is, so that the overload that has it takes no object. It stands there because a compiler that finds none
 * that fits explains why the last did not: this one has the fields, for either way of calling.
 */
type Misaddressed<Input> = Input &
  Partial<EntityMeta> & { readonly id?: string; readonly [expectsIdThenOptions]: never }
declare const expectsIdThenOptions: unique symbol

/** A filter whose ids may be those that other calls will come to. */
type FilterOf<Key extends NounKey> = {
  readonly [Field in keyof FilterInput<NounOf<Key>>]: Field extends RelationOf<Key> | '$id'
    ? FilterInput<NounOf<Key>>[Field] | Later<string>
    : FilterInput<NounOf<Key>>[Field]
}

/** `await` gives one page, `for await` all, and a list that is not awaited can be worked on at the server. */
export type Found<Found extends object, Item> = Omit<Pipeline<Item>, keyof Promise<unknown>> &
  Promise<Page<Found>> &
  AsyncIterable<Found>

interface Reads<in out Key extends NounKey> {
  readonly $name: NameOfKey<Key>
  readonly $definition: DefinitionOf<Key>
  readonly $schema: NounSchema
  /** Null when there is none. */
  get<Include extends RelationOf<Key> = never, Field extends FieldOf<Key> = never>(
    id: string | Later<string>,
    options?: GetOptions<Include, Field>,
  ): Pending<LinkedRow<Key, Include, Field> | null>
  /**
   * `await` gives one page, an array that knows its `total`, `hasMore` and `cursor`, and `map`, `filter` and the like
   * work on that page; `for await` gives all, page by page.
   */
  find<Include extends RelationOf<Key> = never, Field extends FieldOf<Key> = never>(
    filter?: FilterOf<Key>,
    options?: FindOptions<Key, Include, Field>,
  ): Found<Row<Key, Include, Field>, LinkedRow<Key, Include, Field>>
  /** The first, or null. */
  findOne<Include extends RelationOf<Key> = never, Field extends FieldOf<Key> = never>(
    filter?: FilterOf<Key>,
    options?: Omit<FindOptions<Key, Include, Field>, 'limit' | 'cursor'>,
  ): Pending<LinkedRow<Key, Include, Field> | null>
  count(filter?: FilterOf<Key>, options?: ReadOptions): Pending<number>
  /** Its events, oldest first; those of one that was deleted too. */
  history(
    id: string,
    options?: CallOptions & { readonly limit?: number; readonly after?: number },
  ): Listing<EventOf<Key>>
  /** What differs between two versions or moments; its newest change unless given. */
  diff(
    id: string,
    options?: CallOptions & { readonly from?: number | string | Date; readonly to?: number | string | Date },
  ): Promise<Diff<Key>>
}

interface Creates<in out Key extends NounKey> {
  create(data: OrLater<CreateInput<NounOf<Key>>>, options?: Omit<WriteOptions, 'ifVersion'>): Pending<Linked<Key>>
  /** In the order of `rows`, each written by itself: one that is refused stops those that were not sent yet. */
  createMany(rows: readonly CreateInput<NounOf<Key>>[], options?: ManyOptions): Promise<EntityOf<NounOf<Key>>[]>
}

interface Updates<in out Key extends NounKey> {
  /** The fields it names; null clears one. */
  update(data: Addressed<OrLater<UpdateInput<NounOf<Key>>>>, options?: WriteOptions): Pending<Linked<Key>>
  update(
    id: string | Later<string>,
    data: OrLater<UpdateInput<NounOf<Key>>>,
    options?: WriteOptions,
  ): Pending<Linked<Key>>
  update(
    id: string | Misaddressed<OrLater<UpdateInput<NounOf<Key>>>>,
    data: OrLater<UpdateInput<NounOf<Key>>>,
    options?: WriteOptions,
  ): Pending<Linked<Key>>
  /** Those that match now, each written by itself. */
  updateMany(
    filter: FilterInput<NounOf<Key>>,
    data: UpdateInput<NounOf<Key>>,
    options?: ManyOptions,
  ): Promise<EntityOf<NounOf<Key>>[]>
  /** Brings an earlier state back, as a new version. */
  rollback(id: string | Later<string>, to: Point, options?: WriteOptions): Pending<Linked<Key>>
}

interface Deletes {
  /** Its past stays. */
  delete(id: string | Later<string>, options?: WriteOptions): Promise<void>
}

/** What a verb takes: fields of its entity, and what else it reads. */
export type VerbInput<Key extends NounKey, Verb> = OrLater<UpdateInput<NounOf<Key>>> & ArgumentsOf<NameOfKey<Key>, Verb>

interface Performs<in out Key extends NounKey, in out Verb> {
  (data: Addressed<VerbInput<Key, Verb>>, options?: WriteOptions): Pending<Linked<Key>>
  (id: string | Later<string>, data?: VerbInput<Key, Verb>, options?: WriteOptions): Pending<Linked<Key>>
  (
    id: string | Misaddressed<VerbInput<Key, Verb>>,
    data?: VerbInput<Key, Verb>,
    options?: WriteOptions,
  ): Pending<Linked<Key>>
}

/** A verb that creates where it is given no id. */
interface PerformsOrCreates<in out Key extends NounKey, in out Verb> {
  (
    data: VerbInput<Key, Verb> & Partial<EntityMeta> & { readonly id?: string },
    options?: WriteOptions,
  ): Pending<Linked<Key>>
  (id: string | Later<string>, data?: VerbInput<Key, Verb>, options?: WriteOptions): Pending<Linked<Key>>
  (
    id: string | Misaddressed<VerbInput<Key, Verb>>,
    data?: VerbInput<Key, Verb>,
    options?: WriteOptions,
  ): Pending<Linked<Key>>
}

type Verbs<Key extends NounKey> = {
  readonly [
    Verb in Exclude<VerbNameOf<NounOf<Key>>, 'create' | 'update' | 'delete'>
  ]: NameOfKey<Key> extends keyof CreatingVerbs
    ? Verb extends CreatingVerbs[NameOfKey<Key>]
      ? PerformsOrCreates<Key, Verb>
      : Performs<Key, Verb>
    : Performs<Key, Verb>
}

type Having<Key extends NounKey, Verb, Methods> = Verb extends VerbNameOf<NounOf<Key>> ? Methods : unknown

type Methods<Key extends NounKey> = Reads<Key> &
  Having<Key, 'create', Creates<Key>> &
  Having<Key, 'update', Updates<Key>> &
  Having<Key, 'delete', Deletes> &
  Verbs<Key> &
  EventsBy<Key>

/** All that can be done with the entities of one Noun. Invariant: to find that out the compiler would go round for ever. */
export type EntityMethods<in out Key extends NounKey> = {
  readonly [Method in keyof Methods<Key>]: Methods<Key>[Method]
}
