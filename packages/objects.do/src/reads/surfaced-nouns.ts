// The Nouns that descriptions of the tenant show on the caller's host: all of them, unless the host has a lens. The
// tenant's own Nouns are always shown.

import type { NounSchema } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import type { ReadParts } from './read.ts'

export function surfacedNouns({ schemas, store }: ReadParts, { lens }: Caller): readonly NounSchema[] {
  if (lens === undefined) return schemas()
  const { own } = store.catalog.current
  return schemas().filter(({ name }) => lens.includes(name) || own.has(name))
}
