// Which manifests a new snapshot has: those of the one before as far as they can stay, and what is written anew. A commit
// adds one manifest; when there are too many small ones, they become one.

import type { DataFile, ManifestEntry } from './manifest.ts'
import type { ManifestFile } from './manifest-list.ts'
import { hasLiveFiles } from './table.ts'

/** Every reader opens each manifest, some two requests of 50 ms: so many are one or two seconds, some at a time. */
export const smallManifestsMax = 32
/** Two or three MB, in memory while it is merged; one that is full is not merged again. */
export const manifestFilesMax = 5_000

/** A manifest of the snapshot before, with the entries that it has. */
export interface OpenManifest {
  readonly manifest: ManifestFile
  readonly entries: readonly ManifestEntry[]
}

export interface ManifestPlan {
  readonly kept: readonly ManifestFile[]
  /** The entries of each manifest to write. */
  readonly written: readonly (readonly ManifestEntry[])[]
  readonly removed: readonly DataFile[]
}

/** The small manifests that one more would make too many, of those that stay otherwise. */
export function manifestsToMerge(manifests: readonly ManifestFile[]): readonly ManifestFile[] {
  const small = manifests.filter(({ added, existing }) => added.files + existing.files < manifestFilesMax)
  return small.length < smallManifestsMax ? [] : small
}

/** `opened` are those that do not stay: each that holds a removed file, and those to merge. */
export function planManifests(options: {
  readonly manifests: readonly ManifestFile[]
  readonly opened: readonly OpenManifest[]
  readonly added: readonly DataFile[]
  readonly removed: ReadonlySet<string>
  readonly snapshotId: number
}): ManifestPlan {
  const { manifests, opened, added, removed, snapshotId } = options
  const openedPaths = new Set(opened.map(({ manifest }) => manifest.path))
  const before = opened.flatMap(({ entries }) => entries).filter((entry) => entry.status !== 'deleted')
  const existing = before
    .filter((entry) => !removed.has(entry.file.path))
    .map((entry): ManifestEntry => ({ ...entry, status: 'existing' }))
  const deleted = before
    .filter((entry) => removed.has(entry.file.path))
    .map((entry): ManifestEntry => ({ ...entry, status: 'deleted', snapshotId }))
  const fresh = added.map((file): ManifestEntry => ({
    status: 'added',
    snapshotId,
    sequenceNumber: null,
    fileSequenceNumber: null,
    file,
  }))
  // By month, so that readers skip whole manifests; those of one month stay in the order of their age.
  const live = [...existing, ...fresh].sort((first, second) => first.file.month - second.file.month)
  return {
    // What holds deleted files alone said so in its own snapshot, and is of no use any more.
    kept: manifests.filter((manifest) => hasLiveFiles(manifest) && !openedPaths.has(manifest.path)),
    // Deleted ones lie apart: the next commit drops their manifest without reading it.
    written: [...chunk(live), ...chunk(deleted)],
    removed: deleted.map(({ file }) => file),
  }
}

function chunk(entries: readonly ManifestEntry[]): readonly (readonly ManifestEntry[])[] {
  const count = Math.ceil(entries.length / manifestFilesMax)
  return Array.from({ length: count }, (_, at) => entries.slice(at * manifestFilesMax, (at + 1) * manifestFilesMax))
}
