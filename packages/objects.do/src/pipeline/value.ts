// The values of an expression during evaluation: JavaScript's own values, and entities.

import type { NounSchema } from 'digital-objects'
import type { Relation } from '../entities/parse-includes.ts'

export type Primitive = string | number | boolean | null | undefined

/** Only own properties are ever read. */
export interface PlainObject {
  readonly [name: string]: Value
}

/** An entity, whose related entities are read when an expression asks for them. */
export abstract class EntityNode {
  abstract readonly schema: NounSchema
  /** Returns undefined for a name that the entity does not have, like any object. */
  abstract get(name: string): Value
  /** Returns undefined for a reference that is not set, and null if its entity no longer exists. */
  abstract related(relation: Relation): Value
  /** The JSON that `find` and `get` answer with. */
  abstract toJson(): string
}

export type Value = Primitive | readonly Value[] | EntityNode | PlainObject

export function isPrimitive(value: Value): value is Primitive {
  return typeof value !== 'object' || value === null
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
