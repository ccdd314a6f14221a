// The order of a list: `-value,name` in a URL, `{ value: -1, name: 1 }` in code.

import type { SortTerm } from './filter.ts'
import { ObjectError } from '../base/object-error.ts'
import { parsePath } from './parse-path.ts'
import { isListStorage } from './storage-class.ts'
import type { NounSchema } from '../noun/schema.ts'

const termsMax = 4

/** Newest first. Executors break ties by `$id`, ascending. */
export const defaultSort: readonly SortTerm[] = [{ field: '$createdAt', storage: 'time', direction: -1 }]

/** Accepts the Noun's own stored fields and meta-fields. Throws an ObjectError `invalid_sort`. */
export function parseSort(input: unknown, schema: NounSchema): readonly SortTerm[] {
  const terms = sortEntries(input).map(([name, direction]) => parseTerm(name, direction, schema))
  if (terms.length === 0 || terms.length > termsMax)
    throw invalidSort('sort', `sort expects 1 to ${termsMax} fields, got ${terms.length}`)
  const twice = terms.find((term, at) => terms.findIndex((other) => other.field === term.field) !== at)
  if (twice !== undefined) throw invalidSort(twice.field, `sort names '${twice.field}' twice`)
  return terms
}

function sortEntries(input: unknown): [string, 1 | -1][] {
  if (typeof input === 'string') {
    return input.split(',').map((part) => {
      const name = part.trim()
      return name.startsWith('-') ? [name.slice(1), -1] : [name, 1]
    })
  }
  if (Array.isArray(input))
    return input
      .slice(0, termsMax + 1)
      .flatMap((part: unknown) => sortEntries(typeof part === 'string' ? part : undefined))
  if (typeof input !== 'object' || input === null)
    throw invalidSort('sort', "sort expects a string such as '-value,name' or an object such as { value: -1 }")
  return Object.entries(input).map(([name, direction]: [string, unknown]) => {
    if (direction === 1 || direction === -1) return [name, direction]
    throw invalidSort(name, `sort expects 1 or -1 for '${name.slice(0, 64)}'`)
  })
}

function parseTerm(name: string, direction: 1 | -1, schema: NounSchema): SortTerm {
  try {
    const [path] = parsePath(name, { schema, lookup: () => undefined })
    if (path !== undefined && path.steps.length === 0 && !name.includes('.')) {
      const { field, storage } = path
      if (storage !== 'json' && !isListStorage(storage)) return { field, storage, direction }
    }
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    throw invalidSort(name, error.message)
  }
  throw invalidSort(name, `sort expects fields of ${schema.name} itself with single values, got '${name.slice(0, 64)}'`)
}

function invalidSort(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_sort', field: field.slice(0, 64) || 'sort', message })
}
