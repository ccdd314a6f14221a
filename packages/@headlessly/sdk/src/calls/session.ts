// One client's session with one tenant: it sends the newest bookmark, batches the calls of a tick into messages, and
// retries where that is safe.

import { type Bookmark, type Call, formatBookmark, newerBookmark, parseBookmark } from 'digital-objects'
import { type CallSite, callSite, errorAt } from '../base/call-site.ts'
import { CallQueue } from './call-queue.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { type Link, PlannedCall } from './planned-call.ts'
import type { Answer, CommandCall, Outcome, Transport } from '../wire/transport.ts'
import { type Sending, withLinks } from './with-links.ts'
import { WriteHold } from './write-hold.ts'

/** The last attempt is about 4 s after the first; a killed server is up again by then. */
const attemptsMax = 5
/** The last attempt is about 1.5 s after the first. A wrong address is likelier then than a server that restarts. */
const firstContactAttemptsMax = 4
const firstPauseMs = 100
const pauseFactor = 3
/** If a server asks for a longer pause, the call fails instead. */
const pauseMsMax = 10_000

export interface SessionParts {
  readonly transport: Transport
  /** For error messages and `$context`: `http://localhost:8787/~acme`. */
  readonly context: string
  readonly tenant: string
  readonly bookmark?: string
  readonly pause?: (ms: number) => Promise<void>
}

export class Session {
  readonly transport: Transport
  readonly context: string
  readonly tenant: string
  readonly #pause: (ms: number) => Promise<void>
  readonly #queue: CallQueue
  #bookmark: Bookmark | undefined
  readonly #hold = new WriteHold()
  /** Whether the server has answered this client before. */
  #isKnown = false

  constructor(parts: SessionParts) {
    this.transport = parts.transport
    this.context = parts.context
    this.tenant = parts.tenant
    this.#pause = parts.pause ?? ((ms) => new Promise((resolve) => void setTimeout(resolve, ms)))
    this.#queue = new CallQueue((calls) => this.#deliver(calls))
    if (parts.bookmark !== undefined) this.#bookmark = checkedBookmark(parts.bookmark)
  }

  /** The newest point of the log that this client has seen; undefined before its first answer. */
  get bookmark(): string | undefined {
    return this.#bookmark === undefined ? undefined : formatBookmark(this.#bookmark)
  }

  saw(bookmark: Bookmark): void {
    this.#bookmark = newerBookmark(this.#bookmark, bookmark)
  }

