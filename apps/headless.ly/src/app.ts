// The front door: a request becomes one call to its tenant's object, and the answer becomes HTTP.

import { fullAuthority, ObjectError, unreachable } from 'digital-objects'
import { type Context, Hono } from 'hono'
import {
  type Answer,
  type Caller,
  type LakeCall,
  liveRequest,
  parseAnswer,
  parseFlushSettings,
  type ReadCall,
  type WriteCall,
} from 'objects.do'
import { answerResponse, keptResponse } from './answer.ts'
import { callerOf } from './caller.ts'
import { lensOf, withoutLens } from './context-lens.ts'
import type { Env, TenantStub } from './env.ts'
import { errorToData } from './error-to-data.ts'
import { lakePageResponse, lakeRoutes } from './lake/lake-routes.ts'
import { checkLocalOrigin, localTarget } from './local-only.ts'
import { problemResponse } from './problem.ts'
import { readPathOf } from './read/read-path-of.ts'
import { readBody } from './request-body.ts'
import { resolveRoute, type Route } from './route.ts'
import { rpcResponse } from './rpc/rpc-route.ts'
import { doResponse } from './sandbox/do-route.ts'
import { parseParameters, type Target } from './target.ts'
import { writeConditions } from './write-request.ts'

type Call = Context<{ Bindings: Env }>

export const app = new Hono<{ Bindings: Env }>()

app.get('/health', (c) => {
  // What would otherwise be found out by the first write of each tenant.
  parseFlushSettings(c.env.FLUSH_SETTINGS)
  return Response.json({ status: 'ok' })
})

app.route('/', lakeRoutes)

app.get('/', (c) => {
  const base = withoutLens(localTarget(c.req.url, c.env))
  return Response.json({
    name: 'headless.ly',
    try: {
      list: `${base}/~acme/Contact`,
      schema: `${base}/~acme/schema`,
      openapi: `${base}/~acme/openapi`,
      events: `${base}/~acme/events`,
      lake: `${base}/~acme/lake`,
    },
  })
})

app.all('*', (c) => {
  const target = localTarget(c.req.url, c.env)
  const [tenant = '', ...segments] = target.segments
  const parameters = parseParameters(target.search)
  const route = tenant.startsWith('~') ? resolveRoute(c.req.method, segments, parameters) : undefined
  if (route === undefined)
    throw new ObjectError({
      code: 'not_found',
      field: 'path',
      message: `nothing is at '${c.req.path.slice(0, 200)}'; entities are at /~{tenant}/{Entity}`,
    })
  const caller = callerOf({
    headers: c.req.raw.headers,
    tenant: tenant.slice(1),
    publicUrl: c.env.PUBLIC_URL ?? withoutLens(target),
  })
  const visit = { c, target, caller }
  switch (route.kind) {
    case 'read':
      return read(visit, route)
    case 'write':
      return write(visit, route.call)
    case 'events':
      return isLive(c) ? listen(visit) : read(visit, { kind: 'read', call: { read: 'events', parameters } })
    case 'rpc':
      return rpc(visit)
    case 'do':
      return runCode(visit)
    case 'lake':
      return lakePageResponse({ request: c.req.raw, env: c.env, target, tenant: caller.tenant })
    case 'maintain':
      return maintain(visit, route.command)
    case 'refused':
      return refuseMethod(c, route.allow)
    default:
      return unreachable(route)
  }
})

app.onError((error) => {
  const { data, log } = errorToData(error)
  return problemResponse(data, log ? { log: error } : {})
})

interface Visit {
  readonly c: Call
  readonly target: Target
  readonly caller: Caller
}

/** Asked for only where the object is: most reads do without it. */
function objectOf({ c, caller }: Visit): TenantStub {
  return c.env.TENANTS.getByName(caller.tenant)
}

function read(visit: Visit, route: Extract<Route, { kind: 'read' }>): Response | Promise<Response> {
  const { c, target, caller } = visit
  const only = route.call.read === 'schema' || route.call.read === 'openapi' ? lensOf(target.host) : undefined
  const call: ReadCall = { ...caller, ...route.call, ...(only === undefined ? {} : { only }) }
  const ifNoneMatch = c.req.raw.headers.get('if-none-match')
  const kept = readPathOf(c.env)?.kept(call, target.path)
  return kept === undefined ? find(visit, { call, ifNoneMatch }) : keptResponse(kept, ifNoneMatch)
}

