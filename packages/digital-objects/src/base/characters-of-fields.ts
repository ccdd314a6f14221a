// The approximate size of an entity, by which pages, row groups and pipelines are limited.

import type { EntityFields } from './entity.ts'

/** Counts the characters of strings and of JSON. It is the same for every source of the entity. */
export function charactersOfFields(fields: EntityFields): number {
  let characters = 0
  for (const name in fields) {
    const value = fields[name]
    if (typeof value === 'string') characters += value.length
    else if (typeof value === 'object') characters += JSON.stringify(value).length
  }
  return characters
}
