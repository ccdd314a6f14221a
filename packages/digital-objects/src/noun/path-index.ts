// Indexes on paths inside `json` fields: `{ path: 'metadata.externalId', unique: true }`.

import type { PathIndexDefinition } from './definition.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import type { Field, PathIndex } from './schema.ts'

/** Limits the indexes of one Noun, because every write of the Noun updates each. */
const indexesMax = 8
const segmentsMax = 3

export function parsePathIndexes(options: {
  readonly noun: string
  readonly fields: Readonly<Record<string, Field>>
  readonly indexes: readonly PathIndexDefinition[]
}): readonly PathIndex[] {
  const { noun, fields, indexes } = options
  if (indexes.length > indexesMax) throw invalidIndex(noun, `at most ${indexesMax} indexes, got ${indexes.length}`)
  const parsed = indexes.map(({ path, unique = false }): PathIndex => {
    const [name = '', ...keys] = path.split('.')
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const isInJson = field?.kind === 'data' && field.type === 'json'
    if (!isInJson || keys.length === 0 || keys.length >= segmentsMax || keys.some((key) => !isKey(key)))
      throw invalidIndex(noun, `a path into a json field such as 'metadata.externalId', got '${path.slice(0, 100)}'`)
    return { path, field: name, keys, unique }
  })
  const twice = parsed.find(({ path }, at) => parsed.findIndex((other) => other.path === path) !== at)
  if (twice !== undefined) throw invalidIndex(noun, `each path once, got '${twice.path}' twice`)
  return parsed
}

/** Whether a filter accepts the string as a key inside `json`. */
export function isKey(text: string): boolean {
  return /^[A-Za-z0-9_$-]{1,64}$/.test(text)
}

function invalidIndex(noun: string, expected: string): ObjectError {
  return invalidDefinition('indexes', `${noun}: indexes expects ${expected}`)
}
