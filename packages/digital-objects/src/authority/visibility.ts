// What a caller may see, ready for those who read data. Every place that reads entities or events for a caller takes one
// of these; there is no other way in which an authority reaches data.

import { fullFingerprint } from './fingerprint.ts'
import type { EntityFields } from '../base/entity.ts'
import type { Filter } from '../filter/filter.ts'
import type { NounLookup } from '../noun/schema.ts'

/** To the caller, what it does not show does not exist. */
export interface Visibility {
  /** Part of the key of whatever is cached for the caller, and of its cursors. */
  readonly fingerprint: string
  /** Everything is visible: a reader then does no work for the authority. */
  readonly isFull: boolean
  /**
   * The Nouns without hidden fields, and no Noun that the caller may not read. What callers write (filters, sorts,
   * includes, names of fields) is parsed against it, so that hidden and unknown are refused alike.
   */
  readonly lookup: NounLookup
  /**
   * The entities of a Noun that exist for the caller; undefined for all of them. Whoever runs it follows its relations
   * through all data, and each step of a caller's own filter only through visible entities.
   */
  rows(noun: string): Filter | undefined
  /** Whether `$text` of this Noun may use the index of words, which has those of all searchable fields. */
  searchesAllFields(noun: string): boolean
  /** The fields without the hidden ones. */
  shown(noun: string, fields: EntityFields): EntityFields
  hidesFields(noun: string): boolean
  /** The same rules over the definitions of another time: history applies today's rules. */
  over(lookup: NounLookup): Visibility
}

/** Of a caller that may see everything. */
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
