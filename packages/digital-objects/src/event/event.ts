// The event: an immutable record of one change. The log of events is the source of truth; all other data is derived from
// it.

import type { Entity } from '../base/entity.ts'

export const eventFormat = 1

/**
 * The interface of the actor. `effect` is an effect of another change in the same commit, `hook` a handler, and `history` a
 * change of before the tenant was here.
 */
export type Via = 'rest' | 'sdk' | 'mcp' | 'cli' | 'hook' | 'workflow' | 'effect' | 'job' | 'system' | 'history'

export type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>

export interface ObjectEvent {
  readonly format: typeof eventFormat
  /** `evt_` and 12 base62 characters. */
  readonly id: string
  /** The position in the tenant's log. It starts at 1 and has no gaps. */
  readonly seq: number
  /** The first `seq` of the commit that this event belongs to. No read returns a part of a commit. */
  readonly commit: number
  /** `Contact.Qualified` */
  readonly type: string
  /** The entity's id. */
  readonly target: string
  /** The entity's `$version` after the event. */
  readonly version: number
  /** RFC 3339, milliseconds, UTC. It never decreases within a tenant. */
  readonly timestamp: string
  /** The time at which it happened, if its writer named an earlier one than `timestamp`. */
  readonly effective?: string
  readonly actor: string
  readonly onBehalfOf?: string
  /** The id of the key with which the actor called: `apikey_…`. */
  readonly key?: string
  readonly via: Via
  /** The id of the event whose effect or handler caused this one. */
  readonly causedBy?: string
  /** The commit whose changes this event takes back. */
  readonly undoes?: number
  /** The person who approved the plan that made the commit. */
  readonly approvedBy?: string
  /** The reason for which an administrator forced the change. */
  readonly reason?: string
  /** The version of the Noun's definition under which the event was written. */
  readonly noun: string
  /** The whole entity after the event; for a deletion, its last state. */
  readonly data: Entity
  /** Maps each changed field to its values before and after; null stands for no value. */
  readonly changes: Changes
}
