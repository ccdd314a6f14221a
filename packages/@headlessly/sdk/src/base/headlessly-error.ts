// The only error that the client throws: a refusal in the server's own words, or a server that could not be reached.

import type { Fault, ObjectErrorCode } from 'digital-objects'

export type HeadlesslyErrorCode =
  | ObjectErrorCode
  /** No answer came: no server, a lost connection, or a timeout. */
  | 'network_error'
  /** The answer is not from a headless.ly server, but from a proxy or another program. */
  | 'unexpected_answer'
  /** An option of the client itself is wrong. */
  | 'invalid_settings'

export interface HeadlesslyErrorData {
  readonly code: HeadlesslyErrorCode
  readonly message: string
  /** The field, operator or parameter at fault. */
  readonly field?: string | undefined
  /** One per fault that validation found. */
  readonly errors?: readonly Fault[] | undefined
  /** The HTTP status; absent if no answer came. */
  readonly status?: number | undefined
  /** Identifies this refusal in the server's log. */
  readonly requestId?: string | undefined
  /** Machine-readable extras: `existingId`, `currentVersion`. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined
  /** The wait before a retry that the server requests. */
  readonly retryAfterMs?: number | undefined
  /** The point of the log at the time of the refusal. */
  readonly bookmark?: string | undefined
  readonly cause?: unknown
}

export class HeadlesslyError extends Error {
  readonly code: HeadlesslyErrorCode
  readonly errors: readonly Fault[]
  readonly detail: Readonly<Record<string, unknown>>
  declare readonly field: string | undefined
  declare readonly status: number | undefined
  declare readonly requestId: string | undefined
  declare readonly retryAfterMs: number | undefined
  declare readonly bookmark: string | undefined

  constructor(data: HeadlesslyErrorData) {
    super(data.message, data.cause === undefined ? undefined : { cause: data.cause })
    this.name = 'HeadlesslyError'
    this.code = data.code
    this.errors = data.errors ?? []
    this.detail = data.detail ?? {}
    // Absent members are not set at all, so that a console prints only what is there.
    if (data.field !== undefined) this.field = data.field
    if (data.status !== undefined) this.status = data.status
    if (data.requestId !== undefined) this.requestId = data.requestId
    if (data.retryAfterMs !== undefined) this.retryAfterMs = data.retryAfterMs
    if (data.bookmark !== undefined) this.bookmark = data.bookmark
  }

  /** Returns an equal error with another stack. */
  withStack(stack: string): HeadlesslyError {
    const copy = new HeadlesslyError(this)
    copy.stack = stack
    return copy
  }
}
