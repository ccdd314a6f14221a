// All routes of a tenant, below `/~acme`. Hono gets one route for them: the operations come from a list, their paths are
// matched by decoded segments, and Hono's faster router takes no variable beside a literal.

import type { Service } from '@dotdo/service'
import { Hono } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import type { EstablishCaller } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'
import { isLive } from '../base/is-live.ts'
import { bodyRoom } from '../middleware/body-room.ts'
import { caller } from '../middleware/caller.ts'
import { origin } from '../middleware/origin.ts'
import { requestRoom } from '../middleware/request-room.ts'
import { tenant } from '../middleware/tenant.ts'
import { answerCall } from './answer-call.ts'
import { liveEvents } from './live-events.ts'
import { ownRoutes } from './own-routes.ts'
import { tenantPageRoute } from './tenant-pages.ts'

export function tenantRoutes(services: readonly Service<Env>[], establishCaller: EstablishCaller): Hono<AppEnv> {
  const routes = new Hono<AppEnv>()
  const own = ownRoutes(services)

  routes.use(tenant, caller(establishCaller), origin, requestRoom, bodyRoom)

  routes.all('*', (c, next) => {
    const { method, raw } = c.req
    const { below } = c.get('target')
    if (below.length === 0) return tenantPageRoute(c, next)
    const word = below.length === 1 ? (below[0] ?? '') : ''
    const route = own.get(word)
    if (route !== undefined) return (route.byMethod.get(method) ?? route.refuse)(c, next)
    return (word === 'events' && method === 'GET' && isLive(raw) ? liveEvents : answerCall)(c, next)
  })
  return routes
}
