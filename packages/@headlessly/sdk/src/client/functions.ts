// `$.functions`: stored functions of the tenant, by their names.

import { isPlainObject } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { makeKey } from '../calls/make-key.ts'
import type { Session } from '../calls/session.ts'

export interface FunctionInput {
  /** A function, or its source. It uses nothing from outside but its parameters. */
  readonly source: string | ((...given: never[]) => unknown)
  /** `Contact.qualifying`, `Contact.qualified`, or a pattern of events such as `Deal.*`. */
  readonly on?: string | undefined
  /** Cron of five fields in UTC. */
  readonly schedule?: string | undefined
  readonly description?: string | undefined
}

export interface StoredFunction {
  readonly $id: string
  readonly $version: number
  readonly name: string
  readonly source: string
  readonly on?: string
  readonly schedule?: string
  readonly description?: string
  readonly status: 'Enabled' | 'Disabled'
  /** Why it was disabled. */
  readonly reason?: string
}

export interface FunctionRun {
  readonly at: string
  readonly ms: number
  readonly ok: boolean
  readonly cause?: string
  readonly error?: string
  readonly line?: number
  readonly logs: readonly string[]
}

interface RunOptions extends CallOptions {
  /** Travels as JSON. */
  readonly given?: unknown
  /** Called with each line that the function printed. */
  readonly onLog?: ((line: string) => void) | undefined
}

export interface Functions {
  list(options?: CallOptions): Promise<readonly StoredFunction[]>
  get(name: string, options?: CallOptions): Promise<StoredFunction | undefined>
  /** Stores a function under a name. The same again changes nothing. */
  put(name: string, input: FunctionInput, options?: CallOptions): Promise<StoredFunction>
  remove(name: string, options?: CallOptions): Promise<void>
  /** Runs a function with the rights of the caller, and returns its result. */
  run(name: string, options?: RunOptions): Promise<unknown>
  /** The runs that triggers have started, oldest first. */
  runs(name: string, options?: CallOptions): Promise<readonly FunctionRun[]>
}

/** A page of a list. */
const pageMax = '100'

export function makeFunctions(session: () => Session): Functions {
  const find = async (
    filter: object,
    { cursor, signal }: CallOptions & { readonly cursor?: string | undefined } = {},
  ): Promise<{ readonly results: readonly StoredFunction[]; readonly cursor: unknown }> => {
    const parameters = { filter: JSON.stringify(filter), sort: 'name', limit: pageMax, strong: 'true' }
    const call = { kind: 'read', read: 'find', noun: 'Function' } as const
    const page = { ...parameters, ...(cursor === undefined ? {} : { cursor }) }
    const { body } = await session().send({ ...call, parameters: page }, signal)
    return { results: resultsOf(body) as readonly StoredFunction[], cursor: isPlainObject(body) && body['cursor'] }
  }
  const get = async (name: string, options: CallOptions = {}): Promise<StoredFunction | undefined> =>
    (await find({ name }, options)).results[0]
  const write = async (
    of: { readonly verb: string; readonly id?: string; readonly body: object },
    options: CallOptions,
  ) => {
    const { verb, id, body } = of
    const target = id === undefined ? {} : { id }
    const text = verb === 'delete' ? '' : JSON.stringify(body)
    const call = { kind: 'write', noun: 'Function', verb, ...target, body: text, idempotencyKey: makeKey() } as const
    return (await session().send(call, options.signal)).body
  }
  return Object.freeze<Functions>({
    async list(options = {}) {
      const all: StoredFunction[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page = await find({}, { ...options, cursor: cursor === '' ? undefined : cursor })
        all.push(...page.results)
        cursor = typeof page.cursor === 'string' ? page.cursor : undefined
      }
      return all
    },
    get,
    async put(name, { source, on, schedule, description }, options = {}) {
      const text = typeof source === 'string' ? source : Function.prototype.toString.call(source)
      const given = { source: text, on, schedule, description }
      const stored = await get(name, options)
      if (stored === undefined)
        return (await write({ verb: 'create', body: { ...given, name } }, options)) as StoredFunction
      const cleared = Object.fromEntries(Object.entries(given).map(([field, value]) => [field, value ?? null]))
      return (await write({ verb: 'update', id: stored.$id, body: cleared }, options)) as StoredFunction
    },
    async remove(name, options = {}) {
      const stored = await get(name, options)
      if (stored !== undefined) await write({ verb: 'delete', id: stored.$id, body: {} }, options)
    },
    run: (name, options) => run(session(), name, options),
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
