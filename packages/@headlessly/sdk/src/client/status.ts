// `$.status()`: how much the tenant holds, how far its files lag behind, and which work is due.

import type { Status } from 'digital-objects'
import type { CallOptions } from '../calls/call-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'

export type ReadStatus = (options?: CallOptions) => Promise<Status>

export function makeStatus(session: () => Session): ReadStatus {
  return async ({ signal } = {}) => {
    const { body } = await session().send({ kind: 'read', read: 'status', parameters: {} }, signal)
    // The rest is trusted.
    if (typeof body === 'object' && body !== null && '$type' in body && body.$type === 'Status') return body as Status
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a status from the server' })
  }
}
