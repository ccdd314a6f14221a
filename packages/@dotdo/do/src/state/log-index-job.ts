// Brings an index that follows the log up to date in the background once writes pause, so that a query after a large import
// does not have to index all of it first: the words for `$text`, and the indexes of past versions.

import type { Pausing } from '../base/pausing.ts'
import type { AppendedEvent, Job, RetryRule } from '../jobs/job.ts'

/** A query indexes up to this many events itself, in about 20 ms. */
const lagMax = 1_000
/** Indexing waits until there were no writes for this long. */
const quietMs = 1_000
/** A step takes about a second, and yields to other callers after each chunk. */
const chunksPerStep = 100

export interface LogIndex {
  /** The `seq` of the last indexed event; undefined while nobody needs the index. */
  readonly mark: number | undefined
  /** Indexes a bounded number of events, up to `head`. */
  step(head: number): void
}

export interface LogIndexJobOptions {
  readonly index: LogIndex
  readonly log: { readonly head: number }
  /** Makes the pauses between chunks. */
  readonly pausing: Pausing
}

export class LogIndexJob implements Job {
  readonly name: string
  readonly clock = 'real'
  readonly lane: string
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 60_000 }
  readonly #index: LogIndex
  readonly #log: { readonly head: number }
  readonly #pausing: Pausing
  #writtenAtMs = 0

  /** The job's lane has its name. */
  constructor(name: string, options: LogIndexJobOptions) {
    this.name = name
    this.lane = name
    this.#index = options.index
    this.#log = options.log
    this.#pausing = options.pausing
  }

  eventAppended(event: AppendedEvent, nowMs: number): number | undefined {
    this.#writtenAtMs = nowMs
    return this.#lagAt(event.seq) > lagMax ? nowMs + quietMs : undefined
  }

  dueMs(nowMs: number): number | undefined {
    if (this.#lagAt(this.#log.head) <= lagMax) return undefined
    // `#writtenAtMs` is later than now if the clock was set back.
    return Math.min(this.#writtenAtMs, nowMs) + quietMs
  }

  async step(): Promise<boolean> {
    const { head } = this.#log
    if (this.#lagAt(head) <= 0) return false
    const pause = this.#pausing()
    for (let chunk = 0; chunk < chunksPerStep && this.#lagAt(head) > 0; chunk++) {
      this.#index.step(head)
      await pause()
      // A new write has priority over indexing.
      if (this.#log.head !== head) break
    }
    return true
  }

  #lagAt(seq: number): number {
    return seq - (this.#index.mark ?? seq)
  }
}
