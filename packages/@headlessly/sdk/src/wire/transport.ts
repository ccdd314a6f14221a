// What goes over the wire, whatever the wire is. A transport is of one tenant of one server, and knows neither retries
// nor bookmarks: those are the session's, which is the same for all of them.

import type { Call } from 'digital-objects'
import type { HeadlesslyError } from '../base/headlessly-error.ts'

interface Sent {
  /** The newest bookmark that the session has seen. */
  readonly bookmark?: string
  readonly signal?: AbortSignal
}

/** Calls that travel together; an earlier one may be referred to. Writes have keys, so that it may be sent again. */
export interface CallMessage extends Sent {
  readonly calls: readonly Call[]
}

/** What is asked of the tenant as a whole. Sent once: one that takes long is at work although no answer came. */
export interface CommandCall extends Sent {
  /** Below the tenant: `lake/verify`. */
  readonly path: string
  /** JSON text. */
  readonly body?: string
  readonly idempotencyKey?: string
}

export interface Answer {
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown
  /** The point of the log that it reflects. */
  readonly bookmark: string | undefined
}

/** The answer to a call of a message, or what the server refused it with. */
export type Outcome = Answer | HeadlesslyError

export interface ListenCall {
  readonly pattern: string
  /** The `seq` after which it begins. */
  readonly after: number
  /** Ends the listening; whoever iterates then sees the end. */
  readonly signal: AbortSignal
}

export interface Heard {
  readonly seq: number
  /** The event, as JSON text. */
  readonly text: string
}

/**
 * Every method throws HeadlesslyError only: `network_error` where no whole answer came, so that it is open whether a
 * write was done; the server's own code where it refused, with the bookmark of the refusal.
 * An aborted `signal` makes `send` and `command` throw the signal's reason.
 */
export interface Transport {
  /** Sends once; an outcome for each call, in their order. */
  send(message: CallMessage): Promise<readonly Outcome[]>
  command(call: CommandCall): Promise<Answer>
  /**
   * Each event of the pattern after `after`, in order, once. Ends without an error when the server ends it; the caller
   * then listens again from the last `seq`. Leaving the iteration ends the connection.
   */
  listen(call: ListenCall): AsyncIterable<Heard>
}
