// The one error that the client throws: what the server refused, in its own words, or that it could not be reached.

import type { Fault, ObjectErrorCode } from 'digital-objects'

export type HeadlesslyErrorCode =
  | ObjectErrorCode
  /** No answer came: nobody is there, the connection was lost, or it took too long. */
  | 'network_error'
  /** Something answered that does not speak as this server does: a proxy, another program. */
  | 'unexpected_answer'
  /** The client itself was given wrong settings. */
  | 'invalid_settings'

export interface HeadlesslyErrorData {
  readonly code: HeadlesslyErrorCode
  readonly message: string
  /** The field, operator or parameter at fault. */
  readonly field?: string
  /** One for each thing wrong, where validation found several. */
  readonly errors?: readonly Fault[]
  /** The HTTP status; absent where there was no answer. */
  readonly status?: number
  /** Names this refusal in the server's log. */
  readonly requestId?: string
  /** Machine-readable extras: `existingId`, `currentVersion`. */
  readonly detail?: Readonly<Record<string, unknown>>
  /** How long the server asks to wait before trying again. */
  readonly retryAfterMs?: number
  /** The point of the log at which it was refused. */
  readonly bookmark?: string
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
    // What is absent is no property of it, so that a console shows what there is.
    if (data.field !== undefined) this.field = data.field
    if (data.status !== undefined) this.status = data.status
    if (data.requestId !== undefined) this.requestId = data.requestId
    if (data.retryAfterMs !== undefined) this.retryAfterMs = data.retryAfterMs
    if (data.bookmark !== undefined) this.bookmark = data.bookmark
  }
}
