// HTTP as the client uses it: requests that are answered or refused. It needs only `fetch`, which every platform has.

import { parseJson } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { bookmarkHeader, problemToError } from './problem-to-error.ts'
import type { ServerSettings, Settings } from './settings.ts'
import type { Answer, CommandCall } from './transport.ts'
import { withDeadline } from './with-deadline.ts'

export interface Posting {
  readonly body?: NonNullable<RequestInit['body']>
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

/** Posts to a path below the tenant. The caller handles refusals. Throws `network_error` if no answer came. */
export function post(
  settings: Settings,
  path: string,
  { body, headers, signal }: Posting,
): Promise<{ readonly response: Response; readonly text: string }> {
  return withDeadline({ ...settings, signal }, async (ending) => {
    try {
      const response = await settings.fetch(`${baseOf(settings)}/${path}`, {
        method: 'POST',
        redirect: 'manual',
        signal: ending,
        headers: { ...authorization(settings), ...headers },
        ...(body === undefined ? {} : { body }),
        // Platforms demand it for a body that is a stream.
        ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
      })
      return { response, text: await response.text() }
    } catch (error) {
      throw toNetworkError(error, { settings, why: undefined })
    }
  })
}

/** Sends a request to the server itself. Returns the body. Throws the server's refusal. */
export function sendToServer(
  settings: ServerSettings,
  request: {
    readonly method: 'GET' | 'POST' | 'DELETE'
    readonly path: string
    /** JSON. */
    readonly body?: string
    readonly signal: AbortSignal | undefined
  },
): Promise<string> {
  const { method, path, body, signal } = request
  return withDeadline({ ...settings, signal }, async (ending) => {
    try {
      const headers = {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...authorization(settings),
      }
      const sent = body === undefined ? {} : { body }
      const init = { method, redirect: 'manual', signal: ending, headers, ...sent } as const
      const response = await settings.fetch(`${settings.endpoint}/${path}`, init)
      const text = await response.text()
      if (!response.ok) throw problemToError(response, text)
      return text
    } catch (error) {
      throw toNetworkError(error, { settings, why: undefined })
    }
  })
}

export async function sendCommand(settings: Settings, call: CommandCall): Promise<Answer> {
  const { path, file, bookmark, idempotencyKey, at, signal } = call
  const body = file?.content ?? call.body
  const headers = {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': file?.mediaType ?? 'application/json' }),
    ...(bookmark === undefined ? {} : { [bookmarkHeader]: bookmark }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    ...(at === undefined ? {} : { 'x-headlessly-at': at }),
  }
  const patient = file === undefined ? settings : { ...settings, timeoutMs: file.timeoutMs }
  const { response, text } = await post(patient, path, { headers, signal, ...(body === undefined ? {} : { body }) })
  if (!response.ok) throw problemToError(response, text)
  return {
    body: text === '' ? undefined : parseJson(text, () => unexpected(response, 'JSON')),
    bookmark: response.headers.get(bookmarkHeader) ?? undefined,
  }
}

export function baseOf({ endpoint, tenant }: Settings): string {
  return `${endpoint}/~${tenant}`
}

export function authorization({ apiKey }: ServerSettings): Readonly<Record<string, string>> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
}

export function unexpected(response: Response, what: string): HeadlesslyError {
  return new HeadlesslyError({
    code: 'unexpected_answer',
    status: response.status,
    message: `expected ${what}, got '${response.headers.get('content-type')?.slice(0, 64) ?? 'nothing'}'`,
  })
}

/** Platforms throw different errors when no answer arrives. */
export function toNetworkError(
  error: unknown,
  options: { settings: ServerSettings; why: string | undefined },
): HeadlesslyError {
  if (error instanceof HeadlesslyError) return error
  const { settings, why = whatWentWrong(error) } = options
  return new HeadlesslyError({ code: 'network_error', message: `${settings.endpoint} ${why}`, cause: error })
}

function whatWentWrong(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return 'cannot be reached'
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
  return `cannot be reached: ${code}`
}
