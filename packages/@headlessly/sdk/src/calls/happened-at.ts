// The option `at` of writes: the time at which it happened, which may be earlier than the write.

import { HeadlesslyError } from '../base/headlessly-error.ts'

export interface HappenedAt {
  /**
   * The time at which it happened, if that is earlier: timestamps that a verb sets have it, and the event has it as
   * `effective`. It must not be in the future. Versions and `asOf` go by the time of the write.
   */
  readonly at?: string | Date | undefined
}

/** Returns the member of the call. Throws a HeadlesslyError for an invalid Date; the server checks texts. */
export function toAt(what: string, at: unknown): { readonly at?: string } {
  if (!(at instanceof Date)) return typeof at === 'string' ? { at } : {}
  if (!Number.isNaN(at.getTime())) return { at: at.toISOString() }
  const message = `${what}: at expects a timestamp, got an invalid Date`
  throw new HeadlesslyError({ code: 'invalid_parameter', field: 'at', message })
}
