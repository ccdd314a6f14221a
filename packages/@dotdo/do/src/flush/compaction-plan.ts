// Plans, as data, which layers to rewrite. Deltas of one size class are merged into one of the next, so their number
// grows with the logarithm of the changes. When all deltas reach half of the base, the base is rewritten.

import type { LayerFile, Manifest, NounLayers } from '@dotdo/db'

export type CompactionDue =
  | { readonly kind: 'merge'; readonly noun: string; readonly deltas: number }
  | { readonly kind: 'rewrite'; readonly noun: string }

/** Number of deltas of one size class to merge. */
const mergedMin = 4
/** Rows of the smallest size class. Each class is four times the previous one. */
const smallestRows = 1_000
/** A merge reads the log of all deltas it merges, so deltas with more events wait for a new base. */
const mergedEventsMax = 200_000
/** Merging several larger deltas would take as much as a base, and more rows than one step should read. */
const mergedBytesMax = 4 * 2 ** 20
/** A smaller share would rewrite a growing base more often; a larger one would leave readers more rows that deltas hide. */
const deltaShareMax = 0.5
/** Limit of deltas of any size, since readers look into each file. */
const deltasMax = 24

export function nextCompaction(options: {
  readonly manifest: Manifest
  /** The Noun whose base is being rewritten. It comes first, and its deltas stay unchanged. */
  readonly underWay: string | undefined
  /** With fewer rows than this in deltas, the base is not rewritten. */
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

/** Returns how many of the newest deltas are of one size class or smaller. */
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
  // If the newest deltas are small beside a few large ones, merging with those is not worthwhile.
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
