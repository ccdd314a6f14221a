// The dry run of a write, which the server tried and took back.

import type { Fault, ObjectEvent } from 'digital-objects'
import type { HeadlesslyErrorCode } from '../base/headlessly-error.ts'

export interface DryRun<Result, Event = ObjectEvent> {
  readonly dryRun: true
  /** The events that the write would append, in order: those of other entities too. */
  readonly events: readonly Event[]
  /** The reasons for which it would be refused; empty if it would be accepted. */
  readonly refusals: readonly Refusal[]
  /** The write's result; null if it would be refused, and for a deletion. */
  readonly result: Result | null
  /** `$.plans.execute` performs exactly this write with it; null if there is nothing to perform. */
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

const finishers = new WeakMap<object, (body: unknown) => Promise<unknown>>()

/** `finish` makes what the write returns from the answer to its plan. */
export function registerPlan<Tried extends object>(tried: Tried, finish: (body: unknown) => Promise<unknown>): Tried {
  finishers.set(tried, finish)
  return tried
}

/** Returns what the write of a dry run would have returned, from the answer to its plan. */
export async function finishPlan(tried: unknown, body: unknown): Promise<unknown> {
  const finish = typeof tried === 'object' && tried !== null ? finishers.get(tried) : undefined
  return finish === undefined ? body : finish(body)
}
