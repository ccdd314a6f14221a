// A call that is made, and not necessarily sent: it may become a part of another one, and waits for those of its tick.

import type { Call, Reference } from 'digital-objects'
import { Deferred } from './deferred.ts'
import type { Answer } from './wire/transport.ts'

/** A part of what another call comes to, which this one is to be sent with. */
export interface Link extends Omit<Reference, 'call'> {
  readonly to: PlannedCall
}

export type Settled = { readonly answer: Answer } | { readonly error: unknown }

export class PlannedCall {
  readonly call: Call
  readonly links: readonly Link[]
  readonly signal: AbortSignal | undefined
  readonly #enqueue: ((planned: PlannedCall) => void) | undefined
  #answer: Deferred<Answer> | undefined
  #settled: Settled | undefined
  /** Under way, with somebody waiting for the answer; also while it is about to be sent again. */
  isSent = false
  attempts = 0

  constructor(
    call: Call,
    options: {
      readonly links?: readonly Link[]
      readonly signal?: AbortSignal | undefined
      readonly enqueue?: (planned: PlannedCall) => void
    },
  ) {
    this.call = call
    this.links = options.links ?? []
    this.signal = options.signal
    this.#enqueue = options.enqueue
    // If they fail this one tells of it.
    for (const { to } of this.links) to.#answer?.promise.catch(() => {})
  }

  /** One that could not be made. */
  static failed(error: unknown): PlannedCall {
    const planned = new PlannedCall({ kind: 'read', read: 'find', parameters: {} }, {})
    planned.fail(error)
    return planned
  }

  /** Its answer; asking for it has it sent with the others of this tick. */
  answer(): Promise<Answer> {
    if (this.#answer === undefined) {
      this.#answer = new Deferred()
      if (this.#settled !== undefined) {
        if ('error' in this.#settled) this.#answer.reject(this.#settled.error)
      } else if (this.signal?.aborted === true) this.#stop()
      else {
        this.signal?.addEventListener('abort', this.#stop, { once: true })
        this.#enqueue?.(this)
      }
    }
    return this.#answer.promise
  }

  /** Somebody waits for the answer, rather than for that of a call which refers to it. */
  get isAsked(): boolean {
    return this.#answer !== undefined
  }

  get settled(): Settled | undefined {
    return this.#settled
  }

  /** For one that was asked for. */
  succeed(answer: Answer): void {
    this.#settle({ answer })
    this.#answer?.resolve(answer)
  }

  fail(error: unknown): void {
    this.#settle({ error })
    this.#answer?.reject(error)
  }

  #settle(settled: Settled): void {
    this.#settled ??= settled
    // A signal may be of many calls, and outlive them.
    this.signal?.removeEventListener('abort', this.#stop)
  }

  readonly #stop = (): void => this.fail(this.signal?.reason)
}
