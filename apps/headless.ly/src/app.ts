// The front door: the routes of tenants, and Hono with the routes of the server, composed from a list of services.

import type { Service } from '@dotdo/service'
import { Hono } from 'hono'
import type { EstablishCaller } from './base/caller-of.ts'
import { cors } from './base/cors.ts'
import type { Env } from './base/env.ts'
import { errorResponse } from './base/error-response.ts'
import type { Fetch } from './base/fetch.ts'
import { establishCaller as byKey } from './identity/establish-caller.ts'
import { accountRoutes } from './routes/account.ts'
import { consoleRoutes } from './routes/console.ts'
import { lakeRoutes } from './lake/lake-routes.ts'
import { oauthMetadataRoutes } from './routes/oauth-metadata.ts'
import { onlyTenantMcp } from './routes/only-tenant.ts'
import { operatorRoutes } from './routes/operator.ts'
import { pageRoutes } from './routes/pages.ts'
import { refuseMethod } from './routes/refuse-method.ts'
import { serverRoutes } from './routes/server.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { tenantRoutes } from './routes/tenant.ts'
import { trialRoutes } from './routes/trials.ts'

export interface App {
  readonly fetch: Fetch<Env>
}

/** The routes of the server itself. */
export function makeServerRoutes(establishCaller: EstablishCaller = byKey): Hono<{ Bindings: Env }> {
  return new Hono<{ Bindings: Env }>()
    .route('/', serverRoutes)
    .route('/', signInRoutes)
    .route('/', accountRoutes)
    .route('/', trialRoutes)
    .route('/', consoleRoutes)
    .route('/', pageRoutes(establishCaller))
    .route('/', operatorRoutes)
    .route('/', lakeRoutes)
    .route('/', oauthMetadataRoutes)
}

/** `establishCaller` says who calls and with which authority. */
export function makeApp(services: readonly Service<Env>[], establishCaller: EstablishCaller = byKey): App {
  const tenants = tenantRoutes(services, establishCaller)
  const mcp = onlyTenantMcp(tenants)
  const server = makeServerRoutes(establishCaller)
    .post('/mcp', (c) => mcp(c.req.raw, c.env, c.executionCtx))
    .all('/mcp', (c) => refuseMethod(c.req, 'POST'))
    // Paths of nothing, and those of tenants whose ~ is percent-encoded.
    .all('*', (c) => tenants(c.req.raw, c.env, c.executionCtx))
    .onError((error, c) => errorResponse(error, { request: c.req.raw, env: c.env }))
  const answer: Fetch<Env> = (request, env, context) =>
    isOfTenant(request.url) ? tenants(request, env, context) : server.fetch(request, env, context)
  const shared = cors(answer)
  return {
    fetch: (request, env, context) =>
      isOfConsole(request.url) ? server.fetch(request, env, context) : shared(request, env, context),
  }
}

/** Only pages of this server load the console. Its files are compressed already, and a copy would be compressed again. */
function isOfConsole(url: string): boolean {
  return url.startsWith('/console/', url.indexOf('/', 'https://'.length))
}

/** Most requests are of a tenant, and matching Hono's routes would cost them 5 % of their time. */
function isOfTenant(url: string): boolean {
  return url.startsWith('/~', url.indexOf('/', 'https://'.length))
}
