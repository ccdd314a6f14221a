// Which tenants' objects are open in this process. Each open object has three file descriptors, and workerd keeps them for
// 70 s after the last call. So the objects that were used longest ago are ended while others are opened, and a call that
// finds all of them in use waits for a moment and is then refused.
//
// All of the embedded server's objects and requests are in one isolate, so this knows every one. Cloudflare has its own
// limits, and none is kept there.

import { waitForOthers } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import type { Env } from '../base/env.ts'

export interface OpenObjectsOptions {
  /** Objects that may be open at a time. */
  readonly max: number
  readonly now: () => number
  /** How often a call waits for room before it is refused. */
  readonly waitsMax?: number
  /** Ends an object that is not in use. Resolves to false if it is in use, such as by listeners. */
  readonly rest: (name: string) => Promise<boolean>
}

interface Entry {
  inWork: number
  lastMs: number
  /** The time of the last request; alarms are none. */
  calledMs: number
  /** Not asked to end before this time: it was in use. */
  heldUntilMs: number
  endingSinceMs: number | undefined
}

/** Idle objects are ended beyond this number, since each takes 1.4 MB after its first write. */
const keptMax = 1_000
/** workerd has closed an object that was not called for this long. */
const closedAfterMs = 80_000
const heldMs = 1_000
/** Alarms write files, so a few keep disk and thread busy; many at a time would only delay requests. */
const alarmsMax = 4
/** An alarm that takes this long waits for a disk or another service, so another one may run beside it. */
const busyMsMax = 5_000
/** Alarms that wait for their turn with their objects open, and the share of the objects that may be open for it. */
const waitingMax = 32
const waitingShare = 1 / 4
/** Alarms that were not postponed leave the others this share of the places. */
const postponedShare = 1 / 4
/** Somebody probably waits for the jobs of an object that was called in this time, so its alarms go before others. */
const calledLatelyMs = 5_000
/** Alarms of called objects that wait; the objects are open for their callers anyway. */
const calledWaitingMax = 256
/** Turns that called objects take before another one gets a turn, so that files of idle tenants are written in the end. */
const calledInRowMax = 3
/** Alarms are postponed at least this long, and at most as long as those before them take. */
const postponedMsMin = 4_000
const postponedMsMax = 600_000
/** The assumed duration of the first alarm, and the weight of the newest one in the average. */
const firstAlarmMs = 200
const newestShare = 0.1
const endedAtOnceMax = 8
/** An end that was begun by a request which the client has left. */
const endMsMax = 5_000
const waitMs = 25
const waitsUsual = 200
/** The oldest entries are the first, so more than these are rarely in use. */
const scannedMax = 1_000

export class OpenObjects {
  readonly #options: OpenObjectsOptions
  /** The one that was used longest ago comes first. */
  readonly #entries = new Map<string, Entry>()
  /** Those that only an alarm has opened. They are ended before all others. */
  readonly #openedByAlarm = new Set<string>()

  /** When each of the alarms that keep disk and thread busy has started. */
  readonly #alarms = new Map<symbol, number>()
  /** Alarms that wait for their turn, the first one first: those of objects that were called lately, and others. */
  readonly #called: (() => void)[] = []
  readonly #waiting: (() => void)[] = []
  #calledInRow = 0
  #alarmMs = firstAlarmMs
  /** Objects whose alarms were postponed, and when they fire again. The one that waits longest comes first. */
  readonly #postponed = new Map<string, number>()

