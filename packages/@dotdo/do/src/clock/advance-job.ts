// Advances a test tenant's clock: sets it to the due time of each job on that clock in turn, runs the job, and finally sets
// it to the requested time. The process may die at any line: the clock is stored, each job computes its due time from stored
// data, and the advance continues when the object wakes.

import type { Job, RetryRule } from '../jobs/job.ts'
import type { TenantClock } from './tenant-clock.ts'

export interface AdvanceJobOptions {
  readonly clock: TenantClock
  /** All jobs. Those on the server's clock are ignored. */
  readonly jobs: readonly Job[]
  /** The outbox, whose lane this job shares. Handlers of an event that a job writes run before the clock moves on. */
  readonly outbox: Job
  /** The server's clock. */
  readonly now: () => number
}

/** Limits the time of one step. */
const stepMsMax = 1_000
/** Limits the job steps in one step, because a job may become due again and again. */
const jobStepsMax = 1_000

export class AdvanceJob implements Job {
  readonly name = 'clock'
  readonly clock = 'real'
  readonly lane: string
  readonly #options: AdvanceJobOptions
  readonly #jobs: readonly Job[]
  /** The job whose step is running or has failed. */
  #current: Job | undefined

  constructor(options: AdvanceJobOptions) {
    this.#options = options
    this.#jobs = options.jobs.filter(({ clock }) => clock === 'tenant')
    this.lane = options.outbox.lane
  }

  /** The retry rule of the job that failed. The clock stands still until that job succeeds or parks its work. */
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
    if (job?.park === undefined) throw new Error(`job '${job?.name ?? ''}' cannot park its work`)
    await job.park(message)
    this.#current = undefined
  }

  /** Moves the clock to the due time of the next job and runs its step, or moves the clock to the end. */
  async #move(): Promise<void> {
    const { clock, outbox, now } = this.#options
    await outbox.step(now())
    const next = this.#nextDue(clock.test?.advancingToMs ?? 0)
    this.#current = next?.job
    if (next === undefined) return clock.endAdvance()
    clock.reach(next.dueMs)
    const { job } = next
    const subject = `job '${job.name}', due at ${new Date(next.dueMs).toISOString()}`
    const isDone = await job.step(clock.nowMs()).catch((error: unknown) => {
      throw new Error(`${subject}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    })
    if (!isDone) throw new Error(`${subject}: its step did nothing although it is due`)
    clock.countStep(job.name)
    this.#current = undefined
  }

  #nextDue(untilMs: number): { readonly job: Job; readonly dueMs: number } | undefined {
    const nowMs = this.#options.clock.nowMs()
    const due = this.#jobs.flatMap((job) => {
      const dueMs = job.dueMs(nowMs)
      return dueMs === undefined || dueMs > untilMs ? [] : [{ job, dueMs }]
    })
    // The sort is stable: of jobs due at the same time, the first in the list runs first.
    return due.toSorted((a, b) => a.dueMs - b.dueMs)[0]
  }
}
