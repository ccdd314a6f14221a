// `$.do`: a function that runs next to the data, as one request. It travels as its source, so what it uses from around
// itself stays behind: it has its client and what it is given.

import { restoreExceptions, type JsonException } from 'digital-objects'
import type { CallOptions } from '../calls/call-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { toJsonText } from '../calls/json-text.ts'
import type { Session } from '../calls/session.ts'

export interface DoOptions extends CallOptions {
  /**
   * The keys of the writes inside are made from it and from their order, so that running the same code again under it
   * writes nothing twice. That holds for code that does the same each time it sees the same.
   */
  readonly idempotencyKey?: string
  /** Is told each line that the code wrote to the console, when it has ended. */
  readonly onLog?: (line: string) => void
}

/** A `Date` comes as JSON makes of it; undefined, NaN and the like come as they are. */
export interface Do<Client> {
  /** `given` goes as JSON, to the function's second parameter. */
  <Result, Given>(
    code: ($: Client, given: Given) => Result,
    options: DoOptions & { readonly given: Given },
  ): Promise<Awaited<Result>>
  /** The source of one function: `async ($) => $.Contact.count()`. */
  (source: string, options?: DoOptions & { readonly given?: unknown }): Promise<unknown>
  /**
   * Its writes are commits of their own, and stay when it fails later. It takes 10 s and 1,000 calls at most, has no
   * network, and nothing of it is left when it has ended. Sent once: what it throws is thrown here.
   */
  <Result>(code: ($: Client) => Result, options?: DoOptions): Promise<Awaited<Result>>
}

export function makeDo<Client>(session: () => Session): Do<Client> {
  const run = async (code: unknown, options: DoOptions & { readonly given?: unknown } = {}): Promise<never> => {
    const { given, signal, idempotencyKey, onLog } = options
    const named = { what: 'do', code: 'validation_error', isUndefinedRefused: false } as const
    const { text, links } = toJsonText({ code: sourceOf(code), given }, named)
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
      })
      const { result, exceptions, logs } = parseBody(body)
      tell(logs, onLog)
      // What the function gives, which the compiler was told of where it was written.
      return restoreExceptions(result, exceptions) as never
    } catch (error) {
      if (error instanceof HeadlesslyError) tell(error.detail['logs'], onLog)
      throw error
    }
  }
  return run
}

function sourceOf(code: unknown): string {
  if (typeof code === 'string') return code
  if (typeof code !== 'function') {
    const message = `do expects a function or its source, got ${code === null ? 'null' : typeof code}`
    throw new HeadlesslyError({ code: 'validation_error', field: 'code', message })
  }
  const source = Function.prototype.toString.call(code)
  if (!/\{\s*\[native code\]\s*\}$/.test(source)) return source
  const message = 'do expects a function whose source can be read, which that of a bound or built-in one cannot'
  throw new HeadlesslyError({ code: 'validation_error', field: 'code', message })
}

function tell(logs: unknown, onLog: ((line: string) => void) | undefined): void {
  if (onLog === undefined || !Array.isArray(logs)) return
  for (const line of logs) onLog(String(line))
}

function parseBody(body: unknown): {
  readonly result: unknown
  readonly exceptions: readonly JsonException[]
  readonly logs: unknown
} {
  if (typeof body !== 'object' || body === null || !('result' in body))
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'do expected a result' })
  const { exceptions, logs } = { exceptions: [], logs: [], ...body }
  // As the server's own writes them.
  return { result: body.result, exceptions: Array.isArray(exceptions) ? exceptions : [], logs }
}
