// Checks the indexes on paths inside `json` fields: `{ path: 'metadata.externalId', unique: true }`.

import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import type { NounSchema } from './schema.ts'

/** Limits the indexes of one Noun, because every write of the Noun updates each. */
const indexesMax = 8
const segmentsMax = 3

/** Throws an ObjectError `invalid_definition`. */
export function checkPathIndexes({ name: noun, fields, indexes }: NounSchema): void {
  if (indexes.length > indexesMax) throw invalidIndex(noun, `at most ${indexesMax} indexes, got ${indexes.length}`)
  for (const { path, field: name, keys } of indexes) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const isInJson = field?.kind === 'data' && field.type === 'json'
    if (!isInJson || keys.length === 0 || keys.length >= segmentsMax || keys.some((key) => !isKey(key)))
      throw invalidIndex(noun, `a path into a json field such as 'metadata.externalId', got '${path.slice(0, 100)}'`)
  }
  const twice = indexes.find(({ path }, at) => indexes.findIndex((other) => other.path === path) !== at)
  if (twice !== undefined) throw invalidIndex(noun, `each path once, got '${twice.path}' twice`)
}

/** Whether a filter accepts the string as a key inside `json`. */
export function isKey(text: string): boolean {
  return /^[A-Za-z0-9_$-]{1,64}$/.test(text)
}

function invalidIndex(noun: string, expected: string): ObjectError {
  return invalidDefinition('indexes', `${noun}: indexes expects ${expected}`)
}
