// Whatever was thrown, as what a client is told of it: its own mistake, that it should try again, or that something went
// wrong here.

import { ObjectError, type ObjectErrorData } from 'digital-objects'

/** `log`: nobody but us can do something about it. */
export function errorToData(error: unknown): { readonly data: ObjectErrorData; readonly log: boolean } {
  if (error instanceof ObjectError) return { data: error.toData(), log: false }
  // The object was busy, or is being started again. Whether a write was done is open: its key makes asking again safe.
  const isPassing = isMarked(error, 'overloaded') || isMarked(error, 'retryable')
  if (isPassing) {
    const message = 'the tenant is busy or is being started again; try again'
    return { data: { code: 'overloaded', message }, log: false }
  }
  const message = 'something went wrong here; the request id names it in the log'
  return { data: { code: 'internal_error', message }, log: true }
}

/** So the platform marks what its objects throw. */
function isMarked(error: unknown, mark: 'overloaded' | 'retryable'): boolean {
  return typeof error === 'object' && error !== null && mark in error && Reflect.get(error, mark) === true
}
