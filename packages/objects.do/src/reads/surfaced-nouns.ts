// The Nouns that the caller's host surfaces in descriptions of the tenant: all of them without a lens.

import type { NounSchema } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import type { ReadParts } from './read.ts'

export function surfacedNouns({ schemas }: ReadParts, { lens }: Caller): readonly NounSchema[] {
  return lens === undefined ? schemas() : schemas().filter(({ name }) => lens.includes(name))
}
