// Indexes words for `$text` in the background once writes pause, so that a query after a large import does not have to index
// all of it first.

import { nextTask } from '../base/next-task.ts'
import type { AppendedEvent, Job, RetryRule } from '../jobs/job.ts'
import type { FullText } from './full-text.ts'

/** A query indexes up to this many events itself, in about 20 ms. */
const lagMax = 1_000
/** Indexing waits until there were no writes for this long. */
const quietMs = 1_000
/** A step takes about a second, and yields to other callers after each chunk. */
const chunksPerStep = 100

export class FullTextJob implements Job {
  readonly name = 'full-text'
  readonly clock = 'real'
  readonly lane = 'full-text'
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 60_000 }
  readonly #text: FullText
  readonly #log: { readonly head: number }
  #writtenAtMs = 0

  constructor(options: { readonly text: FullText; readonly log: { readonly head: number } }) {
    this.#text = options.text
    this.#log = options.log
  }

  eventAppended(event: AppendedEvent, nowMs: number): number | undefined {
    this.#writtenAtMs = nowMs
    return event.seq - this.#text.mark > lagMax ? nowMs + quietMs : undefined
  }

  dueMs(nowMs: number): number | undefined {
    if (this.#log.head - this.#text.mark <= lagMax) return undefined
    // `#writtenAtMs` is later than now if the clock was set back.
    return Math.min(this.#writtenAtMs, nowMs) + quietMs
  }

  async step(): Promise<boolean> {
    const { head } = this.#log
    if (this.#text.mark >= head) return false
    for (let chunk = 0; chunk < chunksPerStep && this.#text.mark < head; chunk++) {
      this.#text.step(head)
      await nextTask()
      // A new write has priority over indexing.
      if (this.#log.head !== head) break
    }
    return true
  }
}
