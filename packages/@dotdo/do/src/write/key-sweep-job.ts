// Deletes expired idempotency keys in the background, some at a time.

import type { Job, RetryRule } from '../jobs/job.ts'
import type { IdempotencyStore } from './idempotency.ts'

export class KeySweepJob implements Job {
  readonly name = 'idempotency-keys'
  readonly clock = 'real'
  readonly lane = 'idempotency-keys'
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 600_000 }
  readonly #keys: IdempotencyStore
  readonly #storage: DurableObjectStorage

  constructor(options: { readonly keys: IdempotencyStore; readonly storage: DurableObjectStorage }) {
    this.#keys = options.keys
    this.#storage = options.storage
  }

  dueMs(): number | undefined {
    return this.#keys.sweepDueMs
  }

  /** Wakes the runner for the sweep that the first key of a tenant schedules. */
  eventAppended(): number | undefined {
    return this.#keys.sweepDueMs
  }

  step(nowMs: number): Promise<boolean> {
    const dueMs = this.#keys.sweepDueMs
    if (dueMs === undefined || dueMs > nowMs) return Promise.resolve(false)
    this.#keys.sweep(nowMs, this.#storage)
    return Promise.resolve(true)
  }
}
