// Advances a test tenant's clock: runs the jobs on that clock in the order in which they become due, each when the clock
// shows its due time, and then shows the time that was asked for. It may be killed at any line: the clock is stored, each
// job computes its due time from what it has stored, and the rest runs when the object wakes.

import type { Job, RetryRule } from '../jobs/job.ts'
import type { TenantClock } from './tenant-clock.ts'

export interface AdvanceJobOptions {
  readonly clock: TenantClock
  /** All jobs; those on the server's clock are none of its business. */
  readonly jobs: readonly Job[]
  /** Handlers of what a job has written run before the clock moves on. They share its lane. */
  readonly outbox: Job
  /** The server's clock. */
  readonly now: () => number
}

/** One step of the job ends after so long. */
const stepMsMax = 1_000
/** The same, in steps of other jobs: a job may be due again and again. */
const jobStepsMax = 1_000

export class AdvanceJob implements Job {
  readonly name = 'clock'
  readonly clock = 'real'
  readonly lane: string
  readonly #options: AdvanceJobOptions
  readonly #jobs: readonly Job[]
  /** The job whose step is being made or has failed. */
  #current: Job | undefined

  constructor(options: AdvanceJobOptions) {
    this.#options = options
    this.#jobs = options.jobs.filter(({ clock }) => clock === 'tenant')
    this.lane = options.outbox.lane
  }

  /** By the rule of the job that failed. Until it succeeds or is parked the clock does not move. */
  get retry(): RetryRule {
    return this.#current?.retry ?? this.#options.outbox.retry
  }

  dueMs(nowMs: number): number | undefined {
    return this.#options.clock.test?.advancingToMs === undefined ? undefined : nowMs
  }

  async step(): Promise<boolean> {
    const { clock, now } = this.#options
    const endMs = now() + stepMsMax
    let steps = 0
    for (; clock.test?.advancingToMs !== undefined && steps < jobStepsMax && now() < endMs; steps++) await this.#move()
    return steps > 0
  }

  async park(message: string): Promise<void> {
    const job = this.#current
    if (job?.park === undefined) throw new Error(`job '${job?.name ?? ''}' cannot set aside what it failed on`)
    await job.park(message)
    this.#current = undefined
  }

  /** To the due time of the next job, which makes one step; or to the end. */
  async #move(): Promise<void> {
    const { clock, outbox, now } = this.#options
    await outbox.step(now())
    const next = this.#nextDue(clock.test?.advancingToMs ?? 0)
    this.#current = next?.job
    if (next === undefined) return clock.endAdvance()
    clock.reach(next.dueMs)
    const { job } = next
    const place = `job '${job.name}', due at ${new Date(next.dueMs).toISOString()}`
    const isDone = await job.step(clock.nowMs()).catch((error: unknown) => {
      throw new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    })
    if (!isDone) throw new Error(`${place}: it did nothing and is due all the same`)
    clock.countStep(job.name)
    this.#current = undefined
  }

  #nextDue(untilMs: number): { readonly job: Job; readonly dueMs: number } | undefined {
    const nowMs = this.#options.clock.nowMs()
    const due = this.#jobs.flatMap((job) => {
      const dueMs = job.dueMs(nowMs)
      return dueMs === undefined || dueMs > untilMs ? [] : [{ job, dueMs }]
    })
    // The first of the list goes first where several are due at one time.
    return due.toSorted((a, b) => a.dueMs - b.dueMs)[0]
  }
}
