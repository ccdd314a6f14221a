// The values of an expression during evaluation: JavaScript's own values, and entities.

import type { EntityValue } from './entity-value.ts'

export type Primitive = string | number | boolean | null | undefined

/** Only own properties are ever read. */
export interface PlainObject {
  readonly [name: string]: Value
}

export type Value = Primitive | readonly Value[] | EntityValue | PlainObject

export function isPrimitive(value: Value): value is Primitive {
  return typeof value !== 'object' || value === null
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
