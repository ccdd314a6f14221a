// A subscription to a feed of a tenant: the message of each commit once and in order, across lost connections and server
// restarts. It is always at the end of a commit, so nothing is received twice.

import type { Bookmark, ObjectEvent } from 'digital-objects'
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

/** Starts a subscription; `after` inside a commit starts with that commit. */
export function subscribe(session: Session, telling: Telling): Unsubscribe {
  const ending = new AbortController()
  const opening = readHead(session, ending.signal)
  // A write that overtook this request would lie before the start, and its events would be lost.
  if (telling.after === undefined) session.holdWrites(opening)
  // The subscription reports its failure.
  opening.catch(() => {})
  void follow({ session, telling, ending }, opening)
  return () => ending.abort()
}

/** The parts of a subscription. Aborting `ending` ends it. */
export interface SubscriptionParts {
  readonly session: Session
  readonly telling: Telling
  readonly ending: AbortController
}

async function follow(parts: SubscriptionParts, opening: Promise<Bookmark>): Promise<void> {
  try {
    const { followFeed } = await import('../later.ts')
    await followFeed(parts, opening)
  } catch (error) {
    // The module could not be loaded.
    parts.ending.abort()
    reportTo(parts.telling, error, { isEnded: true })
  }
}

export function reportTo({ onError }: Telling, error: unknown, state: { readonly isEnded: boolean }): void {
  try {
    if (onError === undefined) console.error(error)
    else onError(error, state)
  } catch (fault) {
    console.error(fault)
  }
}
