// The change that one event makes to the state, as the state's tables apply it.

import type { NounTable } from './noun-table.ts'
import type { StoredVersion } from './row-codec.ts'

/** The change that one event makes to the state. */
export interface StateChange {
  readonly table: NounTable
  readonly kind: 'created' | 'changed' | 'deleted'
  /** The entity after the event; for a deletion, its last state. */
  readonly next: StoredVersion
  /** The stored version before the event; absent for a creation. */
  readonly previous?: StoredVersion
}
