// The answers about metrics: one with its previous value and its series, and all of them by group.

import { knownSince } from '@dotdo/do'
import {
  addDuration,
  type Duration,
  type MetricDefinition,
  ObjectError,
  parseDuration,
  type TimeBucket,
} from 'digital-objects'
import { builtInMetrics } from './built-in-metrics.ts'
import { MetricCatalog, unknownMetric } from './metric-catalog.ts'
import { MetricEngine, type MetricParts } from './metric-engine.ts'
import { eachInRounds, MetricTurns } from './metric-turns.ts'
import { type MetricValue, tidy } from './metric-value.ts'
import { type NamedPeriod, periodsOf, rangeTime } from './period.ts'

export interface MetricReadOptions {
  readonly parts: MetricParts
  readonly context: string
  readonly tenant: string
  readonly asOfMs: number | undefined
  /** The turns of a read of several metrics. */
  readonly turns?: MetricTurns
}

/** A requested series. The range is text, since dates begin in the tenant's zone. */
export interface SeriesAsked {
  readonly step: TimeBucket
  readonly from: string | undefined
  readonly to: string | undefined
  readonly isCompared: boolean
}

/** The metrics of a tenant at one time. */
export interface MetricsAt {
  readonly options: MetricReadOptions
  readonly engine: MetricEngine
  readonly catalog: MetricCatalog
  readonly zone: string
  readonly currency: string
  /** The time until which things are known, exclusive. */
  readonly untilMs: number
  /** The time since which anything is known; undefined if nothing is. */
  readonly sinceMs: number | undefined
}

export function metricsAt(options: MetricReadOptions): MetricsAt {
  const { parts, context, tenant, asOfMs, turns = new MetricTurns(parts) } = options
  const { store } = parts
  const seq = asOfMs === undefined ? undefined : store.sealAt(asOfMs)
  const { timeZone: zone, currency } = seq === undefined ? store.settings.current : store.settings.at(seq)
  const catalog = new MetricCatalog({ ...parts, context, tenant, seq })
  // Events of the time itself count.
  const untilMs = (asOfMs ?? nowOf(parts)) + 1
  const { sql, events: log } = store
  const sinceMs = knownSince({ sql, log }, seq ?? parts.run?.seq ?? log.head)
  const known = { untilMs, sinceMs }
  const engine = new MetricEngine({ parts, context, turns, seq, zone, currency, ...known, definition: catalog.find })
  return { options, engine, catalog, zone, currency, ...known }
}

/** The time of a read is that of its first attempt, so that what it reads in slices is what the next one asks for. */
function nowOf({ store, run }: MetricParts): number {
  const key = 'now'
  if (run === undefined) return store.nowMs
  if (!run.has(key)) run.set(key, store.nowMs)
  return Number(run.get(key))
}

export function metricReport(at: MetricsAt, name: string, series: SeriesAsked | undefined): object {
  const { engine, catalog, currency, untilMs, sinceMs } = at
  const definition = catalog.find(name)
  if (definition === undefined) throw unknownMetric(name, catalog.ownNames)
  const period = engine.periodOf(definition, untilMs)
  const before = engine.periodOf(definition, period.startMs)
  const [now] = engine.values(definition.name, [period])
  const [then] = engine.values(definition.name, [before])
  const { label, unit } = definition
  return {
    $type: 'Metric',
    name: definition.name,
    label,
    unit,
    ...(unit === 'money' ? { currency } : {}),
    ...now,
    ...comparison(now?.value ?? null, then?.value ?? null),
    period: ('over' in definition ? definition.over : undefined) ?? 'P30D',
    asOf: new Date(untilMs - 1).toISOString(),
    began: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
    ...(series === undefined ? {} : seriesOf(at, definition, series)),
  }
}

