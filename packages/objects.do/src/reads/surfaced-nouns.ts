// The Nouns that the caller's host surfaces in descriptions of the tenant: all of them without a lens. The tenant's own
// are surfaced everywhere.

import type { NounSchema } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import type { ReadParts } from './read.ts'

export function surfacedNouns({ schemas, store }: ReadParts, { lens }: Caller): readonly NounSchema[] {
  if (lens === undefined) return schemas()
  const { own } = store.catalog.current
  return schemas().filter(({ name }) => lens.includes(name) || own.has(name))
}
