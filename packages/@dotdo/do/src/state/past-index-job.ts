// Brings the indexes of past versions up to date in the background once writes pause, in tenants whose past is read.

import { nextTask } from '../base/next-task.ts'
import type { AppendedEvent, Job, RetryRule } from '../jobs/job.ts'
import type { PastIndex } from './past-index.ts'

/** A query indexes up to this many events itself. */
const lagMax = 1_000
/** Indexing waits until there were no writes for this long. */
const quietMs = 1_000
/** A step takes about a second, and yields to other callers after each chunk. */
const chunksPerStep = 100

export class PastIndexJob implements Job {
  readonly name = 'past-index'
  readonly clock = 'real'
  readonly lane = 'past-index'
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 60_000 }
  readonly #past: PastIndex
  readonly #log: { readonly head: number }
  #writtenAtMs = 0

  constructor(options: { readonly past: PastIndex; readonly log: { readonly head: number } }) {
    this.#past = options.past
    this.#log = options.log
  }

  eventAppended(event: AppendedEvent, nowMs: number): number | undefined {
    this.#writtenAtMs = nowMs
    const { mark } = this.#past
    return mark !== undefined && event.seq - mark > lagMax ? nowMs + quietMs : undefined
  }

  dueMs(nowMs: number): number | undefined {
    const { mark } = this.#past
    if (mark === undefined || this.#log.head - mark <= lagMax) return undefined
    // `#writtenAtMs` is later than now if the clock was set back.
    return Math.min(this.#writtenAtMs, nowMs) + quietMs
  }

  async step(): Promise<boolean> {
    const { head } = this.#log
    const isBehind = (): boolean => (this.#past.mark ?? head) < head
    if (!isBehind()) return false
    for (let chunk = 0; chunk < chunksPerStep && isBehind(); chunk++) {
      this.#past.step(head)
      await nextTask()
      // A new write has priority over indexing.
      if (this.#log.head !== head) break
    }
    return true
  }
}
