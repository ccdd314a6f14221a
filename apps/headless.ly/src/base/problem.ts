// The one place where an error becomes an HTTP response: RFC 9457 problem details with a stable `code`.

import { formatInternalError, type ObjectErrorData } from 'digital-objects'
import { problemOf } from 'objects.do'
import { varyHeader } from './vary.ts'

interface Logged {
  readonly error: Error
  /** `GET /~acme/Contact` */
  readonly request: string
}

/** `log`: a fault of ours, logged with the request and with the id that the client gets. */
export function problemResponse(
  error: ObjectErrorData,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly log?: Logged } = {},
): Response {
  const problem = problemOf(error)
  const { requestId, status } = problem
  if (options.log !== undefined) {
    const { error: fault, request } = options.log
    console.error(formatInternalError(fault, { requestId, request }))
  }
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      vary: varyHeader,
      'x-request-id': requestId,
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(typeof problem['retryAfterSeconds'] === 'number'
        ? { 'retry-after': String(problem['retryAfterSeconds']) }
        : {}),
      ...rateHeaders(problem),
      ...options.headers,
    },
  })
}

/** A request that was refused for its rate has counted for nothing, so its answer says the rate itself. */
function rateHeaders({ code, limit, reset }: ReturnType<typeof problemOf>): Readonly<Record<string, string>> {
  if (code !== 'rate_limited') return {}
  return { 'x-ratelimit-limit': String(limit), 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) }
}
