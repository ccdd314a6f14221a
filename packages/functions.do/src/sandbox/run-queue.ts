// Decides which run may start, and in which process: some of each tenant, some in total, and the rest wait in turn up to
// a limit. A run that may freeze its process gets one for itself.

import { withDeadline } from '@dotdo/db'
import { ObjectError } from 'digital-objects'

export interface QueueLimits {
  readonly processes: number
  readonly runsPerProcess: number
}

export interface RunRequest {
  readonly tenant: string
  /** Waits for a process without other runs, and keeps other runs out of it. */
  readonly isAlone: boolean
}

export interface Place {
  /** The index of the process. */
  readonly process: number
  /** Call it once the process has accepted the run: from here on, the run may be what freezes the process. */
  readonly accepted: () => void
  /** Whether no other run that the process had accepted can be what froze it. */
  readonly wasAlone: () => boolean
  /**
   * Makes room for the next run. Call it once. Returns true if the process has had many runs and is now empty: restart
   * it then.
   */
  readonly leave: (ending: { readonly hasReported: boolean }) => boolean
}

interface Run {
  readonly request: RunRequest
  isAccepted: boolean
  /** Runs that were in the process together with this one, without those that have reported since. */
  readonly company: Set<Run>
}

interface Slot {
  readonly index: number
  readonly runs: Set<Run>
  /** Runs since the process was last due for a restart. */
  started: number
}

interface Waiter {
  readonly request: RunRequest
  readonly admit: (place: Place) => void
}

/** A tenant leaves room for others, whatever its code does. */
export const runsPerTenantMax = 8
const waitingPerTenantMax = 16
const waitingMax = 64
const waitMsMax = 10_000
/** A process grows by about 20 KB a run. */
const runsBeforeRestart = 1_000

export class RunQueue {
  readonly #slots: readonly Slot[]
  readonly #runsPerProcess: number
  readonly #running = new Map<string, number>()
  #waiting: readonly Waiter[] = []

  constructor({ processes, runsPerProcess }: QueueLimits) {
    this.#slots = Array.from({ length: processes }, (_, index) => ({ index, runs: new Set(), started: 0 }))
    this.#runsPerProcess = runsPerProcess
  }

  /** Resolves when the run may start. Rejects with an ObjectError `overloaded` if too many runs wait, or for too long. */
  async enter(request: RunRequest): Promise<Place> {
    const slot = this.#slotFor(request)
    if (slot !== undefined) return this.#place(request, slot)
    const ofTenant = this.#waiting.filter(({ request: { tenant } }) => tenant === request.tenant).length
    if (ofTenant >= waitingPerTenantMax || this.#waiting.length >= waitingMax) throw overloaded('too many runs wait')
    const { promise, resolve } = Promise.withResolvers<Place>()
    const waiter = { request, admit: resolve }
    this.#waiting = [...this.#waiting, waiter]
    const timeoutError = (): ObjectError => {
      this.#waiting = this.#waiting.filter((other) => other !== waiter)
      return overloaded(`no run could start within ${waitMsMax} ms`)
    }
    return withDeadline(promise, { ms: waitMsMax, timeoutError })
  }

  #place(request: RunRequest, slot: Slot): Place {
    const { tenant } = request
    const run: Run = { request, isAccepted: false, company: new Set() }
    slot.runs.add(run)
    slot.started++
    this.#running.set(tenant, this.#runningOf(tenant) + 1)
    return {
      process: slot.index,
      accepted: () => meet(run, slot),
      wasAlone: () => run.company.size === 0,
      leave: ({ hasReported }) => {
        if (hasReported) for (const other of slot.runs) other.company.delete(run)
        return this.#leave(run, slot)
      },
    }
  }

  #leave(run: Run, slot: Slot): boolean {
    const { tenant } = run.request
    slot.runs.delete(run)
    const left = this.#runningOf(tenant) - 1
    if (left === 0) this.#running.delete(tenant)
    else this.#running.set(tenant, left)
    const isDueForRestart = slot.runs.size === 0 && isWorn(slot)
    if (isDueForRestart) slot.started = 0
    this.#admitWaiting()
    return isDueForRestart
  }

  /** Tenants with the fewest runs come first; among their runs, those that have waited longest. */
  #admitWaiting(): void {
    for (;;) {
      const byTurn = this.#waiting.toSorted(
        (a, b) => this.#runningOf(a.request.tenant) - this.#runningOf(b.request.tenant),
      )
      const next = byTurn.find(({ request }) => this.#slotFor(request) !== undefined)
      const slot = next === undefined ? undefined : this.#slotFor(next.request)
      if (next === undefined || slot === undefined) return
      this.#waiting = this.#waiting.filter((waiter) => waiter !== next)
      next.admit(this.#place(next.request, slot))
    }
  }

  #slotFor({ tenant, isAlone }: RunRequest): Slot | undefined {
    if (this.#runningOf(tenant) >= runsPerTenantMax) return undefined
    const byRuns = this.#slots.toSorted((a, b) => a.runs.size - b.runs.size)
    if (isAlone) return byRuns.find(({ runs }) => runs.size === 0)
    const open = byRuns.filter((slot) => slot.runs.size < this.#runsPerProcess && !isHeldAlone(slot))
    const free = open.filter((slot) => slot !== this.#reserved(byRuns))
    return free.find((slot) => !isWorn(slot)) ?? free[0]
  }

  /** The process that takes no more runs, so that one which waits to be alone gets its turn. */
  #reserved([emptiest]: readonly Slot[]): Slot | undefined {
    const isWanted = this.#waiting.some(({ request }) => request.isAlone) && !this.#slots.some(isHeldAlone)
    return isWanted ? emptiest : undefined
  }

  #runningOf(tenant: string): number {
    return this.#running.get(tenant) ?? 0
  }
}

function meet(run: Run, slot: Slot): void {
  for (const other of slot.runs) {
    if (other === run || !other.isAccepted) continue
    other.company.add(run)
    run.company.add(other)
  }
  run.isAccepted = true
}

function isHeldAlone({ runs }: Slot): boolean {
  for (const { request } of runs) return request.isAlone
  return false
}

function isWorn({ started }: Slot): boolean {
  return started >= runsBeforeRestart
}

function overloaded(reason: string): ObjectError {
  return new ObjectError({ code: 'overloaded', message: `${reason}; the code has not run, try again shortly` })
}
