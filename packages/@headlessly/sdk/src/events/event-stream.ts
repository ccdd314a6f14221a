// `$.events`: the tenant's log, as a list and live.

import { type Bookmark, type NounName, parseBookmark } from 'digital-objects'
import { checkOptions } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import type { EventLike, EventPattern } from '../types/event-types.ts'
import type { NounKey } from '../types/noun-of.ts'
import { type EventListOptions, listEvents } from './read-events.ts'
import type { Session } from '../calls/session.ts'

/** Lists only events that match every given choice. */
export interface EventListChoice<Pattern extends string> {
  readonly type?: Pattern | undefined
  /** The id of an entity. */
  readonly entity?: string | undefined
  /** The actor's id, as in events. */
  readonly actor?: string | undefined
}

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

export type Events = EventsOf<NounName, EventPattern>

/** `Keys` are the client's Nouns. */
export interface EventsOf<Keys extends NounKey, Patterns extends string> {
  /** Oldest first. `await` gives one page, `for await` all events. */
  list<const Pattern extends Patterns = Patterns & '*'>(
    options?: EventListOptions & EventListChoice<Pattern>,
  ): Listing<EventLike<Keys, Pattern>>
  /**
   * Delivers each event of the pattern once, in order, the next one after `listener` has settled, across lost
   * connections and server restarts. Events of writes that this client makes after this call are included. In a Worker
   * the subscription ends with its request.
   */
  subscribe<const Pattern extends Patterns>(
    pattern: Pattern,
    listener: (event: EventLike<Keys, Pattern>) => void | Promise<void>,
    options?: SubscribeOptions,
  ): Unsubscribe
}

const firstPauseMs = 250
const pauseMsMax = 30_000

export function makeEvents(session: () => Session): Events {
  return Object.freeze<Events>({
    list: (options = {}) => listEvents(session, options),
    subscribe: (pattern, listener, options = {}) => {
      if (typeof listener !== 'function') {
        const message = `events.subscribe expects a function as listener, got ${typeof listener}`
        throw new HeadlesslyError({ code: 'validation_error', field: 'listener', message })
      }
      checkOptions(options, { what: 'events.subscribe', kinds: { after: 'number', onError: 'function' } })
      const subscription = new Subscription({
        session: session(),
        pattern,
        // The text is an event from the server that matches the requested pattern.
        tell: async (text) => listener(JSON.parse(text)),
        ...(options.onError === undefined ? {} : { onError: options.onError }),
      })
      void subscription.run(options.after)
      return () => subscription.end()
    },
  })
}

interface SubscriptionParts {
  readonly session: Session
  readonly pattern: string
  readonly tell: (text: string) => Promise<void>
  readonly onError?: NonNullable<SubscribeOptions['onError']>
}

class Subscription {
  readonly #parts: SubscriptionParts
  readonly #ending = new AbortController()
  #failures = 0

  constructor(parts: SubscriptionParts) {
    this.#parts = parts
  }

  end(): void {
    this.#ending.abort()
  }

  /** Never rejects. Resolves when the subscription is ended or refused. */
  async run(after: number | undefined): Promise<void> {
    const { session } = this.#parts
    const opening = this.#head(undefined)
    // A write that overtook this request would lie before the start, and its events would be lost.
    if (after === undefined) session.holdWrites(opening)
    let at: Bookmark | undefined
    for (let first: Promise<Bookmark> | undefined = opening; !this.#ending.signal.aborted; first = undefined) {
      try {
        const head: Bookmark = await (first ?? this.#head(at))
        at ??= { epoch: head.epoch, seq: after ?? head.seq }
        // An empty log gets its epoch with its first event.
        if (at.seq === 0) at = { epoch: head.epoch, seq: 0 }
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
    const { signal } = this.#ending
    // No event is after this `seq`, so the answer is empty; only its bookmark is needed.
    const parameters = { after: '999999999999999', limit: '1' }
    const answer = await this.#parts.session.send({ kind: 'read', read: 'events', parameters }, signal)
    const head = parseBookmark(answer.bookmark ?? '')
    if (head !== undefined && at !== undefined && at.seq > 0) checkSame(head, at)
    if (head !== undefined) return head
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a bookmark from the log' })
  }

  /** Returns the position reached when the connection ended in a way that allows a retry. */
  async #listen(from: Bookmark): Promise<Bookmark> {
    const { session, pattern, tell } = this.#parts
    const { signal } = this.#ending
    let at = from
    try {
      for await (const { seq, text } of session.transport.listen({ pattern, after: at.seq, signal })) {
        if (signal.aborted) return at
        if (seq <= at.seq) continue
        if (at.seq === 0) at = { epoch: (await this.#head(undefined)).epoch, seq: 0 }
        at = { epoch: at.epoch, seq }
        this.#failures = 0
        session.saw(at)
        try {
          await tell(text)
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

  /** A restarting server is not an error to report with a stack. */
  #reportLost(error: unknown): void {
    const { onError, pattern } = this.#parts
    if (onError !== undefined) return this.#report(error, false)
    const why = error instanceof Error ? error.message : String(error)
    console.error(`headlessly: ${why}; resubscribing to '${pattern}'`)
  }

  #report(error: unknown, isEnded: boolean): void {
    const { onError = (error: unknown) => console.error(error) } = this.#parts
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
