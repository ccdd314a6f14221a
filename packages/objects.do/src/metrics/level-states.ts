// Aggregates of past states: a level at a few times, each read by one aggregate of the state that was true then. That is much
// cheaper than a pass over all versions, which is for many times.

import { hasFewVersions, lastEventBefore, type NounTable, type ReadRun, type TenantStore } from '@dotdo/do'
import {
  type Aggregate,
  type CompiledMetric,
  type Filter,
  type Groups,
  type NounLookup,
  type NounSchema,
  rowWorkOf,
  type Visibility,
} from 'digital-objects'
import type { ReadRecorder } from '../entities/recorded-reads.ts'
import { Reader } from '../entities/reader.ts'
import { fieldsToRead } from './level-timeline.ts'
import type { MetricTurns } from './metric-turns.ts'

export interface LevelParts {
  readonly store: TenantStore
  readonly run?: ReadRun
  readonly recorder?: ReadRecorder
  readonly visibility: Visibility
  readonly wholeLookup: NounLookup
  readonly context: string
}

export interface LevelStatesOptions {
  readonly parts: LevelParts
  readonly turns: MetricTurns
  /** The last event that is known; undefined for the present. */
  readonly seq: number | undefined
  /** The time until which things are known. It is exclusive. */
  readonly untilMs: number
}

interface AggregateAsked {
  readonly filter: Filter
  readonly aggregate: Aggregate
}

/** A pass over all versions costs about as much as this many aggregates of a state. */
export const statesMax = 12
/** Versions for each entity of the present, of which a past state has to examine all, as a guess. */
const versionsEach = 4

export class LevelStates {
  readonly #options: LevelStatesOptions
  /** Reads the state that is known. */
  readonly #known: Reader
  constructor(options: LevelStatesOptions) {
    this.#options = options
    const { parts, seq } = options
    this.#known = new Reader({ ...parts, scansPast: true, ...(seq === undefined ? {} : { seq }) })
  }

  /** Returns the groups of the state that is known. */
  groups(metric: CompiledMetric, asked: AggregateAsked): Groups {
    return this.#aggregate(this.#known, metric, asked)
  }

  /**
   * Returns the groups just before each of the times. Returns undefined if there are many times, or if no state of the log is
   * that of a time, because some events were recorded late.
   */
  groupsAt(
    metric: CompiledMetric,
    timesMs: readonly number[],
    aggregate: Aggregate = metric.aggregate,
  ): readonly Groups[] | undefined {
    if (timesMs.length > statesMax) return undefined
    const readers = timesMs.map((timeMs) => this.#readerAt(metric, timeMs))
    const groups: Groups[] = []
    for (const [at, reader] of readers.entries()) {
      if (reader === undefined) return undefined
      groups.push(this.#aggregate(reader, metric, { filter: metric.filterAt(timesMs[at] ?? 0), aggregate }))
    }
    return groups
  }

  /** Whether the metric's Noun has at most so many versions, and so no more entities at any time. */
  hasFewVersions({ schema }: CompiledMetric, most: number): boolean {
    const { store } = this.#options.parts
    return !store.state.hasTable(schema.name) || hasFewVersions({ sql: store.sql, table: this.#tableOf(schema) }, most)
  }

  #aggregate(reader: Reader, { schema }: CompiledMetric, { filter, aggregate }: AggregateAsked): Groups {
    const { store } = this.#options.parts
    const present = store.state.hasTable(schema.name) ? store.state.countPresent(this.#tableOf(schema)) : 0
    const rows = present * (rowWorkOf(aggregate) + (reader.pastSeq === undefined ? 0 : versionsEach))
    const key = JSON.stringify(['groups', schema.name, filter, aggregate, reader.pastSeq])
    return this.#options.turns.once(key, rows, () =>
      reader.aggregate({ noun: schema, filter, aggregate, asOfMs: undefined }),
    )
  }

  #tableOf(schema: NounSchema): NounTable {
    const { store, wholeLookup } = this.#options.parts
    return store.state.tableOf(wholeLookup(schema.name) ?? schema)
  }

  #readerAt(metric: CompiledMetric, timeMs: number): Reader | undefined {
    const { parts, seq, untilMs } = this.#options
    const { store, run, recorder, visibility } = parts
    if (timeMs === untilMs || !store.isReady) return this.#known
    // The past of the log is part of what the value depends on.
    if (seq === undefined) recorder?.log()
    const nouns = new Set([metric.schema.name, ...fieldsToRead({ metric, visibility }).related.keys()])
    const through = seq ?? run?.seq ?? store.events.head
    const { sql, events: log } = store
    const last = lastEventBefore({ sql, log }, { timeMs, through, nouns })
    return last === undefined ? undefined : new Reader({ ...parts, scansPast: true, seq: last })
  }
}
