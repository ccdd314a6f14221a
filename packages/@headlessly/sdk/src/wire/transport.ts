// The contract of a transport to one tenant of one server. Retries and bookmarks belong to the session above it, which is
// the same for all transports.

import type { Call } from 'digital-objects'
import type { HeadlesslyError } from '../base/headlessly-error.ts'

interface Sent {
  /** The newest bookmark that the session has seen. */
  readonly bookmark?: string
  readonly signal?: AbortSignal
}

/** Calls that travel together; a call may refer to an earlier one. Writes have keys, so a message may be sent again. */
export interface CallMessage extends Sent {
  readonly calls: readonly Call[]
}

/** A command to the tenant as a whole. Sent once, since it may still be running when its answer is late. */
export interface CommandCall extends Sent {
  /** Relative to the tenant: `lake/verify`. */
  readonly path: string
  /** JSON. */
  readonly body?: string
  /** The body in place of JSON. The answer may take longer than others. */
  readonly file?: {
    readonly content: string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>
    readonly mediaType: string
    readonly timeoutMs: number
  }
  readonly idempotencyKey?: string
  /** The time at which its writes happened. */
  readonly at?: string
}

export interface DownloadCall extends Sent {
  /** Relative to the tenant, with its parameters: `export/Contact?format=csv`. */
  readonly path: string
}

export interface Answer {
  /** Parsed JSON; undefined if there is none. */
  readonly body: unknown
  /** The point of the log that it reflects. */
  readonly bookmark: string | undefined
}

/** The answer to one call of a message, or its refusal. */
export type Outcome = Answer | HeadlesslyError

/** The source of events: a path below the tenant, and its parameters. */
export interface Feed {
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

export interface ListenCall {
  readonly feed: Feed
  /** The `seq` to start after. */
  readonly after: number
  /** Aborting it ends the iteration. */
  readonly signal: AbortSignal
}

export interface Heard {
  /** The last `seq` of a commit, after which the caller listens again. */
  readonly seq: number
  /** The feed's message about that commit, as JSON. */
  readonly text: string
}

/**
 * Methods throw HeadlesslyError only: `network_error` if no complete answer came, in which case a write may have been
 * done; the server's own code if it refused, with the refusal's bookmark. `send` and `command` throw the reason of an
 * aborted `signal`.
 */
export interface Transport {
  /** Sends once. Returns an outcome for each call, in their order. */
  send(message: CallMessage): Promise<readonly Outcome[]>
  command(call: CommandCall): Promise<Answer>
  /** Yields a file of any size while it arrives; a file that is cut off ends with an error. Absent where there are no files. */
  download?(call: DownloadCall): AsyncIterable<Uint8Array>
  /**
   * Yields the message of each commit that concerns the feed, once and in order. Ends without an error when the server ends it;
   * the caller then listens again from the last `seq`. Leaving the iteration closes the connection.
   */
  listen(call: ListenCall): AsyncIterable<Heard>
}
