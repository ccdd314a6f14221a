// The Nouns that every tenant of a server has: the built-in ones and those of its services.

import type { Service } from '@dotdo/service'
import { type NounSchema, nouns } from 'digital-objects'

export const builtInSchemas: readonly NounSchema[] = Object.values(nouns).map((noun) => noun.$schema)

/** A pure cache: catalogs are cached by the list. */
const lists = new WeakMap<readonly Service<never>[], readonly NounSchema[]>()

export function builtInWith(services: readonly Service<never>[]): readonly NounSchema[] {
  let list = lists.get(services)
  if (list === undefined)
    lists.set(services, (list = [...builtInSchemas, ...services.flatMap(({ nouns: brought = [] }) => brought)]))
  return list
}
