// The analysis of a funnel: the units that took each step, in all, by the period in which they began, and by a property of
// their first step.

import {
  bucketOf,
  type Entity,
  type GroupTerm,
  type KeyValue,
  offsetsOf,
  parseFilter,
  parseValuePath,
  type TimeBucket,
} from 'digital-objects'
import type { Period } from '../metrics/period.ts'
import { countFunnel, type FunnelCount, passageOf } from './count-funnel.ts'
import { type FunnelStep, parseSteps } from './funnel-steps.ts'
import type { ProductParts } from './product-parts.ts'
import { type Moments, momentsOf, readKey, sourceOf } from './unit-moments.ts'

export interface FunnelQuestion {
  readonly period: Period
  /** Groups units by the period of their first step, in this zone. */
  readonly step?: TimeBucket
  readonly zone: string
  /** Groups units by this field of their first step. */
  readonly by?: string
  /** The time in which a unit takes all steps. */
  readonly withinMs?: number
  /** Limits the units to those whose first step matches. */
  readonly filter?: unknown
}

interface Passage {
  readonly timesMs: readonly number[]
  readonly value: KeyValue
}

/** Limits the values of `by` in the answer. */
const valuesMax = 100

/** Throws an ObjectError that names the part of the funnel. */
export function analyzeFunnel(parts: ProductParts, funnel: Entity, question: FunnelQuestion): object {
  const steps = parseSteps(funnel['steps'])
  const passages = passagesOf(parts, steps, question)
  const counted = (some: readonly Passage[]): FunnelCount =>
    countFunnel(
      steps.length,
      some.map(({ timesMs }) => timesMs),
    )
  const shown = (some: readonly Passage[]): object => withNames(steps, counted(some))
  const { step, by } = question
  return {
    ...shown(passages),
    ...(step === undefined ? {} : { step, periods: byPeriod(passages, { ...question, step }, shown) }),
    ...(by === undefined ? {} : { by, groups: byValue(passages, shown) }),
  }
}

function passagesOf(
  parts: ProductParts,
  steps: readonly FunnelStep[],
  { period, by, withinMs, filter }: FunnelQuestion,
): readonly Passage[] {
  const moments = steps.map(({ source }, at): ReadonlyMap<string, Moments> => {
    const found = sourceOf(parts, source)
    const context = { schema: found.noun, lookup: parts.lookup }
    const isFirst = at === 0
    const limited =
      isFirst && filter !== undefined
        ? { ...found, filter: { kind: 'and', of: [found.filter, parseFilter(filter, context)] } as const }
        : found
    const terms = isFirst && by !== undefined ? [termOf(parts, steps, by)] : []
    return momentsOf(parts, limited, { period, terms })
  })
  const storage = by === undefined ? undefined : termOf(parts, steps, by).storage
  const repeats = steps.map(({ source }, at) => JSON.stringify(source) === JSON.stringify(steps[at - 1]?.source))
  const [first] = moments
  return [...(first ?? [])].map(([unit, { values }]) => {
    const times = moments.map((of) => of.get(unit)?.timesMs ?? [])
    const timesMs = passageOf({ steps: times, repeats, ...(withinMs === undefined ? {} : { withinMs }) })
    return { timesMs, value: readKey(values.get(timesMs[0] ?? 0)?.[0] ?? null, storage) }
  })
}

/** A field of the first step. */
function termOf(parts: ProductParts, [first]: readonly FunnelStep[], by: string): GroupTerm {
  const { noun } = sourceOf(parts, first?.source ?? {})
  return { name: by, ...parseValuePath({ parameter: 'by', text: by }, { schema: noun, lookup: parts.lookup }) }
}

function withNames(steps: readonly FunnelStep[], { steps: counts, ...rest }: FunnelCount): object {
  return { steps: counts.map((count, at) => ({ name: steps[at]?.name, ...count })), ...rest }
}

function byPeriod(
  passages: readonly Passage[],
  { step, zone }: { readonly step: TimeBucket; readonly zone: string },
  shown: (some: readonly Passage[]) => object,
): readonly object[] {
  const offsets = offsetsOf({ zone })
  const groups = Map.groupBy(passages, ({ timesMs: [startMs = 0] }) =>
    String(bucketOf(step, startMs + offsets.offsetAt(startMs))),
  )
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([period, some]) => ({ period, ...shown(some) }))
}

/** The values with the most units. */
function byValue(passages: readonly Passage[], shown: (some: readonly Passage[]) => object): readonly object[] {
  const groups = [...Map.groupBy(passages, ({ value }) => value)].toSorted(([, a], [, b]) => b.length - a.length)
  return groups.slice(0, valuesMax).map(([value, some]) => ({ value, ...shown(some) }))
}
