// Expires old snapshots. Without this a table's metadata would grow for ever, and no file could ever be deleted.

import { type CommitAt, commitMetadata, type CommittedTable, findCommit } from './commit-metadata.ts'
import type { ManifestFile } from './manifest-list.ts'
import type { TableMetadata, TableSnapshot } from './table-metadata.ts'
import { hasLiveFiles, mapSome, pathToKey, readEntriesOf, readManifestsOf, type StoredTable } from './table.ts'

export interface Expiry extends CommitAt {
  readonly metadata: TableMetadata
  /** Snapshots made before this time expire. */
  readonly olderThanMs: number
  /** Number of newest snapshots that always stay, including the current one. */
  readonly keepMin: number
  /** Tags, newest first, whose snapshots stay. Other tags are removed. By default, the table has none. */
  readonly keptTags?: readonly string[]
  readonly nowMs: number
}

export interface ExpiredTable extends CommittedTable {
  /**
   * Keys that no snapshot of the new version needs. Delete them, once readers of older versions are done, in this
   * order: data files, manifests, manifest lists, metadata files. After an interrupted deletion the same arguments
   * return the rest.
   */
  readonly unreferenced: readonly string[]
}

/** Metadata files kept beside the current one, for readers that opened one recently or look at the table's history. */
const metadataLogMax = 20
/** Live files of expiring snapshots, most of which later snapshots also hold; they take 100 bytes each in memory. */
const filesMax = 200_000

/**
 * Commits metadata without the old snapshots. Commits nothing if no snapshot is old and the metadata log is short
 * enough. Repeating it with the same arguments gives the same result, except for keys that were deleted in between.
 */
export async function expireSnapshots(expiry: Expiry): Promise<ExpiredTable> {
  const { metadata, version, nowMs } = expiry
  const expired = expiredSnapshots(expiry)
  // The commit will add one entry to the log.
  const dropped = metadata['metadata-log'].slice(0, Math.max(0, metadata['metadata-log'].length + 1 - metadataLogMax))
  const refs = keptRefs(expiry)
  const isTagDropped = Object.keys(refs).length < Object.keys(metadata.refs).length
  if (expired.size === 0 && dropped.length === 0 && !isTagDropped) return { metadata, version, unreferenced: [] }

  const isKept = (entry: { readonly 'snapshot-id': number }): boolean => !expired.has(entry['snapshot-id'])
  const found = await findCommit(expiry)
  const kept = metadata.snapshots.filter(isKept)
  // Runs before the commit, so that a missing or damaged file leaves the table unchanged.
  const unreferenced = await findUnreferenced(expiry, {
    expired: metadata.snapshots.filter((snapshot) => !isKept(snapshot)),
    kept,
  })
  const next: TableMetadata = {
    ...metadata,
    'last-updated-ms': Math.max(nowMs, metadata['last-updated-ms']),
    snapshots: kept,
    'snapshot-log': logSince(metadata['snapshot-log'], isKept),
    'metadata-log': metadata['metadata-log'].slice(dropped.length),
    refs,
  }
  const committed = found ?? (await commitMetadata({ ...expiry, metadata: next, previous: metadata }))
  const oldMetadata = dropped.map((entry) => pathToKey(expiry, entry['metadata-file']))
  return { ...committed, unreferenced: [...unreferenced, ...oldMetadata] }
}

/**
 * Returns the newest entries, back to the first expired one. With a gap, a reader would take the snapshot before it for the
 * current one at a time at which it was not.
 */
function logSince<Entry>(log: readonly Entry[], isKept: (entry: Entry) => boolean): readonly Entry[] {
  return log.slice(log.findLastIndex((entry) => !isKept(entry)) + 1)
}

function keptRefs({ metadata, keptTags = [] }: Expiry): TableMetadata['refs'] {
  return Object.fromEntries(
    Object.entries(metadata.refs).filter(([name, { type }]) => type === 'branch' || keptTags.includes(name)),
  )
}

function expiredSnapshots(expiry: Expiry): ReadonlySet<number> {
  const { metadata, olderThanMs, keepMin } = expiry
  const named = new Set(Object.values(keptRefs(expiry)).map((ref) => ref['snapshot-id']))
  const candidates = keepMin > 0 ? metadata.snapshots.slice(0, -keepMin) : metadata.snapshots
  return new Set(
    candidates
      .filter((snapshot) => snapshot['timestamp-ms'] < olderThanMs)
      .map((snapshot) => snapshot['snapshot-id'])
      .filter((id) => id !== metadata['current-snapshot-id'] && !named.has(id)),
  )
}

/**
 * A file becomes unreferenced with the last snapshot in which it is live, so files that a manifest marks as deleted are
 * skipped. If a manifest list or a manifest of an expired snapshot is missing, it was deleted before, after all files
 * that it names.
 */
async function findUnreferenced(
  table: StoredTable,
  snapshots: { readonly expired: readonly TableSnapshot[]; readonly kept: readonly TableSnapshot[] },
): Promise<readonly string[]> {
  const keptManifests = await manifestsOf(table, snapshots.kept)
  const lists = await thoseThere(table, snapshots.expired, (snapshot) => snapshot['manifest-list'])
  const named = [...(await manifestsOf(table, lists)).values()].filter(({ path }) => !keptManifests.has(path))
  const manifests = await thoseThere(table, named, ({ path }) => path)
  const files = new Set<string>()
  await eachLiveFile(table, manifests, (path) => {
    if (files.add(path).size > filesMax)
      throw new Error(`more than ${filesMax} files would expire: expire fewer snapshots at a time`)
  })
  if (files.size > 0) await eachLiveFile(table, [...keptManifests.values()], (path) => files.delete(path))
  const paths = [...files, ...manifests.map(({ path }) => path), ...lists.map((list) => list['manifest-list'])]
  return paths.map((path) => pathToKey(table, path))
}

async function manifestsOf(
  table: StoredTable,
  snapshots: readonly TableSnapshot[],
): Promise<ReadonlyMap<string, ManifestFile>> {
  const lists = await mapSome(snapshots, (snapshot) => readManifestsOf(table, snapshot))
  return new Map(lists.flat().map((manifest) => [manifest.path, manifest]))
}

async function eachLiveFile(
  table: StoredTable,
  manifests: readonly ManifestFile[],
  visit: (path: string) => void,
): Promise<void> {
  await mapSome(manifests.filter(hasLiveFiles), async (manifest) => {
    const entries = await readEntriesOf(table, manifest)
    for (const { status, file } of entries) if (status !== 'deleted') visit(file.path)
  })
}

async function thoseThere<Item>(
  table: StoredTable,
  items: readonly Item[],
  pathOf: (item: Item) => string,
): Promise<readonly Item[]> {
  const there = await mapSome(items, (item) => table.store.head(pathToKey(table, pathOf(item))))
  return items.filter((_, at) => there[at] !== undefined)
}
