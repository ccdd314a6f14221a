// `$.clock`: the tenant's clock, which is the server's unless the tenant is a test tenant.

import type { ClockState } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { Session } from '../calls/session.ts'

export interface Clock {
  read(options?: CallOptions): Promise<ClockState>
  /** Makes a tenant without entities a test tenant, whose clock stands at this time: `2026-01-01T00:00:00Z`. */
  set(now: string, options?: CallOptions): Promise<ClockState>
  /**
   * Advances a test clock by an ISO 8601 duration, `P1M`, or to a time, through the jobs that become due. If they take longer
   * than ten seconds, `advancingTo` says how far the clock goes on by itself. Sent once: a second time would advance it twice.
   */
  advance(by: string, options?: CallOptions): Promise<ClockState>
}

export function makeClock(session: () => Session): Clock {
  const change = async (body: object, { signal }: CallOptions = {}): Promise<ClockState> => {
    const call = { path: 'clock', body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) }
    return toClock((await session().command(call)).body)
  }
  return Object.freeze<Clock>({
    read: async ({ signal } = {}) =>
      toClock((await session().send({ kind: 'read', read: 'clock', parameters: {} }, signal)).body),
    set: (now, options) => change({ now }, options),
    advance: (advance, options) => change({ advance }, options),
  })
}

function toClock(body: unknown): ClockState {
  // The rest is the server's own.
  if (typeof body === 'object' && body !== null && 'isTest' in body) return body as ClockState
  throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a clock from the server' })
}
