// Follows a feed of a tenant for a subscription: connects, tells each message, and connects again.

import type { Bookmark } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'
import { readHead } from './read-head.ts'
import { reportTo, type SubscriptionParts, type Telling, type TellingState } from './subscription.ts'

const firstPauseMs = 250
const pauseMsMax = 30_000

/** Resolves when the subscription is ended or refused. `opening` is the end of the log at its start. */
export function followFeed(parts: SubscriptionParts, opening: Promise<Bookmark>): Promise<void> {
  return new Following(parts).run(opening)
}

class Following {
  readonly #session: Session
  readonly #telling: Telling
  readonly #ending: AbortController
  #failures = 0
  #hasBegun = false

  constructor({ session, telling, ending }: SubscriptionParts) {
    this.#session = session
    this.#telling = telling
    this.#ending = ending
  }

  async run(opening: Promise<Bookmark>): Promise<void> {
    const { after } = this.#telling
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
          this.#ending.abort()
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
    reportTo(this.#telling, error, { isEnded })
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
