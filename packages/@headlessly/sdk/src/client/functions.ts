// `$.functions`: stored functions of the tenant, by their names.

import { isPlainObject } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import {
  findFunction,
  type FunctionInput,
  putFunction,
  removeFunction,
  type StoredFunction,
} from '../calls/put-function.ts'
import type { Session } from '../calls/session.ts'

export interface FunctionRun {
  readonly at: string
  readonly ms: number
  readonly ok: boolean
  readonly cause?: string
  readonly error?: string
  readonly line?: number
  readonly logs: readonly string[]
  /** Requests that it has sent to other servers. */
  readonly requests?: readonly {
    readonly method: string
    readonly url: string
    readonly ms: number
    readonly status?: number
    readonly error?: string
  }[]
}

interface RunOptions extends CallOptions {
  /** Travels as JSON. */
  readonly given?: unknown
  /** Called with each line that the function printed. */
  readonly onLog?: ((line: string) => void) | undefined
}

export type BacktestOptions = CallOptions & { readonly limit?: number | undefined } & (
    | { readonly since: string | Date; readonly cursor?: undefined }
    | { readonly cursor: string; readonly since?: undefined }
  )

export interface Backtest {
  readonly results: readonly BacktestRun[]
  readonly hasMore: boolean
  /** Continues after these events. */
  readonly cursor: string | null
}

export interface BacktestRun {
  readonly event: string
  readonly type: string
  readonly target: string
  readonly timestamp: string
  readonly ok: boolean
  /** Why it would have failed, or refused. */
  readonly error?: string
  readonly line?: number
  /** Fields that a function before a verb would have set to something else than the event has. */
  readonly changes?: Readonly<Record<string, unknown>>
  /** The first events of its writes. */
  readonly events?: readonly { readonly type: string; readonly target: string; readonly changes: unknown }[]
  readonly eventCount?: number
  /** Requests that it would have sent. */
  readonly requests?: readonly { readonly method: string; readonly url: string; readonly error?: string }[]
  readonly logs: readonly string[]
}

export interface Functions {
  list(options?: CallOptions): Promise<readonly StoredFunction[]>
  get(name: string, options?: CallOptions): Promise<StoredFunction | undefined>
  /** Stores a function under a name. The same again changes nothing. */
  put(name: string, input: FunctionInput, options?: CallOptions): Promise<StoredFunction>
  remove(name: string, options?: CallOptions): Promise<void>
  /** Runs a function with the rights of the caller, and returns its result. */
  run(name: string, options?: RunOptions): Promise<unknown>
  /** Runs a function over events of the past, at most 50 at a time, and shows what it would have done. It writes and sends nothing. */
  backtest(name: string, options: BacktestOptions): Promise<Backtest>
  /** The runs that triggers have started, oldest first. */
  runs(name: string, options?: CallOptions): Promise<readonly FunctionRun[]>
}

/** A page of a list. */
const pageMax = '100'

export function makeFunctions(session: () => Session): Functions {
  const find = async ({ cursor, signal }: CallOptions & { readonly cursor?: string | undefined } = {}): Promise<{
    readonly results: readonly StoredFunction[]
    readonly cursor: unknown
  }> => {
    const parameters = { sort: 'name', limit: pageMax, strong: 'true' }
    const call = { kind: 'read', read: 'find', noun: 'Function' } as const
    const page = { ...parameters, ...(cursor === undefined ? {} : { cursor }) }
    const { body } = await session().send({ ...call, parameters: page }, signal)
    return { results: resultsOf(body) as readonly StoredFunction[], cursor: isPlainObject(body) && body['cursor'] }
  }
  return Object.freeze<Functions>({
    async list(options = {}) {
      const all: StoredFunction[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page = await find({ ...options, cursor: cursor === '' ? undefined : cursor })
        all.push(...page.results)
        cursor = typeof page.cursor === 'string' ? page.cursor : undefined
      }
      return all
    },
    get: (name, options) => findFunction(session(), name, options),
    put: (name, input, options) => putFunction(session(), { ...input, name }, options),
    remove: (name, options) => removeFunction(session(), name, options),
    run: (name, options) => run(session(), name, options),
    async backtest(name, { since, cursor, limit, signal }) {
      const { body } = await session().command({
        path: `functions/${encodeURIComponent(name)}/backtest`,
        body: JSON.stringify({ since, cursor, limit }),
        ...(signal === undefined ? {} : { signal }),
      })
      resultsOf(body)
      return body as Backtest
    },
    async runs(name, { signal } = {}) {
      const call = { kind: 'read', read: 'functions.runs', id: name, parameters: { limit: '200' } } as const
      return resultsOf((await session().send(call, signal)).body) as readonly FunctionRun[]
    },
  })
}

async function run(session: Session, name: string, { given, onLog, signal }: RunOptions = {}): Promise<unknown> {
  const { body } = await session.command({
    path: `functions/${encodeURIComponent(name)}/run`,
    body: JSON.stringify({ given }),
    ...(signal === undefined ? {} : { signal }),
  })
  const { result, logs } = isPlainObject(body) ? body : {}
  if (onLog !== undefined && Array.isArray(logs)) for (const line of logs) onLog(String(line))
  return result
}

/** The form of the items is the server's own. */
function resultsOf(body: unknown): readonly unknown[] {
  const results = isPlainObject(body) ? body['results'] : undefined
  if (Array.isArray(results)) return results
  throw new HeadlesslyError({ code: 'unexpected_answer', message: "expected 'results' from the server" })
}
