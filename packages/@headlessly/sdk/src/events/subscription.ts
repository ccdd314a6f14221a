// A subscription to a feed of a tenant: the message of each commit once and in order, across lost connections and server
// restarts. It is always at the end of a commit, so nothing is received twice.

import type { Bookmark, ObjectEvent } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'
import type { Feed } from '../wire/transport.ts'
import { readHead } from './read-head.ts'

export interface SubscribeOptions {
  /** Starts after this `seq`; by default with new events. */
  readonly after?: number | undefined
  /**
   * Called with errors thrown by `listener`, with failed attempts to connect, and with a refusal, which ends the
   * subscription. By default errors go to the console, where a lost connection takes one line.
   */
  readonly onError?: ((error: unknown, state: { readonly isEnded: boolean }) => void) | undefined
}

/** Ends the subscription: no event is delivered after the call. */
export type Unsubscribe = () => void

export const subscribeOptions = { after: 'number', onError: 'function' } as const

/** A commit with those of its events that match a pattern, as the server sends it. */
export interface HeardCommit {
  /** Its number, the `seq` of its first event. */
  readonly commit: number
  /** The `seq` of its last event. */
  readonly seq: number
  readonly timestamp: string
  readonly actor: string
  readonly events: readonly ObjectEvent[]
}

export interface Telling extends SubscribeOptions {
  readonly feed: Feed
  /** Called before the first message. If it fails because of a lost connection, it is called again. */
  readonly begin?: ((state: TellingState) => Promise<void>) | undefined
  /**
   * Called with one parsed message at a time, which the server wrote. `again` asks for `begin` before the next message.
   */
  readonly tell: (message: unknown, state: TellingState) => Promise<'again' | undefined>
}

export interface TellingState {
  readonly signal: AbortSignal
  /** For errors of the listener that do not end the subscription. */
  readonly report: (error: unknown) => void
}

/** Returns the feed of whole commits with events of this pattern. */
export function commitFeed(pattern: string): Feed {
  return { path: 'events', parameters: { type: pattern, commits: 'true' } }
}

const firstPauseMs = 250
const pauseMsMax = 30_000

/** Starts a subscription; `after` inside a commit starts with that commit. */
export function subscribe(session: Session, telling: Telling): Unsubscribe {
  const { after } = telling
  const subscription = new Subscription(session, telling)
  void subscription.run(after)
  return () => subscription.end()
}

class Subscription {
  readonly #session: Session
  readonly #telling: Telling
  readonly #ending = new AbortController()
  #failures = 0
  #hasBegun = false

  constructor(session: Session, telling: Telling) {
    this.#session = session
    this.#telling = telling
  }

  end(): void {
    this.#ending.abort()
  }

  /** Never rejects. Resolves when the subscription is ended or refused. */
  async run(after: number | undefined): Promise<void> {
    const opening = this.#head(undefined)
    // A write that overtook this request would lie before the start, and its events would be lost.
    if (after === undefined) this.#session.holdWrites(opening)
    let at: Bookmark | undefined
    for (let first: Promise<Bookmark> | undefined = opening; !this.#ending.signal.aborted; first = undefined) {
      try {
        const head: Bookmark = await (first ?? this.#head(at))
        at ??= { epoch: head.epoch, seq: after ?? head.seq }
        // An empty log gets its epoch with its first event.
        if (at.seq === 0) at = { epoch: head.epoch, seq: 0 }
        if (!this.#hasBegun) await this.#telling.begin?.(this.#state)
        this.#hasBegun = true
        at = await this.#listen(at)
      } catch (error) {
        if (this.#ending.signal.aborted) return
        if (!isPassing(error)) {
          this.end()
          return this.#report(error, true)
        }
        this.#reportLost(error)
      }
      await this.#pause()
    }
  }

  /** Returns the end of the log. With a position, also checks that the log is still the same one. */
  async #head(at: Bookmark | undefined): Promise<Bookmark> {
    const head = await readHead(this.#session, this.#ending.signal)
    if (at !== undefined && at.seq > 0) checkSame(head, at)
    return head
  }

  /** Returns the position reached when the connection ended in a way that allows a retry. */
  async #listen(from: Bookmark): Promise<Bookmark> {
    const session = this.#session
    const { feed, tell } = this.#telling
    const { signal } = this.#ending
    let at = from
    try {
      for await (const { seq, text } of session.transport.listen({ feed, after: at.seq, signal })) {
        if (signal.aborted) return at
        if (seq <= at.seq) continue
        if (at.seq === 0) at = { epoch: (await this.#head(undefined)).epoch, seq: 0 }
        at = { epoch: at.epoch, seq }
        this.#failures = 0
        session.saw(at)
        try {
          this.#hasBegun = (await tell(JSON.parse(text), this.#state)) !== 'again'
          if (!this.#hasBegun) return at
        } catch (error) {
          this.#report(error, false)
        }
      }
    } catch (error) {
      if (!isPassing(error)) throw error
      if (!signal.aborted) this.#reportLost(error)
    }
    return at
  }

  get #state(): TellingState {
    return { signal: this.#ending.signal, report: (error) => this.#report(error, false) }
  }

  /** A restarting server is not an error to report with a stack. */
  #reportLost(error: unknown): void {
    const { onError, feed } = this.#telling
    if (onError !== undefined) return this.#report(error, false)
    const why = error instanceof Error ? error.message : String(error)
    console.error(`headlessly: ${why}; resubscribing to '${feed.parameters['type'] ?? feed.path}'`)
  }

  #report(error: unknown, isEnded: boolean): void {
    const { onError = (error: unknown) => console.error(error) } = this.#telling
    try {
      onError(error, { isEnded })
    } catch (fault) {
      console.error(fault)
    }
  }

  /** Pauses longer after each consecutive failure, with jitter. Ends early with the subscription. */
  #pause(): Promise<void> {
    const ms = Math.min(firstPauseMs * 2 ** Math.min(this.#failures++, 20), pauseMsMax) * (1 + Math.random() / 2)
    const { signal } = this.#ending
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}

function checkSame(head: Bookmark, at: Bookmark): void {
  if (head.epoch === at.epoch && head.seq >= at.seq) return
  const message = `the log has been replaced: the subscription was at ${at.seq}, and the log is another one, at ${head.seq}`
  throw new HeadlesslyError({ code: 'bookmark_ahead', status: 409, message })
}

/** Whether a retry may succeed. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof HeadlesslyError)) return false
  return error.code === 'network_error' || error.code === 'timeout' || (error.status ?? 0) >= 500
}
