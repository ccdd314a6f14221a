// An error as a client sees it: the client's own mistake, a request to try again, or an internal error.

import { ObjectError, type ObjectErrorData } from 'digital-objects'

/** `log` is true for a fault of ours. */
export function errorToData(error: unknown): { readonly data: ObjectErrorData; readonly log: boolean } {
  if (error instanceof ObjectError) return { data: error.toData(), log: false }
  // The object is busy or is being restarted. The write may have been done; its key makes a retry safe.
  const isPassing = isMarked(error, 'overloaded') || isMarked(error, 'retryable')
  if (isPassing) {
    const message = 'the tenant is busy or is being started again; try again'
    return { data: { code: 'overloaded', message }, log: false }
  }
  const message = 'something went wrong here; the request id names it in the log'
  return { data: { code: 'internal_error', message }, log: true }
}

/** The platform marks errors of its objects this way. */
function isMarked(error: unknown, mark: 'overloaded' | 'retryable'): boolean {
  return typeof error === 'object' && error !== null && mark in error && Reflect.get(error, mark) === true
}
