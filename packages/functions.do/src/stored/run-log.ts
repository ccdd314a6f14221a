// The log of runs of stored functions: when, how long, what was printed, and how each ended. It tells people what happened and
// decides nothing, so it is written a moment later, several runs at a time; a crash may lose the last moment.

import type { ObjectParts } from '@dotdo/service'
import type { SandboxOutcome } from '../sandbox/sandbox.ts'
import type { LoggedRequest } from './outgoing.ts'
import type { StoredFunction } from './stored-functions.ts'

/** Runs that are kept of each function. */
const runsMax = 200
const keptMs = 7 * 86_400_000
const flushAfterMs = 200
/** Runs that wait to be written; further ones are dropped. */
const waitingMax = 1_000
const linesMax = 50
const lineCharactersMax = 500

export interface LoggedRun {
  readonly startedMs: number
  readonly endedMs: number
  /** The event that it handled, or the time for which it was scheduled. */
  readonly cause?: string
  readonly outcome: SandboxOutcome
  /** Requests that it has sent to other servers. */
  readonly requests: readonly LoggedRequest[]
}

export class RunLog {
  readonly #parts: Pick<ObjectParts, 'values'>
  #waiting: { readonly name: string; readonly run: LoggedRun }[] = []
  #isFlushing = false
  #last = 0

  constructor(parts: Pick<ObjectParts, 'values'>) {
    this.#parts = parts
  }

  record({ name }: StoredFunction, run: LoggedRun): void {
    if (this.#waiting.length >= waitingMax) return
    this.#waiting.push({ name, run })
    if (this.#isFlushing) return
    this.#isFlushing = true
    setTimeout(() => this.#flush(), flushAfterMs)
  }

  #flush(): void {
    this.#isFlushing = false
    const values = this.#parts.values()
    if (values === undefined) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const { name, run } of waiting) {
      // Two runs may begin at the same time.
      this.#last = Math.max(this.#last + 1, run.startedMs * 1_000)
      const key = `${runPrefix(name)}${String(this.#last).padStart(17, '0')}`
      values.put({ key, value: JSON.stringify(toStored(run)), endsMs: run.endedMs + keptMs })
    }
    for (const name of new Set(waiting.map((one) => one.name))) {
      const prefix = runPrefix(name)
      const excess = values.count(prefix) - runsMax
      if (excess > 0) for (const { key } of values.list({ prefix, limit: excess })) values.delete(key)
    }
  }
}

/** Begins the keys of the runs of a function; the read `functions.runs` lists them by it. */
function runPrefix(name: string): string {
  return `function-run:${name}:`
}

function toStored({ startedMs, endedMs, cause, outcome, requests }: LoggedRun): object {
  const line = outcome.ok ? undefined : outcome.error.detail?.['line']
  return {
    at: new Date(startedMs).toISOString(),
    ms: endedMs - startedMs,
    ok: outcome.ok,
    ...(cause === undefined ? {} : { cause }),
    ...(outcome.ok ? {} : { error: outcome.error.message.slice(0, 1_000) }),
    ...(typeof line === 'number' ? { line } : {}),
    ...(requests.length === 0 ? {} : { requests }),
    logs: outcome.logs.slice(0, linesMax).map((text) => text.slice(0, lineCharactersMax)),
  }
}
