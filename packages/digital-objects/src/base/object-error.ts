// The one error that a caller can cause: a code from a closed list, the field or operator at fault, and a sentence.
// Any other error is a bug of this code.

import type { JsonValue } from './entity.ts'

/** The stable codes. The HTTP layer maps each to a status. */
export const objectErrorCodes = [
  'invalid_json',
  'invalid_body',
  'invalid_filter',
  'invalid_sort',
  'invalid_cursor',
  'invalid_limit',
  'invalid_id',
  'invalid_include',
  'invalid_fields',
  'invalid_as_of',
  /** A read as of a time before the tenant's first event, of which nothing is known. */
  'before_history',
  'invalid_aggregate',
  'invalid_parameter',
  'invalid_tenant',
  'invalid_definition',
  'invalid_authority',
  'unknown_verb',
  /** A key proves nobody: it does not exist, was revoked or has expired. */
  'unauthorized',
  'forbidden',
  /** A change needs the approval of a person, by a rule of the tenant. */
  'approval_required',
  'not_found',
  'verb_disabled',
  'method_not_allowed',
  'conflict',
  'version_conflict',
  'read_conflict',
  'precondition_failed',
  'invalid_transition',
  /** What a plan read or wrote has changed since its dry run. */
  'plan_outdated',
  'bookmark_ahead',
  'payload_too_large',
  'unsupported_media_type',
  'validation_error',
  'invalid_reference',
  'hook_rejected',
  'idempotency_mismatch',
  /** Later changes conflict with the undo of a commit. */
  'undo_conflict',
  /** A commit made a change that cannot be taken back. */
  'undo_irreversible',
  /** A pipeline's expression cannot be evaluated exactly as JavaScript would. */
  'unsupported_expression',
  /** A caller's own code threw an error, or does not compile. */
  'code_failed',
  /** An operation of an atomic batch failed, so nothing was committed. */
  'batch_failed',
  /** An operation that this one depends on failed. */
  'dependency_failed',
  'scan_limit',
  /** A principal has used what it may use in a day. */
  'budget_exceeded',
  /** A key has made too many requests in a minute. */
  'rate_limited',
  'overloaded',
  /** The server's disk, or the object's storage, has no room for a write. */
  'storage_full',
  /** The tenant's database is missing, although its lake has files. */
  'database_lost',
  /** SQLite reports that the tenant's database is corrupt. */
  'database_damaged',
  'not_configured',
  /** A verb needs a service outside of the tenant, to which the server has no connection. */
  'not_connected',
  'timeout',
  'internal_error',
] as const

export type ObjectErrorCode = (typeof objectErrorCodes)[number]

/** One problem with one field: `{ field: 'email', message: "expects an email, got \"x\"" }`. */
export interface Fault {
  /** Dotted path of the field, operator or parameter. */
  readonly field: string
  /** Says what was expected and what was received. */
  readonly message: string
}

/** An ObjectError as plain data, which can be passed between isolates. */
export interface ObjectErrorData {
  readonly code: ObjectErrorCode
  readonly message: string
  readonly field?: string
  readonly faults?: readonly Fault[]
  /** Machine-readable details: `existingId`, `currentVersion`, `expected`. */
  readonly detail?: Readonly<Record<string, JsonValue>>
}

export class ObjectError extends Error {
  readonly code: ObjectErrorCode
  readonly field: string | undefined
  readonly faults: readonly Fault[] | undefined
  readonly detail: ObjectErrorData['detail']

  constructor(data: ObjectErrorData) {
    super(data.message)
    this.name = 'ObjectError'
    this.code = data.code
    this.field = data.field
    this.faults = data.faults
    this.detail = data.detail
  }

  toData(): ObjectErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.faults === undefined ? {} : { faults: this.faults }),
      ...(this.detail === undefined ? {} : { detail: this.detail }),
    }
  }
}
