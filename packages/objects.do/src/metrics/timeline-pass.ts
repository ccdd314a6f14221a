// One pass over the versions of a metric's Noun: at once where there are few, and else in slices, between which others get the
// thread. Memory holds one chunk of the Noun, and whole only what its references lead to.

import {
  type EntityTimeline,
  hasFewVersions,
  type NounTable,
  readTimelineChunk,
  readTimelines,
  type ReadRun,
  type Slices,
  type TenantStore,
  type Timelines,
  Unfinished,
} from '@dotdo/do'
import { type CompiledMetric, type NounLookup, ObjectError, type Visibility } from 'digital-objects'
import { acrossMany, type Contribute, contributionsOf, fieldsToRead } from './level-timeline.ts'

export interface TimelinePassOptions {
  readonly store: TenantStore
  readonly run?: ReadRun
  readonly visibility: Visibility
  readonly wholeLookup: NounLookup
  /** The last event that is known; undefined for the present. */
  readonly seq: number | undefined
}

export interface Pass<Result> {
  readonly metric: CompiledMetric
  /** In order. */
  readonly timesMs: readonly number[]
  /** Tells the passes of one read apart. */
  readonly key: string
  /** Begins a result, to which entities contribute. */
  readonly begin: () => { readonly add: Contribute; readonly end: () => Result }
}

/** The versions of a slice, as a part of the rows that a scan examines in about 10 ms. */
const versionShare = 0.1
/** The same for contributions. A filter that depends on the time is tested for each of them. */
const contributionShare = 2
const testedShare = 0.2
/** Limits the versions of other Nouns, which are in memory together. */
const relatedMax = 100_000

/** Throws Unfinished for a pass in slices, after which the read starts again. */
export function passOver<Result>(options: TimelinePassOptions, pass: Pass<Result>): Result {
  const { store, run, visibility, wholeLookup } = options
  const { metric, timesMs, begin } = pass
  const key = JSON.stringify(['pass', pass.key, metric.definition, timesMs])
  if (run?.has(key) === true) return run.get(key) as Result // put by an earlier attempt of this read
  const { own: fields, related, many } = fieldsToRead({ metric, visibility })
  if (many !== undefined) throw acrossMany(many)
  const tables = new Map<string, NounTable>()
  for (const noun of [metric.schema.name, ...related.keys()]) {
    const schema = wholeLookup(noun)
    if (schema !== undefined && store.state.hasTable(noun)) tables.set(noun, store.state.tableOf(schema))
  }
  const { sql } = store
  const own = tables.get(metric.schema.name)
  const contributions = own === undefined ? 0 : store.state.countPresent(own) * timesMs.length
  const most = versionsTogether(store)
  const hasFew = [...tables.values()].every((table) => hasFewVersions({ sql, table }, most))
  const seq = options.seq ?? run?.seq ?? store.events.head
  if (hasFew && (run === undefined || contributions <= contributionsTogether(store, metric))) {
    const timelines = (noun: string, fields: ReadonlySet<string>): Timelines => {
      const table = tables.get(noun)
      return table === undefined ? new Map() : readTimelines({ sql, table, seq, fields })
    }
    const { add, end } = begin()
    contributionsOf({ metric, visibility, timelines }, timesMs)(timelines(metric.schema.name, fields), add)
    return end()
  }
  if (run === undefined) throw tooManyAtOnce(metric)
  throw new Unfinished(async () => {
    const pinned = options.seq ?? run.pin(store.events.head)
    const sliced = new SlicedPass({ store, seq: pinned, tables, visibility })
    run.set(key, await store.inSlices((slices) => sliced.run(slices, pass, { own: fields, related })))
  })
}

function versionsTogether({ sliceSettings }: TenantStore): number {
  return Math.max(1, Math.floor(sliceSettings.rowsPerSlice * versionShare))
}

function contributionsTogether({ sliceSettings }: TenantStore, { usesNow }: CompiledMetric): number {
  return Math.max(1, Math.floor(sliceSettings.rowsPerSlice * (usesNow ? testedShare : contributionShare)))
}

interface SlicedPassOptions {
  readonly store: TenantStore
  readonly seq: number
  readonly tables: ReadonlyMap<string, NounTable>
  readonly visibility: Visibility
}

class SlicedPass {
  readonly #options: SlicedPassOptions

  constructor(options: SlicedPassOptions) {
    this.#options = options
  }

  async run<Result>(
    slices: Slices,
    { metric, timesMs, begin }: Pass<Result>,
    { own, related }: Omit<ReturnType<typeof fieldsToRead>, 'many'>,
  ): Promise<Result> {
    const { visibility } = this.#options
    const others = new Map<string, Timelines>()
    for (const [noun, fields] of related) others.set(noun, await this.#whole(slices, noun, fields))
    const timelines = (noun: string): Timelines => others.get(noun) ?? new Map()
    const contributionsMax = contributionsTogether(this.#options.store, metric)
    const contribute = contributionsOf({ metric, visibility, timelines }, timesMs)
    const { add, end } = begin()
    let contributions = 0
    for await (const entities of this.#chunks(slices, metric.schema.name, own))
      for (const entity of entities) {
        contribute(new Map([entity]), add)
        contributions += timesMs.length
        if (contributions < contributionsMax) continue
        contributions = 0
        await slices.pause()
      }
    return end()
  }

  async #whole(slices: Slices, noun: string, fields: ReadonlySet<string>): Promise<Timelines> {
    const all = new Map<string, EntityTimeline>()
    for await (const entities of this.#chunks(slices, noun, fields)) {
      for (const [id, line] of entities) all.set(id, line)
      if (all.size > relatedMax) throw tooManyRelated(noun)
    }
    return all
  }

  async *#chunks(slices: Slices, noun: string, fields: ReadonlySet<string>): AsyncGenerator<Timelines, void> {
    const { store, seq, tables } = this.#options
    const table = tables.get(noun)
    if (table === undefined) return
    for (let afterId: string | undefined = ''; afterId !== undefined;) {
      const chunk = { afterId, versions: versionsTogether(store) }
      const read = readTimelineChunk({ sql: store.sql, table, seq, fields, chunk })
      await slices.next({ examined: read.versions, read: read.versions })
      yield read.timelines
      afterId = read.nextAfterId
    }
  }
}

function tooManyAtOnce({ schema }: CompiledMetric): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: 'from',
    message: `the history of ${schema.name} is too long for a series inside a commit: read it in a request of its own`,
  })
}

function tooManyRelated(noun: string): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: 'from',
    message: `a series follows references to at most ${relatedMax} entities, and there are more of ${noun}`,
  })
}
