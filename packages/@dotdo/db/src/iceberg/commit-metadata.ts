// Commits a table's metadata by creating its next metadata file, which only one writer can do. An operation that
// repeats after a crash finds its own commit or makes it.

import type { ObjectStore } from '../object-store/object-store.ts'
import { type TableMetadata, tableProperties } from './table-metadata.ts'
import { keyToPath, metadataKey, readCurrentTable } from './table.ts'

export interface CommittedTable {
  readonly metadata: TableMetadata
  readonly version: number
}

export interface CommitAt {
  readonly store: ObjectStore
  readonly prefix: string
  /** The version of the metadata file that the commit starts from; 0 if there is none yet. */
  readonly version: number
  /** A name that no other commit ever has; it is part of file names. */
  readonly operationId: string
}

/** Another writer has made the next version: read it and commit again on top of it. */
export class IcebergConflict extends Error {
  override readonly name = 'IcebergConflict'
  /** The version that exists. */
  readonly version: number

  constructor(prefix: string, version: number) {
    super(`version ${version} of the Iceberg table '${prefix}' was made by another writer`)
    this.version = version
  }
}

/** The property, in the table and in the snapshot's summary, that names the operation which wrote it. */
export const operationProperty = 'headlessly.operation'
/** Together with the version and a number, the id must fit in a file name on a disk. */
const operationIdPattern = /^[A-Za-z0-9_=-]{1,100}$/

/**
 * Returns the commit that this operation made on top of the version, if it did, and completes its version hint. Throws
 * an `IcebergConflict` if the next version belongs to another operation.
 */
export async function findCommit(at: CommitAt): Promise<CommittedTable | undefined> {
  const { store, prefix, version, operationId } = at
  if (!operationIdPattern.test(operationId))
    throw new Error(
      `expected an operation id of 1 to 100 characters A-Z, a-z, 0-9, '_', '=', '-', got '${operationId.slice(0, 120)}'`,
    )
  if (!Number.isSafeInteger(version) || version < 0)
    throw new Error(`expected a table version from 0 on, got ${version}`)
  const metadata = await readCurrentTable(store, { prefix, version: version + 1 })
  if (metadata === undefined) return undefined
  if (metadata.properties[operationProperty] !== operationId) throw new IcebergConflict(prefix, version + 1)
  // A run that crashed may have put the file before it was durable.
  await store.sync([metadataKey(prefix, version + 1)])
  await raiseHint(store, prefix, version + 1)
  return { metadata, version: version + 1 }
}

/**
 * Creates the next metadata file and adds the previous one to its log. Every file that `metadata` names must already be
 * durable. `previous` is the metadata of the version that the commit starts from.
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
    // A table of an earlier version gets the properties that came later.
    properties: { ...at.metadata.properties, ...tableProperties, [operationProperty]: operationId },
    'metadata-log': version === 0 ? [] : [...at.metadata['metadata-log'], entry],
  }
  const key = metadataKey(prefix, version + 1)
  const isMade = await store.put(key, new TextEncoder().encode(JSON.stringify(metadata)), { ifAbsent: true })
  if (!isMade) {
    const found = await findCommit(at)
    if (found === undefined) throw new Error(`'${key}' exists but cannot be read`)
    return found
  }
  await store.sync([key])
  await raiseHint(store, prefix, version + 1)
  return { metadata, version: version + 1 }
}

/**
 * Raises the version hint, from which readers without a catalog start. It may lag behind for a moment, and is never
 * lowered on purpose.
 */
export async function raiseHint(store: ObjectStore, prefix: string, version: number): Promise<void> {
  const key = `${prefix}/metadata/version-hint.text`
  const bytes = await store.get(key)
  if (bytes !== undefined && Number(new TextDecoder().decode(bytes)) >= version) return
  await store.put(key, new TextEncoder().encode(String(version)), { ifAbsent: false })
}
