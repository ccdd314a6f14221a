// The tenant's Nouns as one caller sees them: what its calls are parsed against, and what describes the tenant to it.

import type { Catalog, NounLookup, NounSchema, Visibility } from 'digital-objects'

export interface VisibleNouns {
  readonly visibility: Visibility
  readonly lookup: NounLookup
  readonly schemas: () => readonly NounSchema[]
  /** The Nouns whole: rules may read fields that the caller does not see. */
  readonly wholeLookup: NounLookup
}

/** `visibility` is over the Nouns of the catalog. */
export function visibleNouns(
  visibility: Visibility,
  { lookup: wholeLookup, nouns }: Pick<Catalog, 'lookup' | 'nouns'>,
): VisibleNouns {
  const { isFull, lookup } = visibility
  const schemas = (): readonly NounSchema[] => (isFull ? nouns : nouns.flatMap(({ name }) => lookup(name) ?? []))
  return { visibility, lookup, schemas, wholeLookup }
}
