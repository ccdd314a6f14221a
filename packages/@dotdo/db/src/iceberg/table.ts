// Reads a table from an object store: the metadata file of a version, and the data files of a snapshot. Files name the
// table by its location, the store holds it under a prefix; neither implies the other.

import type { ObjectStore } from '../object-store/object-store.ts'
import { type DataFile, type ManifestEntry, readManifest } from './manifest.ts'
import { type ManifestFile, readManifestList } from './manifest-list.ts'
import { parseTableMetadata } from './parse-table-metadata.ts'
import { currentSnapshot, type TableMetadata, type TableSnapshot } from './table-metadata.ts'

export interface StoredTable {
  readonly store: ObjectStore
  /** `acme/events`, without a trailing `/`. */
  readonly prefix: string
  readonly metadata: TableMetadata
}

export class MissingTableFile extends Error {
  override readonly name = 'MissingTableFile'

  constructor(key: string) {
    super(`'${key}' of an Iceberg table is missing`)
  }
}

/** A Worker has six connections, so more concurrent reads would only take memory. */
const readsMax = 6
/** A listed file takes half a kilobyte of memory. Larger tables need a reader that streams. */
const dataFilesMax = 100_000

/** Returns undefined if the version does not exist. */
export async function readCurrentTable(
  store: ObjectStore,
  { prefix, version }: { readonly prefix: string; readonly version: number },
): Promise<TableMetadata | undefined> {
  const key = metadataKey(prefix, version)
  const bytes = await store.get(key)
  return bytes === undefined ? undefined : parseTableMetadata(new TextDecoder().decode(bytes), key)
}

/** Returns the files of a snapshot, by default the current one; none before the first commit. */
export async function listDataFiles(
  store: ObjectStore,
  options: { readonly prefix: string; readonly metadata: TableMetadata; readonly snapshotId?: number },
): Promise<readonly DataFile[]> {
  const { metadata, snapshotId } = options
  const table = { store, prefix: options.prefix, metadata }
  const snapshot = snapshotId === undefined ? currentSnapshot(metadata) : snapshotOf(metadata, snapshotId)
  if (snapshot === undefined) return []
  const manifests = (await readManifestsOf(table, snapshot)).filter(hasLiveFiles)
  const files = manifests.reduce((sum, { added, existing }) => sum + added.files + existing.files, 0)
  if (files > dataFilesMax)
    throw new Error(`the table has ${files} data files, and at most ${dataFilesMax} can be listed`)
  const entries = await mapSome(manifests, (manifest) => readEntriesOf(table, manifest))
  return entries.flat().flatMap((entry) => (entry.status === 'deleted' ? [] : [entry.file]))
}

export async function readManifestsOf(table: StoredTable, snapshot: TableSnapshot): Promise<readonly ManifestFile[]> {
  const key = pathToKey(table, snapshot['manifest-list'])
  return readManifestList(await getWhole(table.store, key), key)
}

/** Reads the entries of a manifest and replaces null sequence numbers by the manifest's own. */
export async function readEntriesOf(table: StoredTable, manifest: ManifestFile): Promise<readonly ManifestEntry[]> {
  const key = pathToKey(table, manifest.path)
  const bytes = await getWhole(table.store, key)
  // Avro cannot detect missing blocks at the end.
  if (bytes.length !== manifest.bytes) {
    throw new Error(`'${key}' has ${bytes.length} bytes, but its manifest list says ${manifest.bytes}`)
  }
  const entries = readManifest(table.metadata, bytes, key)
  return entries.map((entry) => ({
    ...entry,
    sequenceNumber: entry.sequenceNumber ?? manifest.sequenceNumber,
    fileSequenceNumber: entry.fileSequenceNumber ?? manifest.sequenceNumber,
  }))
}

export function hasLiveFiles(manifest: ManifestFile): boolean {
  return manifest.added.files + manifest.existing.files > 0
}

export function metadataKey(prefix: string, version: number): string {
  return `${prefix}/metadata/v${version}.metadata.json`
}

export function keyToPath({ prefix, metadata }: StoredTable, key: string): string {
  return metadata.location + key.slice(prefix.length)
}

export function pathToKey({ prefix, metadata }: StoredTable, path: string): string {
  if (!path.startsWith(`${metadata.location}/`)) {
    throw new Error(`'${path}' is outside the table's location '${metadata.location}'`)
  }
  return prefix + path.slice(metadata.location.length)
}

/** Runs `run` on a few items at a time. Returns the results in the order of the items. */
export async function mapSome<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += readsMax) {
    results.push(...(await Promise.all(items.slice(start, start + readsMax).map(run))))
  }
  return results
}

async function getWhole(store: ObjectStore, key: string): Promise<Uint8Array> {
  const bytes = await store.get(key)
  if (bytes === undefined) throw new MissingTableFile(key)
  return bytes
}

function snapshotOf(metadata: TableMetadata, snapshotId: number): TableSnapshot {
  const snapshot = metadata.snapshots.find((candidate) => candidate['snapshot-id'] === snapshotId)
  if (snapshot === undefined) throw new Error(`the table has no snapshot ${snapshotId}`)
  return snapshot
}
