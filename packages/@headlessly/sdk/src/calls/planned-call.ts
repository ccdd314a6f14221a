// A call that may become part of another call and then is never sent by itself; otherwise it is sent with the other calls
// of its tick.

import type { Call, Reference } from 'digital-objects'
import { type CallSite, callSite, errorAt } from '../base/call-site.ts'
import { Deferred } from '../base/deferred.ts'
import type { Answer } from '../wire/transport.ts'

/** A part of another call's result that goes into this call before it is sent. */
export interface Link extends Omit<Reference, 'call'> {
  readonly to: PlannedCall
}

export type Settled = { readonly answer: Answer } | { readonly error: unknown }

/**
 * A call is `planned` until somebody asks for its answer, then `queued`, and `sent` once it is in a message. From there it
 * is `settled`, or `queued` again if the message failed in passing. A planned call may travel with a call that refers to
 * it, and stays planned.
 */
type State =
  | { readonly kind: 'planned' }
  | { readonly kind: 'queued' | 'sent'; readonly answer: Deferred<Answer>; readonly attempts: number }
  | { readonly kind: 'settled'; readonly answer: Deferred<Answer> | undefined; readonly outcome: Settled }

export class PlannedCall {
  readonly call: Call
  readonly links: readonly Link[]
  readonly signal: AbortSignal | undefined
  readonly #enqueue: ((planned: PlannedCall) => void) | undefined
  /** Shown by the error, if the call is refused. */
  readonly #site: CallSite
  #state: State = { kind: 'planned' }

  constructor(
    call: Call,
    options: {
      readonly links?: readonly Link[]
      readonly signal?: AbortSignal | undefined
      readonly enqueue?: (planned: PlannedCall) => void
      /** The place of the caller, if it is no longer on the stack. */
      readonly site?: CallSite
    },
  ) {
    this.call = call
    this.links = options.links ?? []
    this.signal = options.signal
    this.#site = options.site ?? callSite()
    this.#enqueue = options.enqueue
    // If one of them fails, this call reports it.
    for (const { to } of this.links) to.#asked?.promise.catch(() => {})
  }

  /** A call that could not be made. */
  static failed(error: unknown): PlannedCall {
    const planned = new PlannedCall({ kind: 'read', read: 'find', parameters: {} }, {})
    planned.fail(error)
    return planned
  }

  /** Asking for the answer queues the call, to be sent at the end of this tick. */
  answer(): Promise<Answer> {
    if (this.#asked !== undefined) return this.#asked.promise
    const answer = new Deferred<Answer>()
    if (this.#state.kind === 'settled') {
      const { outcome } = this.#state
      this.#state = { kind: 'settled', answer, outcome }
      deliver(answer, outcome)
      return answer.promise
    }
    this.#state = { kind: 'queued', answer, attempts: 0 }
    if (this.signal?.aborted === true) this.#stop()
    else {
      this.signal?.addEventListener('abort', this.#stop, { once: true })
      this.#enqueue?.(this)
    }
    return answer.promise
  }

  get #asked(): Deferred<Answer> | undefined {
    return this.#state.kind === 'planned' ? undefined : this.#state.answer
  }

  /** Somebody waits for this answer itself, not only for that of a call that refers to it. */
  get isAsked(): boolean {
    return this.#asked !== undefined
  }

  /** In a message, or about to be sent again. */
  get isSent(): boolean {
    return this.#state.kind === 'sent'
  }

  /** The number of times that it was sent after it was awaited. */
  get attempts(): number {
    return 'attempts' in this.#state ? this.#state.attempts : 0
  }

  get settled(): Settled | undefined {
    return this.#state.kind === 'settled' ? this.#state.outcome : undefined
  }

  /** Marks it as travelling in a message. */
  send(): void {
    if (this.#state.kind === 'queued')
      this.#state = { ...this.#state, kind: 'sent', attempts: this.#state.attempts + 1 }
  }

  /** Marks it as to be sent again. */
  requeue(): void {
    if (this.#state.kind === 'sent') this.#state = { ...this.#state, kind: 'queued' }
  }

  /** Only for a call that was asked for. */
  succeed(answer: Answer): void {
    this.#settle({ answer })
  }

  fail(error: unknown): void {
    this.#settle({ error: errorAt(error, this.#site) })
  }

  #settle(outcome: Settled): void {
    if (this.#state.kind === 'settled') return
    const answer = this.#asked
    this.#state = { kind: 'settled', answer, outcome }
    // A signal may be shared by many calls, and outlive them.
    this.signal?.removeEventListener('abort', this.#stop)
    if (answer !== undefined) deliver(answer, outcome)
  }

  readonly #stop = (): void => this.fail(this.signal?.reason)
}

function deliver(answer: Deferred<Answer>, outcome: Settled): void {
  if ('error' in outcome) answer.reject(outcome.error)
  else answer.resolve(outcome.answer)
}
