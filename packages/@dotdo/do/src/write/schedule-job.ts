// The job that calls the verbs of schedules. It takes the entities that are due from the index, and calls each verb through
// the write path as the actor `system`. The commit of the call also notes that it was made, so that it is made once, wherever
// the process dies. A refused call is tried again, then parked, and holds up no other.

import { decideChange, type EntityFields, ObjectError } from 'digital-objects'
import type { Pausing } from '../base/pausing.ts'
import type { AppendedEvent, Job, JobFailure, RetryRule } from '../jobs/job.ts'
import { retryDelayMs } from '../jobs/retry-delay.ts'
import type { DueRow, ScheduleRows } from '../state/schedule-rows.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import type { Change, Written } from './change.ts'

export interface ScheduleJobOptions {
  readonly storage: DurableObjectStorage
  readonly rows: ScheduleRows
  readonly catalog: TenantCatalog
  readonly write: (change: () => Change) => Promise<Written>
  /** The server's clock, for the length of a step. */
  readonly now: () => number
  readonly log: (message: string) => void
  readonly pausing: Pausing
}

export const schedulesLane = 'schedules'

/** Limits the calls of one step. */
const stepRowsMax = 256
/** Calls that share a commit to disk. They hold the thread together. */
const groupMax = 3
/** Limits the time of one step, after which other tenants get a turn. */
const stepMsMax = 30
/** The retries of one call, on the tenant's clock: after 1, 5, 25 and 125 minutes. Then it is parked. */
const callRetry: RetryRule = { firstMs: 60_000, factor: 5, maxMs: 7_500_000, attemptsMax: 5 }

export class ScheduleJob implements Job {
  readonly name = 'schedules'
  readonly clock = 'tenant'
  readonly lane = schedulesLane
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 300_000 }
  readonly #options: ScheduleJobOptions

  constructor(options: ScheduleJobOptions) {
    this.#options = options
  }

  eventAppended(_: AppendedEvent, nowMs: number): number | undefined {
    return this.#options.rows.takeChanged() ? this.dueMs(nowMs) : undefined
  }

  dueMs(nowMs: number): number | undefined {
    const { rows } = this.#options
    return rows.outdated().length > 0 ? nowMs : rows.nextMs()
  }

  async step(nowMs: number): Promise<boolean> {
    const { rows, storage, now, pausing } = this.#options
    const [noun] = rows.outdated()
    if (noun !== undefined) {
      storage.transactionSync(() => rows.recompute(noun, nowMs))
      return true
    }
    const due = rows.due(nowMs, stepRowsMax)
    const endMs = now() + stepMsMax
    const pause = pausing()
    for (let at = 0; at < due.length && now() < endMs; at += groupMax) {
      await Promise.all(due.slice(at, at + groupMax).map((row) => this.#call(row, nowMs)))
      await pause()
    }
    return due.length > 0
  }

  parkedCount(): number {
    return this.#options.rows.parkedCount()
  }

  failure(): JobFailure | undefined {
    return this.#options.rows.failure()
  }

  async #call(row: DueRow, nowMs: number): Promise<void> {
    try {
      await this.#options.write(() => this.#toChange(row))
    } catch (error) {
      if (error instanceof NotDue) return
      // The whole server has no room: nothing is wrong with this call.
      if (error instanceof ObjectError && (error.code === 'overloaded' || error.code === 'storage_full')) throw error
      this.#failed(row, error, nowMs)
    }
  }

  /** Called in the lane, where nothing can change between the check and the call. */
  #toChange(row: DueRow): Change {
    const { rows, catalog } = this.#options
    const { noun, name, target, due } = row
    const schema = catalog.current.lookup(noun)
    const schedule = schema?.schedules.find((one) => one.name === name)
    const verb = schema === undefined || schedule === undefined ? undefined : schema.verbs[schedule.call]
    if (schema === undefined || verb === undefined || rows.find(row) === undefined) throw new NotDue()
    return {
      schema,
      verb,
      kind: 'change',
      target,
      actor: 'system',
      via: 'job',
      input: {},
      schedule: { noun, name, target, due },
      decide: (context): EntityFields | undefined => decideChange({ schema, verb, input: {}, ...context }),
    }
  }

  #failed(row: DueRow, error: unknown, nowMs: number): void {
    const { rows, log } = this.#options
    const message = error instanceof Error ? error.message : String(error)
    const attempts = row.attempts + 1
    const isLast = attempts >= (callRetry.attemptsMax ?? Infinity)
    const subject = `schedule ${row.noun}.${row.name} of '${row.target}'`
    if (!(error instanceof ObjectError)) log(`${subject} failed: ${message}`)
    if (isLast) log(`${subject} is parked after ${attempts} attempts: ${message}`)
    const retry = isLast ? {} : { nextMs: nowMs + retryDelayMs(callRetry, row.attempts) }
    rows.failed(row, { error: `${subject}: ${message}`, ...retry })
  }
}

/** The refusal of a call that another change has made needless. */
class NotDue extends ObjectError {
  constructor() {
    super({ code: 'conflict', message: 'the call is not due any more' })
  }
}
