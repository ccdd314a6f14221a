// Routes of the services, below a tenant.

import type { Service, ServiceRequest, ServiceRoute } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import type { Env } from '../base/env.ts'
import { problemResponse } from '../base/problem.ts'
import { readBody } from '../base/request-body.ts'
import type { Handler, Visit } from '../base/visit.ts'
import { writeConditions } from '../base/write-conditions.ts'
import { answerMessage, formatRefusal } from '../rpc/answer-message.ts'
import { parseMessage } from '../rpc/parse-message.ts'

export interface ServiceHandler {
  readonly method: string
  readonly handler: Handler
}

/** Returns the handlers by their word below the tenant, such as `do`. */
export function serviceHandlers(services: readonly Service<Env>[]): ReadonlyMap<string, readonly ServiceHandler[]> {
  const handlers = new Map<string, readonly ServiceHandler[]>()
  for (const service of services)
    for (const route of service.routes ?? []) {
      const word = route.path.slice(1)
      const added = { method: route.method, handler: handlerOf(service, route) }
      handlers.set(word, [...(handlers.get(word) ?? []), added])
    }
  return handlers
}

function handlerOf(service: Service<Env>, route: ServiceRoute<Env>): Handler {
  return async (visit) => {
    const answer = await visit.inWork(() => route.answer(requestOf(visit, service, route)))
    const headers = answer.bookmark === undefined ? {} : { 'x-headlessly-bookmark': answer.bookmark }
    if (!answer.ok) return problemResponse(answer.error, { headers })
    return new Response(answer.body, {
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    })
  }
}

function requestOf(visit: Visit, service: Service<Env>, route: ServiceRoute<Env>): ServiceRequest<Env> {
  const { request, env, waitUntil } = visit
  const { tenant, context, bookmark } = visit.caller
  const { idempotencyKey } = writeConditions(request.headers)
  return {
    tenant,
    context,
    bindings: Object.fromEntries((service.bindings ?? []).map((name) => [name, env[name]])),
    body: () => readBody(request),
    waitUntil,
    answerMessage: (text, admit) => answerText(visit, { text, admit, via: route.via }),
    ...(bookmark === undefined ? {} : { bookmark }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
}

async function answerText(
  { env, caller: sender, waitUntil }: Visit,
  message: {
    readonly text: string
    readonly admit: Parameters<ServiceRequest['answerMessage']>[1]
    readonly via: ServiceRoute['via']
  },
): Promise<readonly string[]> {
  const { text, admit, via } = message
  try {
    const { calls, bookmark } = parseMessage(text)
    const caller = {
      ...sender,
      ...(via === undefined ? {} : { via }),
      ...(bookmark === undefined ? {} : { bookmark }),
    }
    return await answerMessage({ env, caller, waitUntil }, admit(calls))
  } catch (error) {
    if (error instanceof ObjectError) return [formatRefusal(error.toData())]
    throw error
  }
}
