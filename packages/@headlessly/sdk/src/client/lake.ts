// `$.lake`: an operator's commands for a tenant's files. Each returns the server's report.

import { isObject, parseJson } from 'digital-objects'
import type { CallOptions } from '../calls/call-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'

export type LakeReport = Readonly<Record<string, unknown>>

/** The keys give access to this tenant only. */
export interface AttachedLake {
  readonly tenant: string
  readonly s3: Readonly<Record<string, string>>
  readonly iceberg: Readonly<Record<string, string>>
  readonly clickhouse: { readonly catalog: readonly string[]; readonly table: readonly string[] }
  readonly duckdb: readonly string[]
  /** Lines of Python that open the catalog, and then those of each library. */
  readonly python: Readonly<Record<'catalog' | 'pyiceberg' | 'pandas' | 'polars', readonly string[]>>
  readonly spark: { readonly settings: Readonly<Record<string, string>>; readonly table: string }
}

export interface Lake {
  /** Brings all writes into files. */
  flush(options?: CallOptions): Promise<LakeReport>
  /** Checks that log, state, Iceberg table and files agree: `isWhole`. */
  verify(options?: CallOptions): Promise<LakeReport>
  /** Returns what other programs need to read the lake, with statements to paste. */
  attach(options?: CallOptions): Promise<AttachedLake>
  /** Rebuilds state, Iceberg table and files from the log. */
  rebuild(options?: CallOptions): Promise<LakeReport>
}

/** Large tenants need a long `timeoutMs`. */
export function makeLake(session: () => Session): Lake {
  const ask = async (command: 'flush' | 'verify' | 'rebuild', { signal }: CallOptions = {}): Promise<LakeReport> => {
    const { body } = await session().command({ path: `lake/${command}`, ...(signal === undefined ? {} : { signal }) })
    if (typeof body === 'object' && body !== null) return body as LakeReport
    throw new HeadlesslyError({ code: 'unexpected_answer', message: `lake.${command} expected a report` })
  }
  return Object.freeze<Lake>({
    flush: (options) => ask('flush', options),
    verify: (options) => ask('verify', options),
    rebuild: (options) => ask('rebuild', options),
    async attach({ signal } = {}) {
      const { transport } = session()
      if (transport.download === undefined)
        throw new HeadlesslyError({ code: 'forbidden', field: 'lake', message: 'the lake is not available here' })
      const text: string[] = []
      const decoder = new TextDecoder()
      for await (const part of transport.download({ path: 'lake', ...(signal === undefined ? {} : { signal }) }))
        text.push(decoder.decode(part, { stream: true }))
      const unexpected = { code: 'unexpected_answer', message: 'lake.attach expected a description' } as const
      const body = parseJson(text.join(''), () => new HeadlesslyError(unexpected))
      if (isObject(body) && 's3' in body) return body as unknown as AttachedLake // the server's contract
      throw new HeadlesslyError(unexpected)
    },
  })
}
