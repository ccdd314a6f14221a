// Failures of the Nouns' tables: each table waits for its own next attempt, and holds up no other.

import type { JobFailure } from '../jobs/job.ts'
import { retryDelayMs } from '../jobs/retry-delay.ts'
import { storeRetry } from './files-lane.ts'

export class TableFailures {
  readonly #now: () => number
  readonly #failures = new Map<string, JobFailure>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Remembers a failure of the work until it succeeds. */
  async watch(noun: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#failures.delete(noun)
    } catch (error) {
      const { attempts = 0 } = this.#failures.get(noun) ?? {}
      const message = `table of ${noun}: ${error instanceof Error ? error.message : String(error)}`
      const retryAtMs = this.#now() + retryDelayMs(storeRetry, attempts)
      this.#failures.set(noun, { attempts: attempts + 1, retryAtMs, message })
      throw error
    }
  }

  clearAll(): void {
    this.#failures.clear()
  }

  /** Returns the table whose turn it is: one that has not failed, or the one that is tried again first. */
  first(nouns: readonly string[]): string | undefined {
    return nouns.toSorted((a, b) => this.#retryAtMs(a) - this.#retryAtMs(b))[0]
  }

  /** Returns when the first of the tables may be tried; undefined if one of them has not failed, or there are none. */
  retryAtMs(nouns: readonly string[]): number | undefined {
    const first = this.first(nouns)
    return first === undefined ? undefined : this.#failures.get(first)?.retryAtMs
  }

  /** Returns the failure of these tables that has lasted longest. */
  oldest(nouns: readonly string[]): JobFailure | undefined {
    return [...this.#failures].find(([noun]) => nouns.includes(noun))?.[1]
  }

  #retryAtMs(noun: string): number {
    return this.#failures.get(noun)?.retryAtMs ?? 0
  }
}
