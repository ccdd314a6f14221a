// Performs the changes of `createMany`, `updateMany` and `deleteMany` inside a commit. Noun, caller and definitions are looked
// up once for all of them, which makes a commit of many cheaper than as many messages.

import type { Committing, Written } from '@dotdo/do'
import { type CallOf, ObjectError } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { checkId } from '../entities/find-noun.ts'
import { create } from '../writes/create.ts'
import { remove } from '../writes/delete.ts'
import { type EntityCall, toEntityCall } from '../writes/entity-call.ts'
import type { EntityWrite } from '../writes/entity-write.ts'
import type { Body } from '../writes/parse-body.ts'
import { update } from '../writes/update.ts'
import type { Refusal, WriteParts } from '../writes/write.ts'

export type ManyKind = 'createMany' | 'updateMany' | 'deleteMany'

/** A change of many. */
export interface Item {
  /** The place of its error: `entities[3]`, `ids[3]`, or the id of a chosen entity. */
  readonly field: string
  /** Absent for a creation. */
  readonly id?: string
  /** Its own idempotency key, under which it is written once. */
  readonly key?: string
  readonly body: Body
  /** The time at which it happened; by default that of the request. */
  readonly at?: string
}

const writes: Readonly<Record<ManyKind, EntityWrite>> = { createMany: create, updateMany: update, deleteMany: remove }

/** Performs one item after another. Throws an ObjectError that names the item. */
export class ManyChanges {
  readonly #write: EntityWrite
  readonly #commit: Committing
  readonly #parts: WriteParts
  readonly #caller: Caller
  readonly #call: CallOf<'write'>
  readonly #given: EntityCall

  constructor(
    kind: ManyKind,
    of: {
      readonly commit: Committing
      readonly parts: WriteParts
      readonly caller: Caller
      /** The call of the whole request. */
      readonly call: Pick<CallOf<'write'>, 'noun' | 'at' | 'force'>
    },
  ) {
    this.#write = writes[kind]
    this.#commit = of.commit
    this.#parts = of.parts
    this.#caller = of.caller
    const { noun, at, force } = of.call
    this.#call = {
      kind: 'write',
      verb: this.#write.name,
      noun,
      body: '',
      ...(at === undefined ? {} : { at }),
      ...(force === undefined ? {} : { force }),
    }
    this.#given = toEntityCall(of.parts, { call: this.#call, caller: of.caller })
  }

  perform({ field, id, key, body, at }: Item): Written {
    try {
      const call = {
        ...this.#call,
        ...(id === undefined ? {} : { id }),
        ...(key === undefined ? {} : { idempotencyKey: key }),
        ...(at === undefined ? {} : { at }),
      }
      if (id !== undefined) checkId(this.#given.schema, id)
      const given = { ...this.#given, call, body, sent: body }
      const asked = { call, caller: this.#caller }
      return this.#write.performOne(this.#commit, this.#parts, { asked, given, isOnce: true })
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      throw withPlace(error, field)
    }
  }

  /** Whether the caller may see the entity after the change. */
  isVisible({ row }: Written): boolean {
    const { visibility } = this.#given
    return visibility.isFull || this.#parts.store.eventVisibility(visibility).isVisible(row)
  }
}

/** Names the item in an error: the field `email` becomes `entities[3].email`. */
function withPlace(error: ObjectError, place: string): ObjectError {
  const { field, faults, detail, ...data } = error.toData()
  const isOfKey = error.code === 'idempotency_mismatch'
  const named = (name: string): string => (isOfKey ? place.replace('entities', 'keys') : `${place}.${name}`)
  return new ObjectError({
    ...data,
    message: `${place}: ${error.message}`,
    field: field === undefined ? place : named(field),
    ...(faults === undefined ? {} : { faults: faults.map((fault) => ({ ...fault, field: named(fault.field) })) }),
    ...(detail === undefined ? {} : { detail }),
  })
}

/** The body of the answer. */
export function formatMany(result: {
  readonly commit: number | null
  readonly matched: number
  readonly changed: number
  readonly ids: readonly string[]
  readonly refusals?: readonly ItemRefusal[]
}): string {
  return JSON.stringify(result)
}

/** A refused item of a write of which others are made. */
export type ItemRefusal = Refusal & { readonly field: string }
