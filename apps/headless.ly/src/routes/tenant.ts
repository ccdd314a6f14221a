// All routes of a tenant, below `/~acme`.

import type { Service } from '@dotdo/service'
import { Hono } from 'hono'
import { allowedMethods } from 'objects.do'
import type { AppEnv } from '../base/app-env.ts'
import type { Env } from '../base/env.ts'
import { lakePageResponse } from '../lake/lake-routes.ts'
import { caller } from '../middleware/caller.ts'
import { notFound } from '../middleware/errors.ts'
import { origin } from '../middleware/origin.ts'
import { tenant } from '../middleware/tenant.ts'
import { rpcResponse } from '../rpc/rpc-route.ts'
import { callRoutes } from './calls.ts'
import { liveEvents } from './live-events.ts'
import { refuseMethod } from './refuse-method.ts'
import { serviceRoutes } from './services.ts'

export function tenantRoutes(services: readonly Service<Env>[]): Hono<AppEnv> {
  const routes = new Hono<AppEnv>()

  routes.use(tenant, caller, origin)

  // A WebSocket starts as a GET.
  routes.on(['GET', 'POST'], '/rpc', (c) => {
    const waitUntil = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work)
    return rpcResponse(c.req.raw, { env: c.env, caller: c.get('caller'), waitUntil })
  })
  routes.all('/rpc', refuseMethod('POST'))

  routes.route('/', serviceRoutes(services))
  routes.get('/lake', (c) =>
    lakePageResponse({ request: c.req.raw, env: c.env, target: c.get('target'), tenant: c.get('caller').tenant }),
  )
  routes.all('/lake', refuseMethod('GET, HEAD'))

  routes.get('/events', liveEvents)
  routes.route('/', callRoutes)

  routes.all('*', (c, next) => {
    const allowed = allowedMethods(c.get('segments'))
    return allowed.length === 0 ? notFound(c) : refuseMethod(allowed.join(', '))(c, next)
  })
  return routes
}
