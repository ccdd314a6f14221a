// The routes: each turns a request into one call to the tenant's object.

import { ObjectError, type ObjectErrorData } from 'digital-objects'
import { type Context, Hono } from 'hono'
import type { Answer, Caller, DigitalObjectCalls, Parameters, ReadCall, WriteCall } from 'objects.do'
import { answerResponse } from './answer.ts'
import { callerOf } from './caller.ts'
import { lensOf, withoutLens } from './context-lens.ts'
import { withDeadline } from './deadline.ts'
import { checkLocal } from './local-only.ts'
import { problemResponse } from './problem.ts'
import { readBody } from './request-body.ts'
import { makeRequestId } from './request-id.ts'
import { writeConditions } from './write-request.ts'

/** A tenant's object, as the front door reaches it. */
export interface TenantStub extends DigitalObjectCalls {
  fetch(request: Request): Promise<Response>
}

export interface Env {
  readonly TENANTS: { getByName(name: string): TenantStub }
  /** Where the public reaches this server, the base of `$context`; by default where the request came to. */
  readonly PUBLIC_URL?: string
  /** Host names beside those of this machine, separated by commas. */
  readonly ALLOWED_HOSTS?: string
}

type Call = Context<{ Bindings: Env; Variables: { requestId: string; url: URL } }>

const urlCharactersMax = 16_384
const callTimeoutMs = 30_000

export const app = new Hono<{ Bindings: Env; Variables: { requestId: string; url: URL } }>()

app.use(async (c, next) => {
  c.set('requestId', makeRequestId())
  if (c.req.url.length > urlCharactersMax)
    throw new ObjectError({
      code: 'payload_too_large',
      field: 'url',
      message: `a URL holds at most ${urlCharactersMax} characters`,
    })
  const url = new URL(c.req.url)
  c.set('url', url)
  checkLocal({ host: c.req.header('host') ?? url.host, origin: c.req.header('origin') ?? null }, c.env.ALLOWED_HOSTS)
  await next()
})

app.get('/health', () => Response.json({ status: 'ok' }))
app.get('/', (c) => {
  const base = withoutLens(c.get('url'))
  return Response.json({
    name: 'headless.ly',
    try: {
      list: `${base}/~acme/Contact`,
      schema: `${base}/~acme/schema`,
      openapi: `${base}/~acme/openapi`,
      events: `${base}/~acme/events`,
    },
  })
})

const tenant = '/:tenant{~[^/]*}' as const
app.get(`${tenant}/events`, (c) => {
  const upgrade = c.req.header('upgrade')?.toLowerCase() === 'websocket'
  return upgrade || c.req.header('accept')?.includes('text/event-stream') === true
    ? listen(c)
    : read(c, { read: 'events', parameters: parametersOf(c) })
})
app.get(`${tenant}/events/:id`, (c) => read(c, { read: 'event', id: c.req.param('id') }))
app.get(`${tenant}/schema`, (c) => read(c, { read: 'schema', ...lens(c) }))
app.get(`${tenant}/schema/:noun`, (c) => read(c, { read: 'schema', noun: c.req.param('noun') }))
app.get(`${tenant}/openapi`, (c) => read(c, { read: 'openapi', ...lens(c) }))
app.get(`${tenant}/:noun/count`, (c) =>
  read(c, { read: 'count', noun: c.req.param('noun'), parameters: parametersOf(c) }),
)
app.get(`${tenant}/:noun/:id/history`, (c) => read(c, { read: 'history', ...entity(c), parameters: parametersOf(c) }))
app.get(`${tenant}/:noun/:id/diff`, (c) => read(c, { read: 'diff', ...entity(c), parameters: parametersOf(c) }))
app.get(`${tenant}/:noun/:id`, (c) => read(c, { read: 'get', ...entity(c), parameters: parametersOf(c) }))
app.get(`${tenant}/:noun`, (c) => read(c, { read: 'find', noun: c.req.param('noun'), parameters: parametersOf(c) }))
app.post(`${tenant}/:noun`, (c) => write(c, { noun: c.req.param('noun'), verb: 'create' }))
app.on(['PATCH', 'PUT'], `${tenant}/:noun/:id`, (c) => write(c, { ...entity(c), verb: 'update' }))
app.delete(`${tenant}/:noun/:id`, (c) => write(c, { ...entity(c), verb: 'delete' }))
app.post(`${tenant}/:noun/:id/:verb`, (c) => write(c, { ...entity(c), verb: c.req.param('verb') }))
app.post(`${tenant}/:noun/:verb`, (c) => write(c, { noun: c.req.param('noun'), verb: c.req.param('verb') }))

for (const [path, allow] of [
  [`${tenant}/events`, 'GET, HEAD'],
  [`${tenant}/schema`, 'GET, HEAD'],
  [`${tenant}/openapi`, 'GET, HEAD'],
  [`${tenant}/:noun`, 'GET, HEAD, POST'],
  [`${tenant}/:noun/:id`, 'GET, HEAD, PATCH, PUT, DELETE, POST'],
  [`${tenant}/:noun/:id/:verb`, 'POST'],
  ['/health', 'GET, HEAD'],
  ['/', 'GET, HEAD'],
] as const) {
  app.all(path, (c) => {
    const error = {
      code: 'method_not_allowed',
      field: 'method',
      message: `${c.req.method.slice(0, 20)} is not for this path; allowed: ${allow}`,
    } as const
    return problem(c, error, { allow })
  })
}

