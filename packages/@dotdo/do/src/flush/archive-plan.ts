// Which files of the log become one, and which stay as they are for ever, as data. Every flush adds a small one; those of
// like size are merged, so that each event is written again a few times at most and few files are small.

import { msToMonth } from '@dotdo/db'

export interface Segment {
  readonly afterSeq: number
  readonly throughSeq: number
  readonly rows: number
  readonly bytes: number
  readonly firstMs: number
}

/** So many of like size are merged. */
const mergedMin = 8
/** Below it sizes are all alike. */
const smallRows = 256
/** A file of so many bytes is not merged, however few its events are. */
const sealedBytes = 8 * 2 ** 20

/** The stretch of the log whose files are to become one; undefined when none. Segments come in order of `seq`. */
export function nextMerge(
  segments: readonly Segment[],
  sealedRows: number,
): { readonly afterSeq: number; readonly throughSeq: number } | undefined {
  const newest = segments.at(-1)
  if (newest === undefined) return undefined
  for (const run of runsOf(segments, sealedRows)) {
    const isPast = msToMonth(run[0].firstMs) < msToMonth(newest.firstMs)
    const merged = isPast ? headOf(run, sealedRows) : likeSizes(run, sealedRows)
    const [first, last] = [merged[0], merged.at(-1)]
    if (first !== undefined && last !== undefined && merged.length > 1)
      return { afterSeq: first.afterSeq, throughSeq: last.throughSeq }
  }
  return undefined
}

/**
 * Segments up to this `seq` are never merged again, so that they may become the only copy of what they hold. Those that
 * are the only copy already are none of these segments: another `sealedRows` must not call one back.
 */
export function finalThrough(segments: readonly Segment[], sealedRows: number): number {
  const newest = segments.at(-1)
  let through = 0
  for (const [at, segment] of segments.entries()) {
    const isPast = newest !== undefined && msToMonth(segment.firstMs) < msToMonth(newest.firstMs)
    const isAlone = [segments[at - 1], segments[at + 1]].every(
      (mate) => mate === undefined || isSealed(mate, sealedRows) || !isSameMonth(mate, segment),
    )
    if (!isSealed(segment, sealedRows) && !(isPast && isAlone)) return through
    through = segment.throughSeq
  }
  return through
}

function isSealed({ rows, bytes }: Pick<Segment, 'rows' | 'bytes'>, sealedRows: number): boolean {
  return rows >= sealedRows || bytes >= sealedBytes
}

function isSameMonth(a: Segment, b: Segment): boolean {
  return msToMonth(a.firstMs) === msToMonth(b.firstMs)
}

type Run = readonly [Segment, ...Segment[]]

/** Neighbours of one month that are not sealed. */
function runsOf(segments: readonly Segment[], sealedRows: number): readonly Run[] {
  const runs: [Segment, ...Segment[]][] = []
  let last: Segment | undefined
  for (const segment of segments) {
    const run = runs.at(-1)
    if (!isSealed(segment, sealedRows)) {
      const isNext = run !== undefined && run.at(-1) === last && last !== undefined && isSameMonth(last, segment)
      if (isNext) run.push(segment)
      else runs.push([segment])
    }
    last = segment
  }
  return runs
}

/** Of a month that is over: the first ones, as many as one file takes. */
function headOf(run: Run, sealedRows: number): readonly Segment[] {
  const head: Segment[] = []
  for (const segment of run) {
    if (head.length > 1 && isSealed(sumOf(head), sealedRows)) break
    head.push(segment)
  }
  return head
}

/** Of the month under way: the newest ones, as long as none is larger than all after it together. */
function likeSizes(run: Run, sealedRows: number): readonly Segment[] {
  const tail: Segment[] = []
  for (const segment of run.toReversed()) {
    const sum = sumOf(tail)
    if (tail.length > 0 && (segment.rows > Math.max(sum.rows, smallRows) || isSealed(sum, sealedRows))) break
    tail.unshift(segment)
  }
  return tail.length >= mergedMin || isSealed(sumOf(tail), sealedRows) ? tail : []
}

function sumOf(segments: readonly Segment[]): Pick<Segment, 'rows' | 'bytes'> {
  return {
    rows: segments.reduce((sum, { rows }) => sum + rows, 0),
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}
