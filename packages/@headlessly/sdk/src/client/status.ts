// `$.status()`: how much the tenant holds, how far its files lag behind, and which work is due.

import type { Status } from 'digital-objects'
import type { CallOptions } from '../calls/call-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'

export interface StatusOptions extends CallOptions {
  /** Adds the metrics of the business, and alerts. */
  readonly metrics?: boolean | undefined
  /** The time of metrics and alerts. */
  readonly asOf?: string | Date | undefined
}

export type ReadStatus = (options?: StatusOptions) => Promise<Status>

export function makeStatus(session: () => Session): ReadStatus {
  return async ({ signal, metrics, asOf } = {}) => {
    const time = asOf instanceof Date ? asOf.toISOString() : asOf
    const parameters = {
      ...(metrics === true ? { metrics: 'true' } : {}),
      ...(time === undefined ? {} : { asOf: time }),
    }
    const { body } = await session().send({ kind: 'read', read: 'status', parameters }, signal)
    // The rest is trusted.
    if (typeof body === 'object' && body !== null && '$type' in body && body.$type === 'Status') return body as Status
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a status from the server' })
  }
}
