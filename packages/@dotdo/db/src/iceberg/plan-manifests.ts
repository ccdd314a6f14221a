// Plans the manifests of a new snapshot: which ones of the previous snapshot stay, and which are written. A commit adds
// one manifest, and merges the small ones once there are too many.

import type { DataFile, ManifestEntry } from './manifest.ts'
import type { ManifestFile } from './manifest-list.ts'
import { hasLiveFiles } from './table.ts'

/**
 * A reader opens every manifest with about two requests of 50 ms, a few at a time: this many take one to two seconds.
 */
export const smallManifestsMax = 32
/**
 * A full manifest has two or three MB, which are in memory while it is merged. Full manifests are never merged again.
 */
export const manifestFilesMax = 5_000

/** A manifest of the previous snapshot, with its entries. */
export interface OpenManifest {
  readonly manifest: ManifestFile
  readonly entries: readonly ManifestEntry[]
}

export interface ManifestPlan {
  readonly kept: readonly ManifestFile[]
  /** Entries of each manifest to write. */
  readonly written: readonly (readonly ManifestEntry[])[]
  readonly removed: readonly DataFile[]
}

/** Returns the small manifests to merge, if one more would make them too many. */
export function manifestsToMerge(manifests: readonly ManifestFile[]): readonly ManifestFile[] {
  const small = manifests.filter(({ added, existing }) => added.files + existing.files < manifestFilesMax)
  return small.length < smallManifestsMax ? [] : small
}

/** `opened` are the manifests that do not stay: each one that holds a removed file, and those to merge. */
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
    // Statistics of a removed file would keep its values readable.
    .map((entry): ManifestEntry => ({
      ...entry,
      status: 'deleted',
      snapshotId,
      file: { ...entry.file, columns: [] },
    }))
  const fresh = added.map((file): ManifestEntry => ({
    status: 'added',
    snapshotId,
    sequenceNumber: null,
    fileSequenceNumber: null,
    file,
  }))
  // Sorted by month, so that readers skip whole manifests. Files of one month stay in the order of their age.
  const live = [...existing, ...fresh].sort((first, second) => (first.file.month ?? 0) - (second.file.month ?? 0))
  return {
    // A manifest with only deleted files served its own snapshot and is not needed any more.
    kept: manifests.filter((manifest) => hasLiveFiles(manifest) && !openedPaths.has(manifest.path)),
    // Deleted files get manifests of their own, so that the next commit drops these without reading them.
    written: [...chunk(live), ...chunk(deleted)],
    removed: deleted.map(({ file }) => file),
  }
}

/** Joins the plans for rows and for deletes, which never share a manifest. */
export function joinPlans(plans: readonly ManifestPlan[]): ManifestPlan {
  return {
    kept: plans.flatMap(({ kept }) => kept),
    written: plans.flatMap(({ written }) => written),
    removed: plans.flatMap(({ removed }) => removed),
  }
}

function chunk(entries: readonly ManifestEntry[]): readonly (readonly ManifestEntry[])[] {
  const count = Math.ceil(entries.length / manifestFilesMax)
  return Array.from({ length: count }, (_, at) => entries.slice(at * manifestFilesMax, (at + 1) * manifestFilesMax))
}
