// Makes commits: in the lane, or as a rehearsal that is rolled back and leaves nothing.

import type { JsonValue } from 'digital-objects'
import type { Change, Written } from './change.ts'
import {
  commitChange,
  type CommitOptions,
  type CommitParts,
  type Committed,
  type CommittedChange,
  commitWork,
  type CommitWork,
} from './commit.ts'
import { commitSeries, type CommitSeries, type SeriesResult } from './commit-series.ts'
import type { HandlerReads } from './hooks.ts'
import { performAlone } from './perform-alone.ts'
import { type Prepared, prepareChange, preparationsMax, StalePreparation } from './prepare-change.ts'
import type { WriteLane } from './write-lane.ts'

export interface CommitsOptions {
  readonly parts: CommitParts
  readonly lane: WriteLane
  /** Opens the reads of asynchronous handlers. */
  readonly openReads: () => HandlerReads
}

export class Commits {
  readonly #parts: CommitParts
  readonly #lane: WriteLane
  readonly #openReads: CommitsOptions['openReads']

  constructor({ parts, lane, openReads }: CommitsOptions) {
    this.#parts = parts
    this.#lane = lane
    this.#openReads = openReads
  }

  /** Commits one change. The function is called in the lane, so that it can use the definitions of that time. */
  async change(makeChange: () => Change): Promise<Written> {
    const { asyncBefore: handlers } = this.#parts
    if (handlers.length === 0) return (await this.#lane.enqueue(() => this.#changeNow(makeChange))).change
    for (let attempt = 1; ; attempt++) {
      const prepared = await prepareChange(makeChange(), { parts: this.#parts, handlers, openReads: this.#openReads })
      try {
        return (await this.#lane.enqueue(() => this.#changeNow(makeChange, prepared))).change
      } catch (error) {
        if (!(error instanceof StalePreparation) || attempt === preparationsMax) throw error
      }
    }
  }

  /** Runs the work in the lane as one commit. If it throws an ObjectError, nothing has changed. */
  work<Result extends JsonValue>(work: CommitWork<Result>, options: CommitOptions): Promise<Committed<Result>> {
    return this.#lane.enqueue(() => performAlone(this.#parts, () => commitWork(this.#parts, work, options)), {
      leavesNothing: true,
    })
  }

  /** Makes a series of commits in the lane, in one transaction. If it throws an ObjectError, nothing has changed. */
  series<Result extends JsonValue>(work: (series: CommitSeries) => Result): Promise<SeriesResult<Result>> {
    return this.#lane.enqueue(() => performAlone(this.#parts, () => commitSeries(this.#parts, work)), {
      leavesNothing: true,
    })
  }

  /** Makes the series at once. Only for a transaction that will be rolled back. */
  rehearseSeries<Result extends JsonValue>(work: (series: CommitSeries) => Result): SeriesResult<Result> {
    return commitSeries(this.#parts, work)
  }

  /** Performs the change at once. Only for a transaction that will be rolled back. */
  rehearseChange(makeChange: () => Change): Written {
    return this.#changeNow(makeChange).change
  }

  /** Runs the work as one commit, at once, and rolls it back. An idempotency key has no effect. */
  rehearseWork<Result extends JsonValue>(work: CommitWork<Result>, options: CommitOptions): Committed<Result> {
    let committed: Committed<Result> | undefined
    try {
      return performAlone(this.#parts, () => {
        committed = commitWork(this.#parts, work, { consent: 'noted', ...options, idempotency: undefined })
        throw new RolledBack()
      })
    } catch (error) {
      if (error instanceof RolledBack && committed !== undefined) return committed
      throw error
    }
  }

  #changeNow(makeChange: () => Change, prepared?: Prepared): CommittedChange {
    const made = makeChange()
    return commitChange(this.#parts, prepared?.resolve(made) ?? made, prepared?.nowMs)
  }
}

class RolledBack extends Error {}
