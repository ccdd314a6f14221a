// Middleware: reads the URL of a tenant's route strictly, and refuses host names that are not this server's. Paths of no
// tenant end here.

import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { localTarget } from '../base/local-only.ts'
import { parseParameters } from '../base/target.ts'
import { notFound } from './errors.ts'

export const tenant: MiddlewareHandler<AppEnv> = (c, next) => {
  const target = localTarget(c.req.url, c.env)
  const [slug = '', ...below] = target.segments
  if (!slug.startsWith('~')) return Promise.resolve(notFound(c))
  c.set('target', { ...target, below, parameters: parseParameters(target.search) })
  return next()
}
