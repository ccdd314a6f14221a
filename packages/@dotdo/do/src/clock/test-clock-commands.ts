// The commands on a tenant's clock: show it, make the tenant a test tenant, and advance its clock.

import { addDuration, type ClockState, type Duration, ObjectError } from 'digital-objects'
import { nextTask } from '../base/next-task.ts'
import { hasEntityEvents } from '../log/has-entity-events.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { AdvanceJob } from './advance-job.ts'
import type { TenantClock } from './tenant-clock.ts'

export interface TestClockCommandsOptions {
  readonly storage: DurableObjectStorage
  readonly clock: TenantClock
  readonly advanceJob: AdvanceJob
  readonly runner: JobRunner
}

/** The time to which a clock is advanced. */
export interface ClockEnd {
  readonly untilMs: number
}

/** Limits the time that a caller waits for an advance. The rest continues in the background. */
const waitMsMax = 10_000
/** Limits one advance to ten years. */
const advanceMsMax = 3_653 * 86_400_000
/** Limits the clock, because datetimes have four-digit years, and jobs may write later times than the present. */
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

  /** Throws an ObjectError `conflict` if the tenant's entities have events, whose timestamps must stay in order. */
  set(nowMs: number): ClockState {
    const { clock, storage } = this.#options
    if (hasEntityEvents(storage.sql))
      throw conflict('now', 'the clock can be set only before the first entity is created')
    if (clock.test?.advancingToMs !== undefined) throw this.#advancing()
    clock.setTest(nowMs)
    return this.state()
  }

  /**
   * Advances the clock and runs the jobs that become due. Resolves when they have run, or after some seconds: the advance
   * then continues in the background, up to `advancingTo`. Throws an ObjectError `conflict` without a test clock.
   */
  async advance(by: Duration | ClockEnd): Promise<ClockState> {
    const { advanceJob, clock, runner, storage } = this.#options
    if (!clock.isTest)
      throw conflict(
        'advance',
        'only the clock of a test tenant can be advanced, and this tenant uses the clock of the server',
      )
    if (clock.test?.advancingToMs !== undefined) throw this.#advancing()
    const fromMs = clock.nowMs()
    const toMs = 'untilMs' in by ? by.untilMs : addDuration(fromMs, by)
    if (toMs < fromMs) throw refuse('advance', `expects a time from ${toIso(fromMs)} on, got ${toIso(toMs)}`)
    // The negation also refuses NaN, which stands for a time beyond the range of Date.
    if (!(toMs - fromMs <= advanceMsMax)) throw refuse('advance', 'expects at most ten years')
    if (toMs > clockMsMax) throw refuse('advance', `expects a time up to ${toIso(clockMsMax)}, got a later one`)
    storage.transactionSync(() => {
      clock.beginAdvance(toMs)
      // The same transaction sets the alarm, which wakes the object to continue if it dies now.
      runner.reschedule(advanceJob.lane)
    })
    const endMs = clock.realMs() + waitMsMax
    while (clock.test?.advancingToMs !== undefined && clock.realMs() < endMs && !runner.isFailing(advanceJob)) {
      await runner.run(advanceJob.lane)
      // Other requests get a turn, and the server's clock goes on.
      await nextTask()
    }
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

/** Throws an ObjectError if the clock cannot be set to this time. */
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
