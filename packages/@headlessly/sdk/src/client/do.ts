// `$.do`: runs a function next to the data, in one request. It travels as source, so it has its client and what it is given,
// and no outer variables.

import { isPlainObject, restoreExceptions, type JsonException } from 'digital-objects'
import { checkOptions } from '../base/check-options.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { type HappenedAt, toAt } from '../calls/happened-at.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { type DryRun, registerPlan } from '../calls/dry-run.ts'
import { sourceOf } from '../calls/function-source.ts'
import { toJsonText } from '../calls/json-text.ts'
import type { Session } from '../calls/session.ts'

const doOptions = {
  at: 'time',
  given: 'any',
  signal: 'signal',
  idempotencyKey: 'string',
  onLog: 'function',
  atomic: 'boolean',
  dryRun: 'boolean',
} as const

export interface DoOptions extends CallOptions, HappenedAt {
  /**
   * Covers the whole commit: repeating the same code under it writes nothing, and returns the result of the first run. With
   * `atomic: false` it covers each write by its order, provided that the code is deterministic.
   */
  readonly idempotencyKey?: string | undefined
  /**
   * True by default: all writes of the code are one commit, made when it has ended well, or none. With false, each write is
   * a commit of its own and stays if the code fails later.
   */
  readonly atomic?: boolean | undefined
  /** Called with each line that the code wrote to the console, when it has ended. */
  readonly onLog?: ((line: string) => void) | undefined
}

/** A `Date` arrives as a string, as in JSON; undefined, NaN and the like arrive as they are. */
export interface Do<Client> {
  /** Runs the code without writing anything. `$.plans.execute` makes its writes without running it again. */
  <Result, Given>(
    code: (($: Client, given: Given) => Result) | string,
    options: DoOptions & { readonly given?: Given; readonly dryRun: true },
  ): Promise<DryRun<Awaited<Result>>>
  /** `given` travels as JSON and becomes the function's second argument. */
  <Result, Given>(
    code: ($: Client, given: Given) => Result,
    options: DoOptions & { readonly given: Given },
  ): Promise<Awaited<Result>>
  /** Takes the source of one function: `async ($) => $.Contact.count()`. */
  (source: string, options?: DoOptions & { readonly given?: unknown }): Promise<unknown>
  /**
   * All its writes are one commit, or none if it fails. It sees the tenant as of one moment, and its own writes; if others
   * change what it has read, it runs again from its start, and after some attempts fails with `read_conflict`. It may take
   * 5 s and 1,000 calls, and has no network. Sent once; an error in it is thrown here.
   */
  <Result>(code: ($: Client) => Result, options?: DoOptions): Promise<Awaited<Result>>
}

export function makeDo<Client>(session: () => Session): Do<Client> {
  const run = async (
    code: unknown,
    options: DoOptions & { readonly given?: unknown; readonly dryRun?: boolean } = {},
  ): Promise<never> => {
    checkOptions(options, { what: 'do', kinds: doOptions })
    const { at, given, signal, idempotencyKey, onLog, atomic, dryRun } = options
    const named = { what: 'do', code: 'validation_error', isUndefinedRefused: false } as const
    const { text, links } = toJsonText({ code: sourceOf(code, 'do'), given, atomic, dryRun }, named)
    if (links.length > 0) {
      const message = 'do: given contains a pending value; await it first'
      throw new HeadlesslyError({ code: 'validation_error', field: 'given', message })
    }
    try {
      const { body } = await session().command({
        path: 'do',
        body: text,
        ...(signal === undefined ? {} : { signal }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...toAt('do', at),
      })
      const { result, logs } = parseBody(body)
      tell(logs, onLog)
      // The function's own result type.
      return (dryRun === true ? tried(body, result) : result) as never
    } catch (error) {
      if (error instanceof HeadlesslyError) tell(error.detail['logs'], onLog)
      throw error
    }
  }
  return run
}

function tell(logs: unknown, onLog: ((line: string) => void) | undefined): void {
  if (onLog === undefined || !Array.isArray(logs)) return
  for (const line of logs) onLog(String(line))
}

function tried(body: unknown, result: unknown): object {
  const { events, refusals, plan } = isPlainObject(body) ? body : {}
  const dry = { dryRun: true, events, refusals, result, plan }
  return registerPlan(dry, (answer) => Promise.resolve(parseBody(answer).result))
}

function parseBody(body: unknown): { readonly result: unknown; readonly logs: unknown } {
  if (typeof body !== 'object' || body === null || !('result' in body))
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'do expected a result' })
  const { exceptions, logs } = { exceptions: [], logs: [], ...body }
  // The server wrote them.
  const known: readonly JsonException[] = Array.isArray(exceptions) ? exceptions : []
  return { result: restoreExceptions(body.result, known), logs }
}
