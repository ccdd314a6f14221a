// `$.status()`: how much the tenant holds, how far its files are behind, and what work is owed, as of now.

import type { CallOptions } from './entity-methods.ts'
import { HeadlesslyError } from './headlessly-error.ts'
import type { Session } from './session.ts'

export interface Status {
  readonly $type: 'Status'
  readonly tenant: string
  readonly context: string
  readonly bookmark: string
  /** Of the log: also the `seq` of the newest. */
  readonly events: number
  /** Moments of the first and the newest event; null where there is none. */
  readonly oldest: string | null
  readonly newest: string | null
  /** Those that live, by type; types that have none are left out. */
  readonly entities: Readonly<Record<string, number>>
  /** Up to which event the files are, and how many they lack; null where the server keeps none. */
  readonly files: { readonly seq: number; readonly revision: number; readonly lagEvents: number } | null
  /** Work that will be done, and that was given up. */
  readonly outbox: { readonly waiting: number; readonly parked: number }
}

export type ReadStatus = (options?: CallOptions) => Promise<Status>

export function makeStatus(session: () => Session): ReadStatus {
  return async ({ signal } = {}) => {
    const { body } = await session().send({ kind: 'read', read: 'status', parameters: {} }, signal)
    // The rest is the server's own.
    if (typeof body === 'object' && body !== null && '$type' in body && body.$type === 'Status') return body as Status
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a status from the server' })
  }
}
