// `$.lake`: an operator's commands for a tenant's files. Each returns the server's report.

import type { CallOptions } from '../calls/call-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'

export type LakeReport = Readonly<Record<string, unknown>>

export interface Lake {
  /** Brings all writes into files. */
  flush(options?: CallOptions): Promise<LakeReport>
  /** Checks that log, state, Iceberg table and files agree: `isWhole`. */
  verify(options?: CallOptions): Promise<LakeReport>
  /** Rebuilds state, Iceberg table and files from the log. */
  rebuild(options?: CallOptions): Promise<LakeReport>
}

/** Large tenants need a long `timeoutMs`. */
export function makeLake(session: () => Session): Lake {
  const ask = async (command: keyof Lake, { signal }: CallOptions = {}): Promise<LakeReport> => {
    const { body } = await session().command({ path: `lake/${command}`, ...(signal === undefined ? {} : { signal }) })
    if (typeof body === 'object' && body !== null) return body as LakeReport
    throw new HeadlesslyError({ code: 'unexpected_answer', message: `lake.${command} expected a report` })
  }
  return Object.freeze<Lake>({
    flush: (options) => ask('flush', options),
    verify: (options) => ask('verify', options),
    rebuild: (options) => ask('rebuild', options),
  })
}
