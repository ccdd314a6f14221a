// Tenants take turns on the one thread that serves them all. A tenant that asks for little never waits. One that asks for
// more than its share waits in a queue of its own, and the queues are served fairly by the time that their work takes. In
// between, the thread rests, so that the server accepts connections and answers everybody else.
// docs/decisions/0035-tenants-take-turns.md

import { waitForOthers } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import { nextTask } from '../base/next-task.ts'
import { SliceSlots } from './slice-slots.ts'

/** Work that a tenant may do without a pause. A pause takes about a millisecond. */
const sliceMs = 10
/** Work that all tenants together may do without a pause. */
const sharedSliceMs = 100
/** A connection needs several rounds of the event loop until its request starts; more of them after longer work. */
const restRoundsMax = 5
/** A request that would wait longer is refused. */
const waitMsMax = 5_000
const waitingMax = 1_000
const waitingInTotalMax = 4_000
/** A turn that takes this long waits for a disk or another service, so the thread is free. */
const turnMsMax = 2_000
/** Limits on what one turn is charged. An asynchronous turn is charged for waiting too, and clocks jump. */
const asynchronousMsMax = 100
const synchronousMsMax = 10_000
/** The assumed work of a tenant's first request. */
const firstWorkMs = 2
/** Weight of the newest work in a tenant's average. */
const newestShare = 0.2
/** Tenants to remember before idle ones are dropped. */
const tenantsMax = 1_000

export interface ThreadTurnsOptions {
  readonly now: () => number
  /** Resolves once other events had a chance to run. */
  readonly rest: () => Promise<void>
}

/** Receives the reason if it may not proceed. */
type Waiting = (refusal: ObjectError | undefined) => void

interface Turn {
  readonly tenant: TenantQueue
  readonly startMs: number
  /** Work that the tenant was charged for so far. */
  chargedMs: number
}

export class ThreadTurns {
  readonly #now: () => number
  readonly #rest: () => Promise<void>
  readonly #tenants = new Map<string, TenantQueue>()
  /** Tenants with waiting requests. */
  readonly #queues = new Set<TenantQueue>()
  readonly #turns = new Set<Turn>()
  readonly #debt = new Debt()
  readonly #slots: SliceSlots
  #waiting = 0
  /** Work since the last rest. */
  #usedMs = 0
  #lastWorkMs = 0
  /** The served time of the tenant that was chosen last. A tenant that joins starts there. */
  #servedMs = 0
  /** The tenant whose first request rests before it starts. */
  #chosen: { readonly tenant: TenantQueue; readonly sinceMs: number } | undefined

  constructor(options: Partial<ThreadTurnsOptions> = {}) {
    this.#now = options.now ?? ((): number => performance.now())
    this.#rest = options.rest ?? nextTask
    this.#slots = new SliceSlots({ now: this.#now })
  }

  /** Makes the pauses of a long work in slices, so that the slices of all such works come one after another. */
  pausing(): () => Promise<void> {
    return this.#slots.pausing()
  }

  /** Does the work in the tenant's turn. Throws an ObjectError `overloaded`, with a time to try again, if the queue is full. */
  async run<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
    const tenant = this.#tenantOf(name)
    let startMs = this.#now()
    if (!this.#mayStart(tenant, startMs)) {
      await this.#wait(tenant)
      startMs = this.#now()
    }
    const turn: Turn = { tenant, startMs, chargedMs: 0 }
    this.#turns.add(turn)
    tenant.turns++
    try {
      const result = work()
      // The time until here is the thread's; what an asynchronous result takes in addition may be.
      this.#charge(turn, synchronousMsMax)
      if (this.#waiting > 0) this.#chooseNext()
      return await result
    } finally {
      this.#leave(turn)
    }
  }

