// The paths of calls, which come from the list of operations. Reads go through the read path; everything else, and what
// the read path leaves, goes to the tenant's object.

import { type Call, type CallOf, ObjectError } from 'digital-objects'
import type { Context, Handler } from 'hono'
import { type Answer, parseAnswer, routeCall } from 'objects.do'
import type { AppEnv } from '../base/app-env.ts'
import { readBody } from '../base/request-body.ts'
import { writeConditions } from '../base/write-conditions.ts'
import { notFound } from '../middleware/errors.ts'
import { readPathOf } from '../read/read-path-of.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { answerToResponse, cachedResponse } from './answer-response.ts'
import { refuseMethod } from './refuse-method.ts'

type CallContext = Context<AppEnv>

/** For every path that is an operation of the tenant. */
export const answerCall: Handler<AppEnv> = (c, next) => {
  const { method } = c.req
  const { below: segments, parameters } = c.get('target')
  const { call, path, allowed } = routeCall({ method, segments, parameters })
  if (call === undefined) return allowed.length === 0 ? notFound(c) : refuseMethod(allowed.join(', '))(c, next)
  switch (call.kind) {
    case 'read':
      return read(c, call)
    case 'write':
      return write(c, { call, isOfEntity: path.startsWith('/{Noun}') })
    default:
      return askObject(c, call).then((answer) => answerToResponse(answer))
  }
}

function read(c: CallContext, call: CallOf<'read'>): Response | Promise<Response> {
  const { path } = c.get('target')
  const { headers } = c.req.raw
  const options = { ifNoneMatch: headers.get('if-none-match'), acceptEncoding: headers.get('accept-encoding') }
  const cached = readPathOf(c.env)?.cached({ call, caller: c.get('caller') }, path)
  return cached === undefined ? find(c, call, options) : cachedResponse(cached, options)
}

/** For an answer that is not in memory. */
async function find(
  c: CallContext,
  call: CallOf<'read'>,
  options: { readonly ifNoneMatch: string | null; readonly acceptEncoding: string | null },
): Promise<Response> {
  const { path } = c.get('target')
  const caller = c.get('caller')
  const waitUntil = (work: Promise<unknown>): void => c.executionCtx.waitUntil(work)
  // Looking for the files of a tenant that does not exist would leave an entry in a cache.
  const readPath = (await tenantsOf(c.env).exists(caller.tenant)) ? readPathOf(c.env) : undefined
  const answer = (await readPath?.answer({ call, caller }, { path, waitUntil })) ?? (await askObject(c, call))
  return answerToResponse(answer, options)
}

async function write(
  c: CallContext,
  { call, isOfEntity }: { readonly call: CallOf<'write'>; readonly isOfEntity: boolean },
): Promise<Response> {
  const { tenant } = c.get('caller')
  const { headers } = c.req.raw
  const conditions = writeConditions(headers)
  // A creation has no entity yet whose versions could be compared.
  if (isOfEntity && call.id === undefined && headers.has('if-none-match')) throw noEntity()
  const body = await readBody(c.req.raw)
  const answer = await askObject(c, { ...call, ...conditions, body })
  readPathOf(c.env)?.wrote(tenant, answer.bookmark)
  // A version that a header states is a precondition of HTTP.
  if (!answer.ok && answer.error.code === 'version_conflict' && conditions.ifVersion !== undefined) {
    const field = headers.has('if-match') ? 'If-Match' : 'If-None-Match'
    return answerToResponse({ ...answer, error: { ...answer.error, code: 'precondition_failed', field } })
  }
  const location = (id: string): string => (isOfEntity ? `/~${tenant}/${call.noun}/${id}` : c.get('target').path)
  return answerToResponse(answer, { location })
}

function noEntity(): ObjectError {
  const message = 'If-None-Match is for reads, and for writes of an entity or a definition'
  return new ObjectError({ code: 'invalid_parameter', field: 'If-None-Match', message })
}

async function askObject(c: CallContext, call: Call): Promise<Answer> {
  const caller = c.get('caller')
  const [answer = ''] = await tenantsOf(c.env).ask({ caller, calls: [call] })
  return parseAnswer(answer)
}
