// The tenant's Nouns as one caller sees them, for parsing its calls and for describing the tenant to it.

import type { Catalog, NounLookup, NounSchema, Visibility } from 'digital-objects'

export interface VisibleNouns {
  readonly visibility: Visibility
  readonly lookup: NounLookup
  readonly schemas: () => readonly NounSchema[]
  /** Finds whole Nouns, because rules may read fields that are hidden from the caller. */
  readonly wholeLookup: NounLookup
}

/** `visibility` must apply to the catalog's Nouns. All of them are asked for only where a read needs all. */
export function visibleNouns(visibility: Visibility, catalog: Pick<Catalog, 'lookup' | 'nouns'>): VisibleNouns {
  const { isFull, lookup } = visibility
  const schemas = (): readonly NounSchema[] =>
    isFull ? catalog.nouns : catalog.nouns.flatMap(({ name }) => lookup(name) ?? [])
  return { visibility, lookup, schemas, wholeLookup: catalog.lookup }
}