  #mayStart(tenant: TenantQueue, now: number): boolean {
    return (
      tenant.waiting.length === 0 &&
      this.#chosen?.tenant !== tenant &&
      tenant.hasRoom() &&
      tenant.debt.at(now) <= sliceMs &&
      this.#debt.at(now) <= sharedSliceMs
    )
  }

  /** Resolves in the caller's own context, which must outlive the rest. */
  async #wait(tenant: TenantQueue): Promise<void> {
    this.#refuseIfFull(tenant)
    tenant.servedMs = Math.max(tenant.servedMs, this.#servedMs)
    const refusal = await this.#enqueue(tenant)
    if (refusal !== undefined) throw refusal
    const rounds = this.#waiting === 0 ? 1 : Math.min(Math.floor(this.#usedMs / sliceMs), restRoundsMax)
    if (this.#usedMs >= sliceMs) {
      for (let round = 0; round < rounds; round++) await this.#rest()
      this.#usedMs = 0
    }
    this.#chosen = undefined
  }

  #enqueue(tenant: TenantQueue): Promise<ObjectError | undefined> {
    const sinceMs = this.#now()
    const { ended, end } = waitForOthers<ObjectError | undefined>(() => {
      if (elapsed(sinceMs, this.#now()) >= waitMsMax) {
        this.#dequeue(tenant, tenant.waiting.indexOf(end))
        end(tenant.refusal(`a request waited ${waitMsMax} ms`))
      }
      // Requests that end may leave nobody to continue the queue.
      this.#chooseNext()
    })
    tenant.waiting.push(end)
    this.#queues.add(tenant)
    this.#waiting++
    this.#chooseNext()
    return ended
  }

  #dequeue(tenant: TenantQueue, at: number): Waiting | undefined {
    const [waiting] = tenant.waiting.splice(at, 1)
    if (waiting === undefined) return undefined
    this.#waiting--
    if (tenant.waiting.length === 0) this.#queues.delete(tenant)
    return waiting
  }

  #refuseIfFull(tenant: TenantQueue): void {
    const { length } = tenant.waiting
    if (length >= waitingMax) throw tenant.refusal(`${length} requests are waiting`)
    if (tenant.waitingMs >= waitMsMax) throw tenant.refusal(`work of ${waitMsMax} ms is waiting`)
    // A tenant that has nothing in the queue is not to blame.
    const isShared = this.#waiting >= waitingInTotalMax && (length > 0 || this.#waiting >= 2 * waitingInTotalMax)
    if (isShared) throw tenant.refusal(`${this.#waiting} requests of all tenants are waiting`)
  }

  /** Lets the first request of the tenant proceed that was served least, unless one has just been chosen. */
  #chooseNext(): void {
    const now = this.#now()
    if (this.#chosen !== undefined && elapsed(this.#chosen.sinceMs, now) < turnMsMax) return
    this.#forgetLongTurns(now)
    let next: TenantQueue | undefined
    for (const tenant of this.#queues)
      if (tenant.hasRoom() && (next === undefined || tenant.servedMs < next.servedMs)) next = tenant
    if (next === undefined) return
    this.#servedMs = next.servedMs
    this.#chosen = { tenant: next, sinceMs: now }
    this.#dequeue(next, 0)?.(undefined)
  }

  #forgetLongTurns(now: number): void {
    for (const turn of this.#turns) {
      if (elapsed(turn.startMs, now) < turnMsMax) break
      this.#turns.delete(turn)
      turn.tenant.turns--
    }
  }

  #leave(turn: Turn): void {
    this.#charge(turn, asynchronousMsMax)
    turn.tenant.finished(turn.chargedMs)
    if (this.#turns.delete(turn)) turn.tenant.turns--
    if (this.#waiting > 0) this.#chooseNext()
  }

  /** Charges the time since the start of the turn that no other turn was charged for. */
  #charge(turn: Turn, msMax: number): void {
    const now = this.#now()
    const ms = Math.min(now - Math.max(turn.startMs, this.#lastWorkMs), msMax)
    this.#lastWorkMs = now
    if (ms <= 0) return
    turn.chargedMs += ms
    turn.tenant.charge(ms, now)
    this.#debt.add(ms, now)
    this.#usedMs += ms
  }

  #tenantOf(name: string): TenantQueue {
    const known = this.#tenants.get(name)
    if (known !== undefined) return known
    if (this.#tenants.size >= tenantsMax) this.#forgetIdle()
    const tenant = new TenantQueue()
    this.#tenants.set(name, tenant)
    return tenant
  }

  #forgetIdle(): void {
    const now = this.#now()
    for (const [name, tenant] of this.#tenants) if (tenant.isIdle(now)) this.#tenants.delete(name)
  }
}

class TenantQueue {
  readonly waiting: Waiting[] = []
  readonly debt = new Debt()
  turns = 0
  /** Work that was done, in a scale that all tenants share. */
  servedMs = 0
  #averageMs = firstWorkMs

  /** Whether another request fits beside those that are in progress. */
  hasRoom(): boolean {
    return this.turns === 0 || (this.turns + 1) * this.#averageMs <= sliceMs
  }

  get waitingMs(): number {
    return this.waiting.length * this.#averageMs
  }

  charge(ms: number, now: number): void {
    this.servedMs += ms
    this.debt.add(ms, now)
  }

  finished(ms: number): void {
    this.#averageMs += newestShare * (ms - this.#averageMs)
  }

  isIdle(now: number): boolean {
    return this.turns === 0 && this.waiting.length === 0 && this.debt.at(now) === 0
  }

  refusal(what: string): ObjectError {
    const retryAfterSeconds = Math.min(Math.max(Math.ceil(this.waitingMs / 1_000), 1), waitMsMax / 1_000)
    const message = `the tenant is busy: ${what}; try again in ${retryAfterSeconds} s`
    return new ObjectError({ code: 'overloaded', message, detail: { retryAfterSeconds } })
  }
}

/** Work that was done recently. It is paid off by the time that passes. */
class Debt {
  #ms = 0
  #atMs = 0

  at(now: number): number {
    return Math.max(0, this.#ms - elapsed(this.#atMs, now))
  }

  add(ms: number, now: number): void {
    this.#ms = this.at(now) + ms
    this.#atMs = now
  }
}

/** A clock that was set back says nothing about the time that has passed: everything is then long ago. */
function elapsed(fromMs: number, now: number): number {
  return now < fromMs ? Number.POSITIVE_INFINITY : now - fromMs
}
