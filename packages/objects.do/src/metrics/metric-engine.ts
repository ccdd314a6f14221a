// Computes metrics, at a time or in many periods, as the tenant knew them after one event.

import type { ReadRun, TenantStore } from '@dotdo/do'
import {
  addDuration,
  bucketOf,
  type CompiledMetric,
  compileMetric,
  defaultPeriod,
  type Duration,
  type EntityMetric,
  type Filter,
  type GroupTerm,
  Groups,
  type GrowthMetric,
  type MetricDefinition,
  ObjectError,
  parseDuration,
  type RatioMetric,
  type MovementMetric,
  type RetentionMetric,
  unreachable,
  type ValuePath,
} from 'digital-objects'
import type { ReadRecorder } from '../entities/recorded-reads.ts'
import type { VisibleNouns } from '../entities/visible-nouns.ts'
import { LevelStates, statesMax } from './level-states.ts'
import { metricValue, type MetricValue, noValue, tidy } from './metric-value.ts'
import type { MetricTurns } from './metric-turns.ts'
import { movementPass } from './movement.ts'
import { retentionOfStates, retentionPass } from './retention.ts'
import { type Pass, passOver } from './timeline-pass.ts'
import { dayBeginningAt, type Period, periodBefore, withinPeriod } from './period.ts'

/** The parts of the tenant that metrics read, as the caller sees them. */
export interface MetricParts extends VisibleNouns {
  readonly store: TenantStore
  readonly run?: ReadRun
  readonly recorder?: ReadRecorder
}

export interface MetricEngineOptions {
  readonly parts: MetricParts
  readonly context: string
  readonly turns: MetricTurns
  /** The last event that is known; undefined for the present. */
  readonly seq: number | undefined
  /** The time until which things are known. It is exclusive. */
  readonly untilMs: number
  /** The time since which anything is known; undefined if nothing is. */
  readonly sinceMs: number | undefined
  readonly zone: string
  /** The tenant's currency. */
  readonly currency: string
  readonly definition: (name: string) => MetricDefinition | undefined
}

/** Limits the metrics that a metric may be made of, one inside another. */
const depthMax = 8
/** More periods than this are computed together. */
const alonePeriodsMax = 3

export class MetricEngine {
  readonly #options: MetricEngineOptions
  readonly #states: LevelStates
  readonly #compiled = new Map<string, CompiledMetric>()
  readonly #known = new Map<string, readonly MetricValue[]>()

  constructor(options: MetricEngineOptions) {
    this.#options = options
    const { parts, context, turns, seq, untilMs } = options
    this.#states = new LevelStates({ parts: { ...parts, context }, turns, seq, untilMs })
  }

  /** Returns the value of a metric for each of the periods, which are in order; a level has that of their end. */
  values(name: string, periods: readonly Period[], depth = 0): readonly MetricValue[] {
    if (depth > depthMax) throw refused(name, 'is made of too many metrics, one inside another')
    const definition = this.#options.definition(name)
    if (definition === undefined) throw refused(name, 'does not exist')
    const key = JSON.stringify([name, periods])
    const known = this.#known.get(key) ?? this.#compute(definition, periods, depth + 1)
    this.#known.set(key, known)
    return known
  }

  /** The period that ends at a time and has the metric's own length. */
  periodOf(definition: MetricDefinition, endMs: number): Period {
    return this.#periodBefore(endMs, 'over' in definition ? definition.over : undefined)
  }

