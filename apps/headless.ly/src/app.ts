// The front door: Hono with its middleware and its routes, composed from a list of services.

import type { Service } from '@dotdo/service'
import { Hono } from 'hono'
import type { AppEnv } from './base/app-env.ts'
import { callerOf, type EstablishCaller } from './base/caller-of.ts'
import type { Env } from './base/env.ts'
import { lakeRoutes } from './lake/lake-routes.ts'
import { cors } from './middleware/cors.ts'
import { notFound, onError } from './middleware/errors.ts'
import { operatorRoutes } from './routes/operator.ts'
import { pageRoutes } from './routes/pages.ts'
import { serverRoutes } from './routes/server.ts'
import { tenantRoutes } from './routes/tenant.ts'

/** `establishCaller` says who calls and with which authority. */
export function makeApp(services: readonly Service<Env>[], establishCaller: EstablishCaller = callerOf): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use(cors)
  app.route('/', serverRoutes)
  app.route('/', pageRoutes(establishCaller))
  app.route('/', operatorRoutes)
  app.route('/', lakeRoutes)
  app.route('/', tenantRoutes(services, establishCaller))
  app.onError(onError)
  app.notFound(notFound)
  return app
}
