// The log, as those who tell events live read it.

import type { LiveEvent } from '../log/events-store.ts'
import type { Audience } from './audience.ts'

export interface EventSource {
  /** The newest durable `seq`. */
  head(): number
  /** A point of the log, as clients carry it. */
  bookmarkOf(seq: number): string
  /**
   * Oldest first, each with the text that this audience gets; `readThrough` is how far it looked, and reading on from
   * there misses nothing.
   */
  read(options: { readonly after: number; readonly limit: number; readonly audience: Audience }): {
    readonly events: readonly LiveEvent[]
    readonly readThrough: number
  }
  /** A published event as an audience with an authority gets it; undefined if it is not visible. */
  textFor(event: LiveEvent, audience: Audience): string | undefined
  /** If what `read` threw only needs time, resolves when it may be tried again. */
  mend(error: unknown): Promise<void> | undefined
}
