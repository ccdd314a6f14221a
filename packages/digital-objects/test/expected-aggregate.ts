// The results of an aggregate by the reference implementation, to which those of the other executors are compared. A sum may
// differ by a small part of the values that it has, since these may cancel each other out and are added in another order.

import {
  type Aggregate,
  type AggregateResults,
  type Entity,
  entityReading,
  Groups,
  type MatchContext,
  toAggregateResults,
} from '../src/index.ts'
import { groupName } from '../src/aggregate/groups.ts'

export interface ExpectedAggregate extends AggregateResults {
  /** The sums of the absolute values of each measure, by the values of `by` as JSON. */
  readonly sizes: ReadonlyMap<string, readonly number[]>
}

/** The allowed difference, as a part of the absolute values or of the result. */
const share = 1e-13

/** Throws an ObjectError if a result is too large. */
export function expectedAggregate(
  aggregate: Aggregate,
  entities: Iterable<Entity>,
  related: MatchContext['related'],
): ExpectedAggregate {
  const groups = new Groups(aggregate)
  const readingOf = entityReading(aggregate)
  const added = new Map<string, readonly number[]>()
  for (const entity of entities) {
    const reading = readingOf(entity, related)
    groups.addEntity(reading)
    const known = added.get(reading.name) ?? []
    const sizes = reading.values.map(
      (value, at) => (known[at] ?? 0) + (typeof value === 'number' ? Math.abs(value) : 0),
    )
    added.set(reading.name, sizes)
  }
  const sizes = new Map<string, readonly number[]>()
  for (const group of groups.all) {
    // An answer may write a value of `by` otherwise than its key, such as a time.
    const [named] = toAggregateResults({ ...aggregate, measures: [], sort: [] }, [group]).results
    sizes.set(JSON.stringify(named?.by), added.get(groupName(group.key)) ?? [])
  }
  return { ...toAggregateResults(aggregate, groups.all), sizes }
}

/** Returns the first difference; undefined if the results are alike. */
export function differenceOf(
  aggregate: Aggregate,
  actual: AggregateResults,
  { sizes, ...wanted }: ExpectedAggregate,
): string | undefined {
  const isExact = (key: string, value: unknown): unknown => (key === 'sum' || key === 'avg' ? undefined : value)
  const [got, expected] = [JSON.stringify(actual, isExact), JSON.stringify(wanted, isExact)]
  if (got !== expected) return `expected ${expected}, got ${got}`
  for (const [at, result] of wanted.results.entries()) {
    const size = sizes.get(JSON.stringify(result.by))
    for (const [measure, { kind, name }] of aggregate.measures.entries()) {
      if (kind !== 'sum' && kind !== 'avg') continue
      const [is, was] = [actual.results[at]?.[kind]?.[name], result[kind]?.[name]]
      if (size === undefined) return `no sizes of ${JSON.stringify(result.by)}`
      const allowed = share * Math.max(size[measure] ?? 0, Math.abs(Number(was)))
      if (typeof is === typeof was && Math.abs(Number(is) - Number(was)) <= allowed) continue
      return `${kind} of ${name} in ${JSON.stringify(result.by)}: expected ${was}, got ${is}`
    }
  }
  return undefined
}
