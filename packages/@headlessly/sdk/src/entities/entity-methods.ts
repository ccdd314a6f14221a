// The type of `$.Contact`: reads, the writes that its Noun allows, and a method for each verb.

import type {
  AggregateGroup,
  AggregateInput,
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
import type { LiveOptions } from '../events/live-list.ts'
import type { ChangesListener, LiveListener } from '../events/live-rows.ts'
import type { SubscribeOptions, Unsubscribe } from '../events/subscription.ts'
import type { Hooks } from './hooks.ts'
import type { Created, Later, Linked, LinkedRow, OrLater, Pending, Pipeline } from '../types/linked.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { DryRun, Refusal } from '../calls/dry-run.ts'
import type { HappenedAt } from '../calls/happened-at.ts'
import type { Listing, Page } from '../calls/listing.ts'
import type {
  DefinitionOf,
  EventOf,
  FieldOf,
  IncludePath,
  NameOfKey,
  NounKey,
  NounOf,
  NounsBeside,
  RelationOf,
  Row,
  Sibling,
} from '../types/noun-of.ts'
import type { ArgumentsOf, CreatingVerbs } from '../types/verb-arguments.ts'

export interface ReadOptions extends CallOptions {
  /** Reads the latest committed state from the tenant's object. */
  readonly strong?: boolean | undefined
  /** Reads the state of this time. */
  readonly asOf?: string | Date | undefined
}

export interface GetOptions<Include extends string, Field extends string> extends ReadOptions {
  /**
   * Relations to return as entities instead of ids, also paths of up to three: `'deals.contact.organization'`. A list has at
   * most 100 entities; `$more` says where the rest of a longer one is.
   */
  readonly include?: Include | readonly Include[] | undefined
  /** Returns only these fields; `$id` and `$type` are always included. */
  readonly fields?: readonly Field[] | undefined
}

export interface FindOptions<Key extends NounKey, Include extends string, Field extends string> extends GetOptions<
  Include,
  Field
> {
  /** Default: newest first. */
  readonly sort?: SortInput<NounOf<Key>> | undefined
  /**
   * The most rows to return: 50 by default, at most 1,000. `for await` has no limit of its own, but stops at this one.
   * A pipeline processes all matches by default.
   */
  readonly limit?: number | undefined
  /** Continues after an earlier page of the same filter and sort. */
  readonly cursor?: string | undefined
  /** Counts all matches for `total`, which costs more than a page if there are many entities. */
  readonly count?: 'exact' | undefined
}

export interface WriteOptions extends CallOptions, HappenedAt {
  /** The `$version` that the entity must have; otherwise `version_conflict`. */
  readonly ifVersion?: number | undefined
  /**
   * The reason for which an administrator forces the write past the table of transitions and frozen fields. The event records
   * it. Values, references and unique fields are checked all the same.
   */
  readonly force?: string | undefined
  /** By default each write gets its own key: the server does a write once, however often it is sent. */
  readonly idempotencyKey?: string | undefined
  /** True for a dry run: see `Dry`. */
  readonly dryRun?: false | undefined
}

/** Returns what the write would do, and changes nothing. */
export interface Dry {
  readonly dryRun: true
}

/** The answer of a write's dry run. */
type Tried<Key extends NounKey> = Promise<DryRun<EntityOf<NounOf<Key>>>>

/** At most 10,000 at a time. */
export type Rows<Row> = Iterable<Row> | AsyncIterable<Row>

export interface ManyOptions extends CallOptions, HappenedAt {
  /** The reason for which an administrator forces each of the writes, as in `WriteOptions`. */
  readonly force?: string | undefined
  /**
   * The keys of the commits are derived from it and from the rows, so that repeating the call after a failure does only the
   * rest.
   */
  readonly idempotencyKey?: string | undefined
  /** True for a dry run of what fits into one commit: see `Dry`. */
  readonly dryRun?: false | undefined
}

export interface CreateManyOptions<Row> extends ManyOptions {
  /** False to leave out rows that are refused, which `refusals` lists, instead of refusing all of a commit. */
  readonly atomic?: boolean | undefined
  /** Returns a row's own key, under which it is created once whatever the rows beside it, and the time of its creation. */
  readonly each?: ((row: Row, index: number) => EachRow) | undefined
}

export interface EachRow {
  readonly idempotencyKey: string
  readonly at?: string | undefined
}

type CreateManyOf<Key extends NounKey> = Omit<CreateManyOptions<CreateInput<NounOf<Key>>>, 'dryRun'>

/** A row that was refused, counted from 0. */
export interface RowRefusal extends Refusal {
  readonly index: number
}

/** The result of a write of many entities. */
export interface ManyResult {
  /**
   * The numbers of the commits; one if all fit into one, none if nothing had to be changed. Those of a job, which the server
   * makes of what one commit does not hold, are not listed, and neither are its `ids`.
   */
  readonly commits: readonly number[]
  /** The number of entities that were created or chosen. */
  readonly matched: number
  readonly changed: number
  /** The ids of the entities that the caller may see, in order. */
  readonly ids: readonly string[]
  /** With `atomic: false`, the rows that were refused. */
  readonly refusals?: readonly RowRefusal[]
}

type Many = Promise<ManyResult>
type ManyTried = Promise<DryRun<ManyResult>>
type ManyTrial = Omit<ManyOptions, 'dryRun'> & Dry

/** The chosen entities: a filter, or their ids. */
export type Which<Key extends NounKey> = FilterInput<NounOf<Key>> | readonly string[]

/** The groups of an aggregate, as an array. */
export type AggregatePage<Group> = Group[] & {
  /** Whether there are more groups than the limit. */
  readonly hasMore: boolean
}

/** A version or a time. */
export type Point = { readonly version: number } | { readonly asOf: string | Date }

export interface Diff<Key extends NounKey> {
  /** Null if it did not exist. */
  readonly before: EntityOf<NounOf<Key>> | null
  readonly after: EntityOf<NounOf<Key>> | null
  readonly changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[]
  /** Events in between, oldest first; at most 100. */
  readonly events: readonly EventOf<Key>[]
}

/** The id is part of the data, so an entity that was read can be sent back whole. */
export type Addressed<Input> = Input &
  Omit<Partial<EntityMeta>, '$id'> &
  ({ readonly id: string | Later<string> } | { readonly $id: string | Later<string> })

/**
 * An overload that accepts no call. If no overload fits, the compiler explains why the last one does not, and this one
 * has the fields for both ways of calling.
 */
type Misaddressed<Input> = Input &
  Partial<EntityMeta> & { readonly id?: string; readonly [expectsIdThenOptions]: never }
declare const expectsIdThenOptions: unique symbol

/** A filter whose ids may be pending results of other calls. */
type FilterOf<Key extends NounKey> = {
  readonly [Field in keyof FilterInput<NounOf<Key>>]: Field extends RelationOf<Key> | '$id'
    ? FilterInput<NounOf<Key>>[Field] | Later<string>
    : FilterInput<NounOf<Key>>[Field]
}

/** `await` gives one page and `for await` all rows; a list that is not awaited can be processed at the server. */
export type Found<Found extends object, Item> = Omit<Pipeline<Item>, keyof Promise<unknown>> &
  Promise<Page<Found>> &
  AsyncIterable<Found>

interface Reads<in out Key extends NounKey> {
  readonly $name: NameOfKey<Key>
  readonly $definition: DefinitionOf<Key>
  readonly $schema: NounSchema
  /** Returns null if there is none. */
  get<Include extends IncludePath<Key> = never, Field extends FieldOf<Key> = never>(
    id: string | Later<string>,
    options?: GetOptions<Include, Field>,
  ): Pending<LinkedRow<Key, Include, Field> | null>
  /**
   * `await` gives one page, an array with `total`, `hasMore` and `cursor`, whose `map`, `filter` and so on work on that
   * page. `for await` gives all rows, page by page.
   */
  find<Include extends IncludePath<Key> = never, Field extends FieldOf<Key> = never>(
    filter?: FilterOf<Key>,
    options?: FindOptions<Key, Include, Field>,
  ): Found<Row<Key, Include, Field>, LinkedRow<Key, Include, Field>>
  /** Returns the first match, or null. */
  findOne<Include extends IncludePath<Key> = never, Field extends FieldOf<Key> = never>(
    filter?: FilterOf<Key>,
    options?: Omit<FindOptions<Key, Include, Field>, 'limit' | 'cursor' | 'count'>,
  ): Pending<LinkedRow<Key, Include, Field> | null>
  count(filter?: FilterOf<Key>, options?: ReadOptions): Pending<number>
  /**
   * Returns groups of the matching entities with their numbers, and sums, averages and other values: `by` names fields,
   * paths such as `organization.industry`, and periods such as `month(closedAt)`; values are fields or expressions such as
   * `value*probability/100`.
   */
  aggregate<const Input extends AggregateInput<NounOf<Key>> & ReadOptions = { readonly by?: undefined }>(
    filter?: FilterOf<Key>,
    options?: Input,
  ): Promise<AggregatePage<AggregateGroup<NounOf<Key>, Input>>>
  /**
   * Calls `listener` with the list of the matching entities, and then with what each commit changes in it: what entered,
   * changed and left, in order, across lost connections and server restarts. The filter has conditions on the entities' own
   * fields, and matches at most 10,000 of them.
   */
  live(
    filter: FilterInput<NounOf<Key>>,
    listener: LiveListener<Row<Key, never, never>>,
    options?: LiveOptions,
  ): Unsubscribe
  /**
   * Calls `listener` with what each commit after `after` changes in the list of the matching entities, which may be of any
   * length and is not read: for lists that are shown page by page.
   */
  liveChanges(
    filter: FilterInput<NounOf<Key>>,
    listener: ChangesListener<Row<Key, never, never>>,
    options?: SubscribeOptions,
  ): Unsubscribe
  /** Returns the entity's events, oldest first, even if it was deleted. */
  history(
    id: string,
    options?: CallOptions & { readonly limit?: number | undefined; readonly after?: number | undefined },
  ): Listing<EventOf<Key>>
  /** Returns the difference between two versions or times; by default the latest change. */
  diff(
    id: string,
    options?: CallOptions & {
      readonly from?: number | string | Date | undefined
      readonly to?: number | string | Date | undefined
    },
  ): Promise<Diff<Key>>
}

interface Creates<in out Key extends NounKey> {
  create(data: OrLater<CreateInput<NounOf<Key>>>, options: Omit<WriteOptions, 'ifVersion' | 'dryRun'> & Dry): Tried<Key>
  create(data: OrLater<CreateInput<NounOf<Key>>>, options?: Omit<WriteOptions, 'ifVersion'>): Pending<Created<Key>>
  createMany(rows: Rows<CreateInput<NounOf<Key>>>, options: CreateManyOf<Key> & Dry): ManyTried
  /**
   * Creates the rows as one commit, all of them or none, if they fit into one: up to 1,000 rows and a million characters.
   * More are several commits, one after another. A refusal ends it; its `detail` has the `index` of the row, and how many
   * were `written` before.
   */
  createMany(
    rows: Rows<CreateInput<NounOf<Key>>>,
    options?: CreateManyOf<Key> & { readonly dryRun?: false | undefined },
  ): Many
}

interface Updates<in out Key extends NounKey> {
  /** Changes the fields given; null clears one. */
  update(data: Addressed<OrLater<UpdateInput<NounOf<Key>>>>, options: Omit<WriteOptions, 'dryRun'> & Dry): Tried<Key>
  update(
    id: string | Later<string>,
    data: OrLater<UpdateInput<NounOf<Key>>>,
    options: Omit<WriteOptions, 'dryRun'> & Dry,
  ): Tried<Key>
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
  updateMany(which: Which<Key>, data: UpdateInput<NounOf<Key>>, options: ManyTrial): ManyTried
  /** Changes all entities that match now as one commit; more than 1,000 as several, none of which depends on the others. */
  updateMany(which: Which<Key>, data: UpdateInput<NounOf<Key>>, options?: ManyOptions): Many
  /** Restores an earlier state as a new version. */
  rollback(id: string | Later<string>, to: Point, options: Omit<WriteOptions, 'dryRun'> & Dry): Tried<Key>
  rollback(id: string | Later<string>, to: Point, options?: WriteOptions): Pending<Linked<Key>>
}

interface Deletes<in out Key extends NounKey> {
  /** Deletes the entity; its history stays. */
  delete(id: string | Later<string>, options: Omit<WriteOptions, 'dryRun'> & Dry): Promise<DryRun<null>>
  delete(id: string | Later<string>, options?: WriteOptions): Promise<void>
  deleteMany(which: Which<Key>, options: ManyTrial): ManyTried
  /** Deletes all entities that match now as one commit; more than 1,000 as several, none of which depends on the others. */
  deleteMany(which: Which<Key>, options?: ManyOptions): Many
}

/** The input of a verb: fields of its entity, and the verb's own arguments. */
export type VerbInput<Key extends NounKey, Verb> = OrLater<UpdateInput<NounOf<Key>>> & ArgumentsOf<NameOfKey<Key>, Verb>

interface Performs<in out Key extends NounKey, in out Verb> {
  (data: Addressed<VerbInput<Key, Verb>>, options: Omit<WriteOptions, 'dryRun'> & Dry): Tried<Key>
  (
    id: string | Later<string>,
    data: VerbInput<Key, Verb> | undefined,
    options: Omit<WriteOptions, 'dryRun'> & Dry,
  ): Tried<Key>
  (data: Addressed<VerbInput<Key, Verb>>, options?: WriteOptions): Pending<Linked<Key>>
  (id: string | Later<string>, data?: VerbInput<Key, Verb>, options?: WriteOptions): Pending<Linked<Key>>
  (
    id: string | Misaddressed<VerbInput<Key, Verb>>,
    data?: VerbInput<Key, Verb>,
    options?: WriteOptions,
  ): Pending<Linked<Key>>
}

/** A verb that creates an entity if it is called without an id. */
interface PerformsOrCreates<in out Key extends NounKey, in out Verb> {
  (
    data: VerbInput<Key, Verb> & Partial<EntityMeta> & { readonly id?: string },
    options: Omit<WriteOptions, 'dryRun'> & Dry,
  ): Tried<Key>
  (
    id: string | Later<string>,
    data: VerbInput<Key, Verb> | undefined,
    options: Omit<WriteOptions, 'dryRun'> & Dry,
  ): Tried<Key>
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

export type Having<Key extends NounKey, Verb, Methods> = Verb extends VerbNameOf<NounOf<Key>> ? Methods : unknown

type Methods<Key extends NounKey> = Reads<Key> &
  Having<Key, 'create', Creates<Key>> &
  Having<Key, 'update', Updates<Key>> &
  Having<Key, 'delete', Deletes<Key>> &
  Verbs<Key> &
  Hooks<Key, HookClient<Key>> &
  EventsBy<Key>

/** The client that a stored function gets, as far as entities are concerned. */
export type HookClient<Key extends NounKey> = {
  readonly [Name in keyof NounsBeside<Key> & string]: EntityMethods<Sibling<Key, Name>>
}

/** All methods of one Noun's entities. Declared invariant, because the compiler cannot compute the variance. */
export type EntityMethods<in out Key extends NounKey> = {
  readonly [Method in keyof Methods<Key>]: Methods<Key>[Method]
}
