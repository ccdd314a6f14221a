// The position of the log's archive: the version of its Iceberg table and the pending commit. The commit is recorded
// before it is made, so that after a crash the same commit is made.

import type { EventFile } from '@dotdo/db'

export interface ArchivePosition {
  /** The version of the table's metadata file; 0 before there is one. */
  readonly version: number
  /** The table includes all events up to here. */
  readonly throughSeq: number
  /** Up to here, files are the only copy of the events' texts. */
  readonly trimmedSeq: number
  /** When snapshots were last checked for expiry. */
  readonly expiredAtMs: number
  readonly pending?: PendingCommit
}

export type PendingCommit = PendingFiles | PendingExpiry

/** Durable files that the pending commit adds to the table. */
export interface PendingFiles {
  readonly kind: 'files'
  readonly operationId: string
  readonly snapshotId: number
  readonly atMs: number
  readonly added: readonly EventFile[]
  /** The files of this range are replaced. An empty range replaces none. */
  readonly replaced: { readonly afterSeq: number; readonly throughSeq: number }
  /** Rebuilds the table in place of this version, whoever made it. */
  readonly newTableOnto?: number
}

export interface PendingExpiry {
  readonly kind: 'expiry'
  readonly operationId: string
  readonly atMs: number
  /** Number of newest snapshots to keep. */
  readonly kept: number
}
