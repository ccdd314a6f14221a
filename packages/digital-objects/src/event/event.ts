// The event: one immutable record of one change. The log of these is the truth; everything else is derived from it.

import type { Entity } from '../base/entity.ts'

export const eventFormat = 1

export type Via = 'rest' | 'sdk' | 'mcp' | 'cli' | 'hook' | 'system'

export type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>

export interface ObjectEvent {
  readonly format: typeof eventFormat
  /** `evt_` and 12 base62 characters. */
  readonly id: string
  /** Orders the tenant's log; from 1, no gap. */
  readonly seq: number
  /** The first `seq` of the commit that this event belongs to; no read ever splits a commit. */
  readonly commit: number
  /** `Contact.Qualified` */
  readonly type: string
  /** The entity's id. */
  readonly target: string
  /** The entity's `$version` after the event. */
  readonly version: number
  /** RFC 3339, milliseconds, UTC; never steps back within a tenant. */
  readonly timestamp: string
  readonly actor: string
  readonly onBehalfOf?: string
  readonly via: Via
  /** The id of the event whose handler caused this one. */
  readonly causedBy?: string
  /** The version of the Noun's definition that it was written under. */
  readonly noun: string
  /** The whole entity after the event, always; for a deletion, as it last was. */
  readonly data: Entity
  /** Field to its values before and after; null where there was none. */
  readonly changes: Changes
}
