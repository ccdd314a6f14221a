// What a write would do, as the server tried it and took it back.

import type { Fault, ObjectEvent } from 'digital-objects'
import type { HeadlesslyErrorCode } from '../base/headlessly-error.ts'

export interface DryRun<Result, Event = ObjectEvent> {
  readonly dryRun: true
  /** The events that the write would append, in order: those of other entities too. */
  readonly events: readonly Event[]
  /** The reasons for which it would be refused; empty if it would be accepted. */
  readonly refusals: readonly Refusal[]
  /** What the write would return; null if it would be refused, and for a deletion. */
  readonly result: Result | null
  /** The id under which the write can be performed as shown; null if there is none. */
  readonly plan: string | null
}

export interface Refusal {
  /** The operation of a batch, counted from 0. */
  readonly id?: string
  readonly status: number
  readonly problem: {
    readonly code: HeadlesslyErrorCode
    /** A sentence about what is wrong. */
    readonly detail: string
    readonly field?: string
    readonly errors?: readonly Fault[]
  }
}
