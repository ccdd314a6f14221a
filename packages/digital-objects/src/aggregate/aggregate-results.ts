// The answer of an aggregate, from its groups: rounded, sorted and cut, the same for all executors.

import { compareText } from '../base/compare-text.ts'
import type { JsonValue } from '../base/entity.ts'
import { parseStoredJson } from '../base/characters-of-fields.ts'
import { unreachable } from '../base/unreachable.ts'
import type { Aggregate, AggregateFunction, AggregateSortTerm, Measure } from './aggregate.ts'
import type { Group, KeyValue, MeasureState } from './groups.ts'
import { invalidAggregate } from './invalid-aggregate.ts'

export type AggregateResult = {
  readonly by: Readonly<Record<string, JsonValue>>
  readonly count: number
} & { readonly [Kind in AggregateFunction]?: Readonly<Record<string, number | string | null>> }

export interface AggregateResults {
  readonly results: readonly AggregateResult[]
  /** Whether there are more groups than the limit. */
  readonly hasMore: boolean
}

interface Finished {
  readonly key: readonly KeyValue[]
  readonly count: number
  readonly values: readonly (number | string | null)[]
}

/** Throws an ObjectError if a result is not a finite number, or a sum of integers is not exact. */
export function toAggregateResults(aggregate: Aggregate, groups: readonly Group[]): AggregateResults {
  const { measures, limit } = aggregate
  const finished = groups.map((group): Finished => {
    const values = measures.map((measure, at) => valueOf(measure, group.states[at]))
    return { key: group.key, count: group.count, values }
  })
  const sorted = finished.toSorted((a, b) => compareGroups(aggregate, a, b))
  return { results: sorted.slice(0, limit).map((one) => toResult(aggregate, one)), hasMore: sorted.length > limit }
}

function valueOf(measure: Measure, state: MeasureState | undefined): number | string | null {
  if (state === undefined) return null
  const { kind } = measure
  switch (kind) {
    case 'sum':
      return rounded(measure, exactSum(measure, state.sum.value))
    case 'avg':
      return state.sum.values === 0 ? null : rounded(measure, state.sum.value / state.sum.values)
    case 'min':
    case 'max':
      return typeof state.best === 'number' ? rounded(measure, state.best) : state.best
    case 'distinct':
      return state.counts.size
    case 'median':
      return rounded(measure, medianOf(state.counts))
    default:
      return unreachable(kind)
  }
}

function exactSum({ kind, name, isInteger }: Measure, sum: number): number {
  if (!isInteger || Number.isSafeInteger(sum)) return sum
  // Data from before the field was an integer may have fractions.
  if (Math.abs(sum) <= Number.MAX_SAFE_INTEGER) return sum
  throw invalidAggregate(kind, `the sum of '${name}' is beyond the safe integers; group by more, or sum '${name}/1000'`)
}

/** Rounds results of arithmetic, so that they do not depend on the order in which values were added. */
function rounded({ kind, name, value }: Measure, result: number | null): number | null {
  if (result === null) return null
  if (!Number.isFinite(result)) throw invalidAggregate(kind, `the values of '${name}' are too large`)
  const isStored = value.kind === 'path' && (kind === 'min' || kind === 'max')
  if (Number.isSafeInteger(result) || isStored) return result
  const short = Number(result.toPrecision(15))
  // The greatest numbers would be rounded to infinity.
  return Number.isFinite(short) ? short : result
}

function medianOf(counts: ReadonlyMap<KeyValue, number>): number | null {
  const sorted = [...counts]
    .flatMap(([value, count]) => (typeof value === 'number' ? [{ value, count }] : []))
    .toSorted((a, b) => a.value - b.value)
  const total = sorted.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return null
  const at = (index: number): number => {
    let seen = 0
    for (const { value, count } of sorted) if ((seen += count) > index) return value
    return Number.NaN
  }
  const [low, high] = [at(Math.floor((total - 1) / 2)), at(Math.floor(total / 2))]
  // Half of each, since their sum may be infinite.
  return low === high ? low : low / 2 + high / 2
}

function compareGroups({ by, sort }: Aggregate, a: Finished, b: Finished): number {
  for (const term of sort) {
    const order = compareValues(sortedBy(term, a), sortedBy(term, b), term.direction)
    if (order !== 0) return order
  }
  for (const at of by.keys()) {
    const order = compareValues(a.key[at] ?? null, b.key[at] ?? null, 1)
    if (order !== 0) return order
  }
  return 0
}

function sortedBy({ of }: AggregateSortTerm, group: Finished): KeyValue {
  if (of === 'count') return group.count
  return 'by' in of ? (group.key[of.by] ?? null) : (group.values[of.measure] ?? null)
}

/** Missing values come last in both directions. */
function compareValues(a: KeyValue, b: KeyValue, direction: 1 | -1): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b)
  return order * direction
}

function toResult({ by, measures }: Aggregate, { key, count, values }: Finished): AggregateResult {
  const keys = by.map(({ name, storage, bucket }, at) => [name, keyToJson(key[at] ?? null, bucket ?? storage)] as const)
  const byKind: Partial<Record<AggregateFunction, Record<string, number | string | null>>> = {}
  for (const [at, { kind, name, value }] of measures.entries()) {
    const result = values[at] ?? null
    const isTime = value.kind === 'path' && value.storage === 'time' && (kind === 'min' || kind === 'max')
    const shown = isTime && typeof result === 'number' ? new Date(result).toISOString() : result
    byKind[kind] = { ...byKind[kind], [name]: shown }
  }
  return { by: Object.fromEntries(keys), count, ...byKind }
}

function keyToJson(value: KeyValue, of: string): JsonValue {
  if (value === null) return null
  if (of === 'time') return new Date(Number(value)).toISOString()
  return of === 'json' ? parseStoredJson(String(value)) : value
}
