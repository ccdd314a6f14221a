// The calls of a tick, put into messages: each after those that it refers to, as many as a message takes.

import { callsMax, messageCharactersMax, type RemoteCall } from 'digital-objects'
import type { PlannedCall } from './planned-call.ts'
import { isWorkers } from './settings.ts'

/** Half of what a message may have: the rest is for names, escapes and what capnweb adds. */
const charactersMax = messageCharactersMax / 2

export class CallQueue {
  readonly #deliver: (calls: readonly PlannedCall[]) => void
  readonly #atTickEnd: (work: () => void) => void
  #due: PlannedCall[] = []
  #ending: (() => void)[] = []
  #isTicking = false

  constructor(
    deliver: (calls: readonly PlannedCall[]) => void,
    atTickEnd: (work: () => void) => void = platformTickEnd,
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
      this.#flush(this.#due.splice(0))
    })
  }

  #flush(due: PlannedCall[]): void {
    const message = new Set<PlannedCall>()
    let characters = 0
    const close = (): void => {
      // Those that nobody asked for go along with whoever refers to them, and may do so again.
      for (const planned of message) planned.isSent = planned.isAsked
      if (message.size > 0) this.#deliver([...message])
      message.clear()
      characters = 0
    }
    for (const planned of due) {
      if (planned.settled !== undefined || planned.isSent) continue
      let { calls, waitsFor } = gather(planned, message)
      let size = calls.reduce((sum, { call }) => sum + sizeOf(call), 0)
      const isFull = message.size + calls.length > callsMax || characters + size > charactersMax
      if (isFull && message.size > 0 && waitsFor.length === 0) {
        close()
        ;({ calls, waitsFor } = gather(planned, message))
        size = calls.reduce((sum, { call }) => sum + sizeOf(call), 0)
      }
      if (waitsFor.length > 0) {
        void Promise.allSettled(waitsFor.map((one) => one.answer())).then(() => this.add(planned))
        continue
      }
      for (const one of calls) message.add(one)
      characters += size
    }
    close()
  }
}

/** The call after those that have to go with it, and those under way that it has to wait for. */
function gather(
  planned: PlannedCall,
  message: ReadonlySet<PlannedCall>,
): { readonly calls: readonly PlannedCall[]; readonly waitsFor: readonly PlannedCall[] } {
  const calls = new Set<PlannedCall>()
  const waitsFor: PlannedCall[] = []
  const visit = (one: PlannedCall): void => {
    if (message.has(one) || calls.has(one)) return
    for (const { to } of one.links) {
      if (to.settled !== undefined) continue
      if (to.isSent) waitsFor.push(to)
      else visit(to)
    }
    calls.add(one)
  }
  visit(planned)
  return { calls: [...calls], waitsFor }
}

function sizeOf(call: RemoteCall): number {
  return call.kind === 'write' ? call.body.length : JSON.stringify(call).length
}

/** After all that runs without waiting for the outside world, so that calls of parallel functions come together. */
function platformTickEnd(work: () => void): void {
  // There the calls of another request may come in between, and would depend on this one's staying alive.
  if (isWorkers()) queueMicrotask(work)
  else if (typeof setImmediate === 'function') setImmediate(work)
  else setTimeout(work, 0)
}

// Node has it; `setTimeout` would cost a millisecond there.
declare const setImmediate: ((work: () => void) => void) | undefined
