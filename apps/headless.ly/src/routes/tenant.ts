// All routes of a tenant, below `/~acme`.

import { Hono } from 'hono'
import { allowedMethods } from 'objects.do'
import type { AppEnv } from '../base/app-env.ts'
import { lakePageResponse } from '../lake/lake-routes.ts'
import { caller } from '../middleware/caller.ts'
import { notFound } from '../middleware/errors.ts'
import { origin } from '../middleware/origin.ts'
import { tenant } from '../middleware/tenant.ts'
import { rpcResponse } from '../rpc/rpc-route.ts'
import { doResponse } from '../sandbox/do-route.ts'
import { callRoutes } from './calls.ts'
import { liveEvents } from './live-events.ts'
import { refuseMethod } from './refuse-method.ts'

export const tenantRoutes = new Hono<AppEnv>()

tenantRoutes.use(tenant, caller, origin)

// A WebSocket starts as a GET.
tenantRoutes.on(['GET', 'POST'], '/rpc', (c) => {
  const waitUntil = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work)
  return rpcResponse(c.req.raw, { env: c.env, caller: c.get('caller'), waitUntil })
})
tenantRoutes.all('/rpc', refuseMethod('POST'))

tenantRoutes.post('/do', (c) => {
  const waitUntil = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work)
  // The code calls through the client that it is given.
  return doResponse(c.req.raw, { env: c.env, caller: { ...c.get('caller'), via: 'sdk' }, waitUntil })
})
tenantRoutes.all('/do', refuseMethod('POST'))

tenantRoutes.get('/lake', (c) =>
  lakePageResponse({ request: c.req.raw, env: c.env, target: c.get('target'), tenant: c.get('caller').tenant }),
)
tenantRoutes.all('/lake', refuseMethod('GET, HEAD'))

tenantRoutes.get('/events', liveEvents)
tenantRoutes.route('/', callRoutes)

tenantRoutes.all('*', (c, next) => {
  const allowed = allowedMethods(c.get('segments'))
  return allowed.length === 0 ? notFound(c) : refuseMethod(allowed.join(', '))(c, next)
})
