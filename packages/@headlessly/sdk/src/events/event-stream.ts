// `$.events`: the tenant's log, as a list and live.

import type { KnownName } from 'digital-objects'
import { checkOptions } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import type { EventLike, EventPattern } from '../types/event-types.ts'
import type { NounKey } from '../types/noun-of.ts'
import { type EventListOptions, listEvents } from './read-events.ts'
import type { Session } from '../calls/session.ts'
import {
  commitFeed,
  type HeardCommit,
  subscribe,
  type SubscribeOptions,
  subscribeOptions,
  type Unsubscribe,
} from './subscription.ts'

/** Lists only events that match every given choice. */
export interface EventListChoice<Pattern extends string> {
  readonly type?: Pattern | undefined
  /** The id of an entity. */
  readonly entity?: string | undefined
  /** The actor's id, as in events. */
  readonly actor?: string | undefined
}

export type Events = EventsOf<KnownName, EventPattern>

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

export function makeEvents(session: () => Session): Events {
  return Object.freeze<Events>({
    list: (options = {}) => listEvents(session, options),
    subscribe: (pattern, listener, options = {}) => {
      if (typeof listener !== 'function') {
        const message = `events.subscribe expects a function as listener, got ${typeof listener}`
        throw new HeadlesslyError({ code: 'validation_error', field: 'listener', message })
      }
      checkOptions(options, { what: 'events.subscribe', kinds: subscribeOptions })
      return subscribe(session(), {
        feed: commitFeed(pattern),
        ...options,
        tell: async (commit, { signal, report }) => {
          // The server wrote it.
          for (const event of (commit as HeardCommit).events) {
            if (signal.aborted) return undefined
            // The first commit comes whole, also if the caller was inside it.
            if (event.seq <= (options.after ?? 0)) continue
            try {
              // The server sends events that match the requested pattern.
              await listener(event as Parameters<typeof listener>[0])
            } catch (error) {
              report(error)
            }
          }
          return undefined
        },
      })
    },
  })
}
