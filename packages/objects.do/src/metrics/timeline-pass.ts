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
import { type Contribute, contributionsOf, fieldsToRead } from './level-timeline.ts'

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

/** Of the rows that a slice of a scan examines in about 10 ms, the part that a version, or a contribution, is worth. */
const versionShare = 0.1
const contributionShare = 0.3
/** Limits the versions of other Nouns, which are in memory together. */
const relatedMax = 100_000

/** Throws Unfinished for a pass in slices, after which the read starts again. */
export function passOver<Result>(options: TimelinePassOptions, pass: Pass<Result>): Result {
  const { store, run, visibility, wholeLookup } = options
  const { metric, timesMs, begin } = pass
  const key = JSON.stringify(['pass', pass.key, metric.definition, timesMs])
  if (run?.has(key) === true) return run.get(key) as Result // put by an earlier attempt of this read
  const { own, related } = fieldsToRead({ metric, visibility })
  const tables = new Map<string, NounTable>()
  for (const noun of [metric.schema.name, ...related.keys()]) {
    const schema = wholeLookup(noun)
    if (schema !== undefined && store.state.hasTable(noun)) tables.set(noun, store.state.tableOf(schema))
  }
  const { sql } = store
  const { versionsTogether, contributionsTogether } = limitsOf(store)
  const most = Math.min(versionsTogether, Math.ceil(contributionsTogether / timesMs.length))
  const isSmall = [...tables].every(([noun, table]) =>
    hasFewVersions({ sql, table }, noun === metric.schema.name ? most : versionsTogether),
  )
  const seq = options.seq ?? store.events.head
  if (
    isSmall ||
    (run === undefined && [...tables.values()].every((table) => hasFewVersions({ sql, table }, versionsTogether)))
  ) {
    const timelines = (noun: string, fields: ReadonlySet<string>): Timelines => {
      const table = tables.get(noun)
      return table === undefined ? new Map() : readTimelines({ sql, table, seq, fields })
    }
    const { add, end } = begin()
    contributionsOf({ metric, visibility, timelines }, timesMs)(timelines(metric.schema.name, own), add)
    return end()
  }
  if (run === undefined) throw tooManyAtOnce(metric)
  throw new Unfinished(async () => {
    const pinned = options.seq ?? run.pin(store.events.head)
    const sliced = new SlicedPass({ store, seq: pinned, tables, visibility })
    run.set(key, await store.inSlices((slices) => sliced.run(slices, pass, { own, related })))
  })
}

function limitsOf({ sliceSettings: { rowsPerSlice } }: TenantStore): {
  readonly versionsTogether: number
  readonly contributionsTogether: number
} {
  return {
    versionsTogether: Math.max(1, Math.floor(rowsPerSlice * versionShare)),
    contributionsTogether: Math.max(1, Math.floor(rowsPerSlice * contributionShare)),
  }
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
    { own, related }: ReturnType<typeof fieldsToRead>,
  ): Promise<Result> {
    const { visibility } = this.#options
    const others = new Map<string, Timelines>()
    for (const [noun, fields] of related) others.set(noun, await this.#whole(slices, noun, fields))
    const timelines = (noun: string): Timelines => others.get(noun) ?? new Map()
    const { contributionsTogether } = limitsOf(this.#options.store)
    const contribute = contributionsOf({ metric, visibility, timelines }, timesMs)
    const { add, end } = begin()
    let contributions = 0
    for await (const entities of this.#chunks(slices, metric.schema.name, own))
      for (const entity of entities) {
        contribute(new Map([entity]), add)
        contributions += timesMs.length
        if (contributions < contributionsTogether) continue
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
    const { versionsTogether } = limitsOf(store)
    for (let afterId: string | undefined = ''; afterId !== undefined;) {
      const chunk = { afterId, versions: versionsTogether }
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
