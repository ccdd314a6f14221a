// A browser without a session that opens a page gets the sign-in page instead of a refusal, and comes back afterwards.

import { requiresSignIn } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'

/** Programs, and requests that presented a proof of their own, get the refusal. */
export function sendToSignIn(
  request: Request,
  env: Env,
  answered: Response | Promise<Response>,
): Response | Promise<Response> {
  if (!requiresSignIn(env) || !opensPage(request)) return answered
  return answered instanceof Promise ? answered.then((answer) => send(request, answer)) : send(request, answered)
}

function opensPage({ method, headers }: Request): boolean {
  const hasProof = headers.has('authorization') || headers.has('x-api-key')
  return method === 'GET' && !hasProof && (headers.get('accept') ?? '').split(',').includes('text/html')
}

function send({ url }: Request, answer: Response): Response {
  if (answer.status !== 401) return answer
  const { pathname, search } = new URL(url)
  const location = `/sign-in?to=${encodeURIComponent(pathname + search)}`
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })
}
