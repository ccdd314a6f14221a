// `$.lake`: what an operator asks of a tenant's files. Each gives the server's report.

import type { CallOptions } from '../calls/call-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'

export type LakeReport = Readonly<Record<string, unknown>>

export interface Lake {
  /** Everything that was written is in files. */
  flush(options?: CallOptions): Promise<LakeReport>
  /** Whether log, state, Iceberg table and files say the same: `isWhole`. */
  verify(options?: CallOptions): Promise<LakeReport>
  /** State, Iceberg table and files are made again from the log. */
  rebuild(options?: CallOptions): Promise<LakeReport>
}

/** A client that asks for a tenant of any size wants a long `timeoutMs`. */
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
