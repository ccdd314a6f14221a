// What callers may do with a tenant's clock: look at it, make the tenant a test tenant, and advance its clock.

import { addDuration, type ClockState, type Duration, ObjectError, schemaNoun } from 'digital-objects'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { AdvanceJob } from './advance-job.ts'
import type { TenantClock } from './tenant-clock.ts'

export interface TestClockCommandsOptions {
  readonly storage: DurableObjectStorage
  readonly clock: TenantClock
  readonly advanceJob: AdvanceJob
  readonly runner: JobRunner
}

/** A caller who advances a clock waits so long for the jobs; what is left then goes on without it. */
const waitMsMax = 10_000
/** The farthest that one call advances a clock: ten years. */
const advanceMsMax = 3_653 * 86_400_000
/** Datetimes have years of four digits, and the jobs of the last years write later ones. */
const clockMsMax = Date.UTC(9_900, 0)

export class TestClockCommands {
  readonly #options: TestClockCommandsOptions

  constructor(options: TestClockCommandsOptions) {
    this.#options = options
  }

  state(): ClockState {
    const { clock } = this.#options
    const { test } = clock
    return {
      now: toIso(clock.nowMs()),
      isTest: test !== undefined,
      advancingTo: test?.advancingToMs === undefined ? null : toIso(test.advancingToMs),
      ran: test?.ran ?? {},
    }
  }

  /** Throws an ObjectError `conflict` if the tenant's entities have events, which belong to the time that they were in. */
  set(nowMs: number): ClockState {
    const { clock, storage } = this.#options
    const query = 'SELECT 1 FROM log WHERE type NOT GLOB ? LIMIT 1'
    if (storage.sql.exec(query, `${schemaNoun.name}.*`).toArray().length > 0)
      throw conflict('now', 'the clock of a tenant that has entities, or had some, cannot be set')
    if (clock.test?.advancingToMs !== undefined) throw this.#advancing()
    clock.setTest(nowMs)
    return this.state()
  }

  /**
   * Runs the jobs that become due on the way. Resolves when they have run, or after some seconds: then `advancingTo` says
   * how far the clock goes on by itself. Throws an ObjectError `conflict` if the tenant has no test clock.
   */
  async advance(duration: Duration): Promise<ClockState> {
    const { advanceJob, clock, runner, storage } = this.#options
    if (!clock.isTest) throw conflict('advance', 'this is no test tenant: its clock is that of the server')
    if (clock.test?.advancingToMs !== undefined) throw this.#advancing()
    const fromMs = clock.nowMs()
    const toMs = addDuration(fromMs, duration)
    // Written so that NaN, for a time that no Date can hold, is refused as well.
    if (!(toMs - fromMs <= advanceMsMax)) throw refuse('advance', 'expects ten years at most')
    if (toMs > clockMsMax) throw refuse('advance', `the clock goes no farther than ${toIso(clockMsMax)}`)
    storage.transactionSync(() => {
      clock.beginAdvance(toMs)
      // In the same transaction: if the object dies now, the alarm wakes it to go on.
      runner.reschedule(advanceJob.lane)
    })
    const endMs = clock.realMs() + waitMsMax
    while (clock.test?.advancingToMs !== undefined && clock.realMs() < endMs && !runner.isFailing(advanceJob))
      await runner.run(advanceJob.lane)
    return this.state()
  }

  #advancing(): ObjectError {
    const { advancingTo } = this.state()
    return conflict(
      'advance',
      `the clock is still being advanced, to ${advancingTo}; see the job 'clock' in the status`,
    )
  }
}

/** Throws an ObjectError for a time that no clock can be set to. */
export function checkClockTime(nowMs: number): void {
  if (!(nowMs >= 0 && nowMs <= clockMsMax))
    throw refuse('now', `expects a time from ${toIso(0)} to ${toIso(clockMsMax)}, got ${toIso(nowMs)}`)
}

function conflict(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'conflict', field, message })
}

function refuse(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    message: `clock: '${field}' ${message}`,
    faults: [{ field, message }],
  })
}

function toIso(ms: number): string {
  return new Date(ms).toISOString()
}
