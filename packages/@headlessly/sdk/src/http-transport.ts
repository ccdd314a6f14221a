// The transport over HTTP, and server-sent events: plain `fetch`, which every platform has.

import { HeadlesslyError } from './headlessly-error.ts'
import { bookmarkHeader, problemToError } from './problem-to-error.ts'
import type { Settings } from './settings.ts'
import { readServerSentEvents } from './server-sent-events.ts'
import type { Answer, Call, Heard, ListenCall, Transport, WriteCall } from './transport.ts'

/** The server says something every 20 s; a stream that is silent for longer has lost its server. */
const silenceMsMax = 50_000

export function httpTransport(settings: Settings, limits = { silenceMs: silenceMsMax }): Transport {
  const base = `${settings.endpoint}/~${settings.tenant}`
  return {
    send: (call) => send(settings, base, call),
    listen: (call) => listen({ settings, base, silenceMs: limits.silenceMs }, call),
  }
}

async function send(settings: Settings, base: string, call: Call): Promise<Answer> {
  const { method, path, headers, body } = toRequest(call)
  const { signal } = call
  signal?.throwIfAborted()
  const deadline = new AbortController()
  const late = setTimeout(() => deadline.abort(), settings.timeoutMs)
  const stop = (): void => deadline.abort()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const response = await settings.fetch(base + path, {
      method,
      redirect: 'manual',
      signal: deadline.signal,
      headers: {
        accept: 'application/json',
        ...authorization(settings),
        ...(call.bookmark === undefined ? {} : { [bookmarkHeader]: call.bookmark }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    if (!response.ok) throw problemToError(response, { text, isVersionExpected: 'if-match' in headers })
    return {
      body: text === '' ? undefined : parseBody(response, text),
      bookmark: response.headers.get(bookmarkHeader) ?? undefined,
    }
  } catch (error) {
    signal?.throwIfAborted()
    const why = deadline.signal.aborted ? `did not answer within ${settings.timeoutMs} ms` : undefined
    throw toNetworkError(error, { settings, why })
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', stop)
  }
}

interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

function toRequest(call: Call): HttpRequest {
  if (call.kind === 'read') return readRequest(call)
  return call.kind === 'write' ? writeRequest(call) : { method: 'POST', path: `/lake/${call.command}`, headers: {} }
}

function readRequest(call: Extract<Call, { kind: 'read' }>): HttpRequest {
  const query = new URLSearchParams(call.parameters).toString()
  return { method: 'GET', path: readPath(call) + (query === '' ? '' : `?${query}`), headers: {} }
}

function readPath({ read, noun = '', id = '' }: Extract<Call, { kind: 'read' }>): string {
  const [type, target] = [encodeURIComponent(noun), encodeURIComponent(id)]
  switch (read) {
    case 'get':
      return `/${type}/${target}`
    case 'find':
      return `/${type}`
    case 'count':
      return `/${type}/count`
    case 'history':
    case 'diff':
      return `/${type}/${target}/${read}`
    case 'events':
      return '/events'
    case 'event':
      return `/events/${target}`
    default:
      return unreachable(read)
  }
}

function writeRequest(call: WriteCall): HttpRequest {
  const { noun, verb, id, body, ifVersion, idempotencyKey } = call
  const headers = {
    'idempotency-key': idempotencyKey,
    ...(ifVersion === undefined ? {} : { 'if-match': `"${ifVersion}"` }),
  }
  const path = `/${encodeURIComponent(noun)}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`
  if (verb === 'delete') return { method: 'DELETE', path, headers }
  const isCrud = verb === 'create' || verb === 'update'
  return {
    method: verb === 'update' ? 'PATCH' : 'POST',
    path: isCrud ? path : `${path}/${encodeURIComponent(verb)}`,
    headers: { 'content-type': 'application/json', ...headers },
    body,
  }
}

async function* listen(
  { settings, base, silenceMs }: { settings: Settings; base: string; silenceMs: number },
  call: ListenCall,
): AsyncGenerator<Heard> {
  const { pattern, after, signal } = call
  const connection = new AbortController()
  const stop = (): void => connection.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  let silence = setTimeout(stop, settings.timeoutMs)
  const heardSomething = (): void => {
    clearTimeout(silence)
    silence = setTimeout(stop, silenceMs)
  }
  try {
    const response = await settings.fetch(`${base}/events?${new URLSearchParams({ type: pattern }).toString()}`, {
      redirect: 'manual',
      signal: connection.signal,
      headers: { accept: 'text/event-stream', 'last-event-id': String(after), ...authorization(settings) },
    })
    if (!response.ok) throw problemToError(response, { text: await response.text() })
    if (response.body === null || response.headers.get('content-type')?.startsWith('text/event-stream') !== true)
      throw unexpected(response, 'an event stream')
    for await (const message of readServerSentEvents(response.body, heardSomething)) {
      // While an event is handled nothing is read, which is no silence of the server's.
      clearTimeout(silence)
      if (/^\d{1,15}$/.test(message.id)) yield { seq: Number(message.id), text: message.data }
      heardSomething()
    }
  } catch (error) {
    if (signal.aborted) return
    throw toNetworkError(error, { settings, why: connection.signal.aborted ? 'fell silent' : undefined })
  } finally {
    clearTimeout(silence)
    signal.removeEventListener('abort', stop)
    stop()
  }
}

function authorization({ apiKey }: Settings): Readonly<Record<string, string>> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
}

function parseBody(response: Response, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw unexpected(response, 'JSON')
  }
}

function unexpected(response: Response, what: string): HeadlesslyError {
  return new HeadlesslyError({
    code: 'unexpected_answer',
    status: response.status,
    message: `expected ${what}, got '${response.headers.get('content-type')?.slice(0, 64) ?? 'nothing'}'`,
  })
}

/** Platforms throw various things where no answer came; what they have in common is that there was none. */
function toNetworkError(error: unknown, options: { settings: Settings; why: string | undefined }): HeadlesslyError {
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

function unreachable(read: never): never {
  throw new Error(`no such read: ${String(read)}`)
}
