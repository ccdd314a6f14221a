// The Nouns that every tenant of a server has: the built-in ones and those of its services.

import type { Service } from '@dotdo/service'
import { type NounSchema, nouns } from 'digital-objects'

export const builtInSchemas: readonly NounSchema[] = Object.values(nouns).map((noun) => noun.$schema)

/** Pure caches: catalogs, and what is compiled from Nouns, are cached by the list and its Nouns. */
const lists = new WeakMap<readonly Service<never>[], readonly NounSchema[]>()
const made: (readonly NounSchema[])[] = []
/** Limits the lists that are shared; a server has one. */
const madeMax = 8

/** Returns the same list for all services that bring the same Nouns, since each tenant's object makes its services. */
export function builtInWith(services: readonly Service<never>[]): readonly NounSchema[] {
  let list = lists.get(services)
  if (list === undefined)
    lists.set(services, (list = shared([...builtInSchemas, ...services.flatMap(({ nouns: brought = [] }) => brought)])))
  return list
}

function shared(list: readonly NounSchema[]): readonly NounSchema[] {
  const known = made.find((one) => one.length === list.length && one.every((schema, at) => isSame(schema, list[at])))
  if (known !== undefined) return known
  made.push(list)
  if (made.length > madeMax) made.shift()
  return list
}

/** A service may make the schema of a definition anew, such as with its descriptions. */
function isSame(schema: NounSchema, other: NounSchema | undefined): boolean {
  return schema === other || (schema.name === other?.name && schema.definition === other.definition)
}
