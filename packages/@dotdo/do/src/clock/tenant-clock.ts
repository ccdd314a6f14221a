// The tenant's clock, which commits and business jobs go by. It follows the server's clock and never steps back: once a
// time was read as a past one, later commits get later times, so the same question keeps its answer.
//
// A test tenant's clock stands still. Each commit is 1 ms after the one before, and `advance` moves the clock on, through
// the due times of the jobs in between. What it shows is stored, so a restart changes nothing.

import { ObjectError } from 'digital-objects'
import type { LogReader } from '../log/log-reader.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'

/** Stored under `clock` in the table `meta`. */
export interface TestClock {
  /** The clock does not show less than this. */
  readonly nowMs: number
  /** Jobs that are due by then are being run. */
  readonly advancingToMs?: number
  /** How many steps each job has made since the last `advance` was begun. */
  readonly ran: Readonly<Record<string, number>>
}

export interface TenantClockOptions {
  readonly meta: TenantMeta
  readonly log: Pick<LogReader, 'head' | 'headAtMs' | 'seqAt'>
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

  /** The test clock; undefined for a tenant whose clock is the server's. */
  get test(): TestClock | undefined {
    const stored = this.#options.meta.get('clock')
    if (stored !== this.#stored) {
      this.#stored = stored
      this.#test = stored === undefined ? undefined : (JSON.parse(stored) as TestClock) // only `#write` stores it
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

  /** The time of a commit made now. */
  next(): number {
    const { headAtMs } = this.#options.log
    const earliestMs = this.isTest && headAtMs > 0 ? headAtMs + 1 : headAtMs
    return Math.max(this.nowMs(), earliestMs, this.#sealedMs + 1)
  }

  /** The server's clock, which idempotency keys, retries and files go by in every tenant. */
  realMs(): number {
    return this.#options.now()
  }

  /**
   * The last `seq` at a time, which is sealed by that: no later commit gets it or an earlier one. The seal is stored only
   * if no later event seals the time already, and it outlives a restart with a clock set back.
   */
  sealAt(atMs: number): number {
    const { log, meta } = this.#options
    if (atMs > this.nowMs()) {
      throw new ObjectError({
        code: 'invalid_as_of',
        field: 'asOf',
        message: `asOf expects a moment in the past, got ${toIso(atMs)}; it is ${toIso(this.nowMs())} now`,
      })
    }
    if (atMs >= log.headAtMs && atMs > this.#sealedMs) meta.set('sealed', String(atMs))
    return log.seqAt(atMs)
  }

  /** Makes this a test tenant whose clock stands at a time. Its entities must have no events yet. */
  setTest(nowMs: number): void {
    const earliestMs = Math.max(this.#options.log.headAtMs, this.#sealedMs)
    if (nowMs < earliestMs) {
      throw new ObjectError({
        code: 'conflict',
        field: 'now',
        message: `the tenant has been used at ${toIso(earliestMs)}, so its clock cannot be set to ${toIso(nowMs)}, which is before that`,
      })
    }
    this.#write({ nowMs, ran: {} })
  }

  /** Begins to advance a test clock; `AdvanceJob` does it. */
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

  /** No job is due before the time to advance to: a test clock shows that time now. */
  endAdvance(): void {
    const { advancingToMs, ...test } = this.#requireTest()
    this.#write({ ...test, nowMs: Math.max(advancingToMs ?? 0, this.nowMs()) })
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
