// Refuses what a page of a foreign origin could do without being allowed to read the answer, which is to write, to run code
// and to listen.

import type { Env } from './env.ts'
import { isLive } from './is-live.ts'
import { checkLocalOrigin } from './local-only.ts'
import { requireOwnOrigin } from './own-origin.ts'
import { presentedKey } from './presented-key.ts'
import { signInSecret } from './sign-in-cookie.ts'

const harmlessMethods = ['GET', 'HEAD', 'OPTIONS']

/** Throws an ObjectError `forbidden`. */
export function checkOrigin(request: Request, env: Env): void {
  if (harmlessMethods.includes(request.method) && !isLive(request)) return
  checkLocalOrigin(request.headers.get('origin'), env.ALLOWED_HOSTS)
  // A key is not sent by the browser on its own.
  const isByCookie = presentedKey(request.headers) === undefined && signInSecret(request.headers, env) !== undefined
  if (isByCookie && !isReadByOwnPage(request)) requireOwnOrigin(request, env)
}

/** A browser names no origin when a page listens to its own server. It says so in this header, which no page can set. */
function isReadByOwnPage({ method, headers }: Request): boolean {
  return method === 'GET' && !headers.has('origin') && headers.get('sec-fetch-site') === 'same-origin'
}
