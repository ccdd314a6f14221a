// What goes over the wire, whatever the wire is. A transport is of one tenant of one server, and knows neither retries
// nor bookmarks: those are the session's, which is the same for all of them.

/** Parameters by name, as the server's REST takes them. */
export type Parameters = Readonly<Record<string, string>>

interface Sent {
  /** The newest bookmark that the session has seen. */
  readonly bookmark?: string
  readonly signal?: AbortSignal
}

export interface ReadCall extends Sent {
  readonly kind: 'read'
  readonly read: 'get' | 'find' | 'count' | 'history' | 'diff' | 'events' | 'event'
  /** Absent for the log. */
  readonly noun?: string
  /** For `get`, `history`, `diff` and `event`. */
  readonly id?: string
  readonly parameters: Parameters
}

export interface WriteCall extends Sent {
  readonly kind: 'write'
  readonly noun: string
  /** `create`, `update`, `delete`, `rollback`, or a custom verb's infinitive. */
  readonly verb: string
  /** Absent where the verb creates. */
  readonly id?: string
  /** JSON text. */
  readonly body: string
  readonly ifVersion?: number
  /** Always there, so that a write may be sent again. */
  readonly idempotencyKey: string
}

/** What may be asked of a tenant's lake. Sent once: one that takes long is at work although no answer came. */
export interface LakeCall extends Sent {
  readonly kind: 'lake'
  readonly command: 'flush' | 'verify' | 'rebuild'
}

export type Call = ReadCall | WriteCall | LakeCall

export interface Answer {
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown
  /** The point of the log that it reflects. */
  readonly bookmark: string | undefined
}

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
 * write was done; the server's own code where it refused, which for a failed `ifVersion` is `version_conflict`, with the
 * bookmark of the refusal.
 * An aborted `signal` makes `send` throw the signal's reason.
 */
export interface Transport {
  /** Sends once. */
  send(call: Call): Promise<Answer>
  /**
   * Each event of the pattern after `after`, in order, once. Ends without an error when the server ends it; the caller
   * then listens again from the last `seq`. Leaving the iteration ends the connection.
   */
  listen(call: ListenCall): AsyncIterable<Heard>
}
