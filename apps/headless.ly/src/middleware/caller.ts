// Middleware: establishes who calls.

import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import type { EstablishCaller } from '../base/caller-of.ts'

export function caller(establishCaller: EstablishCaller): MiddlewareHandler<AppEnv> {
  return (c, next) => {
    const { headers } = c.req.raw
    c.set('caller', establishCaller({ headers, target: c.get('target'), publicUrl: c.env.PUBLIC_URL }))
    return next()
  }
}
