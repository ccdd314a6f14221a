// The visibility of data to one caller. All code that reads entities or events for a caller takes a Visibility, and applies
// the authority only through it.

import { fullFingerprint } from './fingerprint.ts'
import type { EntityFields } from '../base/entity.ts'
import type { Filter } from '../filter/filter.ts'
import type { NounLookup } from '../noun/schema.ts'

/** Hidden data does not exist for the caller. */
export interface Visibility {
  /** Part of the key of every answer cached for the caller, and of its cursors. */
  readonly fingerprint: string
  /** True if everything is visible. Readers then skip all checks. */
  readonly isFull: boolean
  /**
   * Finds the Nouns that the caller may read, without hidden fields. The caller's filters, sorts, includes and field names
   * are parsed with it, so that hidden names are refused like unknown ones.
   */
  readonly lookup: NounLookup
  /**
   * Returns a filter for the visible entities of a Noun, or undefined for all. Executors follow the relations of this
   * filter through all data, but those of the caller's own filters only through visible entities.
   */
  rows(noun: string): Filter | undefined
  /** Whether `$text` on this Noun may use the full text index, which contains the words of all searchable fields. */
  searchesAllFields(noun: string): boolean
  /** Returns the fields without the hidden ones. */
  shown(noun: string, fields: EntityFields): EntityFields
  hidesFields(noun: string): boolean
  /** Applies the same rules to the definitions of another time. Reads of the past use today's rules. */
  over(lookup: NounLookup): Visibility
}

/** The visibility of a caller that may see everything. */
export function fullVisibility(lookup: NounLookup): Visibility {
  return {
    fingerprint: fullFingerprint,
    isFull: true,
    lookup,
    rows: () => undefined,
    searchesAllFields: () => true,
    shown: (_, fields) => fields,
    hidesFields: () => false,
    over: fullVisibility,
  }
}
