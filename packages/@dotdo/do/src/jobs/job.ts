// A job is work that happens later. It says when its next step is due and makes one step at a time; `JobRunner` decides
// when each step runs, retries what fails, and reports it.

/** `real` is the server's clock; `tenant` is the tenant's own, which stands still in a test tenant. */
export type ClockName = 'real' | 'tenant'

/** The wait after the first failure is `firstMs`; each later wait is `factor` times as long, and at most `maxMs`. */
export interface RetryRule {
  readonly firstMs: number
  readonly factor: number
  readonly maxMs: number
  /** After so many failures in a row the job sets aside what it failed on. Without it the job is retried for ever. */
  readonly attemptsMax?: number
}

/** An event that a write has just appended. */
export interface AppendedEvent {
  readonly seq: number
  readonly type: string
  readonly target: string
}

/** Failures in a row, and when the next attempt is made. */
export interface JobFailure {
  readonly attempts: number
  readonly retryAtMs: number
  readonly message: string
}

export interface Job {
  /** Stable: `status` and the stored failures use it. */
  readonly name: string
  readonly clock: ClockName
  /** Steps of the jobs of one lane run one at a time; lanes run side by side. */
  readonly lane: string
  readonly retry: RetryRule

  /**
   * When the next step is due, by the job's clock; undefined if there is nothing to do. Called often: it must be cheap,
   * and it changes nothing.
   */
  dueMs(nowMs: number): number | undefined

  /**
   * Makes one bounded step of what there is to do, even if it is not due yet; returns false if it could do nothing. It
   * may be killed at any line and is called again then, so it records what it is about to do and continues from that.
   */
  step(nowMs: number): Promise<boolean>

  /**
   * Called inside the transaction of each write. Returns when the write makes the job due; undefined if that changes
   * nothing. The alarm is set within the same transaction.
   */
  eventAppended?(event: AppendedEvent, nowMs: number): number | undefined

  /** Sets aside, durably, what the last steps failed on, so that the job can go on without it. */
  park?(message: string): Promise<void>

  /** How much is set aside. */
  parkedCount?(): number

  /** For a job that retries its pieces of work by itself: the failure of the oldest of them. */
  failure?(): JobFailure | undefined
}
