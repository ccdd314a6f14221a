// Plans, as data, which files of the log are merged and which are final. Every flush adds a small file; files of
// similar size are merged, so that each event is rewritten a few times at most and few files stay small.

import { msToMonth } from '@dotdo/db'

export interface Segment {
  readonly afterSeq: number
  readonly throughSeq: number
  readonly rows: number
  readonly bytes: number
  readonly firstMs: number
}

/** Number of files of similar size to merge. */
const mergedMin = 8
/** Below this, all sizes count as equal. */
const smallRows = 256
/** A file of this size is not merged, however few events it has. */
const sealedBytes = 8 * 2 ** 20

/** Returns the range of the log whose files to merge; undefined if there is none. Segments come in order of `seq`. */
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
 * Segments up to this `seq` are never merged again, so they may become the only copy of their events. Segments that
 * already are the only copy are not passed in: a changed `sealedRows` must not make them mergeable again.
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

/** Returns runs of adjacent unsealed segments of the same month. */
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

/** Returns the first segments of a past month, as many as fit in one file. */
function headOf(run: Run, sealedRows: number): readonly Segment[] {
  const head: Segment[] = []
  for (const segment of run) {
    if (head.length > 1 && isSealed(sumOf(head), sealedRows)) break
    head.push(segment)
  }
  return head
}

/** Returns the newest segments of the present month, as long as none is larger than all newer ones together. */
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
