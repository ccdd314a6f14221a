// The tenant's Nouns as one caller sees them, for parsing its calls and for describing the tenant to it.

import type { Catalog, NounLookup, NounSchema, Visibility } from 'digital-objects'

export interface VisibleNouns {
  readonly visibility: Visibility
  readonly lookup: NounLookup
  readonly schemas: () => readonly NounSchema[]
  /** Finds whole Nouns, because rules may read fields that are hidden from the caller. */
  readonly wholeLookup: NounLookup
}

/** `visibility` must apply to the catalog's Nouns. */
export function visibleNouns(
  visibility: Visibility,
  { lookup: wholeLookup, nouns }: Pick<Catalog, 'lookup' | 'nouns'>,
): VisibleNouns {
  const { isFull, lookup } = visibility
  const schemas = (): readonly NounSchema[] => (isFull ? nouns : nouns.flatMap(({ name }) => lookup(name) ?? []))
  return { visibility, lookup, schemas, wholeLookup }
}
