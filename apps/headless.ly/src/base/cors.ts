// The Fetch standard's CORS. Pages whose writes are accepted may also read the answers, such as an app that is developed on
// another port of this machine. No other page can read anything.

import type { Fetch } from './fetch.ts'
import { isLocalOrigin } from './local-only.ts'

const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE'

/** Request headers, beyond those that every page may send. */
const allowedHeaders = [
  'content-type',
  'authorization',
  'x-api-key',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'x-headlessly-at',
  'x-headlessly-force',
  'x-headlessly-bookmark',
].join(', ')

/** Response headers that a page may read. */
const exposedHeaders = [
  'x-headlessly-bookmark',
  'x-headlessly-source',
  'x-headlessly-commit',
  'x-headlessly-changed',
  'x-headlessly-attempts',
  'x-headlessly-tenant',
  'x-headlessly-session',
  'x-headlessly-session-ends',
  'etag',
  'location',
  'allow',
  'idempotent-replay',
  'x-request-id',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'retry-after',
].join(', ')

/** The longest that any browser keeps it. */
const maxAgeSeconds = '7200'

/** Wraps the whole front door, so that it covers every answer. */
export function cors<Env extends { readonly ALLOWED_HOSTS?: string }, Context>(
  fetch: Fetch<Env, Context>,
): Fetch<Env, Context> {
  return (request, env, context) => {
    const origin = request.headers.get('origin')
    if (origin === null) return fetch(request, env, context)
    const answer = (): Response | Promise<Response> => fetch(request, env, context)
    return answerPage(request, { origin, allowedHosts: env.ALLOWED_HOSTS, answer })
  }
}

interface Page {
  readonly origin: string
  readonly allowedHosts: string | undefined
  readonly answer: () => Response | Promise<Response>
}

async function answerPage(request: Request, { origin, allowedHosts, answer }: Page): Promise<Response> {
  // The host counts too: a foreign name that points to this machine is the origin of its own pages.
  const isAllowed = isLocalOrigin(origin, allowedHosts) && isLocalOrigin(new URL(request.url).origin, allowedHosts)
  const { method, headers } = request
  if (isAllowed && method === 'OPTIONS' && headers.has('access-control-request-method')) return preflight(origin)
  const answered = await answer()
  // The response to a WebSocket upgrade has no such headers and cannot be copied.
  return answered.status === 101 ? answered : withHeaders(answered, isAllowed ? origin : undefined)
}

function preflight(origin: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': allowedMethods,
      'access-control-allow-headers': allowedHeaders,
      'access-control-max-age': maxAgeSeconds,
      vary: 'origin',
    },
  })
}

/** A copy, since headers of a response that was fetched cannot be changed. */
function withHeaders(answer: Response, allowedOrigin: string | undefined): Response {
  const { status, statusText, body } = answer
  const headers = new Headers(answer.headers)
  if (headers.get('vary')?.includes('origin') !== true) headers.append('vary', 'origin')
  if (allowedOrigin !== undefined) {
    headers.set('access-control-allow-origin', allowedOrigin)
    headers.set('access-control-expose-headers', exposedHeaders)
  }
  return new Response(body, { status, statusText, headers })
}
