// The types of a batch's writes: those of the client, whose results other writes of the batch may use while they are pending.

import type { CreateInput, EntityMeta, EntityOf, KnownName, UpdateInput, VerbNameOf } from 'digital-objects'
import type { HappenedAt } from '../calls/happened-at.ts'
import type { Addressed, Having, Point, VerbInput } from '../entities/entity-methods.ts'
import type { Later, OrLater } from '../types/linked.ts'
import type { Among, NameOfKey, NounKey, NounOf, RelationOf } from '../types/noun-of.ts'
import type { CreatingVerbs } from '../types/verb-arguments.ts'

export interface Expected extends HappenedAt {
  /** The `$version` that the entity must have; otherwise the batch fails. */
  readonly ifVersion?: number | undefined
}

type Id = string | Later<string>

/** The type of the entity once the batch is committed. */
declare const committed: unique symbol

/** The pending result of a write, whose fields other writes of the batch take: `org.$id`. */
export type Made<Key extends NounKey> = {
  readonly [Field in Exclude<keyof EntityOf<NounOf<Key>>, RelationOf<Key>>]-?: Later<
    NonNullable<EntityOf<NounOf<Key>>[Field]>
  >
} & { readonly [committed]: EntityOf<NounOf<Key>> }

/** A value with entities in place of the pending results of writes. */
export type Committed<Value> = Value extends { readonly [committed]: infer Entity }
  ? Entity
  : Value extends PromiseLike<infer Inner>
    ? Inner
    : Value extends object
      ? { readonly [Key in keyof Value]: Committed<Value[Key]> }
      : Value

interface Creates<in out Key extends NounKey> {
  create(data: OrLater<CreateInput<NounOf<Key>>>, options?: HappenedAt): Made<Key>
}

interface Updates<in out Key extends NounKey> {
  update(data: Addressed<OrLater<UpdateInput<NounOf<Key>>>>, options?: Expected): Made<Key>
  update(id: Id, data: OrLater<UpdateInput<NounOf<Key>>>, options?: Expected): Made<Key>
  rollback(id: Id, to: Point, options?: Expected): Made<Key>
}

interface Deletes {
  delete(id: Id, options?: Expected): void
}

interface Performs<in out Key extends NounKey, in out Verb> {
  (data: Addressed<VerbInput<Key, Verb>>, options?: Expected): Made<Key>
  (id: Id, data?: VerbInput<Key, Verb>, options?: Expected): Made<Key>
}

interface PerformsOrCreates<in out Key extends NounKey, in out Verb> {
  (data: VerbInput<Key, Verb> & Partial<EntityMeta> & { readonly id?: string }, options?: Expected): Made<Key>
  (id: Id, data?: VerbInput<Key, Verb>, options?: Expected): Made<Key>
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

type Methods<Key extends NounKey> = Having<Key, 'create', Creates<Key>> &
  Having<Key, 'update', Updates<Key>> &
  Having<Key, 'delete', Deletes> &
  Verbs<Key>

/** The writes of one Noun in a batch. */
export type BatchMethods<in out Key extends NounKey> = {
  readonly [Method in keyof Methods<Key>]: Methods<Key>[Method]
}

export type BatchWrites = { readonly [Name in KnownName]: BatchMethods<Name> }

/** The same for a client with Nouns of its own. */
export type BatchWritesOf<All extends object> = {
  readonly [Name in keyof All & string]: BatchMethods<Among<Name, All>>
}
