// The calls of a tick, put into messages: each after those that it refers to, as many as a message takes.

import { callsMax, messageCharactersMax } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { PlannedCall } from './planned-call.ts'
import { isWorkers } from '../base/is-workers.ts'
import { afterTick } from './after-tick.ts'

/** The rest of a message's room is for the names around its calls. */
const bytesMax = messageCharactersMax * 0.9

/** Messages under way; calls that come meanwhile share those that follow. */
const underWayMax = 16

export class CallQueue {
  readonly #deliver: (calls: readonly PlannedCall[]) => Promise<void>
  readonly #atTickEnd: (work: () => void) => void
  /** Of this tick, or for want of a place under way. */
  #due: PlannedCall[] = []
  /** Each with those under way that it waits for. */
  readonly #waiting = new Map<PlannedCall, ReadonlySet<PlannedCall>>()
  #ending: (() => void)[] = []
  #isTicking = false
  #underWay = 0

  /** `deliver` settles the calls that it is given, and does not reject. */
  constructor(
    deliver: (calls: readonly PlannedCall[]) => Promise<void>,
    atTickEnd: (work: () => void) => void = afterTick,
  ) {
    this.#deliver = deliver
    this.#atTickEnd = atTickEnd
  }

  /** It is sent at the end of this tick. */
  add(planned: PlannedCall): void {
    this.#due.push(planned)
    this.#tick()
  }

  /** `work` may still add calls. */
  whenTickEnds(work: () => void): void {
    this.#ending.push(work)
    this.#tick()
  }

  #tick(): void {
    if (this.#isTicking) return
    this.#isTicking = true
    this.#atTickEnd(() => {
      for (const work of this.#ending.splice(0)) work()
      this.#isTicking = false
      this.#flush()
    })
  }

  #flush(): void {
    // In a Worker each request sends its own: none may come to depend on another's staying alive.
    while (this.#due.length > 0 && (this.#underWay < underWayMax || isWorkers())) {
      const message = this.#nextMessage()
      for (const planned of message) planned.send()
      if (message.length > 0) void this.#send(message)
    }
  }

  async #send(message: readonly PlannedCall[]): Promise<void> {
    this.#underWay++
    await this.#deliver(message)
    this.#underWay--
    // Not at once: those whom the answers reached are making their next calls in this turn.
    if (this.#due.length > 0) this.#tick()
  }

  /** As many of those that are due as it may hold, in their order, each after what it refers to. */
  #nextMessage(): readonly PlannedCall[] {
    const message = new Set<PlannedCall>()
    let bytes = 0
    let taken = 0
    for (const planned of this.#due) {
      if (planned.settled === undefined && !planned.isSent) {
        const { calls, waitsFor, isTooDeep } = gather(planned, { message, waiting: this.#waiting })
        const size = calls.reduce((sum, one) => sum + bytesOf(one), 0)
        const isFull = message.size + calls.length > callsMax || bytes + size > bytesMax
        if (isTooDeep) planned.fail(tooDeep())
        else if (waitsFor.size > 0) void this.#addAfter(waitsFor, planned)
        // One that is too large by itself is for the server to refuse.
        else if (isFull && message.size > 0) break
        else {
          for (const one of calls) message.add(one)
          bytes += size
        }
      }
      taken++
    }
    this.#due = this.#due.slice(taken)
    return [...message]
  }

  async #addAfter(waitsFor: ReadonlySet<PlannedCall>, planned: PlannedCall): Promise<void> {
    this.#waiting.set(planned, waitsFor)
    await Promise.allSettled([...waitsFor].map((one) => one.answer()))
    this.#waiting.delete(planned)
    this.add(planned)
  }
}

interface Gathered {
  readonly calls: readonly PlannedCall[]
  readonly waitsFor: ReadonlySet<PlannedCall>
  readonly isTooDeep: boolean
}

/** The call after those that have to go with it, and those under way that it has to wait for, as `waiting` others do. */
function gather(
  planned: PlannedCall,
  among: {
    readonly message: ReadonlySet<PlannedCall>
    readonly waiting: ReadonlyMap<PlannedCall, ReadonlySet<PlannedCall>>
  },
): Gathered {
  const calls = new Set<PlannedCall>()
  const waitsFor = new Set<PlannedCall>()
  let isTooDeep = false
  let deepest: { readonly asked: PlannedCall; readonly depth: number } | undefined
  const visit = (one: PlannedCall, depth: number): void => {
    if (among.message.has(one) || calls.has(one)) return
    // No message could hold them.
    if (depth > callsMax) isTooDeep = true
    if (isTooDeep) return
    if (one !== planned && one.isAsked && depth > (deepest?.depth ?? 0)) deepest = { asked: one, depth }
    for (const { to } of one.links) {
      if (to.settled !== undefined) continue
      const before = among.waiting.get(to)
      if (to.isSent) waitsFor.add(to)
      else if (before === undefined) visit(to, depth + 1)
      else for (const other of before) waitsFor.add(other)
    }
    calls.add(one)
  }
  visit(planned, 1)
  // One on the way will be sent by itself: that is waited for, and what lies behind it is then known.
  if (isTooDeep && deepest !== undefined) return { calls: [], waitsFor: new Set([deepest.asked]), isTooDeep: false }
  return { calls: [...calls], waitsFor, isTooDeep }
}

function tooDeep(): HeadlesslyError {
  const message = `a call refers to more than ${callsMax} others, one by way of the other, that nobody has awaited`
  return new HeadlesslyError({ code: 'invalid_reference', field: 'references', message })
}

/** A character is three bytes at most, and one that JSON escapes two. */
const characterBytesMax = 3
const linkCharacters = 200
const writeCharacters = 400

/** No less than it has on the wire. */
function bytesOf({ call, links }: PlannedCall): number {
  const own = call.kind === 'write' ? writeCharacters + call.body.length : JSON.stringify(call).length
  return characterBytesMax * (own + links.length * linkCharacters)
}