/** The values of the built-in metrics by group without movements, each of which reads all versions, and those of the tenant's own; one that the caller may not see is null. */
export function allMetrics(at: MetricsAt): Readonly<Record<string, Readonly<Record<string, number | null>>>> {
  const { options, catalog } = at
  const listed = builtInMetrics.filter(({ kind }) => kind !== 'movement')
  const names = [...listed.map(({ name }) => name), ...catalog.ownNames]
  const values = eachInRounds(options.parts, names, (turns) => {
    const then = metricsAt({ ...options, turns })
    return (name) => metricAt(then, name).value
  })
  const groups: Record<string, Record<string, number | null>> = {}
  const [builtIn, own] = [values.slice(0, listed.length), values.slice(listed.length)]
  for (const [index, { name, group = 'other' }] of listed.entries())
    (groups[group] ??= {})[name] = builtIn[index] ?? null
  return { ...groups, own: Object.fromEntries(catalog.ownNames.map((name, index) => [name, own[index] ?? null])) }
}

/** The value of a metric now; null if the caller may not see what it is made of, or if its definition is wrong. */
export function metricAt({ engine, catalog, untilMs }: MetricsAt, name: string): MetricValue {
  try {
    const definition = catalog.find(name)
    const value = definition && engine.values(name, [engine.periodOf(definition, untilMs)])[0]
    return value ?? { value: null }
  } catch (error) {
    if (error instanceof ObjectError && error.code !== 'scan_limit' && error.code !== 'overloaded')
      return { value: null }
    throw error
  }
}

function comparison(value: number | null, previous: number | null): object {
  const change = value === null || previous === null ? null : tidy(value - previous)
  const percent = change === null || previous === null || previous === 0 ? null : (change / Math.abs(previous)) * 100
  const trend = percent === null ? null : `${percent >= 0 ? '+' : ''}${percent.toFixed(1)}%`
  return { previous, change, trend }
}

function seriesOf(at: MetricsAt, definition: MetricDefinition, series: SeriesAsked): object {
  const periods = periodsAsked(at, series)
  const before = series.isCompared ? periodsBefore(at, periods, series.step) : []
  const values = at.engine.values(definition.name, [...before, ...periods])
  const shown = (some: readonly NamedPeriod[], offset: number): object[] =>
    some.map(({ name }, index) => ({ date: name, ...values[offset + index] }))
  return {
    step: series.step,
    history: shown(periods, before.length),
    ...(series.isCompared ? { previousHistory: shown(before, 0) } : {}),
  }
}

/** The length of a series that names no beginning. */
const lengths: Readonly<Record<TimeBucket, string>> = {
  day: 'P29D',
  week: 'P11W',
  month: 'P11M',
  quarter: 'P21M',
  year: 'P4Y',
}

function periodsAsked({ zone, untilMs }: MetricsAt, { step, from, to }: SeriesAsked): readonly NamedPeriod[] {
  const toMs = to === undefined ? untilMs : Math.min(untilMs, rangeTime('to', to, { zone, isEnd: true }))
  const length = parseDuration(lengths[step]) ?? { months: 0, ms: 0 }
  const fromMs =
    from === undefined ? addDuration(toMs - 1, negative(length)) : rangeTime('from', from, { zone, isEnd: false })
  if (fromMs >= toMs)
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'from',
      message: 'from expects a time before to, and before now',
    })
  return periodsOf({ fromMs, toMs, untilMs, step, zone })
}

/** As many periods before the first. */
function periodsBefore(at: MetricsAt, periods: readonly NamedPeriod[], step: TimeBucket): readonly NamedPeriod[] {
  const [first] = periods
  if (first === undefined) return []
  const days = { day: 1, week: 7, month: 31, quarter: 92, year: 366 }[step] * (periods.length + 1)
  const fromMs = first.startMs - days * 86_400_000
  const { zone } = at
  return periodsOf({ fromMs, toMs: first.startMs, untilMs: first.startMs, step, zone }).slice(-periods.length)
}

function negative({ months, ms }: Duration): Duration {
  return { months: -months, ms: -ms }
}