/** Of what is not at hand: files answer where they may, and the tenant's object where they do not. */
async function find(
  visit: Visit,
  { call, ifNoneMatch }: { readonly call: ReadCall; readonly ifNoneMatch: string | null },
): Promise<Response> {
  const { c, target } = visit
  const waitUntil = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work)
  const answer =
    (await readPathOf(c.env)?.answer(call, { path: target.path, waitUntil })) ??
    parseAnswer(await objectOf(visit).read(call))
  return respond(answer, { ifNoneMatch })
}

async function write(visit: Visit, call: Pick<WriteCall, 'noun' | 'verb' | 'id'>): Promise<Response> {
  const { c, caller } = visit
  const { headers } = c.req.raw
  checkLocalOrigin(headers.get('origin'), c.env.ALLOWED_HOSTS)
  const conditions = writeConditions(headers)
  const body = await readBody(c.req.raw)
  const answer = parseAnswer(await objectOf(visit).write({ ...caller, ...call, ...conditions, body }))
  readPathOf(c.env)?.wrote(caller.tenant, answer.bookmark)
  // What `If-Match` stated is a precondition of HTTP's own.
  if (!answer.ok && answer.error.code === 'version_conflict' && conditions.ifVersion !== undefined) {
    return respond(
      { ...answer, error: { ...answer.error, code: 'precondition_failed', field: 'If-Match' } },
      { ifNoneMatch: null },
    )
  }
  return respond(answer, { ifNoneMatch: null, location: (id) => `/~${caller.tenant}/${call.noun}/${id}` })
}

function rpc({ c, caller }: Visit): Promise<Response> {
  checkLocalOrigin(c.req.raw.headers.get('origin'), c.env.ALLOWED_HOSTS)
  const waitUntil = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work)
  return rpcResponse(c.req.raw, { env: c.env, caller, waitUntil })
}

function runCode({ c, caller }: Visit): Promise<Response> {
  checkLocalOrigin(c.req.raw.headers.get('origin'), c.env.ALLOWED_HOSTS)
  const waitUntil = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work)
  // The code writes by the client that it is given.
  return doResponse(c.req.raw, { env: c.env, caller: { ...caller, via: 'sdk' }, waitUntil })
}

async function maintain(visit: Visit, command: LakeCall['command']): Promise<Response> {
  const { c, caller } = visit
  checkLocalOrigin(c.req.raw.headers.get('origin'), c.env.ALLOWED_HOSTS)
  return respond(parseAnswer(await objectOf(visit).lake({ ...caller, command })), { ifNoneMatch: null })
}

function respond(
  answer: Answer,
  options: { readonly ifNoneMatch: string | null; readonly location?: (id: string) => string },
): Response {
  return answer.ok
    ? answerResponse(answer, options)
    : problemResponse(answer.error, { headers: { 'x-headlessly-bookmark': answer.bookmark } })
}

function isLive(c: Call): boolean {
  return (
    c.req.header('upgrade')?.toLowerCase() === 'websocket' ||
    c.req.header('accept')?.includes('text/event-stream') === true
  )
}

/** Live events come from the object itself, by WebSocket or as a stream; a refusal comes as ObjectErrorData. */
async function listen(visit: Visit): Promise<Response> {
  const { c, target, caller } = visit
  const { headers } = c.req.raw
  checkLocalOrigin(headers.get('origin'), c.env.ALLOWED_HOSTS)
  const authority = fullAuthority(caller.actor) // on loopback everybody may see everything
  const answer = await objectOf(visit).fetch(liveRequest({ search: target.search, headers, authority }))
  return answer.status < 400 ? answer : problemResponse(await answer.json())
}

function refuseMethod(c: Call, allow: string): Response {
  const message = `${c.req.method.slice(0, 20)} is not for this path; allowed: ${allow}`
  return problemResponse({ code: 'method_not_allowed', field: 'method', message }, { headers: { allow } })
}
