// Routes of the services, below a tenant.

import { bindingsOf, type Service, type ServiceFile, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { type Call, type JsonValue, ObjectError } from 'digital-objects'
import { type Caller, problemOf, tenantFilesOf, toSent } from 'objects.do'
import type { Env } from '../base/env.ts'
import { problemResponse } from '../base/problem.ts'
import { readForeignBytes, readWhole } from '../base/body-bytes.ts'
import { objectStoreOf } from '../base/object-store-of.ts'
import { readBody } from '../base/request-body.ts'
import { filesWithSpace } from '../base/files-with-space.ts'
import { requireRoomForStrangers, storageSpaceOf } from '../base/storage-space-of.ts'
import type { Handler, Visit } from '../base/visit.ts'
import { writeConditions } from '../base/write-conditions.ts'
import { answerMessage, formatRefusal, type MessageParts } from '../rpc/answer-message.ts'
import { parseMessage } from '../rpc/parse-message.ts'
import { findRun, WorkerProgram } from '../rpc/worker-program.ts'
import { isStranger } from '../identity/open-routes.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

export interface ServiceHandler {
  /** Below the tenant, such as `/functions/{name}`. */
  readonly path: string
  readonly method: string
  readonly handler: Handler
  readonly takesBytes: boolean
  readonly route: Pick<ServiceRoute, 'isOpen' | 'takesPublicKey'>
}

export function serviceHandlers(services: readonly Service<Env>[]): readonly ServiceHandler[] {
  return services.flatMap((service) =>
    (service.routes ?? []).map((route) => {
      const { path, method } = route
      return { path, method, handler: handlerOf(service, route), takesBytes: route.takesBytes === true, route }
    }),
  )
}

function handlerOf(service: Service<Env>, route: ServiceRoute<Env>): Handler {
  return async (visit) => {
    const answer = await visit.inWork(async () => {
      if (route.takesPublicKey === true) await requireRoomForStrangers(storageSpaceOf(visit.env))
      return route.answer(requestOf(visit, service, route))
    })
    const { bookmark, attempts } = answer
    const headers = {
      ...(bookmark === undefined ? {} : { 'x-headlessly-bookmark': bookmark }),
      ...(attempts === undefined ? {} : { 'x-headlessly-attempts': String(attempts) }),
    }
    if (!answer.ok) return problemResponse(answer.error, { headers })
    const made = answer.commit === undefined ? {} : { 'x-headlessly-commit': String(answer.commit) }
    if (answer.file !== undefined) return fileResponse(answer.file, { ...headers, ...made })
    if (answer.body === '') return new Response(null, { status: 204, headers: { ...headers, ...made } })
    return new Response(answer.body, {
      status: answer.hasCreated === true ? 201 : answer.isUnfinished === true ? 202 : 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers, ...made },
    })
  }
}

/** Nothing of a tenant is a page of this server, so browsers do not guess another type. */
function fileResponse(
  { status = 200, mediaType, content, headers }: ServiceFile,
  more: Readonly<Record<string, string>>,
): Response {
  const safe = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
  return new Response(content, { status, headers: { ...safe, 'content-type': mediaType, ...headers, ...more } })
}

function requestOf(visit: Visit, service: Service<Env>, route: ServiceRoute<Env>): ServiceRequest<Env> {
  const { request, env, target, waitUntil } = visit
  const { tenant, context, bookmark } = visit.caller
  const { idempotencyKey, at } = writeConditions(request.headers)
  const store = objectStoreOf(env)
  return {
    tenant,
    context,
    bindings: bindingsOf(service.bindings, env),
    parameters: { ...target.parameters, ...variablesOf(route.path, target.below) },
    body: () => readBody(request),
    bytes: () => readForeignBytes(request),
    rawBody: (bytesMax) => readWhole(request, bytesMax),
    command: (name, input) => command(visit, `${service.name}/${name}`, input),
    files: store === undefined ? undefined : filesWithSpace(tenantFilesOf(store, tenant), storageSpaceOf(env)),
    header: (name) => request.headers.get(name) ?? undefined,
    waitUntil,
    answerMessage: (text, admit) => answerText(visit, route, { text, admit }),
    openProgram: () => new WorkerProgram(partsOf(visit, route), (text) => parseText(visit, text, route)),
    findRun: (of) => findRun(partsOf(visit, route), of),
    describeError: problemOf,
    ...(bookmark === undefined ? {} : { bookmark }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(at === undefined ? {} : { at }),
  }
}

/** Throws the ObjectError with which the command was refused. */
export async function command(
  { env, caller }: Pick<Visit, 'env' | 'caller'>,
  name: string,
  input: JsonValue,
): Promise<JsonValue> {
  const { tenant, authority } = caller
  const outcome = await tenantsOf(env).serve(tenant, {
    caller: { ...caller, authority: toSent(authority) },
    isStranger: isStranger(caller),
    command: name,
    input: JSON.stringify(input),
  })
  if (outcome === undefined) {
    const message = 'the tenant has no data yet: create an entity first'
    throw new ObjectError({ code: 'not_found', field: 'tenant', message })
  }
  if (!outcome.ok) throw new ObjectError(outcome.error)
  return outcome.output
}

function variablesOf(path: string, segments: readonly string[]): Readonly<Record<string, string>> {
  const parts = path.slice(1).split('/')
  const found = parts.flatMap((part, at) => (part.startsWith('{') ? [[part.slice(1, -1), segments[at] ?? '']] : []))
  return Object.fromEntries(found) as Readonly<Record<string, string>>
}

function partsOf({ env, caller, waitUntil }: Visit, { via }: Pick<ServiceRoute, 'via'>): MessageParts {
  // A caller of another interface than REST is known by that.
  return { env, caller: via === undefined || caller.via !== 'rest' ? caller : { ...caller, via }, waitUntil }
}

/** Throws an ObjectError that names the field. */
function parseText(
  visit: Visit,
  text: string,
  route: Pick<ServiceRoute, 'via'>,
): { readonly calls: readonly Call[]; readonly caller: Caller } {
  const { calls, bookmark } = parseMessage(text)
  const { caller } = partsOf(visit, route)
  const { at } = writeConditions(visit.request.headers)
  return {
    calls: at === undefined ? calls : calls.map((call) => withAt(call, at)),
    caller: bookmark === undefined ? caller : { ...caller, bookmark },
  }
}

/** A write of the code says when it happened, or happened when its request says. */
function withAt(call: Call, at: string): Call {
  return call.kind === 'write' && call.at === undefined ? { ...call, at } : call
}

async function answerText(
  visit: Visit,
  route: Pick<ServiceRoute, 'via'>,
  { text, admit }: { readonly text: string; readonly admit: Parameters<ServiceRequest['answerMessage']>[1] },
): Promise<readonly string[]> {
  try {
    // A run outlives the verdict on the key of its caller.
    const { calls, caller } = parseText({ ...visit, caller: await visit.renewed() }, text, route)
    return await answerMessage({ ...visit, caller }, admit(calls))
  } catch (error) {
    if (error instanceof ObjectError) return [formatRefusal(error.toData())]
    throw error
  }
}
