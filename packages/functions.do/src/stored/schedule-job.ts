// Runs stored functions at the times of their schedules. The next time of each is stored, so that a restart neither skips nor
// repeats one; times that passed while the server was off are made up for by one run.

import type { Job, ObjectParts, RetryRule } from '@dotdo/service'
import { isPlainObject, tryParseJson } from 'digital-objects'
import { runProgram } from '../run/run-program.ts'
import type { AfterParts } from './after-functions.ts'
import { nextTime, parseSchedule } from './schedule.ts'
import type { StoredFunction } from './stored-functions.ts'

/** Attempts of a run that fails, a minute apart. */
const attemptsMax = 3
const retryMs = 60_000

interface Mark {
  readonly schedule: string
  /** The time for which it is scheduled. */
  readonly forMs: number
  /** The time of the next attempt. */
  readonly dueMs: number
  readonly attempts: number
}

export class FunctionScheduleJob implements Job {
  readonly name = 'functions'
  readonly clock = 'tenant'
  readonly lane = 'functions'
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 600_000 }
  readonly #of: AfterParts

  constructor(of: AfterParts) {
    this.#of = of
  }

  dueMs(nowMs: number): number | undefined {
    const dues = this.#scheduled().map((stored) => this.#markOf(stored)?.dueMs ?? nowMs)
    return dues.length === 0 ? undefined : Math.min(...dues)
  }

  eventAppended({ type }: { readonly type: string }, nowMs: number): number | undefined {
    return type.startsWith('Function.') ? nowMs : undefined
  }

  async step(nowMs: number): Promise<boolean> {
    for (const stored of this.#scheduled()) {
      const mark = this.#markOf(stored)
      if (mark === undefined) {
        this.#setMark(stored, nowMs)
        return true
      }
      if (mark.dueMs > nowMs) continue
      await this.#run(stored, mark, nowMs)
      return true
    }
    return false
  }

  async #run(stored: StoredFunction, mark: Mark, nowMs: number): Promise<void> {
    const { runner, turns, parts } = this.#of
    const scheduledAt = new Date(mark.forMs).toISOString()
    const job = await runner.jobOf(stored, { given: [null, null], nowMs: parts.nowMs() })
    const given = { scheduledAt, now: new Date(parts.nowMs()).toISOString() }
    const by = { who: stored.id, via: 'hook' } as const
    const key = `schedule ${scheduledAt}`
    const answer = await runProgram(
      { sandbox: runner.sandboxFor(stored, { cause: scheduledAt }), turns },
      {
        job: { ...job, isHandler: false, given },
        request: { openProgram: () => parts.openProgram(by), describeError: () => ({ status: 500 }) },
        isDryRun: false,
        key: { key, request: key },
      },
    )
    const attempts = mark.attempts + 1
    if (answer.ok || attempts >= attemptsMax) this.#setMark(stored, Math.max(nowMs, mark.forMs))
    else this.#put(stored, { ...mark, attempts, dueMs: nowMs + retryMs })
  }

  #scheduled(): readonly StoredFunction[] {
    return this.#of.functions.enabled.filter(({ schedule }) => schedule !== undefined)
  }

  #setMark(stored: StoredFunction, afterMs: number): void {
    const { schedule = '' } = stored
    const forMs = nextTime(parseSchedule(schedule), afterMs)
    if (forMs !== undefined) this.#put(stored, { schedule, forMs, dueMs: forMs, attempts: 0 })
  }

  #put({ id }: StoredFunction, mark: Mark): void {
    this.#values()?.put({ key: markKey(id), value: JSON.stringify(mark) })
  }

  /** Returns undefined for a function whose schedule is new. */
  #markOf({ id, schedule }: StoredFunction): Mark | undefined {
    const mark = tryParseJson(this.#values()?.get(markKey(id))?.value ?? '')
    // This job wrote it.
    return isPlainObject(mark) && mark['schedule'] === schedule ? (mark as unknown as Mark) : undefined
  }

  #values(): ReturnType<ObjectParts['values']> {
    return this.#of.parts.values()
  }
}

function markKey(id: string): string {
  return `function-due:${id}`
}
