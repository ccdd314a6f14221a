// How far a goal is: its current value, its progress to the target, and the state that follows from it.

import { type Entity, type JsonValue, type NounSchema, parseFilter } from 'digital-objects'
import { metricAt, type MetricsAt } from '../metrics/metric-report.ts'
import { tidy } from '../metrics/metric-value.ts'
import { categoryOf, type ProductParts, productReader } from './product-parts.ts'

export interface GoalReport {
  /** Null without a value to measure. */
  readonly current: number | null
  /** Percent of the way to the target, from 0 to 100. */
  readonly progress: number | null
  /** The state of an open goal with this progress. */
  readonly status: 'OnTrack' | 'AtRisk' | 'Behind' | null
  readonly isReached: boolean
}

/** Limits the goals below one, and the levels of goals. */
const childrenMax = 100
const levelsMax = 5

/** A goal without a value of its own is as far as the goals below it are on average. */
export function analyzeGoal(
  parts: ProductParts & { readonly metrics: MetricsAt },
  noun: NounSchema,
  goal: Entity,
): GoalReport & { readonly isOpen: boolean } {
  const report = reportOf(parts, { noun, goal, level: 1 })
  const isOpen = categoryOf(noun, goal) === 'open'
  return { ...report, isOpen, status: isOpen ? report.status : null }
}

function reportOf(
  parts: ProductParts & { readonly metrics: MetricsAt },
  { noun, goal, level }: { readonly noun: NounSchema; readonly goal: Entity; readonly level: number },
): GoalReport {
  const name = metricOf(parts, goal)
  const measured = name === undefined ? goal['current'] : metricAt(parts.metrics, name).value
  const current = typeof measured === 'number' ? measured : null
  const { target, direction } = goal
  if (name === undefined && level < levelsMax) {
    const below = childrenOf(parts, noun, goal.$id).flatMap((child) => {
      const { progress } = reportOf(parts, { noun, goal: child, level: level + 1 })
      return progress === null ? [] : [progress]
    })
    if (below.length > 0) return stateOf(current, tidy(below.reduce((sum, one) => sum + one, 0) / below.length))
  }
  return current === null ? stateOf(null, null) : reportOfValue(current, { target, direction })
}

/** The report of a goal with this value. */
export function reportOfValue(
  current: number,
  { target, direction }: { readonly [Name in 'target' | 'direction']?: JsonValue | undefined },
): GoalReport {
  if (typeof target !== 'number') return stateOf(current, null)
  return stateOf(current, progressOf(current, { target, isBelow: direction === 'below' }))
}

/** The metric by its name, or the entity that the goal refers to. */
export function metricOf(parts: ProductParts, goal: Entity): string | undefined {
  const { metricName, metric } = goal
  if (typeof metricName === 'string') return metricName
  if (typeof metric !== 'string') return undefined
  const noun = parts.schemas().find(({ role, idPrefix }) => role === 'metric' && metric.startsWith(`${idPrefix}_`))
  const version = noun === undefined ? undefined : productReader(parts).get(noun, metric)
  const name = version?.fields['name']
  return typeof name === 'string' ? name : undefined
}

function childrenOf(parts: ProductParts, noun: NounSchema, id: string): readonly Entity[] {
  if (noun.fields['parent']?.kind !== 'reference') return []
  const filter = parseFilter({ parent: id }, { schema: noun, lookup: parts.lookup })
  const shape = { includes: [], fields: undefined }
  const list = { sort: undefined, limit: childrenMax, cursor: undefined, isCounted: false, asOfMs: undefined, shape }
  const reader = productReader(parts)
  return reader.page({ noun, filter, ...list }, parts.tenant).versions.map((version) => reader.toEntity(noun, version))
}

/** Percent from 0 to 100: of the target, or for a goal to stay below it, 100 less the part by which the value is above. */
export function progressOf(current: number, of: { readonly target: number; readonly isBelow: boolean }): number {
  const { target, isBelow } = of
  if (isBelow ? current <= target : current >= target) return 100
  if (target === 0) return 0
  const percent = isBelow ? 100 - ((current - target) / Math.abs(target)) * 100 : (current / target) * 100
  return tidy(Math.min(100, Math.max(0, percent)))
}

function stateOf(current: number | null, progress: number | null): GoalReport {
  const status = progress === null ? null : progress < 50 ? 'Behind' : progress < 80 ? 'AtRisk' : 'OnTrack'
  return { current, progress, status, isReached: progress === 100 }
}
