// The log as the senders of live events read it.

import type { Audience } from './audience.ts'
import type { CommitEvents, LiveEvent } from './live-event.ts'
import type { QueryAudience } from './query-source.ts'

export interface EventSource {
  /** The server's clock, for heartbeats. */
  now(): number
  /** The newest durable `seq`. */
  head(): number
  /** Returns a point of the log in the form that clients carry. */
  bookmarkOf(seq: number): string
  /** Returns the last `seq` of the commit that contains this event. */
  commitEnd(seq: number): number
  /** Returns the number of the commit that contains this event, which is the `seq` of its first event. */
  commitOf(seq: number): number | undefined
  /**
   * Reads events, oldest first, each with its text for this audience. `readThrough` is how far it read; reading on from
   * there misses nothing. With `isWhole` it is the end of a commit, and then the page may exceed the limit by the rest of
   * one commit.
   */
  read(options: {
    readonly after: number
    readonly limit: number
    readonly audience: Audience
    readonly isWhole: boolean
  }): { readonly events: readonly LiveEvent[]; readonly readThrough: number }
  /** Returns the text of a published event for an audience with an authority; undefined if it is not visible. */
  textFor(event: LiveEvent, audience: Audience): string | undefined
  /** Returns the message of a published commit for subscribers of a live query; undefined if nothing changed for them. */
  messageFor(commit: CommitEvents, audience: QueryAudience): LiveEvent | undefined
  /** If `read` threw only because it has to wait, returns a promise that resolves when it can be repeated. */
  retryAfter(error: unknown): Promise<void> | undefined
}
