// The offsets of a time zone from UTC, for many instants. Offsets of the usual years come from a table of the zone's transitions,
// which SQL uses too; those of other years are looked up one by one.

import { offsetMs, parseTimeZone } from '../time/zone.ts'

/** The years whose transitions are in the table, the last exclusive. */
const tableYears = [2000, 2045] as const
const probeMs = 7 * 86_400_000
/** Limits the zones whose tables are kept. There are about 600. */
const zonesMax = 32

export interface ZoneTable {
  /** The first and last instant of the table; the last is exclusive. */
  readonly fromMs: number
  readonly toMs: number
  /** Sorted. From `startMs` on, and before the next one, the offset holds. The first starts at `fromMs`. */
  readonly spans: readonly { readonly startMs: number; readonly offsetMs: number }[]
}

export interface ZoneOffsets {
  readonly isUtc: boolean
  readonly table: ZoneTable
  readonly offsetAt: (ms: number) => number
}

/** Depends on the zone's name only, so any two callers may share it. */
const cache = new Map<string, ZoneOffsets>()

/** Returns undefined if there is no such zone. */
export function zoneOffsets(zone: string): ZoneOffsets | undefined {
  const cached = cache.get(zone)
  if (cached !== undefined) return cached
  const name = parseTimeZone(zone)
  if (name === undefined) return undefined
  const made = makeOffsets(name)
  const [oldest] = cache.keys()
  if (cache.size >= zonesMax && oldest !== undefined) cache.delete(oldest)
  cache.set(zone, made)
  return made
}

function makeOffsets(zone: string): ZoneOffsets {
  const isUtc = ['UTC', 'Etc/UTC', 'Etc/GMT', 'GMT'].includes(zone)
  const exact = (ms: number): number => (isUtc ? 0 : offsetMs(zone, ms))
  const table = tableOf(exact)
  const offsetAt = (ms: number): number => (ms >= table.fromMs && ms < table.toMs ? spanAt(table, ms) : exact(ms))
  return { isUtc, table, offsetAt }
}

function tableOf(offsetAt: (ms: number) => number): ZoneTable {
  const [fromMs, toMs] = [Date.UTC(tableYears[0], 0), Date.UTC(tableYears[1], 0)]
  const spans = [{ startMs: fromMs, offsetMs: offsetAt(fromMs) }]
  let last = spans[0]?.offsetMs ?? 0
  for (let ms = fromMs; ms < toMs; ms += probeMs) {
    const next = offsetAt(Math.min(ms + probeMs, toMs))
    if (next === last) continue
    spans.push({ startMs: transitionIn(offsetAt, ms, Math.min(ms + probeMs, toMs)), offsetMs: next })
    last = next
  }
  return { fromMs, toMs, spans }
}

/** Returns the first instant with the offset of `toMs`, which differs from that of `fromMs`. */
function transitionIn(offsetAt: (ms: number) => number, fromMs: number, toMs: number): number {
  const wanted = offsetAt(toMs)
  let [before, after] = [fromMs, toMs]
  while (after - before > 1_000) {
    const middle = before + Math.floor((after - before) / 2_000) * 1_000
    if (middle === before) break
    if (offsetAt(middle) === wanted) after = middle
    else before = middle
  }
  return after
}

function spanAt({ spans }: ZoneTable, ms: number): number {
  let [low, high] = [0, spans.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((spans[middle]?.startMs ?? Infinity) <= ms) low = middle
    else high = middle - 1
  }
  return spans[low]?.offsetMs ?? 0
}
