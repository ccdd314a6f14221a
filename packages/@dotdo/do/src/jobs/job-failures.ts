// Consecutive failures of each job. They are stored, so that an object that is evicted between two attempts neither retries
// too soon nor forgets the number of attempts.

import type { Job, JobFailure } from './job.ts'
import { retryDelayMs } from './retry-delay.ts'

interface FailureRow extends Record<string, SqlStorageValue> {
  readonly name: string
  readonly attempts: number
  readonly retry_at: number
  readonly error: string
}

const messageCharactersMax = 1_000

export class JobFailures {
  readonly #sql: SqlStorage
  readonly #failures = new Map<string, JobFailure>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Reads the table; call it once the tables exist. */
  reload(): void {
    this.#failures.clear()
    for (const { name, attempts, retry_at, error } of this.#sql.exec<FailureRow>('SELECT * FROM jobs'))
      this.#failures.set(name, { attempts, retryAtMs: retry_at, message: error })
  }

  of(job: Job): JobFailure | undefined {
    return this.#failures.get(job.name)
  }

  /** The time before which the job is not retried; 0 if it has not failed. */
  retryAtMs(job: Job, nowMs: number): number {
    const failure = this.of(job)
    if (failure === undefined) return 0
    // No rule waits that long, so the clock was set back.
    return failure.retryAtMs > nowMs + job.retry.maxMs ? nowMs : failure.retryAtMs
  }

  add(job: Job, message: string, nowMs: number): JobFailure {
    const before = this.of(job)?.attempts ?? 0
    const failure = {
      attempts: before + 1,
      retryAtMs: nowMs + retryDelayMs(job.retry, before),
      message: message.slice(0, messageCharactersMax),
    }
    this.#sql.exec(
      'INSERT OR REPLACE INTO jobs (name, attempts, retry_at, error) VALUES (?, ?, ?, ?)',
      job.name,
      failure.attempts,
      failure.retryAtMs,
      failure.message,
    )
    this.#failures.set(job.name, failure)
    return failure
  }

  clear(job: Job): void {
    if (!this.#failures.delete(job.name)) return
    this.#sql.exec('DELETE FROM jobs WHERE name = ?', job.name)
  }
}
