// A parsed filter: data that three executors run (SQL, Parquet scan, predicate). This file defines its meaning:
// - every leaf is positive and two-valued; `$ne`, `$nin` and `$not` are `not` around it, so they match missing values;
// - null and missing are the same, except inside `json`, where null is a value;
// - values of different types never match. The parser refuses a literal that its field cannot hold, except on `json`;
// - strings compare by code point; datetimes compare as instants (here as milliseconds since 1970);
// - a path through a to-many relation matches if any related entity does, separately for each leaf;
// - a path to a list matches if any value of the list does. An empty list counts as missing.

import type { ReferenceField, ReverseField } from '../noun/schema.ts'

/** The storage and comparison of a single value. `time` is milliseconds since 1970, `date` a `YYYY-MM-DD` string. */
export type ScalarStorage = 'text' | 'real' | 'boolean' | 'time' | 'date' | 'json'
/** A list whose values are stored and compared as the named class. */
export type ListStorage = 'text[]' | 'real[]'
export type StorageClass = ScalarStorage | ListStorage

export interface FilterPath {
  /** Relations to follow, starting at the filtered Noun; `to` is the Noun at the end of the step. */
  readonly steps: readonly { readonly field: ReferenceField | ReverseField; readonly to: string }[]
  /** A stored field or meta-field (`$id`, `$createdAt`, …) of the Noun at the end of the steps. */
  readonly field: string
  readonly storage: StorageClass
  /** Keys inside a `json` field; empty means the field's whole value. */
  readonly keys: readonly string[]
}

/** null occurs only inside `json`. */
export type FilterValue = string | number | boolean | null

export type Filter =
  | { readonly kind: 'and'; readonly of: readonly Filter[] }
  | { readonly kind: 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | {
      readonly kind: 'compare'
      readonly path: FilterPath
      readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'
      readonly value: FilterValue
    }
  /** Two fields of one entity, of one storage class; a missing one matches nothing. */
  | {
      readonly kind: 'compareFields'
      readonly path: FilterPath
      readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'
      readonly other: FilterPath
    }
  | { readonly kind: 'in'; readonly path: FilterPath; readonly values: readonly FilterValue[] }
  | { readonly kind: 'exists'; readonly path: FilterPath }
  | { readonly kind: 'regex'; readonly path: FilterPath; readonly pattern: string; readonly ignoreCase: boolean }
  /** Every word must begin some word of a searchable field. Words come from `tokenize`. */
  | { readonly kind: 'text'; readonly words: readonly string[] }

/** The empty filter matches everything. */
export const matchAll: Filter = { kind: 'and', of: [] }
/** Matches nothing. */
export const matchNone: Filter = { kind: 'or', of: [] }

/** Whether a filter has no condition. Other filters may match everything too. */
export function matchesAll(filter: Filter): boolean {
  return filter.kind === 'and' && filter.of.every(matchesAll)
}

/** One term of a sort, by a stored field or meta-field of the Noun itself. Missing values come last in both directions. */
export interface SortTerm {
  readonly field: string
  readonly storage: Exclude<ScalarStorage, 'json'>
  readonly direction: 1 | -1
}
