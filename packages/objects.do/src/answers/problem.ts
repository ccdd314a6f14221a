// The problem document of a refusal (RFC 9457), with its status and its stable `code`. It is data, so that a batch can answer
// with the problems of its operations.

import type { ObjectErrorCode, ObjectErrorData } from 'digital-objects'

const statuses = {
  invalid_json: 400,
  invalid_body: 400,
  invalid_filter: 400,
  invalid_sort: 400,
  invalid_cursor: 400,
  invalid_limit: 400,
  invalid_id: 400,
  invalid_include: 400,
  invalid_fields: 400,
  invalid_as_of: 400,
  before_history: 400,
  invalid_aggregate: 400,
  invalid_parameter: 400,
  invalid_tenant: 400,
  invalid_definition: 400,
  invalid_authority: 400,
  unknown_verb: 400,
  scan_limit: 400,
  unauthorized: 401,
  forbidden: 403,
  approval_required: 403,
  not_found: 404,
  verb_disabled: 405,
  method_not_allowed: 405,
  timeout: 408,
  conflict: 409,
  version_conflict: 409,
  read_conflict: 409,
  invalid_transition: 409,
  plan_outdated: 409,
  undo_conflict: 409,
  undo_irreversible: 409,
  bookmark_ahead: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_error: 422,
  invalid_reference: 422,
  hook_rejected: 422,
  idempotency_mismatch: 422,
  unsupported_expression: 422,
  code_failed: 422,
  batch_failed: 422,
  dependency_failed: 424,
  budget_exceeded: 429,
  internal_error: 500,
  database_lost: 500,
  database_damaged: 500,
  not_configured: 501,
  not_connected: 501,
  rate_limited: 429,
  overloaded: 503,
  storage_full: 507,
} as const satisfies Readonly<Record<ObjectErrorCode, number>>

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Content too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  424: 'Failed dependency',
  429: 'Too many requests',
  500: 'Internal error',
  501: 'Not implemented',
  503: 'Service unavailable',
  507: 'Insufficient storage',
}

/** Seconds after which a refused request may be sent again, unless the refusal says otherwise in its detail. */
const retryAfterSeconds = 1

export interface Problem {
  readonly requestId: string
  readonly status: number
  readonly [member: string]: unknown
}

/** The problem document. */
export function problemOf(error: ObjectErrorData): Problem {
  const status = statuses[error.code]
  const { faults, field } = error
  return {
    // RPC has no headers, so the document says it too.
    ...(status === 503 ? { retryAfterSeconds } : {}),
    // Before the others, so that no detail replaces a member of the standard.
    ...error.detail,
    type: `https://headless.ly/problems/${error.code.replaceAll('_', '-')}`,
    title: titles[status],
    status,
    detail: error.message,
    code: error.code,
    ...(field === undefined ? {} : { field }),
    ...(faults === undefined ? {} : { errors: faults }),
    requestId: `req_${crypto.randomUUID()}`,
  }
}
