// Where the archive of the log stands: the version of its Iceberg table, and the commit under way, which is recorded before
// it is made, so that whoever comes after a crash makes the same one.

import type { EventFile } from '@dotdo/db'

export interface ArchivePosition {
  /** Of the table's metadata file; 0 while there is none. */
  readonly version: number
  /** Events up to here are in the table. */
  readonly throughSeq: number
  /** Up to here files are the only copy of what events say. */
  readonly trimmedSeq: number
  /** When snapshots were last looked through. */
  readonly expiredAtMs: number
  readonly pending?: PendingCommit
}

export type PendingCommit = PendingFiles | PendingExpiry

/** Files that are in the store and durable, and are about to be in the table. */
export interface PendingFiles {
  readonly kind: 'files'
  readonly operationId: string
  readonly snapshotId: number
  readonly atMs: number
  readonly added: readonly EventFile[]
  /** Files of this stretch are replaced; an empty one replaces none. */
  readonly replaced: { readonly afterSeq: number; readonly throughSeq: number }
  /** The table is made anew, in the place of this version, whoever made that. */
  readonly newTableOnto?: number
}

export interface PendingExpiry {
  readonly kind: 'expiry'
  readonly operationId: string
  readonly atMs: number
  /** So many of the newest snapshots stay. */
  readonly kept: number
}