app.notFound((c) =>
  problem(c, {
    code: 'not_found',
    field: 'path',
    message: `nothing is at '${c.req.path.slice(0, 200)}'; entities are at /~{tenant}/{Entity}`,
  }),
)

app.onError((error, c) => {
  if (error instanceof ObjectError) return problem(c, error.toData())
  // The object was busy, or is being started again: the request changed nothing that a repetition under its key would double.
  if (('overloaded' in error && error.overloaded === true) || ('retryable' in error && error.retryable === true)) {
    return problem(c, { code: 'overloaded', message: 'the tenant is busy or is being started again; try again' })
  }
  console.error(c.get('requestId'), error)
  return problem(c, {
    code: 'internal_error',
    message: 'something went wrong here; the request id names it in the log',
  })
})

async function read(c: Call, call: DistributiveOmit<ReadCall, keyof Caller>): Promise<Response> {
  const answer = await inTime(stubOf(c).read({ ...caller(c), ...call }))
  return respond(c, answer, { ifNoneMatch: c.req.header('if-none-match') ?? null })
}

async function write(c: Call, call: Pick<WriteCall, 'noun' | 'verb' | 'id'>): Promise<Response> {
  const conditions = writeConditions(c.req.raw.headers)
  const body = await readBody(c.req.raw)
  const from = caller(c)
  const answer = await inTime(stubOf(c).write({ ...from, ...call, ...conditions, body }))
  // What `If-Match` stated is a precondition of HTTP's own.
  if (!answer.ok && answer.error.code === 'version_conflict' && conditions.ifVersion !== undefined) {
    return respond(
      c,
      { ...answer, error: { ...answer.error, code: 'precondition_failed', field: 'If-Match' } },
      { ifNoneMatch: null },
    )
  }
  return respond(c, answer, { ifNoneMatch: null, location: (id) => `/~${from.tenant}/${call.noun}/${id}` })
}

function respond(
  c: Call,
  answer: Answer,
  options: { readonly ifNoneMatch: string | null; readonly location?: (id: string) => string },
): Response {
  const requestId = c.get('requestId')
  if (answer.ok) return answerResponse(answer, { ...options, requestId })
  return problemResponse(answer.error, { requestId, headers: { 'x-headlessly-bookmark': answer.bookmark } })
}

/** Live events come from the object itself: a WebSocket, or a stream. */
function listen(c: Call): Promise<Response> {
  const headers = new Headers({ 'x-headlessly-caller': JSON.stringify(caller(c)) })
  for (const name of [
    'upgrade',
    'connection',
    'sec-websocket-key',
    'sec-websocket-version',
    'accept',
    'last-event-id',
  ]) {
    const value = c.req.header(name)
    if (value !== undefined) headers.set(name, value)
  }
  return forwardLive(c, new Request(`https://object/live${c.get('url').search}`, { headers }))
}

/** A refusal comes back as ObjectErrorData and leaves as a problem. */
async function forwardLive(c: Call, request: Request): Promise<Response> {
  const answer = await stubOf(c).fetch(request)
  return answer.status < 400 ? answer : problem(c, await answer.json())
}

function stubOf(c: Call): TenantStub {
  return c.env.TENANTS.getByName(tenantOf(c))
}

function tenantOf(c: Call): string {
  return (c.req.param('tenant') ?? '~').slice(1)
}

function caller(c: Call): Caller {
  return callerOf({ request: c.req.raw, tenant: tenantOf(c), publicUrl: c.env.PUBLIC_URL ?? withoutLens(c.get('url')) })
}

function entity(c: Call): { readonly noun: string; readonly id: string } {
  return { noun: c.req.param('noun') ?? '', id: c.req.param('id') ?? '' }
}

function lens(c: Call): { readonly only?: readonly string[] } {
  const only = lensOf(c.get('url').host)
  return only === undefined ? {} : { only }
}

function parametersOf(c: Call): Parameters {
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of c.get('url').searchParams) {
    if (name in parameters)
      throw new ObjectError({
        code: 'invalid_parameter',
        field: name.slice(0, 64),
        message: `'${name.slice(0, 64)}' came twice`,
      })
    parameters[name] = value
  }
  return { ...parameters }
}

function problem(c: Call, error: ObjectErrorData, headers: Readonly<Record<string, string>> = {}): Response {
  return problemResponse(error, { requestId: c.get('requestId') ?? makeRequestId(), headers })
}

function inTime(answer: Promise<Answer>): Promise<Answer> {
  const late = (): ObjectError =>
    new ObjectError({ code: 'overloaded', message: `the tenant did not answer within ${callTimeoutMs} ms` })
  return withDeadline(answer, { ms: callTimeoutMs, late })
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never
