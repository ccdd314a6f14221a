// Batches the calls of a tick into messages: each call after those it refers to, as many as fit.

import { callsMax, messageCharactersMax } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { PlannedCall } from './planned-call.ts'
import { isWorkers } from '../base/is-workers.ts'
import { afterTick } from './after-tick.ts'

/** The rest of a message is for the names around its calls. */
const bytesMax = messageCharactersMax * 0.9

/** Messages in flight. Calls that arrive meanwhile share the following messages. */
const inFlightMax = 16

/** Full messages in flight, or as much in smaller ones: the server always has one while others travel. */
const fullInFlightMax = 3

interface Message {
  readonly calls: readonly PlannedCall[]
  readonly bytes: number
  /** Whether the next call would not fit. */
  readonly isFull: boolean
}

export class CallQueue {
  readonly #deliver: (calls: readonly PlannedCall[]) => Promise<void>
  readonly #atTickEnd: (work: () => void) => void
  /** Calls of this tick, and calls waiting for a free slot. */
  #due: PlannedCall[] = []
  /** Calls with the pending calls they wait for. */
  readonly #waiting = new Map<PlannedCall, ReadonlySet<PlannedCall>>()
  #ending: (() => void)[] = []
  #isTicking = false
  readonly #inFlight = new Set<Message>()

  /** `deliver` settles the calls it gets, and never rejects. */
  constructor(
    deliver: (calls: readonly PlannedCall[]) => Promise<void>,
    atTickEnd: (work: () => void) => void = afterTick,
  ) {
    this.#deliver = deliver
    this.#atTickEnd = atTickEnd
  }

  /** Sends the call at the end of this tick. */
  add(planned: PlannedCall): void {
    this.#due.push(planned)
    this.#tick()
  }

  /** `work` may add calls. */
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
    // In a Worker each request sends its own messages, because none may depend on another request staying alive.
    while (this.#due.length > 0 && (isWorkers() || (this.#hasRoom() && !this.#isFilling()))) {
      const message = this.#nextMessage()
      for (const planned of message.calls) planned.send()
      if (message.calls.length > 0) void this.#send(message)
    }
  }

  /** Whether a full message may be sent. */
  #hasRoom(): boolean {
    let [calls, bytes] = [0, 0]
    for (const message of this.#inFlight) {
      calls += message.calls.length
      bytes += message.bytes
    }
    const before = fullInFlightMax - 1
    return this.#inFlight.size < inFlightMax && calls <= before * callsMax && bytes <= before * bytesMax
  }

  /** Whether the due calls are writes that wait until they fill a message, while the server has a full one of writes. */
  #isFilling(): boolean {
    if (this.#due.length >= callsMax || !this.#due.every(isPlainWrite)) return false
    if (this.#due.reduce((sum, one) => sum + bytesOf(one), 0) > bytesMax) return false
    return [...this.#inFlight].some(({ calls, isFull }) => isFull && calls.every(isPlainWrite))
  }

  async #send(message: Message): Promise<void> {
    this.#inFlight.add(message)
    await this.#deliver(message.calls)
    this.#inFlight.delete(message)
    // Later, because callers who got these answers make their next calls in this turn.
    if (this.#due.length > 0) this.#tick()
  }

  /** Returns as many due calls as fit, in order, each after those it refers to. */
  #nextMessage(): Message {
    const message = new Set<PlannedCall>()
    let bytes = 0
    let taken = 0
    let isFull = false
    for (const planned of this.#due) {
      if (planned.settled === undefined && !planned.isSent) {
        const { calls, waitsFor, isTooDeep } = gather(planned, { message, waiting: this.#waiting })
        const size = calls.reduce((sum, one) => sum + bytesOf(one), 0)
        isFull = message.size + calls.length > callsMax || bytes + size > bytesMax
        if (isTooDeep) planned.fail(tooDeep())
        else if (waitsFor.size > 0) void this.#addAfter(waitsFor, planned)
        // A call too large for any message goes alone, and is refused alone.
        else if (isFull && message.size > 0) break
        else {
          for (const one of calls) message.add(one)
          bytes += size
        }
      }
      taken++
    }
    this.#due = this.#due.slice(taken)
    return { calls: [...message], bytes, isFull: isFull || message.size >= callsMax }
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

/** Returns the call, preceded by the calls that must go with it, and the pending calls it has to wait for. */
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
    // No message could hold that many.
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
  // One of them will be sent on its own, so wait for that; everything behind it is then known.
  if (isTooDeep && deepest !== undefined) return { calls: [], waitsFor: new Set([deepest.asked]), isTooDeep: false }
  return { calls: [...calls], waitsFor, isTooDeep }
}

function tooDeep(): HeadlesslyError {
  const message = `a call depends on more than ${callsMax} calls that nobody has awaited`
  return new HeadlesslyError({ code: 'invalid_reference', field: 'references', message })
}

/** A write that refers to no other call, and so can wait for others. */
function isPlainWrite({ call, links }: PlannedCall): boolean {
  return call.kind === 'write' && links.length === 0
}

/** A character has at most three bytes, or two if JSON escapes it. */
const characterBytesMax = 3
const linkCharacters = 200
const writeCharacters = 400

/** Returns at least the size on the wire. */
function bytesOf({ call, links }: PlannedCall): number {
  const own = call.kind === 'write' ? writeCharacters + call.body.length : JSON.stringify(call).length
  return characterBytesMax * (own + links.length * linkCharacters)
}
