// Runs the runs of a tenant's agents: a few at a time, in the background, since a model may take a minute to answer. The job starts
// those that are due, also after the process has died.

import type { Job, ObjectParts, RetryRule } from '@dotdo/service'
import { type AdvanceParts, advanceRun } from './advance-run.ts'
import { pendingUntilMs } from './proposal-decisions.ts'
import { readWaitingRun } from './read-run.ts'

const runningMax = 4
/** Limits the runs that are looked at for one that is not being performed. */
const dueMax = 2 * runningMax
/** The most approvals that wait in a tenant. */
const waitingMax = 1_000
/** A run that this server could not store is not tried again before. */
const faultMs = 30_000
/** An alarm after this time finds runs whose object has ended. */
const lookAgainMs = 120_000

export class AgentRunner implements Job {
  readonly name = 'agents'
  /** A model answers in real time, in a test tenant as well. */
  readonly clock = 'real'
  readonly lane = 'agents'
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 600_000 }
  readonly #of: AdvanceParts
  readonly #parts: ObjectParts
  readonly #running = new Set<string>()
  readonly #notBefore = new Map<string, number>()

  constructor(of: AdvanceParts) {
    this.#of = of
    this.#parts = of.parts
  }

  dueMs(nowMs: number): number | undefined {
    const next = this.#running.size < runningMax ? this.#next() : undefined
    const again = this.#running.size > 0 ? nowMs + lookAgainMs : undefined
    return next === undefined ? again : Math.min(next.dueMs, again ?? next.dueMs)
  }

  eventAppended({ type }: { readonly type: string }, nowMs: number): number | undefined {
    return type.startsWith('AgentRun.') ? nowMs : undefined
  }

  async step(nowMs: number): Promise<boolean> {
    return this.#startDue(nowMs)
  }

  #startDue(nowMs: number): boolean {
    let hasStarted = false
    while (this.#running.size < runningMax) {
      const next = this.#next()
      if (next === undefined || next.dueMs > nowMs) break
      this.#running.add(next.id)
      this.#parts.background(this.#run(next.id))
      hasStarted = true
    }
    return hasStarted
  }

  async #run(id: string): Promise<void> {
    try {
      await advanceRun(this.#of, id)
      this.#notBefore.delete(id)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      console.error(`${this.#parts.tenant()}: the run ${id} was interrupted: ${message}`)
      this.#notBefore.set(id, this.#of.now() + faultMs)
    } finally {
      this.#running.delete(id)
    }
    this.#startDue(this.#of.now())
  }

  #next(): { readonly id: string; readonly dueMs: number } | undefined {
    const due = this.#parts.earliest('AgentRun', { field: 'dueAt', limit: dueMax })
    const settled = this.#settled()
    if (settled !== undefined) return { id: settled, dueMs: this.#notBefore.get(settled) ?? 0 }
    const [next] = due
      .filter(({ id }) => !this.#running.has(id) && this.#parts.read(id)?.['status'] === 'Running')
      .map(({ id, dueMs }) => ({ id, dueMs: Math.max(dueMs, this.#notBefore.get(id) ?? 0) }))
      .toSorted((a, b) => a.dueMs - b.dueMs)
    return next
  }

  /** A run whose proposals are all decided. */
  #settled(): string | undefined {
    const waiting = this.#parts.idsWith('AgentRun', { field: 'status', value: 'Waiting', limit: waitingMax })
    return waiting.find((id) => {
      const run = this.#running.has(id) ? undefined : readWaitingRun(this.#parts, id)
      return run !== undefined && pendingUntilMs(this.#parts, run.proposals) === undefined
    })
  }
}
