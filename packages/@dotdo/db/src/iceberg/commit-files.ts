// Commits data files to a table: adds some and removes some, atomically for every reader. The names of the files it
// writes come from the operation, so running it again after a crash rewrites the same files and leaves no orphans.

import {
  type CommitAt,
  commitMetadata,
  type CommittedTable,
  findCommit,
  IcebergConflict,
  operationProperty,
} from './commit-metadata.ts'
import { type DataFile, writeManifest } from './manifest.ts'
import { describeManifest, type ManifestFile, writeManifestList } from './manifest-list.ts'
import { joinPlans, type ManifestPlan, manifestsToMerge, type OpenManifest, planManifests } from './plan-manifests.ts'
import { currentSnapshot, type TableMetadata, type TableSnapshot } from './table-metadata.ts'
import { hasLiveFiles, keyToPath, mapSome, pathToKey, readEntriesOf, readManifestsOf } from './table.ts'

export interface FilesCommit extends CommitAt {
  /** The metadata of this version, possibly with new columns. */
  readonly metadata: TableMetadata
  /** Files that are durable in the store, inside the table's location, under paths that were never used before. */
  readonly added: readonly DataFile[]
  /** Paths of files of the current snapshot. */
  readonly removed: readonly string[]
  readonly nowMs: number
  /** A new id, positive and below 2^53. Repeating an operation must pass the same id. */
  readonly snapshotId: number
  /** Whether the rows are the same as before. By default, they are if the number of rows is. */
  readonly isSameRows?: boolean
  /** Further entries of the snapshot's summary. */
  readonly facts?: Readonly<Record<string, string>>
  /** A tag for the snapshot, which takes the tag from an earlier one. */
  readonly tag?: string
}

/** More files in one commit are the caller's mistake: flushes and compactions have about ten. */
const filesPerCommitMax = 10_000
/** A snapshot takes half a kilobyte of metadata.json, which every commit writes and every reader reads completely. */
const snapshotsMax = 10_000

/** Throws an `IcebergConflict`, and changes nothing, if another writer has committed on top of this version. */
export async function commitFiles(commit: FilesCommit): Promise<CommittedTable> {
  const { metadata, version, operationId } = commit
  checkCommit(commit)
  if (metadata.snapshots.some(({ summary }) => summary[operationProperty] === operationId)) return { metadata, version }
  const found = await findCommit(commit)
  if (found !== undefined) return found

  const parent = currentSnapshot(metadata)
  const manifests = parent === undefined ? [] : await readManifestsOf(commit, parent)
  const removed = new Set(commit.removed)
  const opened = await openManifests(commit, manifests)
  const plan = joinPlans(
    contents.map((content) =>
      planManifests({
        ...commit,
        manifests: manifests.filter((manifest) => manifest.content === content),
        opened: opened.filter(({ manifest }) => manifest.content === content),
        added: commit.added.filter((file) => file.content === content),
        removed,
      }),
    ),
  )
  if (plan.removed.length < removed.size) {
    const missing = commit.removed.find((path) => !plan.removed.some((file) => file.path === path))
    throw new Error(`cannot remove '${missing}': the table's current snapshot does not have it`)
  }
  const written = await putManifests(commit, plan)
  const list = await putManifestList(commit, { parent, manifests: [...written, ...plan.kept] })
  const keys = [...written.map(({ path }) => path), list].map((path) => pathToKey(commit, path))
  await commit.store.sync(keys)
  const snapshot = makeSnapshot(commit, { parent, plan, list })
  try {
    return await commitMetadata({
      ...commit,
      metadata: withSnapshot(metadata, snapshot, commit.tag),
      previous: metadata,
    })
  } catch (error) {
    // The version belongs to another writer for ever, so no repetition of this operation will need the files it wrote.
    if (error instanceof IcebergConflict) await commit.store.delete(keys)
    throw error
  }
}

const contents = [undefined, 'deletes'] as const