  constructor(options: OpenObjectsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  get #limit(): number {
    return Math.min(keptMax, this.#options.max)
  }

  /** Runs a call of a tenant's object. Throws an ObjectError `overloaded` if no object can be ended to make room. */
  use<Result>(name: string, call: () => Promise<Result>): Promise<Result> {
    // Entering follows the check in the same synchronous step.
    return this.#mayEnter(name, this.#limit) ? this.#call(name, call) : this.#useLater(name, call)
  }

  async #useLater<Result>(name: string, call: () => Promise<Result>): Promise<Result> {
    const { max, waitsMax = waitsUsual } = this.#options
    let limit = this.#limit
    for (let waits = 0; !this.#mayEnter(name, limit);) {
      if (await this.#endOldest()) continue
      if (limit < max) {
        limit = max
        continue
      }
      if (++waits > waitsMax) {
        const message = 'too many tenants are in use at the same time; try again'
        throw new ObjectError({ code: 'overloaded', message })
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
    this.#openedByAlarm.delete(name)
    return this.#call(name, call)
  }

  /**
   * Runs the alarm of an object, which the platform has opened for it, in its turn. Returns undefined; or, if too many
   * alarms wait at the moment, the milliseconds by which the object has to postpone its own.
   */
  async alarm(name: string, work: () => Promise<void>): Promise<number | undefined> {
    if (!this.#entries.has(name)) this.#openedByAlarm.add(name)
    const mayStart = this.#called.length + this.#waiting.length === 0 && this.#hasTurn()
    const queue = mayStart ? undefined : this.#queueFor(name)
    if (mayStart || queue !== undefined) {
      await this.#runAlarm(name, { queue, work })
      return undefined
    }
    const postponedMs = this.#postpone(name)
    await this.#work(name, () => this.#shrink())
    return postponedMs
  }

  /** The queue in which an alarm waits for its turn; undefined if too many wait. */
  #queueFor(name: string): (() => void)[] | undefined {
    const { calledMs = 0 } = this.#entries.get(name) ?? {}
    const isCalled = Math.abs(this.#options.now() - calledMs) < calledLatelyMs
    if (isCalled && this.#called.length < calledWaitingMax) return this.#called
    return this.#mayWait(name) ? this.#waiting : undefined
  }

  #hasTurn(): boolean {
    const nowMs = this.#options.now()
    for (const [alarm, startMs] of this.#alarms) {
      if (nowMs >= startMs && nowMs - startMs < busyMsMax) break
      this.#alarms.delete(alarm)
    }
    return this.#alarms.size < alarmsMax
  }

  /** A postponed alarm finds a place that others leave, so that it is not postponed for ever. */
  #mayWait(name: string): boolean {
    const places = Math.min(waitingMax, this.#options.max * waitingShare)
    return this.#waiting.length < (this.#postponed.has(name) ? places : places * (1 - postponedShare))
  }

  /** An alarm that waits is work of its object, which must not be ended. */
  #runAlarm(
    name: string,
    options: { readonly queue: (() => void)[] | undefined; readonly work: () => Promise<void> },
  ): Promise<void> {
    this.#postponed.delete(name)
    const alarm = Symbol(name)
    // Taking the turn follows the check in the same synchronous step.
    if (options.queue === undefined) this.#alarms.set(alarm, this.#options.now())
    return this.#work(name, async () => {
      if (options.queue !== undefined) await this.#turn(alarm, options.queue)
      const startMs = this.#options.now()
      try {
        await this.#shrink()
        await options.work()
      } finally {
        this.#alarms.delete(alarm)
        const tookMs = Math.min(Math.max(this.#options.now() - startMs, 0), postponedMsMax)
        this.#alarmMs += newestShare * (tookMs - this.#alarmMs)
        this.#startNext()
      }
    })
  }

  /** Resolves once the alarm has its turn. */
  #turn(alarm: symbol, queue: (() => void)[]): Promise<void> {
    const { ended, end } = waitForOthers<void>(() => this.#startNext())
    queue.push(() => {
      this.#alarms.set(alarm, this.#options.now())
      end()
    })
    return ended
  }

  #startNext(): void {
    while (this.#called.length + this.#waiting.length > 0 && this.#hasTurn()) {
      const isCalled = this.#waiting.length === 0 || (this.#called.length > 0 && this.#calledInRow < calledInRowMax)
      this.#calledInRow = isCalled ? this.#calledInRow + 1 : 0
      const start = (isCalled ? this.#called : this.#waiting).shift()
      start?.()
    }
  }

  /** The more alarms wait, the later they come again, so that few objects are opened in vain. */
  #postpone(name: string): number {
    const now = this.#options.now()
    // An alarm that is long overdue was deleted with its object, or the clock was set.
    for (const [other, dueMs] of this.#postponed) {
      if (now <= dueMs + postponedMsMax) break
      this.#postponed.delete(other)
    }
    this.#postponed.delete(name)
    const before = this.#postponed.size + this.#called.length + this.#waiting.length
    const waitMs = ((before + 1) * this.#alarmMs) / alarmsMax
    // Random, so that alarms of one time spread.
    const ms = Math.min(Math.max(waitMs, postponedMsMin), postponedMsMax) * (1 + Math.random() / 2)
    this.#postponed.set(name, now + ms)
    return ms
  }

  /** Ends objects until no more are open than are kept. */
  async #shrink(): Promise<void> {
    const limit = this.#limit
    for (let ended = 0; ended < endedAtOnceMax && this.size > limit && (await this.#endOldest()); ended++);
  }

  #mayEnter(name: string, limit: number): boolean {
    const known = this.#entries.get(name)
    if (known === undefined) return this.size < limit
    return known.endingSinceMs === undefined || this.#isGone(name, known)
  }

  /** Whether an object that was told to end can be opened again. */
  #isGone(name: string, { endingSinceMs = 0 }: Entry): boolean {
    if (this.#options.now() - endingSinceMs < endMsMax) return false
    this.#entries.delete(name)
    return true
  }

  #call<Result>(name: string, call: () => Promise<Result>): Promise<Result> {
    const called = this.#work(name, call)
    const entry = this.#entries.get(name)
    if (entry !== undefined) entry.calledMs = this.#options.now()
    return called
  }

  async #work<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const entry = this.#entries.get(name) ?? {
      inWork: 0,
      lastMs: 0,
      calledMs: 0,
      heldUntilMs: 0,
      endingSinceMs: undefined,
    }
    if (entry.inWork++ === 0) this.#touch(name, entry)
    try {
      return await work()
    } finally {
      if (--entry.inWork === 0) entry.lastMs = this.#options.now()
    }
  }

