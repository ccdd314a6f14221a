// Which layers are to be made anew, as data. Deltas of one size become one of the next, so their number grows with the
// logarithm of what changed; when they come to a quarter of the base, the base is rewritten.

import type { LayerFile, Manifest, NounLayers } from '@dotdo/db'

export type CompactionDue =
  | { readonly kind: 'merge'; readonly noun: string; readonly deltas: number }
  | { readonly kind: 'rewrite'; readonly noun: string }

/** So many of one size are merged. */
const mergedMin = 4
/** Rows of the smallest size; each next one is four times it. */
const smallestRows = 1_000
/** A delta beyond this is left to the rewriting of the base: a merge reads the log of all that it merges. */
const mergedEventsMax = 200_000
/** Several of larger ones would be as many again, and their rows more than one step should read. */
const mergedBytesMax = 4 * 2 ** 20
const deltaShareMax = 0.25
/** However small they are: each is a file to look into. */
const deltasMax = 24

export function nextCompaction(options: {
  readonly manifest: Manifest
  /** The Noun whose base is being rewritten, which goes on first and whose deltas stay as they are. */
  readonly underWay: string | undefined
  /** Fewer rows in deltas are left to be merged. */
  readonly deltaRowsMin: number
}): CompactionDue | undefined {
  const { manifest, underWay, deltaRowsMin } = options
  if (underWay !== undefined) return { kind: 'rewrite', noun: underWay }
  for (const [noun, layers] of Object.entries(manifest.nouns)) {
    if (isRewriteDue(layers, deltaRowsMin)) return { kind: 'rewrite', noun }
    const deltas = mergeable(layers, manifest.seq)
    if (deltas >= mergedMin) return { kind: 'merge', noun, deltas }
  }
  return undefined
}

function isRewriteDue(layers: NounLayers, deltaRowsMin: number): boolean {
  const deltaRows = rowsOf(layers.deltas)
  const filesMax = Math.max(deltasMax, deltaShareMax * layers.base.length)
  return layers.deltas.length > filesMax || deltaRows >= Math.max(deltaRowsMin, deltaShareMax * rowsOf(layers.base))
}

/** How many of the newest deltas are of one size or smaller. */
function mergeable(layers: NounLayers, seq: number): number {
  const newestFirst = layers.deltas.toReversed()
  const end = newestFirst.findIndex(
    (delta) => seq - delta.afterSeq > mergedEventsMax || bytesOf(delta) > mergedBytesMax,
  )
  const candidates = end === -1 ? newestFirst : newestFirst.slice(0, end)
  let size = 0
  let count = 0
  for (const delta of candidates) {
    const own = sizeOf(delta.rows)
    if (count >= mergedMin && own > size) break
    size = Math.max(size, own)
    count++
  }
  // The newest may be small beside a few large ones: those alone are then not worth it.
  const merged = candidates.slice(0, count).filter((delta) => sizeOf(delta.rows) === size)
  return merged.length >= mergedMin ? count : countOfSmallest(candidates)
}

function bytesOf({ bytes, relations }: LayerFile): number {
  return bytes + (relations?.bytes ?? 0)
}

function countOfSmallest(newestFirst: NounLayers['deltas']): number {
  const first = newestFirst[0]
  if (first === undefined) return 0
  const end = newestFirst.findIndex((delta) => sizeOf(delta.rows) > sizeOf(first.rows))
  return end === -1 ? newestFirst.length : end
}

function sizeOf(rows: number): number {
  let size = 0
  for (let bound = smallestRows; rows > bound; bound *= 4) size++
  return size
}

function rowsOf(files: readonly { readonly rows: number }[]): number {
  return files.reduce((sum, file) => sum + file.rows, 0)
}
