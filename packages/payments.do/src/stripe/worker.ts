// Does in the background what Stripe's answers are needed for: fetches objects of which a hint says that they changed, advances
// runs, and starts a search for missed events each hour and a comparison each day.

import type { Job, ObjectParts, RetryRule } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { notConnected, type StripeConnection } from './connection.ts'
import { HintFollower } from './follow-hints.ts'
import { EventMarks, fillGaps, listedMs } from './gaps.ts'
import type { Hint, Hints } from './hints.ts'
import { stripeActor } from './mirror-write.ts'
import { reconcile } from './reconcile.ts'
import { StripeRefused } from './stripe-api.ts'
import { advanceSync, isSyncDone, parseProgress } from './sync.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Hints that are followed before a run gets its turn. */
const hintsMax = 100
/** A fault waits so long before the same work is tried again. */
const faultMs = 30_000
/** An alarm after this time finds work whose object has ended. */
const lookAgainMs = 120_000
/** Runs of a tenant that are open at a time. */
const runsMax = 10
const messageCharactersMax = 500

interface WorkerOptions {
  readonly connection: StripeConnection
  readonly hints: Hints
  readonly marks: EventMarks
  readonly now: () => number
}

export class PaymentWorker implements Job {
  readonly name = 'payments'
  /** Stripe answers in real time, in a test tenant as well. */
  readonly clock = 'real'
  /** Putting a value wakes the jobs of this lane. */
  readonly lane = 'requests'
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 600_000 }
  readonly #of: WorkerOptions
  readonly #follower = new HintFollower()
  #isWorking = false
  #notBeforeMs = 0

  constructor(of: WorkerOptions) {
    this.#of = of
  }

  get #parts(): ObjectParts {
    return this.#of.connection.parts
  }

  dueMs(nowMs: number): number | undefined {
    if (!this.#of.connection.isConnected) return undefined
    if (this.#isWorking) return nowMs + lookAgainMs
    const times = [this.#of.hints.nextMs, this.#nextRun()?.dueMs, this.#gapsMs, this.#dailyMs]
    return Math.max(this.#notBeforeMs, Math.min(...times.filter((ms) => ms !== undefined)))
  }

  eventAppended({ type }: { readonly type: string }, nowMs: number): number | undefined {
    return type.startsWith('PaymentRun.') && this.#of.connection.isConnected ? nowMs : undefined
  }

  async step(nowMs: number): Promise<boolean> {
    const dueMs = this.dueMs(nowMs)
    if (this.#isWorking || dueMs === undefined || dueMs > nowMs) return false
    this.#isWorking = true
    this.#parts.background(this.#work())
    return true
  }

  async #work(): Promise<void> {
    try {
      while (await this.#workOnce()) this.#notBeforeMs = 0
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (this.#of.connection.isConnected) console.error(`${this.#parts.tenant()}: payments: ${message}`)
      this.#notBeforeMs = this.#of.now() + faultMs
    } finally {
      this.#isWorking = false
      // It sets the alarm for what is due next.
      this.#parts.values()?.put({ key: 'stripe/mark/worked', value: String(this.#of.now()) })
    }
  }

  /** Returns false without anything that is due. */
  async #workOnce(): Promise<boolean> {
    const { connection, hints, marks, now } = this.#of
    if (!connection.isConnected) return false
    const due = hints.due(now(), hintsMax)
    if (due.length > 0) await this.#follow(due)
    const run = this.#nextRun()
    if (run !== undefined && run.dueMs <= now()) {
      await this.#advance(run.id)
      return true
    }
    if (due.length > 0) return true
    if (this.#gapsMs <= now()) {
      await this.#fillGaps(marks)
      return true
    }
    if (this.#dailyMs <= now()) {
      await this.#begin('Reconciliation')
      this.#parts.values()?.put({ key: dailyKey, value: String(now() + dayMs) })
      return true
    }
    return false
  }

  async #follow(due: readonly Hint[]): Promise<void> {
    const { connection, hints, now } = this.#of
    await connection.run((mirror) =>
      this.#follower.follow(mirror, due, {
        done: (hint) => hints.done(hint),
        failed: async (hint, error) => {
          if (hints.postpone(hint, now())) return
          await connection.findings.record({
            kind: 'Refused',
            object: hint.object,
            externalId: hint.id,
            message: `it could not be fetched: ${error.message}`,
            remedy: 'check the rights of the key at Stripe, and start a sync',
          })
        },
      }),
    )
  }

  get #gapsMs(): number {
    const { marks, now } = this.#of
    const lastMs = marks.listedUntilMs
    if (lastMs !== undefined) return lastMs + hourMs
    // Connecting sets the mark; it is lost with a rebuilt database.
    return now()
  }

  get #dailyMs(): number {
    const stored = this.#parts.values()?.get(dailyKey)?.value
    // It is lost with a rebuilt database as well, and then both sides are compared at once.
    return stored === undefined ? this.#of.now() : Number(stored)
  }

  async #fillGaps(marks: EventMarks): Promise<void> {
    const { connection, hints, now } = this.#of
    const nowMs = now()
    const lastMs = marks.listedUntilMs
    // Older events are not listed any more, so all objects are.
    if (lastMs === undefined || nowMs - lastMs > listedMs) await this.#begin('Sync')
    const { isCut } = await connection.run((mirror) => fillGaps(mirror, { hints, marks, nowMs }))
    if (isCut) await this.#begin('Sync')
    marks.listedUntilMs = nowMs
  }

  #nextRun(): { readonly id: string; readonly dueMs: number } | undefined {
    return this.#parts.earliest('PaymentRun', { field: 'dueAt', limit: 1 })[0]
  }

  async #begin(kind: string): Promise<void> {
    if (this.#parts.earliest('PaymentRun', { field: 'dueAt', limit: runsMax }).length >= runsMax) return
    await this.#call('create', undefined, { kind, provider: 'stripe' })
  }

  async #advance(id: string): Promise<void> {
    const { connection, hints, marks, now } = this.#of
    const { kind, progress, day } = this.#parts.read(id) ?? {}
    try {
      if (kind === 'Gaps') {
        const nowMs = now()
        const { found, isCut } = await connection.run((mirror) => fillGaps(mirror, { hints, marks, nowMs }))
        if (isCut) await this.#begin('Sync')
        return await this.#call('succeed', id, { progress: { found } })
      }
      if (kind === 'Reconciliation') {
        const compared = await connection.run((mirror) =>
          reconcile(mirror, {
            findings: connection.findings,
            day: typeof day === 'string' ? day : undefined,
            nowMs: now(),
          }),
        )
        return await this.#call('succeed', id, { progress: { ...compared } })
      }
      const options = { findings: connection.findings, isRehearsal: kind === 'Rehearsal' }
      const next = await connection.run((mirror) => advanceSync(mirror, parseProgress(progress), options))
      await this.#call(isSyncDone(next) ? 'succeed' : 'advance', id, { progress: next })
    } catch (error) {
      if (!(error instanceof Error) || !connection.isConnected) throw error
      await this.#refused(id, error)
    }
  }

  /** A key without the rights and a fault of the run's own fail it, so that others get their turn; the rest is tried again later. */
  async #refused(id: string, error: Error): Promise<void> {
    const message = error.message.slice(0, messageCharactersMax)
    const isLasting = error instanceof StripeRefused ? error.isPermanent : !(error instanceof ObjectError)
    if (isLasting) return this.#call('fail', id, { error: message })
    const dueAt = new Date(this.#of.now() + faultMs).toISOString()
    return this.#call('advance', id, { error: message, dueAt })
  }

  async #call(verb: string, id: string | undefined, fields: object): Promise<void> {
    if (!this.#of.connection.isConnected) throw notConnected()
    const answer = await this.#parts.answer(
      { kind: 'write', noun: 'PaymentRun', verb, ...(id === undefined ? {} : { id }), body: JSON.stringify(fields) },
      { who: stripeActor, via: 'job' },
    )
    if (!answer.ok) throw new ObjectError(answer.error)
  }
}

export const dailyKey = 'stripe/mark/daily'