  #compute(definition: MetricDefinition, periods: readonly Period[], depth: number): readonly MetricValue[] {
    switch (definition.kind) {
      case 'level':
        return this.#level(
          definition,
          periods.map(({ endMs }) => endMs),
        )
      case 'flow':
        return this.#flow(definition, periods)
      case 'ratio':
        return this.#ratio(definition, periods, depth)
      case 'growth':
        return this.#growth(definition, periods, depth)
      case 'retention':
        return this.#retention(definition, periods)
      case 'movement':
        return this.#movement(definition, periods)
      default:
        return unreachable(definition)
    }
  }

  /** A level before the tenant's first event is unknown: a 0 would look like a fact. */
  #level(definition: EntityMetric, timesMs: readonly number[]): readonly MetricValue[] {
    const known = this.#knownLevel(
      definition,
      timesMs.filter((timeMs) => this.#isKnown(timeMs)),
    )
    const unknown = timesMs.length - known.length // the times are in order
    return [...Array.from({ length: unknown }, () => noValue), ...known]
  }

  /** Whether anything is known of the time just before this one. The present is always known. */
  #isKnown(timeMs: number): boolean {
    const { sinceMs, untilMs } = this.#options
    return timeMs === untilMs || (sinceMs !== undefined && timeMs > sinceMs)
  }

  #knownLevel(definition: EntityMetric, timesMs: readonly number[]): readonly MetricValue[] {
    const metric = this.#compile(definition)
    if (timesMs.length <= statesMax) return this.#levelAt(metric, timesMs)
    const list = JSON.stringify(['level', definition])
    const asked = timesMs.map((timeMs) => ({ name: String(timeMs), endMs: timeMs }))
    return this.#keeping(list, asked, (some) =>
      this.#levelAt(
        metric,
        some.map(({ endMs }) => endMs),
      ),
    )
  }

  #levelAt(metric: CompiledMetric, timesMs: readonly number[]): readonly MetricValue[] {
    const { currency } = this.#options
    const states = this.#states.groupsAt(metric, timesMs)
    if (states !== undefined) return states.map((groups) => metricValue(metric, groups, currency))
    return this.#pass({
      metric,
      timesMs,
      key: `level ${currency}`,
      begin: () => {
        const all = timesMs.map(() => new Groups(metric.aggregate))
        return {
          add: ({ from, to }, { reading }) => {
            for (let at = from; at < to; at++) all[at]?.addEntity(reading)
          },
          end: () => all.map((groups) => metricValue(metric, groups, currency)),
        }
      },
    })
  }

  #flow(definition: EntityMetric, periods: readonly Period[]): readonly MetricValue[] {
    const metric = this.#compile(definition)
    const { zone, currency } = this.#options
    const days = periods.map(
      ({ startMs, endMs }) => [dayBeginningAt(zone, startMs), dayBeginningAt(zone, endMs)] as const,
    )
    const whole = days.filter(([start, end]) => start !== undefined && end !== undefined)
    const byDay = whole.length > alonePeriodsMax ? this.#groupsByDay(metric, periods) : undefined
    return periods.map((period, at) => {
      const [start, end] = days[at] ?? []
      const isMerged = byDay !== undefined && start !== undefined && end !== undefined
      const groups = isMerged ? merged(metric, byDay, { start, end }) : this.#groupsIn(metric, period)
      // Things may be known of before the first event, such as payments that were imported.
      const isUnknown = !this.#isKnown(period.endMs) && groups.all.every((group) => group.count === 0)
      return isUnknown ? noValue : metricValue(metric, groups, currency)
    })
  }

  #groupsIn(metric: CompiledMetric, period: Period): Groups {
    const filter: Filter = {
      kind: 'and',
      of: [metric.filterAt(this.#options.untilMs), withinPeriod(timeOf(metric), period)],
    }
    return this.#states.groups(metric, { filter, aggregate: metric.aggregate })
  }

  /** The groups of each day in the periods' range, by the day. */
  #groupsByDay(metric: CompiledMetric, periods: readonly Period[]): ReadonlyMap<string, Groups['all']> {
    const { zone, untilMs } = this.#options
    const startMs = Math.min(...periods.map((period) => period.startMs))
    const endMs = Math.max(...periods.map((period) => period.endMs))
    const day: GroupTerm = { name: 'day', paths: metric.at?.paths ?? [], storage: 'time', bucket: 'day' }
    const aggregate = { ...metric.aggregate, zone, by: [day, ...metric.aggregate.by] }
    const filter: Filter = {
      kind: 'and',
      of: [metric.filterAt(untilMs), withinPeriod(timeOf(metric), { startMs, endMs })],
    }
    const { all } = this.#states.groups(metric, { filter, aggregate })
    return Map.groupBy(all, ({ key }) => String(key[0]))
  }

  #ratio(definition: RatioMetric, periods: readonly Period[], depth: number): readonly MetricValue[] {
    const { of, per, times = 1, isPerStart = false, ifZero, over } = definition
    const own = over === undefined ? periods : periods.map(({ endMs }) => this.#periodBefore(endMs, over))
    const numerators = this.values(of, this.#inner(of, own, over), depth)
    const starts = own.map(({ startMs }) => this.#periodBefore(startMs, over))
    const denominators =
      per === undefined ? [] : this.values(per, this.#inner(per, isPerStart ? starts : own, over), depth)
    return own.map((_, at): MetricValue => {
      const [numerator = noValue, denominator = noValue] = [numerators[at], denominators[at]]
      if (per === undefined) return times === 1 ? numerator : multiplied(numerator, times)
      if (denominator.value === 0) return { value: ifZero ?? null }
      const isComplete = numerator.value !== null && denominator.value !== null
      return isComplete ? { value: tidy(((numerator.value ?? 0) / (denominator.value ?? 1)) * times) } : noValue
    })
  }

  /** A part without a period of its own, in a metric without one, counts in its usual period. */
  #inner(name: string, periods: readonly Period[], over: string | undefined): readonly Period[] {
    const definition = this.#options.definition(name)
    if (over !== undefined || definition?.kind !== 'flow') return periods
    return periods.map(({ endMs }) => this.periodOf(definition, endMs))
  }

  #growth({ of, over }: GrowthMetric, periods: readonly Period[], depth: number): readonly MetricValue[] {
    const own = periods.map(({ endMs }) => this.#periodBefore(endMs, over))
    const before = own.map(({ startMs }) => this.#periodBefore(startMs, over))
    const [now, then] = [this.values(of, own, depth), this.values(of, before, depth)]
    return own.map((_, at) => {
      const [is, was] = [now[at]?.value ?? null, then[at]?.value ?? null]
      return is === null || was === null || was === 0 ? noValue : { value: tidy(((is - was) / was) * 100) }
    })
  }

  #retention({ name, of, over }: RetentionMetric, periods: readonly Period[]): readonly MetricValue[] {
    const level = this.#options.definition(of)
    if (level?.kind !== 'level') throw refused(name, `expects a level, and '${of}' is none`)
    const metric = this.#compile(level)
    const { currency } = this.#options
    const asked = { metric, currency, periods: periods.map(({ endMs }) => this.#periodBefore(endMs, over)) }
    const compute = (own: readonly Period[]): readonly MetricValue[] => {
      const some = { ...asked, periods: own }
      return retentionOfStates(this.#states, some) ?? this.#pass(retentionPass(some))
    }
    if (asked.periods.length <= statesMax) return compute(asked.periods)
    const named = asked.periods.map((period) => ({ ...period, name: `${period.startMs} ${period.endMs}` }))
    return this.#keeping(JSON.stringify(['retention', level, over]), named, compute)
  }

  #movement({ name, of, part }: MovementMetric, periods: readonly Period[]): readonly MetricValue[] {
    const level = this.#options.definition(of)
    if (level?.kind !== 'level' || (level.as !== 'sum' && level.as !== 'count'))
      throw refused(name, `expects a level that is a sum or a count, and '${of}' is none`)
    const metric = this.#compile(level)
    const { currency, zone, sinceMs } = this.#options
    const known = periods.filter(({ endMs }) => this.#isKnown(endMs))
    const named = known.map((period) => ({ ...period, name: `${period.startMs} ${period.endMs}` }))
    const values = this.#keeping(JSON.stringify(['movement', level, part]), named, (some) =>
      this.#pass(movementPass({ metric, periods: some, currency, part, zone, sinceMs })),
    )
    // The periods are in order, and the first ones may be unknown.
    return [...periods.slice(known.length).map(() => noValue), ...values]
  }

  /** Computes the values of a series that no read has computed before. The present is computed each time. */
  #keeping<Asked extends { readonly name: string; readonly endMs: number }>(
    list: string,
    asked: readonly Asked[],
    compute: (some: readonly Asked[]) => readonly MetricValue[],
  ): readonly MetricValue[] {
    const { parts, seq, zone, currency } = this.#options
    const { store, run, visibility, recorder } = parts
    if (seq !== undefined || run === undefined || !store.isReady) return compute(asked)
    recorder?.log()
    const knownSeq = run.seq ?? store.events.head
    if (!store.pastValues.isSteadySince(knownSeq)) return compute(asked)
    const whole = JSON.stringify([list, zone, currency, visibility.fingerprint])
    const known = new Map<string, MetricValue>()
    for (const { name } of asked) {
      const value = store.pastValues.get(whole, name)
      if (value !== undefined) known.set(name, value as MetricValue) // kept below
    }
    const missing = asked.filter(({ name }) => !known.has(name))
    const computed = missing.length === 0 ? [] : compute(missing)
    for (const [at, { name, endMs }] of missing.entries()) {
      const value = computed[at] ?? noValue
      known.set(name, value)
      store.pastValues.keep(whole, name, { atMs: endMs, value, knownSeq })
    }
    return asked.map(({ name }) => known.get(name) ?? noValue)
  }

  #pass<Result>(pass: Pass<Result>): Result {
    const { parts, seq } = this.#options
    // The past of the log is part of what the value depends on.
    if (seq === undefined) parts.recorder?.log()
    return passOver({ ...parts, seq }, pass)
  }

  #compile(definition: EntityMetric): CompiledMetric {
    const known = this.#compiled.get(definition.name) ?? compileMetric(definition, this.#options.parts.lookup)
    this.#compiled.set(definition.name, known)
    return known
  }

  #periodBefore(endMs: number, over: string | undefined): Period {
    return periodBefore(endMs, durationOf(over ?? defaultPeriod), this.#options.zone)
  }
}