/** Reads the manifests that hold a removed file, and those to merge. */
async function openManifests(
  commit: FilesCommit,
  manifests: readonly ManifestFile[],
): Promise<readonly OpenManifest[]> {
  const removed = new Set(commit.removed)
  const open = async (manifest: ManifestFile): Promise<OpenManifest> => {
    const entries = await readEntriesOf(commit, manifest)
    return { manifest, entries }
  }
  const live = manifests.filter(hasLiveFiles)
  // Nothing tells which manifest holds a file, so all of them are searched.
  const searched = removed.size === 0 ? [] : await mapSome(live, open)
  const known = new Set(searched.flatMap(({ entries }) => entries).flatMap(pathIfLive))
  const again = commit.added.find(({ path }) => known.has(path))
  if (again !== undefined) throw new Error(`cannot add '${again.path}': the table already has it`)
  const touched = searched.filter(({ entries }) => entries.flatMap(pathIfLive).some((path) => removed.has(path)))
  const untouched = live.filter((manifest) => !touched.some((one) => one.manifest === manifest))
  const toMerge = contents.flatMap((content) =>
    manifestsToMerge(untouched.filter((manifest) => manifest.content === content)),
  )
  const merged = await mapSome(
    toMerge,
    async (manifest) => searched.find((one) => one.manifest === manifest) ?? open(manifest),
  )
  return [...touched, ...merged]
}

function pathIfLive({
  status,
  file,
}: {
  readonly status: string
  readonly file: { readonly path: string }
}): readonly string[] {
  return status === 'deleted' ? [] : [file.path]
}

async function putManifests(commit: FilesCommit, plan: ManifestPlan): Promise<readonly ManifestFile[]> {
  const { store, prefix, metadata, version, snapshotId, operationId } = commit
  const written: ManifestFile[] = []
  for (const [part, entries] of plan.written.entries()) {
    const key = `${prefix}/metadata/${operationId}-${version + 1}-${snapshotId}-m${part}.avro`
    const bytes = writeManifest(metadata, entries)
    await store.put(key, bytes, { ifAbsent: false })
    written.push(
      describeManifest({
        path: keyToPath(commit, key),
        bytes: bytes.length,
        sequenceNumber: metadata['last-sequence-number'] + 1,
        snapshotId,
        entries,
      }),
    )
  }
  return written
}

async function putManifestList(
  commit: FilesCommit,
  { parent, manifests }: { readonly parent: TableSnapshot | undefined; readonly manifests: readonly ManifestFile[] },
): Promise<string> {
  const { store, prefix, metadata, version, snapshotId, operationId } = commit
  const key = `${prefix}/metadata/snap-${snapshotId}-${version + 1}-${operationId}.avro`
  const bytes = writeManifestList({
    snapshotId,
    parentSnapshotId: parent?.['snapshot-id'],
    sequenceNumber: metadata['last-sequence-number'] + 1,
    manifests,
  })
  await store.put(key, bytes, { ifAbsent: false })
  return keyToPath(commit, key)
}

function makeSnapshot(
  commit: FilesCommit,
  made: { readonly parent: TableSnapshot | undefined; readonly plan: ManifestPlan; readonly list: string },
): TableSnapshot {
  const { metadata, snapshotId, operationId, nowMs } = commit
  const { parent, plan, list } = made
  const [added, addedDeletes] = sums(commit.added)
  const [removed, removedDeletes] = sums(plan.removed)
  const totalOf = (name: string, change: number): string => String(Number(parent?.summary[name] ?? 0) + change)
  const deletes = addedDeletes.files - removedDeletes.files
  return {
    'snapshot-id': snapshotId,
    ...(parent === undefined ? {} : { 'parent-snapshot-id': parent['snapshot-id'] }),
    'sequence-number': metadata['last-sequence-number'] + 1,
    'timestamp-ms': Math.max(nowMs, metadata['last-updated-ms']),
    'manifest-list': list,
    'schema-id': metadata['current-schema-id'],
    summary: {
      operation: operationOf(commit, { added, removed, hasDeletes: addedDeletes.files + removedDeletes.files > 0 }),
      [operationProperty]: operationId,
      ...commit.facts,
      'added-data-files': String(added.files),
      'added-records': String(added.rows),
      'added-files-size': String(added.bytes + addedDeletes.bytes),
      'deleted-data-files': String(removed.files),
      'deleted-records': String(removed.rows),
      'removed-files-size': String(removed.bytes + removedDeletes.bytes),
      ...(addedDeletes.files === 0 ? {} : deletesAdded(addedDeletes)),
      ...(removedDeletes.files === 0 ? {} : deletesRemoved(removedDeletes)),
      'changed-partition-count': String(new Set([...commit.added, ...plan.removed].map(({ month }) => month)).size),
      'total-data-files': totalOf('total-data-files', added.files - removed.files),
      'total-records': totalOf('total-records', added.rows - removed.rows),
      'total-files-size': totalOf(
        'total-files-size',
        added.bytes + addedDeletes.bytes - removed.bytes - removedDeletes.bytes,
      ),
      'total-delete-files': totalOf('total-delete-files', deletes),
      'total-position-deletes': totalOf('total-position-deletes', addedDeletes.rows - removedDeletes.rows),
      'total-equality-deletes': '0',
    },
  }
}

