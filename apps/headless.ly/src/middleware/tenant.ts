// Middleware: reads the URL of a tenant's route strictly, and refuses host names that are not this server's.

import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { localTarget } from '../base/local-only.ts'
import { parseParameters } from '../base/target.ts'

export const tenant: MiddlewareHandler<AppEnv> = (c, next) => {
  const target = localTarget(c.req.url, c.env)
  c.set('target', target)
  c.set('segments', target.segments.slice(1))
  c.set('parameters', parseParameters(target.search))
  return next()
}