function durationOf(text: string): Duration {
  return parseDuration(text) ?? { months: 0, ms: 0 }
}

/** The datetime by which a flow counts. */
function timeOf({ at }: CompiledMetric): ValuePath {
  return at ?? { paths: [], storage: 'time' }
}

/** Merges the groups of the days from `start` to `end`, which is exclusive. */
function merged(
  { aggregate }: CompiledMetric,
  byDay: ReadonlyMap<string, Groups['all']>,
  { start, end }: { readonly start: number; readonly end: number },
): Groups {
  const groups = new Groups(aggregate)
  const day = { months: 0, ms: 86_400_000 }
  for (let at = start; at < end; at = addDuration(at, day))
    for (const group of byDay.get(bucketOf('day', at) ?? '') ?? []) groups.merge(group.key.slice(1), group)
  return groups
}

function multiplied({ value, byCurrency }: MetricValue, times: number): MetricValue {
  const others = Object.entries(byCurrency ?? {}).map(([currency, amount]) => [currency, tidy(amount * times)] as const)
  return {
    value: value === null ? null : tidy(value * times),
    ...(byCurrency === undefined ? {} : { byCurrency: Object.fromEntries(others) }),
  }
}

function refused(name: string, message: string): ObjectError {
  return new ObjectError({
    code: 'invalid_definition',
    field: 'metric',
    message: `metric '${name.slice(0, 64)}' ${message}`,
  })
}