function deletesAdded({ files, rows }: Sum): Readonly<Record<string, string>> {
  return {
    'added-delete-files': String(files),
    'added-position-delete-files': String(files),
    'added-position-deletes': String(rows),
  }
}

function deletesRemoved({ files, rows }: Sum): Readonly<Record<string, string>> {
  return {
    'removed-delete-files': String(files),
    'removed-position-delete-files': String(files),
    'removed-position-deletes': String(rows),
  }
}

/** The operation in Iceberg's terms. `replace` promises that the rows are unchanged. */
function operationOf(
  { isSameRows }: FilesCommit,
  { added, removed, hasDeletes }: { readonly added: Sum; readonly removed: Sum; readonly hasDeletes: boolean },
): 'append' | 'replace' | 'overwrite' | 'delete' {
  if (isSameRows === true) return 'replace'
  if (hasDeletes) return added.files === 0 ? 'delete' : 'overwrite'
  if (removed.files === 0) return 'append'
  if (added.files === 0) return 'delete'
  return isSameRows === undefined && added.rows === removed.rows ? 'replace' : 'overwrite'
}

interface Sum {
  readonly files: number
  readonly rows: number
  readonly bytes: number
}

/** The sums of files of rows, and of files of deletes. */
function sums(files: readonly DataFile[]): readonly [Sum, Sum] {
  return [
    sum(files.filter(({ content }) => content === undefined)),
    sum(files.filter(({ content }) => content === 'deletes')),
  ]
}

function sum(files: readonly DataFile[]): Sum {
  return {
    files: files.length,
    rows: files.reduce((rows, file) => rows + file.rows, 0),
    bytes: files.reduce((bytes, file) => bytes + file.bytes, 0),
  }
}

function withSnapshot(metadata: TableMetadata, snapshot: TableSnapshot, tag: string | undefined): TableMetadata {
  const id = snapshot['snapshot-id']
  return {
    ...metadata,
    'last-sequence-number': snapshot['sequence-number'],
    'last-updated-ms': snapshot['timestamp-ms'],
    'current-snapshot-id': id,
    snapshots: [...metadata.snapshots, snapshot],
    'snapshot-log': [...metadata['snapshot-log'], { 'timestamp-ms': snapshot['timestamp-ms'], 'snapshot-id': id }],
    refs: {
      ...metadata.refs,
      ...(tag === undefined ? {} : { [tag]: { 'snapshot-id': id, type: 'tag' } }),
      main: { 'snapshot-id': id, type: 'branch' },
    },
  }
}

function checkCommit(commit: FilesCommit): void {
  const { metadata, added, removed, snapshotId, operationId } = commit
  if (added.length + removed.length === 0) throw new Error(`operation '${operationId}' neither adds nor removes a file`)
  if (added.length + removed.length > filesPerCommitMax) {
    throw new Error(`a commit can have at most ${filesPerCommitMax} files, got ${added.length + removed.length}`)
  }
  if (metadata.snapshots.length >= snapshotsMax) {
    throw new Error(`the table has ${metadata.snapshots.length} snapshots: expire some before the next commit`)
  }
  if (!Number.isSafeInteger(snapshotId) || snapshotId <= 0)
    throw new Error(`expected a positive integer as the snapshot id, got ${snapshotId}`)
  if (new Set([...added.map(({ path }) => path), ...removed]).size < added.length + removed.length) {
    throw new Error(`operation '${operationId}' names a file twice`)
  }
  const counts = added.flatMap(({ bytes, rows }) => [bytes, rows])
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new Error(`operation '${operationId}' adds a file without a valid size`)
  }
  // Throws if a path lies outside the table's location.
  for (const { path } of added) pathToKey(commit, path)
  const isTaken = metadata.snapshots.some(
    (snapshot) => snapshot['snapshot-id'] === snapshotId && snapshot.summary[operationProperty] !== operationId,
  )
  if (isTaken) throw new Error(`snapshot ${snapshotId} already exists`)
}
