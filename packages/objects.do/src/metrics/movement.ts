// Movements: what a level has gained or lost in each period by one kind of change of its entities. An entity that counts again
// is told from a new one by the months at whose beginning it counted, so that a period has one value in every series.

import type { CompiledMetric, MovementPart } from 'digital-objects'
import { isInCurrency, type MetricValue, tidy, toMajor } from './metric-value.ts'
import { type Period, periodsOf } from './period.ts'
import type { Pass } from './timeline-pass.ts'

export interface MovementAsked {
  readonly metric: CompiledMetric
  readonly periods: readonly Period[]
  readonly part: MovementPart
  /** The tenant's currency. Amounts in others do not count. */
  readonly currency: string
  readonly zone: string
  /** The time since which anything is known. */
  readonly sinceMs: number | undefined
}

export interface MovedEntity {
  readonly was: number
  readonly is: number
  /** Whether the entity has counted before the period. */
  readonly hasCounted: boolean
}

/** Which part a change of an entity's value belongs to; undefined if nothing has changed. */
export function partOf({ was, is, hasCounted }: MovedEntity): MovementPart | undefined {
  if (was === is) return undefined
  if (was === 0) return hasCounted ? 'reactivation' : 'new'
  if (is === 0) return 'churn'
  return is > was ? 'expansion' : 'contraction'
}

export function movementPass(asked: MovementAsked): Pass<readonly MetricValue[]> {
  const { metric, periods, part, currency } = asked
  const months = monthsBefore(asked)
  const timesMs = [...new Set([...months, ...periods.flatMap(({ startMs, endMs }) => [startMs, endMs])])].toSorted(
    (a, b) => a - b,
  )
  const indexOf = new Map(timesMs.map((time, at) => [time, at]))
  const edges = periods.map(({ startMs, endMs }) => [indexOf.get(startMs) ?? -1, indexOf.get(endMs) ?? -1] as const)
  const isMonth = timesMs.map((time) => months.has(time))
  const { as, isMinor = false } = metric.definition
  const major = (value: number): number => tidy(isMinor ? toMajor(value, currency) : value)
  return {
    metric,
    timesMs,
    key: JSON.stringify(['movement', part, currency, periods]),
    begin: () => {
      const sums = periods.map(() => 0)
      // The entities come one after another, so the values of one are enough.
      let mine = { id: '', values: new Float64Array(timesMs.length) }
      const addMine = (): void => {
        const first = mine.values.findIndex((value, at) => value !== 0 && isMonth[at] === true)
        for (const [at, [start, end]] of edges.entries()) {
          const [was, is] = [mine.values[start] ?? 0, mine.values[end] ?? 0]
          const hasCounted = first >= 0 && first < start
          if (partOf({ was, is, hasCounted }) === part) sums[at] = (sums[at] ?? 0) + is - was
        }
      }
      return {
        add: ({ from, to }, { id, reading }) => {
          const value = as === 'count' ? 1 : reading.values[0]
          if (typeof value !== 'number' || !isInCurrency(currency, reading.key[0])) return
          if (id !== mine.id) {
            addMine()
            mine = { id, values: new Float64Array(timesMs.length) }
          }
          mine.values.fill(value, from, to)
        },
        end: () => {
          addMine()
          return sums.map((sum) => ({ value: major(sum) }))
        },
      }
    },
  }
}

/** The beginnings of the months since anything is known, before the last period. */
function monthsBefore({ periods, zone, sinceMs }: MovementAsked): ReadonlySet<number> {
  const untilMs = Math.max(...periods.map(({ startMs }) => startMs))
  if (sinceMs === undefined || sinceMs >= untilMs) return new Set()
  const months = periodsOf({ fromMs: sinceMs, toMs: untilMs, untilMs, step: 'month', zone })
  return new Set(months.map(({ startMs }) => startMs))
}
