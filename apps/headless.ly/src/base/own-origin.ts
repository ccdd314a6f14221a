// Whether a page is of this server. A signed-in browser adds its cookie also to what other pages send, so such requests count
// only from the server's own pages.

import { ObjectError } from 'digital-objects'
import type { Env } from './env.ts'

/** Throws an ObjectError `forbidden` for a request that no page of this server sent, or whose sender is unknown. */
export function requireOwnOrigin(request: Request, env: Pick<Env, 'PUBLIC_URL'>): void {
  const origin = request.headers.get('origin')
  if (origin !== null && isOwnOrigin(origin, request.url, env)) return
  throw new ObjectError({
    code: 'forbidden',
    field: 'Origin',
    message: `only pages of this server may do this with a signed-in browser, not those of '${(origin ?? 'no origin').slice(0, 100)}'`,
  })
}

function isOwnOrigin(origin: string, url: string, { PUBLIC_URL }: Pick<Env, 'PUBLIC_URL'>): boolean {
  const { host } = new URL(url)
  if (origin === `http://${host}`) return true
  // A proxy speaks TLS, and this server plain HTTP.
  return origin === (PUBLIC_URL === undefined ? `https://${host}` : new URL(PUBLIC_URL).origin)
}
