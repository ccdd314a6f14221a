// Makes commits: in the lane, or as a rehearsal that is rolled back and leaves nothing.

import type { JsonValue } from 'digital-objects'
import type { Change, Written } from './change.ts'
import {
  commitChange,
  type CommitOptions,
  type CommitParts,
  type Committed,
  commitWork,
  type CommitWork,
} from './commit.ts'
import { commitSeries, type CommitSeries, type SeriesResult } from './commit-series.ts'
import { HandlerDecisions, Undecided } from './handler-decisions.ts'
import type { HandlerReads } from './hooks.ts'
import { performAlone } from './perform-alone.ts'
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

  /** For several commits that make the same changes. */
  openDecisions(): HandlerDecisions {
    const { validate } = this.#parts
    return new HandlerDecisions({ openReads: this.#openReads, validate })
  }

  /** Commits one change. The function is called in the lane, so that it can use the definitions of that time. */
  async change(makeChange: () => Change): Promise<Written> {
    const committed = await this.#decided(this.openDecisions(), (decisions) =>
      this.#lane.enqueue(() => {
        decisions.begin({ isCollecting: false })
        return commitChange(this.#parts, makeChange(), decisions)
      }),
    )
    return committed.change
  }

  /** Runs the work in the lane as one commit. If it throws an ObjectError, nothing has changed. */
  work<Result extends JsonValue>(work: CommitWork<Result>, options: CommitOptions): Promise<Committed<Result>> {
    return this.#decided(options.decisions ?? this.openDecisions(), (decisions) =>
      this.#lane.enqueue(() => performAlone(this.#parts, () => this.#collect(work, { ...options, decisions })), {
        leavesNothing: true,
      }),
    )
  }

  /** Runs the work as one commit and rolls it back, with the handlers that it needs. */
  try<Result extends JsonValue>(work: CommitWork<Result>, options: CommitOptions): Promise<Committed<Result>> {
    return this.#decided(options.decisions ?? this.openDecisions(), (decisions) =>
      this.#rehearse(work, { ...options, decisions }),
    )
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
    return commitChange(this.#parts, makeChange(), this.openDecisions()).change
  }

  /** Runs the work as one commit, at once, and rolls it back. Handlers cannot run. */
  rehearseWork<Result extends JsonValue>(work: CommitWork<Result>, options: CommitOptions): Committed<Result> {
    const { decisions = this.openDecisions() } = options
    decisions.open()
    return this.#rehearse(work, { ...options, decisions })
  }

  /** An idempotency key has no effect. */
  #rehearse<Result extends JsonValue>(
    work: CommitWork<Result>,
    options: CommitOptions & { readonly decisions: HandlerDecisions },
  ): Committed<Result> {
    let committed: Committed<Result> | undefined
    try {
      return performAlone(this.#parts, () => {
        committed = this.#collect(work, { consent: 'noted', ...options, idempotency: undefined })
        throw new RolledBack()
      })
    } catch (error) {
      if (error instanceof RolledBack && committed !== undefined) return committed
      throw error
    }
  }

  /** Performs a work with what handlers have decided so far. Throws Undecided, also in place of another error, if some have to run. */
  #collect<Result extends JsonValue>(
    work: CommitWork<Result>,
    options: CommitOptions & { readonly decisions: HandlerDecisions },
  ): Committed<Result> {
    const { decisions } = options
    decisions.begin({ isCollecting: true })
    try {
      const committed = commitWork(this.#parts, work, options)
      decisions.requireDecided()
      return committed
    } catch (error) {
      decisions.requireDecided()
      throw error
    }
  }

  /** Repeats a commit after the handlers that it needs have run. */
  async #decided<Result>(
    decisions: HandlerDecisions,
    perform: (decisions: HandlerDecisions) => Result | Promise<Result>,
  ): Promise<Result> {
    decisions.open()
    for (;;) {
      try {
        return await perform(decisions)
      } catch (error) {
        if (!(error instanceof Undecided)) throw error
        await decisions.settle()
      }
    }
  }
}

class RolledBack extends Error {}
