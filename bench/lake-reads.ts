// What reads of a lake's files cost in requests and bytes: one entity, one missing value, and a range over a million
// rows compared with DuckDB and hyparquet.

import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Filter, parseFilter } from 'digital-objects'
import type { FileCache, LayerFile } from '@dotdo/db'
import { type AsyncBuffer, parquetReadObjects } from 'hyparquet'
import { askDuckdb } from './duckdb-process.ts'
import { coldCache, type Lake, lookupNoun, schema, snapshotOf } from './lake-files.ts'
import { median } from './load.ts'
import { atMost, type Finding } from './report.ts'

const samples = 60
const rangeRuns = 3
const scoreMin = 95

interface Reads {
  readonly requests: number
  readonly bytes: number
  readonly ms: number
}

type Lookup = (cache: FileCache, sample: number) => Promise<unknown>

export async function benchLookups(lake: Lake): Promise<Finding[]> {
  const { rows, count } = lake
  const of = count === 1_000_000 ? '1M' : `${count / 1_000}k`
  const changed = new Set<string>()
  for (let delta = 0; delta < lake.deltas.length; delta++)
    for (const { id } of rows.delta(count, delta)) changed.add(id)
  const all = Array.from({ length: samples }, (_, at) => rows.id(Math.floor(((at + 0.5) * count) / samples)))
  const present = all.filter((id) => !changed.has(id))
  // Ids in the same second as existing ones, so that only a bloom filter can rule them out.
  const absent = all.map((id) => `${id.slice(0, -6)}zZ0${id.slice(-3)}`)
  const get = (ids: readonly string[]): Lookup => {
    return (cache, sample) => snapshotOf(lake, cache).get(schema, ids[sample % ids.length] ?? '')
  }
  const email: Lookup = async (cache, sample) => {
    const filter = filterOf({ email: `frances.lovelace${sample * 7919}x@org${sample}.example` })
    const found = await snapshotOf(lake, cache).find(schema, { filter, sort: [], limit: 20, isCounted: false })
    return found?.rows[0]
  }
  const emails = await lookUp(lake, email, false)
  const emailMax = count > 100_000 ? 10 : 1
  const findings = [lookupFinding(`indexed value (email) absent in ${of}`, { requestsMax: emailMax }, emails)]
  if (count > 100_000) return findings
  return [
    lookupFinding(
      `existing $id in ${of}`,
      { requestsMax: 2, bytesMax: 400_000 },
      await lookUp(lake, get(present), true),
    ),
    lookupFinding(
      'for comparison: $id of an entity that a delta changed',
      undefined,
      await lookUp(lake, get([...changed]), undefined),
    ),
    lookupFinding(`missing $id in ${of}`, { requestsMax: 1, bytesMax: 50_000 }, await lookUp(lake, get(absent), false)),
    ...findings,
  ]
}

/** Runs the same lookups with footers open and with none. */
async function lookUp(
  lake: Lake,
  lookup: Lookup,
  isFound: boolean | undefined,
): Promise<{ readonly open: readonly Reads[]; readonly closed: readonly Reads[] }> {
  const cache = coldCache()
  const filter = filterOf({ leadScore: { $gt: 1_000 } })
  // Statistics rule out every row group, so this opens all files and reads nothing else.
  await snapshotOf(lake, cache).find(schema, { filter, sort: [], limit: 1, isCounted: false })
  const [open, closed]: [Reads[], Reads[]] = [[], []]
  for (let sample = 0; sample < samples; sample++) {
    for (const [reads, from] of [
      [open, cache],
      [closed, coldCache()],
    ] as const) {
      // A fresh cache of delta ids, since cached ids would save later lookups a request.
      const once = { files: from.files, ids: coldCache().ids }
      reads.push(
        await countReads(lake, async () => {
          const found = await lookup(once, sample)
          if (isFound !== undefined && isFound !== (found !== undefined))
            throw new Error(`unexpected result for sample ${sample}`)
        }),
      )
    }
  }
  return { open, closed }
}

/** Bloom filters have false positives, so the typical cost of a lookup counts, not the worst. */
function lookupFinding(
  what: string,
  target: { readonly requestsMax: number; readonly bytesMax?: number } | undefined,
  { open, closed }: { readonly open: readonly Reads[]; readonly closed: readonly Reads[] },
): Finding {
  const middle = {
    requests: median(open.map(({ requests }) => requests)),
    bytes: median(open.map(({ bytes }) => bytes)),
  }
  const more = open.filter(({ requests }) => requests > (target?.requestsMax ?? Infinity)).length
  const most = Math.max(...open.map(({ requests }) => requests))
  const cold = {
    requests: median(closed.map(({ requests }) => requests)),
    bytes: median(closed.map(({ bytes }) => bytes)),
  }
  const wrong = more === 0 ? '' : `; ${more} of ${open.length} took up to ${most}, because of a filter's false positive`
  return {
    what: `${what}, footers cached`,
    target:
      target === undefined
        ? ''
        : `at most ${plural(target.requestsMax, 'range read')}${target.bytesMax === undefined ? '' : `, ${target.bytesMax / 1_000} KB`}`,
    measured: `${readsText(middle)}${wrong} (not cached: ${readsText(cold)})`,
    ...(target !== undefined && {
      isMet: middle.requests <= target.requestsMax && middle.bytes <= (target.bytesMax ?? Infinity),
    }),
  }
}

