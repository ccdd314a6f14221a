// The approximate size of an entity, by which pages, row groups and pipelines are limited.

import type { EntityFields, JsonValue } from './entity.ts'

/** The size of a larger value is kept, since a page measures it several times. */
const measuredMax = 1_000
/** A pure cache: values never change. */
const kept = new WeakMap<object, number>()

/** Counts the characters of strings and of JSON. It is the same for every source of the entity. */
export function charactersOfFields(fields: EntityFields): number {
  let characters = 0
  for (const name in fields) {
    const value = fields[name]
    if (typeof value === 'string') characters += value.length
    else if (value === null) characters += 'null'.length
    else if (typeof value === 'object') characters += charactersOfJson(value)
  }
  return characters
}

/** Parses a value that JSON.stringify wrote, so that its size need not be measured. */
export function parseStoredJson(text: string): JsonValue {
  const value = JSON.parse(text) as JsonValue // only valid values are stored
  if (text.length > measuredMax && typeof value === 'object' && value !== null) kept.set(value, text.length)
  return value
}

function charactersOfJson(value: object): number {
  const known = kept.get(value)
  if (known !== undefined) return known
  const { length } = JSON.stringify(value)
  if (length > measuredMax) kept.set(value, length)
  return length
}
