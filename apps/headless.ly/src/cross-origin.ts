// Pages of other origins, by the Fetch standard's CORS: those whose writes are taken may also read the answers, such as
// an app that is developed at another port of this machine. No other page gets to see anything.

import type { Env } from './env.ts'
import { isLocalOrigin } from './local-only.ts'

type Fetch = (request: Request, env: Env, context: ExecutionContext) => Response | Promise<Response>

const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE'

/** What a caller may say, beyond what any page may. */
const allowedHeaders = [
  'content-type',
  'authorization',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'x-headlessly-bookmark',
].join(', ')

/** What a page may read of the head of an answer. */
const exposedHeaders = [
  'x-headlessly-bookmark',
  'x-headlessly-source',
  'etag',
  'location',
  'allow',
  'idempotent-replay',
  'x-request-id',
  'retry-after',
].join(', ')

/** As long as any browser keeps it. */
const maxAgeSeconds = '7200'

/** Around everything else, so that every answer is covered, whoever made it. */
export function withCrossOrigin(fetch: Fetch): Fetch {
  return (request, env, context) => {
    const origin = request.headers.get('origin')
    return origin === null ? fetch(request, env, context) : answerPage(origin, { fetch, request, env, context })
  }
}

async function answerPage(
  origin: string,
  call: { readonly fetch: Fetch; readonly request: Request; readonly env: Env; readonly context: ExecutionContext },
): Promise<Response> {
  const { fetch, request, env, context } = call
  // The host is part of it: a foreign name that was pointed here is its own page's origin.
  const isAllowed =
    isLocalOrigin(origin, env.ALLOWED_HOSTS) && isLocalOrigin(new URL(request.url).origin, env.ALLOWED_HOSTS)
  if (isAllowed && request.method === 'OPTIONS' && request.headers.has('access-control-request-method'))
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
  const answer = await fetch(request, env, context)
  // A WebSocket has no such head, and cannot be made again.
  if (answer.status === 101) return answer
  const { status, statusText, body } = answer
  // Those of an answer that came from elsewhere cannot be added to.
  const headers = new Headers(answer.headers)
  headers.append('vary', 'origin')
  if (isAllowed) {
    headers.set('access-control-allow-origin', origin)
    headers.set('access-control-expose-headers', exposedHeaders)
  }
  return new Response(body, { status, statusText, headers })
}
