// Middleware: refuses what a page of a foreign origin could do without being allowed to read the answer, which is to
// write, to run code and to listen.

import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { isLive } from '../base/is-live.ts'
import { checkLocalOrigin } from '../base/local-only.ts'

const harmlessMethods = ['GET', 'HEAD', 'OPTIONS']

export const origin: MiddlewareHandler<AppEnv> = (c, next) => {
  const { method, headers } = c.req.raw
  if (!harmlessMethods.includes(method) || isLive(c.req.raw))
    checkLocalOrigin(headers.get('origin'), c.env.ALLOWED_HOSTS)
  return next()
}
