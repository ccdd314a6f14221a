// Retention: the part of a level at the beginning of a period that the same entities still have at its end, in percent.

import type { CompiledMetric, GroupTerm, Groups } from 'digital-objects'
import type { LevelStates } from './level-states.ts'
import { isInCurrency, type MetricValue, noValue, tidy } from './metric-value.ts'
import type { Period } from './period.ts'
import type { Pass } from './timeline-pass.ts'

export interface RetentionAsked {
  readonly metric: CompiledMetric
  readonly periods: readonly Period[]
  /** The tenant's currency. Amounts in others do not count. */
  readonly currency: string
}

/** Limits the entities whose values at one time are in memory. */
const entitiesMax = 20_000

const id: GroupTerm = { name: '$id', paths: [{ steps: [], field: '$id', storage: 'text', keys: [] }], storage: 'text' }

/** For a few periods. Returns undefined if a pass over all versions has to compute it. */
export function retentionOfStates(
  states: LevelStates,
  { metric, periods, currency }: RetentionAsked,
): readonly MetricValue[] | undefined {
  const isSum = metric.definition.as === 'sum' || metric.definition.as === 'avg'
  if (!isSum || !states.hasFewVersions(metric, entitiesMax)) return undefined
  const times = timesOf(periods)
  const aggregate = { ...metric.aggregate, by: [id, ...metric.aggregate.by], groupsMax: entitiesMax }
  const groups = states.groupsAt(metric, times, aggregate)
  if (groups === undefined) return undefined
  const values = new Map(groups.map((at, index) => [times[index], valuesById(at, currency)]))
  return periods.map(({ startMs, endMs }) => {
    const sums = new Sums()
    const now = values.get(endMs)
    for (const [entity, was] of values.get(startMs) ?? []) sums.add(was, now?.get(entity) ?? 0)
    return sums.value
  })
}

function valuesById({ all }: Groups, currency: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  for (const { key, states } of all) {
    const [entity, own] = key
    const sum = states[0]?.sum
    if (sum !== undefined && sum.values > 0 && isInCurrency(currency, own)) values.set(String(entity), sum.value)
  }
  return values
}

/** For any number of periods, by a pass over all versions. */
export function retentionPass({ metric, periods, currency }: RetentionAsked): Pass<readonly MetricValue[]> {
  const timesMs = timesOf(periods)
  const index = new Map(timesMs.map((time, at) => [time, at]))
  const edges = periods.map(({ startMs, endMs }) => [index.get(startMs) ?? -1, index.get(endMs) ?? -1] as const)
  return {
    metric,
    timesMs,
    key: JSON.stringify(['retention', currency, periods]),
    begin: () => {
      const sums = periods.map(() => new Sums())
      // The entities come one after another, so the values of one are enough.
      let mine = { id: '', values: new Float64Array(timesMs.length) }
      const addMine = (): void => {
        for (const [at, [start, end]] of edges.entries()) sums[at]?.add(mine.values[start] ?? 0, mine.values[end] ?? 0)
      }
      return {
        add: ({ from, to }, { id: entity, reading }) => {
          const [value] = reading.values
          if (typeof value !== 'number' || !isInCurrency(currency, reading.key[0])) return
          if (entity !== mine.id) {
            addMine()
            mine = { id: entity, values: new Float64Array(timesMs.length) }
          }
          mine.values.fill(value, from, to)
        },
        end: () => {
          addMine()
          return sums.map(({ value }) => value)
        },
      }
    },
  }
}

/** The values of entities at the beginning, and of the same ones at the end. */
class Sums {
  #then = 0
  #now = 0

  add(was: number, is: number): void {
    if (was === 0) return
    this.#then += was
    this.#now += is
  }

  get value(): MetricValue {
    return this.#then === 0 ? noValue : { value: tidy((this.#now / this.#then) * 100) }
  }
}

function timesOf(periods: readonly Period[]): readonly number[] {
  return [...new Set(periods.flatMap(({ startMs, endMs }) => [startMs, endMs]))].toSorted((a, b) => a - b)
}
