// The Nouns that descriptions of the tenant show: all of them, unless the caller has a lens. The tenant's own Nouns are
// always shown.

import type { NounSchema } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import type { ReadParts } from './read.ts'

export function surfacedNouns({ schemas, store }: ReadParts, { lens }: Caller): readonly NounSchema[] {
  const listed = lens?.entities
  if (listed === undefined) return schemas()
  const { own } = store.catalog.current
  const placeOf = ({ name }: NounSchema): number => (own.has(name) ? listed.length : listed.indexOf(name))
  return schemas()
    .filter((schema) => placeOf(schema) >= 0)
    .toSorted((one, other) => placeOf(one) - placeOf(other))
}
