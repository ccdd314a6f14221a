// A parsed aggregate: data that three executors run (SQL, Parquet scan, predicate). This file defines its meaning:
// - entities are grouped by the values of `by`. Missing values are a group of their own, whose key is null;
// - a path leads through references to one entity each, so every entity is in exactly one group;
// - a measure ignores entities for which its value is missing. Without any value, a sum is 0 and all others but `distinct` are
//   null;
// - sums are compensated, and fractional results are rounded to 15 significant digits, so they do not depend on the order of
//   the entities, unless values cancel each other out. Sums of integers are exact; one beyond the safe integers is refused.

import type { ValueExpression } from './value-expression.ts'
import type { ValuePath } from './value-path.ts'

export const timeBuckets = ['day', 'week', 'month', 'quarter', 'year'] as const
export type TimeBucket = (typeof timeBuckets)[number]

export const aggregateFunctions = ['sum', 'avg', 'min', 'max', 'distinct', 'median'] as const
export type AggregateFunction = (typeof aggregateFunctions)[number]

export interface GroupTerm extends ValuePath {
  /** The caller's text, which is its name in the answer: `stage`, `month(closedAt)`. */
  readonly name: string
  /** For a `datetime` or a `date`. */
  readonly bucket?: TimeBucket
}

export interface Measure {
  readonly kind: AggregateFunction
  /** The caller's text: `value`, `value*probability/100`. */
  readonly name: string
  readonly value: ValueExpression
  /** Whether all values are integers, as those of a field of type `integer` or `money` are. */
  readonly isInteger: boolean
}

export interface AggregateSortTerm {
  /** The index in `by` or in `measures`; neither for the count. */
  readonly of: 'count' | { readonly by: number } | { readonly measure: number }
  readonly direction: 1 | -1
}

export interface Aggregate {
  readonly by: readonly GroupTerm[]
  readonly measures: readonly Measure[]
  /** An IANA name, in which the buckets of datetimes begin. */
  readonly zone: string
  /** Ties, and groups without it, are ordered by `by`, ascending, with missing values last. */
  readonly sort: readonly AggregateSortTerm[]
  readonly limit: number
  /** Limits the groups in memory, if not by `groupsMax`: for reads that fold the groups themselves. */
  readonly groupsMax?: number
}

/** Limits the groups of one aggregate, which are in memory together. */
export const groupsMax = 10_000
