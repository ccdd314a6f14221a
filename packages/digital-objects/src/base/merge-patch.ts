// JSON merge patch (RFC 7396): changes the given keys of an object, at every depth, and removes those that are null.

import type { JsonValue } from './entity.ts'

type JsonObject = Readonly<Record<string, JsonValue>>

/** Returns the patched value, and changes neither argument. A patch that is not an object replaces the value. */
export function mergePatch(value: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch
  const merged = new Map(Object.entries(isJsonObject(value) ? value : {}))
  for (const [key, part] of Object.entries(patch)) {
    if (part === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), part))
  }
  return Object.fromEntries(merged)
}

function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
