// Compares two fields of one entity: `{ "a": { "$gt": { "$field": "b" } } }`.

import { shorten } from '../base/shorten.ts'
import { invalidFilter } from './invalid-filter.ts'
import type { FilterPath } from './filter.ts'
import { type FilterContext, parsePath } from './parse-path.ts'
import { isListStorage } from './storage-class.ts'

export interface FieldPair {
  readonly path: FilterPath
  readonly other: FilterPath
}

/** `paths` are the paths of `name`. Throws an ObjectError `invalid_filter`. */
export function parseFieldPair(
  name: string,
  paths: readonly FilterPath[],
  { operand, context }: { readonly operand: Readonly<Record<string, unknown>>; readonly context: FilterContext },
): FieldPair {
  const { $field: otherName, ...rest } = operand
  if (typeof otherName !== 'string' || Object.keys(rest).length > 0)
    throw invalidFilter(name, `${name} expects {"$field":"name"} with the name of another field and nothing else`)
  const path = single(name, paths)
  const other = single(otherName, parsePath(otherName, context))
  if (path.storage !== other.storage)
    throw invalidFilter(
      name,
      `${name} is a ${words[path.storage]} and ${otherName} is a ${words[other.storage]}: they cannot be compared`,
    )
  return { path, other }
}

function single(name: string, paths: readonly FilterPath[]): FilterPath & { readonly storage: keyof typeof words } {
  const [path] = paths
  if (path === undefined || paths.length > 1 || path.steps.length > 0)
    throw invalidFilter(name, `$field compares two fields of one entity, ${shorten(name)} crosses a relation`)
  const { storage } = path
  if (storage === 'json' || isListStorage(storage))
    throw invalidFilter(
      name,
      `$field compares single values, ${shorten(name)} is ${storage === 'json' ? 'json' : 'a list'}`,
    )
  return { ...path, storage }
}

const words = { text: 'string', real: 'number', boolean: 'boolean', time: 'datetime', date: 'date' } as const
