// The value that an entity has at the end of a path, in the form in which values are compared.

import type { Entity, JsonValue } from '../base/entity.ts'
import type { FilterPath } from './filter.ts'

/** Returns undefined for a missing value, and milliseconds for a datetime. Takes the entity at the end of the path's steps. */
export function valueAt(entity: Entity, path: FilterPath): JsonValue | undefined {
  return valueInField(Object.hasOwn(entity, path.field) ? entity[path.field] : undefined, path)
}

/** Returns the same from the value of the path's field. */
export function valueInField(
  value: JsonValue | undefined,
  { storage, keys }: Pick<FilterPath, 'storage' | 'keys'>,
): JsonValue | undefined {
  if (value === undefined || value === null) return undefined
  if (storage === 'time') return Date.parse(String(value))
  let inner: JsonValue = value
  for (const key of keys) {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner) || !Object.hasOwn(inner, key))
      return undefined
    inner = (inner as Readonly<Record<string, JsonValue>>)[key] as JsonValue
  }
  return inner
}
