// The schemas that a client works from: the built-in Nouns and those of services, the given ones beside them or in their place, and on each the
// inverses of references that lead to it.

import { makeCatalog, nouns, type NounSchema, serviceNouns } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { NounValue } from '../types/noun-of.ts'

/** Throws a HeadlesslyError `invalid_definition` that names the Noun. */
export function knownSchemas(given: readonly NounValue[]): readonly NounSchema[] {
  const builtIn = Object.values({ ...nouns, ...serviceNouns }).map((noun) => noun.$schema)
  if (given.length === 0) return builtIn
  const names = given.map(({ $name }) => $name)
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined) {
    const message = `headlessly: nouns holds two of the name ${twice}`
    throw new HeadlesslyError({ code: 'invalid_definition', field: twice, message })
  }
  const entries = given.map(({ $name, $schema }) => ({ name: $name, definition: $schema.definition }))
  const catalog = makeCatalog(builtIn, entries)
  const [fault] = catalog.faults
  if (fault !== undefined) throw new HeadlesslyError(fault.toData())
  return catalog.nouns
}
