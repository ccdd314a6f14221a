// A context is a lens on a tenant: it says which entity types are listed, in which order and under which labels, and of which
// industry's organizations records are listed. It never decides what exists or who may see it.

import type { KnownName } from 'digital-objects'

export interface Context {
  /** Its label in a host or path: `crm`. */
  readonly name: string
  readonly kind: 'domain' | 'journey' | 'system' | 'sector'
  /** A sentence about it. */
  readonly about: string
  /** The entity types that it lists, in this order; undefined for all. */
  readonly entities?: readonly KnownName[]
  /** The names that its users give entity types: `{ Contact: 'Patient' }`. */
  readonly labels?: Labels
  readonly sector?: Sector
}

export type Labels = { readonly [Name in KnownName]?: string }

/** A sector of the North American Industry Classification System (NAICS). */
export interface Sector {
  /** An organization is of the sector if its `naicsCode` is at least the first and less than the second: `['31', '34']`. */
  readonly codes: readonly [from: string, before: string]
  /** An organization without a code is of the sector if its `industry` is one of these. */
  readonly industries: readonly string[]
}