  #sawText(text: string | undefined): void {
    const bookmark = text === undefined ? undefined : parseBookmark(text)
    if (bookmark !== undefined) this.saw(bookmark)
  }

  /** After a `bookmark_ahead`: accepts the present log as a new start. */
  forgetBookmark(): void {
    this.#bookmark = undefined
  }

  /** Delays all later writes until `opening` is settled. */
  holdWrites(opening: Promise<unknown>): void {
    this.#hold.add(opening)
  }

  /** Plans a call, which is sent when its answer, or that of a call referring to it, is requested. */
  plan(
    call: Call,
    options: {
      readonly links?: readonly Link[]
      readonly signal?: AbortSignal | undefined
      readonly site?: CallSite
    } = {},
  ): PlannedCall {
    return new PlannedCall(call, { ...options, enqueue: (planned) => void this.#enqueue(planned) })
  }

  /** Returns the answer, after retries if needed. Throws a HeadlesslyError. */
  send(call: Call, signal?: AbortSignal): Promise<Answer> {
    return this.plan(call, { signal }).answer()
  }

  whenTickEnds(work: () => void): void {
    this.#queue.whenTickEnds(work)
  }

  async #enqueue(planned: PlannedCall): Promise<void> {
    // A call that refers to a write sends the write too.
    const mayWrite = planned.call.kind === 'write' || planned.links.length > 0
    if (mayWrite && !this.#hold.isFree) await this.#hold.freed()
    this.#queue.add(planned)
  }

  /** Sends once: a caller who sees it fail can call again. */
  async command(call: CommandCall): Promise<Answer> {
    const { bookmark } = this
    const site = callSite()
    try {
      const answer = await this.transport.command(bookmark === undefined ? call : { bookmark, ...call })
      this.#isKnown = true
      this.#sawText(answer.bookmark)
      return answer
    } catch (error) {
      if (error instanceof HeadlesslyError) this.#sawText(error.bookmark)
      throw errorAt(this.#explained(error), site)
    }
  }

  /** Settles every requested call, or sends it again. Never rejects. */
  async #deliver(calls: readonly PlannedCall[]): Promise<void> {
    const sent = withLinks(calls)
    const outcomes = await this.#attempt(sent)
    const again: PlannedCall[] = []
    let pauseMs = 0
    for (const [at, { planned, call }] of sent.entries()) {
      if (call.isSilent === true) continue
      const outcome = outcomes[at] ?? missingAnswer()
      const afterMs = outcome instanceof Error ? this.#pauseAfter(outcome, planned.attempts) : undefined
      if (afterMs !== undefined) again.push(planned)
      else if (outcome instanceof Error) planned.fail(this.#explained(outcome))
      else planned.succeed(outcome)
      pauseMs = Math.max(pauseMs, afterMs ?? 0)
    }
    if (again.length === 0) return
    await this.#pause(pauseMs)
    // Through the queue, which knows which results have arrived or are pending.
    for (const planned of again) {
      planned.requeue()
      this.#queue.add(planned)
    }
  }

  /** Returns an outcome for each call; the same one for all if there was no answer. */
  async #attempt(sent: readonly Sending[]): Promise<readonly (Outcome | Error)[]> {
    const { bookmark } = this
    const signals = sent.flatMap(({ planned, call }) => (call.isSilent === true ? [] : [planned.signal]))
    if (signals.length === 0) return []
    const everyone = new AbortController()
    const stop = (): void => {
      if (signals.every((signal) => signal?.aborted === true)) everyone.abort()
    }
    for (const signal of signals) signal?.addEventListener('abort', stop, { once: true })
    try {
      const calls = sent.map(({ call }) => call)
      const message = { calls, signal: everyone.signal, ...(bookmark === undefined ? {} : { bookmark }) }
      const outcomes = await this.transport.send(message)
      this.#isKnown = true
      // A caller who is refused for a conflict then reads the conflicting state.
      for (const outcome of outcomes) this.#sawText(outcome.bookmark)
      return outcomes
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error))
      this.#isKnown ||= reason instanceof HeadlesslyError && reason.status !== undefined
      return sent.map(() => reason)
    } finally {
      for (const signal of signals) signal?.removeEventListener('abort', stop)
    }
  }

  /** Returns undefined if the call must not be repeated. Writes may be: they have idempotency keys. */
  #pauseAfter(error: Error, attempt: number): number | undefined {
    const isLast = attempt >= (this.#isKnown ? attemptsMax : firstContactAttemptsMax)
    if (isLast || !(error instanceof HeadlesslyError)) return undefined
    const { code, status, retryAfterMs } = error
    const isPassing = code === 'network_error' || ((status === 503 || status === 429) && retryAfterMs !== undefined)
    const leastMs = retryAfterMs ?? firstPauseMs * pauseFactor ** (attempt - 1)
    // With jitter, so that many clients do not return at once.
    return isPassing && leastMs <= pauseMsMax ? leastMs * (1 + Math.random() / 2) : undefined
  }

  /** Says what to check if the server has never answered. */
  #explained(error: unknown): unknown {
    if (this.#isKnown || !(error instanceof HeadlesslyError) || error.code !== 'network_error') return error
    const message = `${error.message}; is a server running there? 'endpoint' or HEADLESSLY_ENDPOINT sets its address`
    return new HeadlesslyError({ ...error, message, cause: error.cause })
  }
}

function missingAnswer(): HeadlesslyError {
  const message = 'the server did not answer every call of a message'
  return new HeadlesslyError({ code: 'unexpected_answer', message })
}

function checkedBookmark(text: string): Bookmark {
  const bookmark = parseBookmark(text)
  if (bookmark !== undefined) return bookmark
  const message = 'headlessly: bookmark expects the bookmark of another client'
  throw new HeadlesslyError({ code: 'invalid_settings', field: 'bookmark', message })
}
