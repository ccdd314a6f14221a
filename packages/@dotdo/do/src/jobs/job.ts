// A job: background work in steps. It says when its next step is due. `JobRunner` runs the steps, retries failures and
// reports them.

/** `real` is the server's clock; `tenant` is the tenant's own, which stands still in a test tenant. */
export type ClockName = 'real' | 'tenant'

/** The wait after the first failure is `firstMs`; each later wait is `factor` times as long, and at most `maxMs`. */
export interface RetryRule {
  readonly firstMs: number
  readonly factor: number
  readonly maxMs: number
  /** The first waits, if they follow no factor. `maxMs` comes after the last of them. */
  readonly waitsMs?: readonly number[]
  /** After this many failures in a row, the job parks the failed work. Without it, the job is retried for ever. */
  readonly attemptsMax?: number
}

/** An event that a write appends. */
export interface AppendedEvent {
  readonly seq: number
  readonly type: string
  readonly target: string
}

/** The number of consecutive failures, and the time of the next attempt. */
export interface JobFailure {
  readonly attempts: number
  readonly retryAtMs: number
  readonly message: string
}

export interface Job {
  /** Must never change: `status` and the stored failures use it. */
  readonly name: string
  readonly clock: ClockName
  /** Whether it frees space. Such a job runs even while the disk is full. */
  readonly freesSpace?: boolean
  /** The jobs of one lane run one at a time; lanes run concurrently. */
  readonly lane: string
  readonly retry: RetryRule

  /**
   * Returns the due time of the next step on the job's clock, or undefined without work. It is called often, so it must be
   * cheap, and it must change nothing.
   */
  dueMs(nowMs: number): number | undefined

  /**
   * Makes one bounded step, even if it is not due yet. Returns false if there was no work. The process may die at any line,
   * and the step is then called again, so it must record its progress and continue from there.
   */
  step(nowMs: number): Promise<boolean>

  /**
   * Returns the time at which the write makes the job due, or undefined if it does not. It is called inside the transaction
   * of each write, which also sets the alarm.
   */
  eventAppended?(event: AppendedEvent, nowMs: number): number | undefined

  /** Durably sets aside the work that failed, so that the job can continue with the rest. */
  park?(message: string): Promise<void>

  /** Returns the number of parked work items. */
  parkedCount?(): number

  /** Returns the failure of the oldest failing work item, for a job that retries its work items itself. */
  failure?(): JobFailure | undefined
}
