// `$.events`: the tenant's log as a list, and live.

import { type Bookmark, type NounName, parseBookmark } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import type { EventLike, EventPattern } from '../types/event-types.ts'
import type { NounKey } from '../types/noun-of.ts'
import { type EventListOptions, listEvents } from './read-events.ts'
import type { Session } from '../calls/session.ts'

/** What is listed is all that is named. */
export interface EventListChoice<Pattern extends string> {
  readonly type?: Pattern
  /** An entity's id. */
  readonly entity?: string
  /** Who did it, as events name it. */
  readonly actor?: string
}

export interface SubscribeOptions {
  /** The `seq` after which it begins; what is new from now on unless given. */
  readonly after?: number
  /**
   * Told of what `listener` threw, of each attempt to connect that failed, and of a refusal, after which the
   * subscription has ended. Written to the console unless given, where a lost connection is one line.
   */
  readonly onError?: (error: unknown, state: { readonly isEnded: boolean }) => void
}

/** Ends it: once this is called nothing more is heard. */
export type Unsubscribe = () => void

export type Events = EventsOf<NounName, EventPattern>

/** `Keys` are those of the client's Nouns. */
export interface EventsOf<Keys extends NounKey, Patterns extends string> {
  /** Oldest first. `await` gives one page, `for await` all. */
  list<const Pattern extends Patterns = Patterns & '*'>(
    options?: EventListOptions & EventListChoice<Pattern>,
  ): Listing<EventLike<Keys, Pattern>>
  /**
   * Each event of the pattern once, in order, the next when `listener` has settled; through lost connections and
   * restarts of the server. What this client writes after this call is heard. In a Worker it ends with its request.
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
        const message = `events.subscribe expects a function that is told of each event, got ${typeof listener}`
        throw new HeadlesslyError({ code: 'validation_error', field: 'listener', message })
      }
      const subscription = new Subscription({
        session: session(),
        pattern,
        // The text is the server's own event, of the pattern that was asked for.
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

  /** Never rejects. Ends when it is ended, or refused. */
  async run(after: number | undefined): Promise<void> {
    const { session } = this.#parts
    const opening = this.#head(undefined)
    // A write that overtook this would lie before the beginning, and never be heard.
    if (after === undefined) session.holdWrites(opening)
    let at: Bookmark | undefined
    for (let first: Promise<Bookmark> | undefined = opening; !this.#ending.signal.aborted; first = undefined) {
      try {
        const head: Bookmark = await (first ?? this.#head(at))
        at ??= { epoch: head.epoch, seq: after ?? head.seq }
        // A log that had nothing gets its epoch with its first event.
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

  /** Where the log ends; with a position, also that it still is the log of that position. */
  async #head(at: Bookmark | undefined): Promise<Bookmark> {
    const { signal } = this.#ending
    // Nothing is after it, so that the answer is empty; what is asked for is its bookmark.
    const parameters = { after: '999999999999999', limit: '1' }
    const answer = await this.#parts.session.send({ kind: 'read', read: 'events', parameters }, signal)
    const head = parseBookmark(answer.bookmark ?? '')
    if (head !== undefined && at !== undefined && at.seq > 0) checkSame(head, at)
    if (head !== undefined) return head
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'the log did not tell where it ends' })
  }

  /** How far it came, when the connection has ended in whichever way that may be tried again. */
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

  /** A server that is started again is nobody's fault, and needs no stack. */
  #reportLost(error: unknown): void {
    const { onError, pattern } = this.#parts
    if (onError !== undefined) return this.#report(error, false)
    const why = error instanceof Error ? error.message : String(error)
    console.error(`headlessly: ${why}; events of '${pattern}' are asked for again`)
  }

  #report(error: unknown, isEnded: boolean): void {
    const { onError = (error: unknown) => console.error(error) } = this.#parts
    try {
      onError(error, { isEnded })
    } catch (fault) {
      console.error(fault)
    }
  }

  /** Longer after each failure in a row, and spread. Ends early with the subscription. */
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
  const message = `the log is not the one that was listened to: it was at ${at.seq}, and is another one at ${head.seq} now`
  throw new HeadlesslyError({ code: 'bookmark_ahead', status: 409, message })
}

/** What may be otherwise the next time. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof HeadlesslyError)) return false
  return error.code === 'network_error' || error.code === 'timeout' || (error.status ?? 0) >= 500
}
