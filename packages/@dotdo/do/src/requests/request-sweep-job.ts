// Deletes what has expired of stored requests, such as plans that nobody has executed.

import type { Job, RetryRule } from '../jobs/job.ts'

/** A store whose rows expire. */
export interface Sweepable {
  /** The time at which its oldest row expires; undefined without rows. Called only once the tables exist. */
  readonly sweepDueMs: number | undefined
  sweep(realMs: number): void
}

export const requestsLane = 'requests'

export class RequestSweepJob implements Job {
  readonly name = 'stored-requests'
  readonly clock = 'real'
  readonly lane = requestsLane
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 600_000 }
  readonly #stores: readonly Sweepable[]

  constructor(stores: readonly Sweepable[]) {
    this.#stores = stores
  }

  dueMs(): number | undefined {
    const due = this.#stores.flatMap(({ sweepDueMs }) => sweepDueMs ?? [])
    return due.length === 0 ? undefined : Math.min(...due)
  }

  step(nowMs: number): Promise<boolean> {
    const dueMs = this.dueMs()
    if (dueMs === undefined || dueMs > nowMs) return Promise.resolve(false)
    for (const store of this.#stores) store.sweep(nowMs)
    return Promise.resolve(true)
  }
}
