// A table in an object store: its metadata file of a version, and the data files that a snapshot consists of. The
// location is what files call the table, the prefix is where it lies in the store: one does not tell the other.

import type { ObjectStore } from '../object-store/object-store.ts'
import { type DataFile, type ManifestEntry, readManifest } from './manifest.ts'
import { type ManifestFile, readManifestList } from './manifest-list.ts'
import { parseTableMetadata } from './parse-table-metadata.ts'
import { currentSnapshot, type TableMetadata, type TableSnapshot } from './table-metadata.ts'

export interface StoredTable {
  readonly store: ObjectStore
  /** `acme/events`, without `/` at its end. */
  readonly prefix: string
  readonly metadata: TableMetadata
}

/** A Worker has six connections; more reads at once only take memory. */
const readsMax = 6
/** Half a kilobyte each in memory: what lists more needs a reader that streams. */
const dataFilesMax = 100_000

/** Undefined when there is no such version. */
export async function readCurrentTable(
  store: ObjectStore,
  { prefix, version }: { readonly prefix: string; readonly version: number },
): Promise<TableMetadata | undefined> {
  const key = metadataKey(prefix, version)
  const bytes = await store.get(key)
  return bytes === undefined ? undefined : parseTableMetadata(new TextDecoder().decode(bytes), key)
}

/** The files of a snapshot, the current one if none is named; none when nothing was committed. */
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
  if (files > dataFilesMax) throw new Error(`the table has ${files} data files, at most ${dataFilesMax} are listed`)
  const entries = await mapSome(manifests, (manifest) => readEntriesOf(table, manifest))
  return entries.flat().flatMap((entry) => (entry.status === 'deleted' ? [] : [entry.file]))
}

export async function readManifestsOf(table: StoredTable, snapshot: TableSnapshot): Promise<readonly ManifestFile[]> {
  const key = pathToKey(table, snapshot['manifest-list'])
  return readManifestList(await getWhole(table.store, key), key)
}

/** Of a manifest in the table, its own sequence number in the place of nulls. */
export async function readEntriesOf(table: StoredTable, manifest: ManifestFile): Promise<readonly ManifestEntry[]> {
  const key = pathToKey(table, manifest.path)
  const bytes = await getWhole(table.store, key)
  // Avro itself does not notice when whole blocks are missing.
  if (bytes.length !== manifest.bytes) {
    throw new Error(`'${key}' has ${bytes.length} bytes, and ${manifest.bytes} in its manifest list`)
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
    throw new Error(`'${path}' does not lie in the table's location '${metadata.location}'`)
  }
  return prefix + path.slice(metadata.location.length)
}

/** Some at a time, the answers in the order of the items. */
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
  if (bytes === undefined) throw new Error(`'${key}' belongs to an Iceberg table and is missing`)
  return bytes
}

function snapshotOf(metadata: TableMetadata, snapshotId: number): TableSnapshot {
  const snapshot = metadata.snapshots.find((candidate) => candidate['snapshot-id'] === snapshotId)
  if (snapshot === undefined) throw new Error(`the table has no snapshot ${snapshotId}`)
  return snapshot
}