/** Reads two columns of every row, one of them a number in a range. Base only, since DuckDB does not know layers. */
export async function benchRange(lake: Lake, folder: string): Promise<Finding[]> {
  const base: Lake = { ...lake, deltas: [] }
  const paths: string[] = []
  for (const { key } of base.base) {
    const path = join(folder, basename(key))
    writeFileSync(path, (await lake.store.get(key)) ?? '')
    paths.push(path)
  }
  const from = `read_parquet([${paths.map((path) => `'${path}'`).join(', ')}])`
  const duckdb = askDuckdb({
    warmUp: `SELECT count(*), max("createdBy") FROM (SELECT "$createdBy" AS "createdBy" FROM '${paths.at(-1)}')`,
    query: `SELECT count(*)::INT AS count, max("$id") AS id FROM ${from} WHERE "leadScore" >= ${scoreMin}`,
    runs: rangeRuns,
  })
  const expected = Number(duckdb.rows[0]?.['count'])
  const count = async (of: Lake, cache: FileCache): Promise<number> => {
    const request = { filter: filterOf({ leadScore: { $gte: scoreMin } }), sort: [], limit: 0, isCounted: true }
    return (await snapshotOf(of, cache).find(schema, request))?.count ?? 0
  }
  const counted = async (of: Lake, cache: FileCache): Promise<Reads> =>
    countReads(lake, async () => {
      const found = await count(of, cache)
      if (of === base && found !== expected) throw new Error(`${found} contacts here, ${expected} in DuckDB`)
    })
  const [closed, open, merged, library]: [Reads[], Reads[], Reads[], Reads[]] = [[], [], [], []]
  for (let run = 0; run < rangeRuns; run++) {
    const cache = coldCache()
    closed.push(await counted(base, cache))
    open.push(await counted(base, cache))
    merged.push(await counted(lake, coldCache()))
    library.push(await readWithHyparquet(lake, expected))
  }
  const ours = readsOf(closed)
  return [
    atMost(
      'bytes of a range on a number, 2 columns, 1M rows, against DuckDB, footers not cached',
      2,
      ours.bytes / duckdb.bytesRead,
      `${kilobytes(ours.bytes)}, DuckDB ${kilobytes(duckdb.bytesRead)}; ${ours.requests} range reads`,
    ),
    {
      what: 'for comparison: the same in time, from memory; DuckDB from cached disk, on all cores',
      target: '',
      measured: `${milliseconds(ours.ms)}, footers cached ${milliseconds(readsOf(open).ms)}, with four deltas to merge ${milliseconds(readsOf(merged).ms)}; hyparquet with all its pruning ${milliseconds(readsOf(library).ms)} (${readsText(readsOf(library))}); DuckDB ${milliseconds(duckdb.ms)}`,
    },
  ]
}

async function readWithHyparquet(lake: Lake, expected: number): Promise<Reads> {
  return countReads(lake, async () => {
    let found = 0
    for (const file of lake.base) {
      const rows = await parquetReadObjects({
        file: asyncBuffer(lake, file),
        columns: ['$id', 'leadScore'],
        filter: { leadScore: { $gte: scoreMin } },
        compressors: { GZIP: (bytes) => gunzipSync(bytes) },
        useBloomFilters: true,
        usePageIndex: true,
        useOffsetIndex: true,
      })
      found += rows.length
    }
    if (found !== expected) throw new Error(`${found} contacts in hyparquet, ${expected} in DuckDB`)
  })
}

function asyncBuffer(lake: Lake, { key, bytes }: LayerFile): AsyncBuffer {
  return {
    byteLength: bytes,
    slice: async (start, end = bytes) => (await lake.store.get(key, { start, end }))?.buffer ?? new ArrayBuffer(0),
  }
}

async function countReads({ store }: Lake, read: () => Promise<void>): Promise<Reads> {
  store.forget()
  const start = performance.now()
  await read()
  return { requests: store.requests, bytes: store.bytes, ms: performance.now() - start }
}

function filterOf(input: object): Filter {
  return parseFilter(input, { schema, lookup: lookupNoun })
}

function readsOf(runs: readonly Reads[]): Reads {
  const of = (name: keyof Reads): number => median(runs.map((run) => run[name]))
  return { requests: of('requests'), bytes: of('bytes'), ms: of('ms') }
}

function readsText({ requests, bytes }: Pick<Reads, 'requests' | 'bytes'>): string {
  return `${plural(requests, 'range read')}, ${kilobytes(bytes)}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(0)} KB`
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(0)} ms`
}
