// Whether a page is of this server. A signed-in browser adds its cookie also to what other pages send, so such requests count
// only from the server's own pages.

import { ObjectError } from 'digital-objects'
import type { Env } from './env.ts'
import { isLocalOrigin } from './local-only.ts'

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

/** With a public URL, pages count only from there, and from the machine itself: anybody may write a page of plain HTTP. */
function isOwnOrigin(origin: string, url: string, { PUBLIC_URL }: Pick<Env, 'PUBLIC_URL'>): boolean {
  const { host } = new URL(url)
  const isDirect = origin === `http://${host}`
  if (PUBLIC_URL !== undefined) return origin === new URL(PUBLIC_URL).origin || (isDirect && isLocalOrigin(origin))
  // A proxy speaks TLS, and this server plain HTTP.
  return isDirect || origin === `https://${host}`
}