  /** Objects in work stay where they are, since none of them is ended. */
  #touch(name: string, entry: Entry): void {
    this.#entries.delete(name)
    this.#entries.set(name, entry)
  }

  /** Returns whether one object fewer is open. */
  async #endOldest(): Promise<boolean> {
    const nowMs = this.#options.now()
    let scanned = 0
    for (const [name, entry] of this.#inOrder()) {
      if (++scanned > scannedMax) return false
      if (entry.inWork > 0 || entry.endingSinceMs !== undefined || entry.heldUntilMs > nowMs) continue
      if (nowMs - entry.lastMs > closedAfterMs) {
        this.#entries.delete(name)
        return true
      }
      if (await this.#end(name, entry)) return true
    }
    return false
  }

  /** Those that nobody asked for come first. */
  *#inOrder(): Generator<readonly [string, Entry]> {
    for (const name of this.#openedByAlarm) {
      const entry = this.#entries.get(name)
      if (entry === undefined) this.#openedByAlarm.delete(name)
      else yield [name, entry]
    }
    yield* this.#entries
  }

  async #end(name: string, entry: Entry): Promise<boolean> {
    entry.endingSinceMs = this.#options.now()
    const hasEnded = await this.#options.rest(name)
    entry.endingSinceMs = undefined
    if (hasEnded && entry.inWork === 0) {
      this.#entries.delete(name)
      return true
    }
    entry.heldUntilMs = this.#options.now() + heldMs
    return false
  }
}

/** By environment of an isolate; undefined where the platform itself keeps to its limits. */
const openObjects = new WeakMap<Env, OpenObjects | undefined>()

export function openObjectsOf(env: Env): OpenObjects | undefined {
  if (!openObjects.has(env)) openObjects.set(env, makeOpenObjects(env))
  return openObjects.get(env)
}

function makeOpenObjects({ OPEN_OBJECTS_MAX, TENANTS }: Env): OpenObjects | undefined {
  if (OPEN_OBJECTS_MAX === undefined) return undefined
  // An object that ends breaks the connection of the call that has ended it.
  const rest = (name: string): Promise<boolean> =>
    TENANTS.getByName(name)
      .rest()
      .catch(() => true)
  return new OpenObjects({ max: Number(OPEN_OBJECTS_MAX), now: Date.now, rest })
}
