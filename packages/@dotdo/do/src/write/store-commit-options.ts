// The options of a commit to a tenant's store: whose it is, and whether it is only tried.

import type { CommitOptions } from './commit.ts'

/** A tenant as named by its caller. */
export interface TenantName {
  readonly name: string
  /** The tenant's URL. */
  readonly context: string
}

export interface StoreCommitOptions extends CommitOptions {
  readonly tenant: TenantName
  readonly isDryRun?: boolean
}
