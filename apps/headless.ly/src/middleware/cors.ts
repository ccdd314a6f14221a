// Middleware: the Fetch standard's CORS. Pages whose writes are accepted may also read the answers, such as an app that is
// developed on another port of this machine. No other page can read anything.

import type { Context, MiddlewareHandler, Next } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { isLocalOrigin } from '../base/local-only.ts'

const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE'

/** Request headers, beyond those that every page may send. */
const allowedHeaders = [
  'content-type',
  'authorization',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'x-headlessly-bookmark',
].join(', ')

/** Response headers that a page may read. */
const exposedHeaders = [
  'x-headlessly-bookmark',
  'x-headlessly-source',
  'x-headlessly-commit',
  'x-headlessly-changed',
  'etag',
  'location',
  'allow',
  'idempotent-replay',
  'x-request-id',
  'retry-after',
].join(', ')

/** The longest that any browser keeps it. */
const maxAgeSeconds = '7200'

/** Before all other middleware, so that it covers every answer. */
export const cors: MiddlewareHandler<AppEnv> = (c, next) => {
  const origin = c.req.raw.headers.get('origin')
  return origin === null ? next() : answerPage(c, next, origin)
}

async function answerPage(c: Context<AppEnv>, next: Next, origin: string): Promise<Response | undefined> {
  const { ALLOWED_HOSTS } = c.env
  // The host counts too: a foreign name that points to this machine is the origin of its own pages.
  const isAllowed = isLocalOrigin(origin, ALLOWED_HOSTS) && isLocalOrigin(new URL(c.req.url).origin, ALLOWED_HOSTS)
  const { method, headers } = c.req.raw
  if (isAllowed && method === 'OPTIONS' && headers.has('access-control-request-method')) return preflight(origin)
  await next()
  // The response to a WebSocket upgrade has no such headers and cannot be copied.
  if (c.res.status !== 101) c.res = withHeaders(c, isAllowed ? origin : undefined)
  return undefined
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
function withHeaders(c: Context<AppEnv>, allowedOrigin: string | undefined): Response {
  const { status, statusText, body, headers: given } = c.res
  const headers = new Headers(given)
  if (headers.get('vary')?.includes('origin') !== true) headers.append('vary', 'origin')
  if (allowedOrigin !== undefined) {
    headers.set('access-control-allow-origin', allowedOrigin)
    headers.set('access-control-expose-headers', exposedHeaders)
  }
  // Hono would otherwise add the headers of the old response to the new one.
  c.res = undefined
  return new Response(body, { status, statusText, headers })
}
