// The commit of a table: its next metadata file is created, which only one writer can. Whoever is killed runs the same
// operation again and finds its own commit, or makes it.

import type { ObjectStore } from '../object-store/object-store.ts'
import type { TableMetadata } from './table-metadata.ts'
import { keyToPath, metadataKey, readCurrentTable } from './table.ts'

export interface CommittedTable {
  readonly metadata: TableMetadata
  readonly version: number
}

export interface CommitAt {
  readonly store: ObjectStore
  readonly prefix: string
  /** Of the metadata file that the commit starts from; 0 when there is none yet. */
  readonly version: number
  /** Names this commit and no other one, for ever: a part of file names. */
  readonly operationId: string
}

/** Somebody else made the next version: read it and commit again on top. */
export class IcebergConflict extends Error {
  override readonly name = 'IcebergConflict'
  /** The version that is there. */
  readonly version: number

  constructor(prefix: string, version: number) {
    super(`version ${version} of the Iceberg table '${prefix}' was made by somebody else`)
    this.version = version
  }
}

/** The table's property, and the snapshot's in its summary, that names the operation which made it. */
export const operationProperty = 'headlessly.operation'
/** Beside version and number it has to fit in a file's name on a disk. */
const operationIdPattern = /^[A-Za-z0-9_=-]{1,100}$/

/**
 * What this operation committed on top of the version, if it did; its hint is then written as well. Throws an
 * `IcebergConflict` when that version is somebody else's.
 */
export async function findCommit(at: CommitAt): Promise<CommittedTable | undefined> {
  const { store, prefix, version, operationId } = at
  if (!operationIdPattern.test(operationId)) throw new Error(`'${operationId.slice(0, 120)}' cannot name an operation`)
  if (!Number.isSafeInteger(version) || version < 0) throw new Error(`no table has a version ${version}`)
  const metadata = await readCurrentTable(store, { prefix, version: version + 1 })
  if (metadata === undefined) return undefined
  if (metadata.properties[operationProperty] !== operationId) throw new IcebergConflict(prefix, version + 1)
  // It may have been put by a run that was killed before it was durable.
  await store.sync([metadataKey(prefix, version + 1)])
  await raiseHint(store, prefix, version + 1)
  return { metadata, version: version + 1 }
}

/**
 * Creates the next metadata file, with one more entry in its log. Whatever it names must be durable by now.
 * `metadata` is what it shall say, `previous` what the file of this version says.
 */
export async function commitMetadata(
  at: CommitAt & { readonly metadata: TableMetadata; readonly previous: TableMetadata },
): Promise<CommittedTable> {
  const { store, prefix, version, operationId, previous } = at
  const table = { store, prefix, metadata: at.metadata }
  const entry = {
    'timestamp-ms': previous['last-updated-ms'],
    'metadata-file': keyToPath(table, metadataKey(prefix, version)),
  }
  const metadata: TableMetadata = {
    ...at.metadata,
    properties: { ...at.metadata.properties, [operationProperty]: operationId },
    'metadata-log': version === 0 ? [] : [...at.metadata['metadata-log'], entry],
  }
  const key = metadataKey(prefix, version + 1)
  const isMade = await store.put(key, new TextEncoder().encode(JSON.stringify(metadata)), { ifAbsent: true })
  if (!isMade) {
    const found = await findCommit(at)
    if (found === undefined) throw new Error(`'${key}' is there and cannot be read`)
    return found
  }
  await store.sync([key])
  await raiseHint(store, prefix, version + 1)
  return { metadata, version: version + 1 }
}

/** Where readers without a catalog begin. It is a hint: behind for a moment, and never back on purpose. */
async function raiseHint(store: ObjectStore, prefix: string, version: number): Promise<void> {
  const key = `${prefix}/metadata/version-hint.text`
  const bytes = await store.get(key)
  if (bytes !== undefined && Number(new TextDecoder().decode(bytes)) >= version) return
  await store.put(key, new TextEncoder().encode(String(version)), { ifAbsent: false })
}
