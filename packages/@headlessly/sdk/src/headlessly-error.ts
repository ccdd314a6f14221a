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
  readonly field: string | undefined
  readonly errors: readonly Fault[]
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly detail: Readonly<Record<string, unknown>>
  readonly retryAfterMs: number | undefined
  readonly bookmark: string | undefined

  constructor(data: HeadlesslyErrorData) {
    super(data.message, data.cause === undefined ? undefined : { cause: data.cause })
    this.name = 'HeadlesslyError'
    this.code = data.code
    this.field = data.field
    this.errors = data.errors ?? []
    this.status = data.status
    this.requestId = data.requestId
    this.detail = data.detail ?? {}
    this.retryAfterMs = data.retryAfterMs
    this.bookmark = data.bookmark
  }
}
