// The paths of calls, which come from the list of operations. Reads go through the read path; everything else, and what
// the read path leaves, goes to the tenant's object.

import { type Call, type CallOf, ObjectError } from 'digital-objects'
import {
  allowedMethods,
  type Answer,
  crudVerbs,
  disabledOf,
  isWord,
  mayAnswerFromFiles,
  parseAnswer,
  routeCall,
} from 'objects.do'
import { notFound } from '../base/error-response.ts'
import { readBody } from '../base/request-body.ts'
import type { Handler, Visit } from '../base/visit.ts'
import { limitToSectors } from '../contexts/limit-to-sectors.ts'
import { writeConditions } from '../base/write-conditions.ts'
import { readPathOf } from '../read/read-path-of.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { answerToResponse, cachedResponse } from './answer-response.ts'
import { refuseMethod } from './refuse-method.ts'

/** Codes of faults that a request can have before the tenant's object sees it. */
const invalidCodes: readonly string[] = ['invalid_parameter', 'invalid_body']

/** For every path that is an operation of the tenant. */
export const answerCall: Handler = (visit) => {
  const { method } = visit.request
  return method === 'GET' || method === 'HEAD' ? answerRouted(visit) : answerChange(visit)
}

/** A method that the path lacks is refused as such, whatever else is wrong with the request. */
async function answerChange(visit: Visit): Promise<Response> {
  const { request, target } = visit
  try {
    return await answerRouted(visit)
  } catch (error) {
    const isInvalid = error instanceof ObjectError && invalidCodes.includes(error.code)
    const allowed = isInvalid ? await methodsOfPath(visit) : [request.method]
    if (allowed.includes(request.method)) throw error
    return refuseMethod(request, allowed.join(', '), hintOf(target.below))
  }
}

function answerRouted(visit: Visit): Response | Promise<Response> {
  const { request, target } = visit
  const { method } = request
  const { call, path, allowed } = routeCall({ method, segments: target.below, parameters: target.parameters })
  if (call === undefined) return allowed.length === 0 ? notFound(visit) : refuseOtherMethod(visit)
  switch (call.kind) {
    case 'read':
      return visit.inWork(() => read(visit, limitToSectors(call, target.lens?.sectors ?? [])))
    case 'write':
      return write(visit, { call, isOfEntity: path.startsWith('/{Noun}') })
    default:
      return visit.inWork(() => askObject(visit, call).then((answer) => answerToResponse(answer)))
  }
}

async function refuseOtherMethod(visit: Visit): Promise<Response> {
  const allowed = await methodsOfPath(visit)
  return refuseMethod(visit.request, allowed.join(', '), hintOf(visit.target.below))
}

/** The methods of the path, without those that the tenant's definition of its Noun disables. */
async function methodsOfPath(visit: Visit): Promise<readonly string[]> {
  const { below } = visit.target
  const [noun = ''] = below
  const allowed = allowedMethods(below)
  if (allowedMethods(below, crudVerbs).length === allowed.length) return allowed
  // The request's bookmark may be at fault too.
  const { bookmark: _, ...caller } = visit.caller
  const call = { kind: 'read', read: 'schema', noun, parameters: {} } as const
  const schema = await visit.inWork(() => askObject({ ...visit, caller }, call))
  return schema.ok ? allowedMethods(below, disabledOf(JSON.parse(schema.body))) : allowed
}

/** `/Contact/ada` looks like the path of a verb. */
function hintOf([noun = '', segment = '', ...others]: readonly string[]): string {
  if (others.length > 0 || !/^[A-Z]/.test(noun) || !isWord(segment)) return ''
  return `; ${segment.slice(0, 64)} is no id, which begins with ${noun.toLowerCase().slice(0, 64)}_`
}

function read(visit: Visit, call: CallOf<'read'>): Response | Promise<Response> {
  const { env, caller, target } = visit
  const { headers } = visit.request
  const options = { ifNoneMatch: headers.get('if-none-match'), acceptEncoding: headers.get('accept-encoding') }
  const cached = readPathOf(env)?.cached({ call, caller }, pathOf(target))
  return cached === undefined ? find(visit, call, options) : cachedResponse(cached, options)
}

/** The name of an answer in caches. Sectors limit the answers of one path, and hosts have sectors. */
function pathOf({ path, lens }: Visit['target']): string {
  return lens === undefined || lens.sectors.length === 0 ? path : `${lens.dimensions.join('/')} ${path}`
}

/** For an answer that is not in memory. */
async function find(
  visit: Visit,
  call: CallOf<'read'>,
  options: { readonly ifNoneMatch: string | null; readonly acceptEncoding: string | null },
): Promise<Response> {
  const fromFiles = mayAnswerFromFiles(call) ? await findInFiles(visit, call) : undefined
  if (fromFiles !== undefined) return answerToResponse(fromFiles, options)
  const answer = await askObject(visit, call)
  if (answer.ok && answer.isOwnText === true) readPathOf(visit.env)?.hasOwnTexts(visit.caller.tenant, answer.bookmark)
  return answerToResponse(answer, options)
}

/** Returns undefined if the tenant's object has to answer. */
async function findInFiles(
  { env, caller, target, waitUntil }: Visit,
  call: CallOf<'read'>,
): Promise<Answer | undefined> {
  // Looking for the files of a tenant that does not exist would leave an entry in a cache.
  if (!(await tenantsOf(env).exists(caller.tenant))) return undefined
  return readPathOf(env)?.answer({ call, caller }, { path: pathOf(target), waitUntil })
}

async function write(
  visit: Visit,
  { call, isOfEntity }: { readonly call: CallOf<'write'>; readonly isOfEntity: boolean },
): Promise<Response> {
  const { request, env, target } = visit
  const { tenant } = visit.caller
  const { headers } = request
  const conditions = writeConditions(headers)
  // A creation has no entity yet whose versions could be compared.
  if (isOfEntity && call.id === undefined && headers.has('if-none-match')) throw noEntity()
  const body = await readBody(request)
  const answer = await visit.inWork(() => askObject(visit, { ...call, ...conditions, body }))
  readPathOf(env)?.wrote(tenant, answer.bookmark)
  // A version that a header states is a precondition of HTTP.
  if (!answer.ok && answer.error.code === 'version_conflict' && conditions.ifVersion !== undefined) {
    const field = headers.has('if-match') ? 'If-Match' : 'If-None-Match'
    return answerToResponse({ ...answer, error: { ...answer.error, code: 'precondition_failed', field } })
  }
  if (!answer.ok && answer.error.code === 'verb_disabled') {
    const allow = allowedMethods(target.below, disabledOf(answer.error.detail)).join(', ')
    return answerToResponse({ ...answer, error: { ...answer.error, detail: { ...answer.error.detail, allow } } })
  }
  const location = (id: string): string => (isOfEntity ? `/~${tenant}/${call.noun}/${id}` : target.path)
  return answerToResponse(answer, { location })
}

function noEntity(): ObjectError {
  const message = 'If-None-Match is for reads, and for writes of an entity or a definition'
  return new ObjectError({ code: 'invalid_parameter', field: 'If-None-Match', message })
}

async function askObject({ env, caller }: Visit, call: Call): Promise<Answer> {
  const [answer = ''] = await tenantsOf(env).ask({ caller, calls: [call] })
  return parseAnswer(answer)
}
