// A table at another place: files name each other by whole paths, so a folder that was copied or moved needs metadata of its own.
// A relocation writes the table's present files into a first snapshot there. Data files stay as they are; files of deletes, which
// name the files whose rows they delete, are written again.
//
// A copy that was made beside a writing server may lack files that its newest metadata names. Then the newest version of which all
// files are there becomes the table.

import { parquetReadObjects } from 'hyparquet'
import type { ObjectStore } from '../object-store/object-store.ts'
import { commitFiles } from './commit-files.ts'
import { commitMetadata, raiseHint } from './commit-metadata.ts'
import type { DataFile } from './manifest.ts'
import { type DeletedRows, writePositionDeletes } from './position-deletes.ts'
import { currentSnapshot, type TableMetadata } from './table-metadata.ts'
import { listDataFiles, mapSome, metadataKey, MissingTableFile, pathToKey, readCurrentTable } from './table.ts'
import { listTableVersions } from './table-versions.ts'

/** The event up to which a snapshot has what the log says. */
const seqProperty = 'headlessly.seq'

export interface Relocation {
  readonly store: ObjectStore
  /** The place of the copy in the store, without a trailing `/`. */
  readonly prefix: string
  /** The address at which readers find it: `file:///backup/lake/acme/contact`. */
  readonly location: string
  /** A name that no other commit to the table ever has. */
  readonly operationId: string
  readonly snapshotId: number
  readonly nowMs: number
}

export interface RelocatedTable {
  /** False if the table was there already. */
  readonly isChanged: boolean
  /** Versions newer than the one that the table has now, which miss files. */
  readonly skipped: number
}

/** Versions that are tried: as many metadata files as a table keeps, and some that wait for their deletion. */
const versionsTriedMax = 100

/** A crash leaves the table as it was, and files that nothing names; another run completes it. */
export async function relocateTable(to: Relocation): Promise<RelocatedTable> {
  const { store, prefix, location } = to
  const versions = await listTableVersions(store, prefix)
  const version = versions.at(-1)
  if (version === undefined) throw new MissingTableFile(metadataKey(prefix, 1))
  if ((await readVersion(to, version)).location === location) {
    // A run that crashed may have made the version without the hint.
    await raiseHint(store, prefix, version)
    return { isChanged: false, skipped: 0 }
  }
  const { metadata, files, skipped } = await newestWhole(to, versions)
  const added: DataFile[] = []
  for (const [at, file] of files.entries())
    added.push(
      file.content === 'deletes'
        ? await relocateDeletes(to, { metadata, file, at })
        : { ...file, path: moved(file.path, metadata, location) },
    )
  const fresh = withoutHistory(metadata, location)
  const seq = currentSnapshot(metadata)?.summary[seqProperty]
  const commit = { ...to, version, metadata: fresh }
  if (added.length === 0) await commitMetadata({ ...commit, previous: fresh })
  else await commitFiles({ ...commit, added, removed: [], facts: seq === undefined ? {} : { [seqProperty]: seq } })
  return { isChanged: true, skipped }
}

async function readVersion({ store, prefix }: Relocation, version: number): Promise<TableMetadata> {
  const metadata = await readCurrentTable(store, { prefix, version })
  if (metadata === undefined) throw new MissingTableFile(metadataKey(prefix, version))
  return metadata
}

/** Throws a MissingTableFile about the newest version if none is whole. */
async function newestWhole(
  to: Relocation,
  versions: readonly number[],
): Promise<{ readonly metadata: TableMetadata; readonly files: readonly DataFile[]; readonly skipped: number }> {
  let first: MissingTableFile | undefined
  for (const [skipped, version] of versions.toReversed().slice(0, versionsTriedMax).entries()) {
    try {
      const metadata = await readVersion(to, version)
      return { metadata, files: await listWholeFiles(to, metadata), skipped }
    } catch (error) {
      if (!(error instanceof MissingTableFile)) throw error
      first ??= error
    }
  }
  throw first ?? new MissingTableFile(metadataKey(to.prefix, versions.at(-1) ?? 1))
}

async function listWholeFiles({ store, prefix }: Relocation, metadata: TableMetadata): Promise<readonly DataFile[]> {
  const files = await listDataFiles(store, { prefix, metadata })
  await mapSome(files, async ({ path, bytes }) => {
    const key = pathToKey({ store, prefix, metadata }, path)
    if ((await store.head(key)) !== bytes) throw new MissingTableFile(key)
  })
  return files
}

/** Earlier snapshots and metadata files name the former place. */
function withoutHistory(metadata: TableMetadata, location: string): TableMetadata {
  const { 'current-snapshot-id': _current, ...rest } = metadata
  return { ...rest, location, snapshots: [], 'snapshot-log': [], 'metadata-log': [], refs: {} }
}

function moved(path: string, { location: former }: TableMetadata, location: string): string {
  if (!path.startsWith(`${former}/`)) throw new Error(`'${path}' is outside the table's location '${former}'`)
  return location + path.slice(former.length)
}

async function relocateDeletes(
  to: Relocation,
  { metadata, file, at }: { readonly metadata: TableMetadata; readonly file: DataFile; readonly at: number },
): Promise<DataFile> {
  const { store, prefix, location, operationId } = to
  const key = pathToKey({ store, prefix, metadata }, file.path)
  const bytes = await store.get(key)
  if (bytes === undefined) throw new MissingTableFile(key)
  const rows = await parquetReadObjects({ file: bytes.buffer })
  const byPath = Map.groupBy(rows, ({ file_path: path }) => String(path))
  const deleted: DeletedRows[] = [...byPath].map(([path, ofPath]) => ({
    path: moved(path, metadata, location),
    positions: ofPath.map(({ pos }) => Number(pos)),
  }))
  const written = writePositionDeletes(deleted)
  const newKey = `${prefix}/data/${operationId}-${at}-deletes.parquet`
  await store.put(newKey, written, { ifAbsent: false })
  await store.sync([newKey])
  const [first, last] = [deleted[0]?.path, deleted.at(-1)?.path]
  return {
    ...file,
    path: location + newKey.slice(prefix.length),
    bytes: written.length,
    ...(first === undefined || last === undefined ? {} : { paths: { first, last } }),
  }
}
