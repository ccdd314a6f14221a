// The tenant's clock, which dates commits and runs business jobs. It follows the server's clock and never runs backwards:
// once a past time was read, later commits get later timestamps, so repeating the read gives the same answer.
//
// A test tenant's clock stands still. Each commit is 1 ms after the previous one, and `advance` moves the clock on, through
// the due times of the jobs in between. The time is stored, so it survives a restart.

import { ObjectError } from 'digital-objects'
import type { LogReader } from '../log/log-reader.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'

/** Stored under `clock` in the table `meta`. */
export interface TestClock {
  /** The earliest time that the clock shows. */
  readonly nowMs: number
  /** The time to which the clock is being advanced. */
  readonly advancingToMs?: number
  /** The number of steps that each job has made since the start of the last `advance`. */
  readonly ran: Readonly<Record<string, number>>
}

export interface TenantClockOptions {
  readonly meta: TenantMeta
  readonly log: Pick<LogReader, 'head' | 'headAtMs' | 'seqAt' | 'timestampOf'>
  /** The server's clock. */
  readonly now: () => number
}

export class TenantClock {
  readonly #options: TenantClockOptions
  /** The stored string that `#test` was parsed from. */
  #stored: string | undefined
  #test: TestClock | undefined

  constructor(options: TenantClockOptions) {
    this.#options = options
  }

  /** The test clock; undefined if the tenant uses the server's clock. */
  get test(): TestClock | undefined {
    const stored = this.#options.meta.get('clock')
    if (stored !== this.#stored) {
      this.#stored = stored
      this.#test = stored === undefined ? undefined : (JSON.parse(stored) as TestClock) // written only by `#write`
    }
    return this.#test
  }

  get isTest(): boolean {
    return this.test !== undefined
  }

  /** The time that the clock shows. */
  nowMs(): number {
    return Math.max(this.test?.nowMs ?? this.#options.now(), this.#options.log.headAtMs)
  }

  /** The timestamp of a commit made now, or at an earlier time that it prefers and that nothing has passed yet. */
  next(preferredMs = Number.POSITIVE_INFINITY): number {
    const { headAtMs } = this.#options.log
    const earliestMs = this.isTest && headAtMs > 0 ? headAtMs + 1 : headAtMs
    return Math.max(Math.min(preferredMs, this.nowMs()), earliestMs, this.#sealedMs + 1)
  }

  /** By how much the newest event is ahead of the real time; 0 for a test tenant. */
  get aheadMs(): number {
    return this.isTest ? 0 : Math.max(0, this.#options.log.headAtMs - this.realMs())
  }

  /** The server's time, on which idempotency keys, retries and files depend in every tenant. */
  realMs(): number {
    return this.#options.now()
  }

  /**
   * Returns the last `seq` at a time and seals that time: later commits get later timestamps. The seal is stored, unless a
   * later event has the same effect, so that it holds even after a restart with a clock that was set back. Throws an
   * ObjectError `before_history` for a time before the first event: an empty state would be mistaken for a fact.
   */
  sealAt(atMs: number): number {
    const { log, meta } = this.#options
    if (atMs > this.nowMs()) {
      throw new ObjectError({
        code: 'invalid_as_of',
        field: 'asOf',
        message: `asOf expects a past time, got ${toIso(atMs)}; it is ${toIso(this.nowMs())} now`,
      })
    }
    const seq = log.seqAt(atMs)
    if (seq === 0) throw this.#beforeHistory(atMs)
    if (atMs >= log.headAtMs && atMs > this.#sealedMs) meta.set('sealed', String(atMs))
    return seq
  }

  /** Makes this a test tenant and sets its clock. Its entities must have no events yet. */
  setTest(nowMs: number): void {
    const earliestMs = Math.max(this.#options.log.headAtMs, this.#sealedMs)
    if (nowMs < earliestMs) {
      throw new ObjectError({
        code: 'conflict',
        field: 'now',
        message: `the tenant was used at ${toIso(earliestMs)}, so its clock cannot be set to the earlier time ${toIso(nowMs)}`,
      })
    }
    this.#write({ nowMs, ran: {} })
  }

  /** Starts to advance a test clock. `AdvanceJob` does the work. */
  beginAdvance(toMs: number): void {
    this.#write({ nowMs: this.nowMs(), advancingToMs: toMs, ran: {} })
  }

  /** Moves a test clock on to the due time of the next job. */
  reach(atMs: number): void {
    const test = this.#requireTest()
    if (atMs > this.nowMs()) this.#write({ ...test, nowMs: atMs })
  }

  /** Counts a step that a job has made. */
  countStep(jobName: string): void {
    const test = this.#requireTest()
    this.#write({ ...test, ran: { ...test.ran, [jobName]: (test.ran[jobName] ?? 0) + 1 } })
  }

  /** Ends an advance: sets the test clock to the requested time, before which no job is due any more. */
  endAdvance(): void {
    const { advancingToMs, ...test } = this.#requireTest()
    this.#write({ ...test, nowMs: Math.max(advancingToMs ?? 0, this.nowMs()) })
  }

  #beforeHistory(atMs: number): ObjectError {
    const { log } = this.#options
    // A tenant without events may have no tables.
    const beganMs = log.head === 0 ? undefined : log.timestampOf(1)
    const began = beganMs === undefined ? null : toIso(beganMs)
    const why =
      began === null
        ? 'this tenant has no events yet'
        : `this tenant's first event is of ${began}, after ${toIso(atMs)}`
    return new ObjectError({
      code: 'before_history',
      field: 'asOf',
      message: `${why}: nothing is known of that time`,
      detail: { began },
    })
  }

  get #sealedMs(): number {
    return Number(this.#options.meta.get('sealed') ?? 0)
  }

  #requireTest(): TestClock {
    const { test } = this
    if (test === undefined) throw new Error('the tenant has no test clock')
    return test
  }

  #write(test: TestClock): void {
    this.#options.meta.set('clock', JSON.stringify(test))
  }
}

function toIso(ms: number): string {
  return new Date(ms).toISOString()
}
