// Middleware: establishes who calls.

import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { callerOf } from '../base/caller-of.ts'

export const caller: MiddlewareHandler<AppEnv> = (c, next) => {
  const { headers } = c.req.raw
  c.set('caller', callerOf({ headers, target: c.get('target'), publicUrl: c.env.PUBLIC_URL }))
  return next()
}
