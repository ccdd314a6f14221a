// All routes of a tenant, below `/~acme`. The operations come from a list, and their paths are matched by decoded segments.

import type { Service } from '@dotdo/service'
import type { Caller } from 'objects.do'
import { bodyRoomOf, declaredBytes } from '../base/body-room.ts'
import type { EstablishCaller } from '../base/caller-of.ts'
import { checkOrigin } from '../base/check-origin.ts'
import type { Env } from '../base/env.ts'
import { errorResponse, notFound } from '../base/error-response.ts'
import type { Fetch } from '../base/fetch.ts'
import { isLive } from '../base/is-live.ts'
import { SocketTicket } from '../identity/socket-ticket.ts'
import { requestRoomOf } from '../base/request-room.ts'
import { tenantTarget } from '../base/tenant-target.ts'
import type { Handler, Visit } from '../base/visit.ts'
import type { Lens } from '../contexts/compose-contexts.ts'
import { auditingRefusals, type RefusedRequest } from '../identity/audit.ts'
import { byPublicKey, hasPublicKey, isOpen, type OpenRoute, strangerOf } from '../identity/open-routes.ts'
import { limitRate, limitStranger, withRate } from '../identity/rate-limits.ts'
import { isAnonymous } from '../identity/trials.ts'
import { answerCall } from './answer-call.ts'
import { historyBytes, loadHistory } from './history.ts'
import { liveEvents, liveQuery, liveWord } from './live-events.ts'
import { oauthResponse, oauthWord } from './oauth.ts'
import { challengeOf } from './oauth-metadata.ts'
import { handlerForAnonymous } from './anonymous.ts'
import { type OwnRoutes, ownRoutes } from './own-routes.ts'
import { sendToSignIn } from './send-to-sign-in.ts'
import { tenantPageRoute } from './tenant-pages.ts'

/** Handles every path, and refuses those of no tenant. The answer never throws. */
export function tenantRoutes(services: readonly Service<Env>[], establishCaller: EstablishCaller): Fetch<Env> {
  const own = ownRoutes(services, (visit) => handlerOf(visit, own)(visit))
  const answer: Fetch<Env> = (request, env, context) => {
    const target = tenantTarget(request.url, env)
    if (target === undefined) return notFound({ request, env })
    const tenant = target.segments[0]?.slice(1) ?? ''
    const waitUntil: Visit['waitUntil'] = (work) => context.waitUntil(work)
    const audited = (about: string): RefusedRequest => ({ env, tenant, about, waitUntil })
    const route = own.find(target.below)?.open?.get(request.method === 'HEAD' ? 'GET' : request.method)
    const byKeyOfPage = hasPublicKey(route, target)
    if (!byKeyOfPage) auditingRefusals(audited('a page of another origin'), () => checkOrigin(request, env))
    // Clients of OAuth prove themselves in other ways than callers.
    if (target.below[0] === oauthWord) return oauthResponse({ request, env, target, establishCaller })
    const renewed = establishing({ request, env, target, route, audited, establishCaller })
    const visitOf = (by: Caller): Visit => ({
      request,
      env,
      target,
      caller: by,
      renewed,
      inWork: (work) => requestRoomOf(env).run(by.tenant, work),
      waitUntil,
    })
    const answered = (): Response | Promise<Response> => {
      const caller = renewed()
      return caller instanceof Promise ? caller.then((by) => handle(visitOf(by))) : handle(visitOf(caller))
    }
    return byKeyOfPage ? readableByAnyPage(withoutErrors({ request, env }, answered)) : answered()
  }
  const handle = (visit: Visit): Response | Promise<Response> => {
    const { request, env, caller } = visit
    const handler = handlerOf(visit, own)
    // A body that is read while it arrives is in memory by the chunk.
    const isStreaming = own.find(visit.target.below)?.streaming?.includes(request.method) === true
    const bytes = handler === loadHistory || isStreaming ? historyBytes : declaredBytes(request)
    return bodyRoomOf(env).hold(caller.tenant, bytes, () => handler(visit))
  }
  return (request, env, context) => {
    const answered = sendToSignIn(
      request,
      env,
      challenging(
        request,
        withoutErrors({ request, env }, () => answer(request, env, context)),
      ),
    )
    return request.method === 'HEAD' ? withoutBody(answered) : answered
  }
}

interface Arriving extends Pick<Visit, 'request' | 'env' | 'target'> {
  readonly route: OpenRoute | undefined
  readonly audited: (about: string) => RefusedRequest
  readonly establishCaller: EstablishCaller
}

/** Returns what establishes the caller of a request, and counts it. */
function establishing({ request, env, target, route, audited, establishCaller }: Arriving): Visit['renewed'] {
  const of = { headers: request.headers, target, env }
  const counting = (caller: Caller, count: () => void): Caller => {
    auditingRefusals({ ...audited('requests per minute'), caller }, count)
    return caller
  }
  const admitted = (caller: Caller, counted?: object): Caller => {
    if (caller.authority.through !== undefined || isAnonymous(caller))
      counting(caller, () => limitRate({ request, env, counted }, caller))
    return withLens(caller, target.lens)
  }
  const ticket = SocketTicket.of(request, target.search)
  return (counted) => {
    if (isOpen(route, target)) {
      const stranger = strangerOf(of)
      return counting(stranger, () => limitStranger(request, env, stranger.tenant))
    }
    const caller = auditingRefusals(audited(proofOf(request)), () => {
      if (hasPublicKey(route, target)) return byPublicKey(establishCaller, of, target)
      return ticket === undefined ? establishCaller(of) : ticket.caller(of)
    })
    return caller instanceof Promise ? caller.then((by) => admitted(by, counted)) : admitted(caller, counted)
  }
}

/** Names what the caller has proved itself by, for a refusal. */
function proofOf({ headers }: Request): string {
  if (headers.has('authorization') || headers.has('x-api-key')) return 'a malformed key'
  return headers.has('cookie') ? 'a session that proves nothing here' : 'a call without a key'
}

function handlerOf(visit: Visit, own: OwnRoutes): Handler {
  const handler = handlerByPath(visit, own)
  return isAnonymous(visit.caller) ? handlerForAnonymous(visit, handler) : handler
}

function handlerByPath({ request, target }: Visit, own: OwnRoutes): Handler {
  const { below } = target
  if (below.length === 0) return tenantPageRoute
  const word = below.length === 1 ? (below[0] ?? '') : ''
  const route = own.find(below)
  if (route !== undefined) return route.byMethod.get(request.method) ?? route.refuse
  if (word === 'history' && request.method === 'POST') return loadHistory
  if (below.length === 2 && below[1] === liveWord && request.method === 'GET') return liveQuery
  return word === 'events' && request.method === 'GET' && isLive(request) ? liveEvents : answerCall
}

function withLens(caller: Caller, lens: Lens | undefined): Caller {
  return lens === undefined ? caller : { ...caller, lens: shownBy(lens) }
}

/** The part of a lens that the tenant's object needs. */
function shownBy({ entities, labels }: Lens): NonNullable<Caller['lens']> {
  return { labels, ...(entities === undefined ? {} : { entities }) }
}

/** A refused caller learns where it can sign in, and a caller with a limit how much of it is left. */
function challenging(request: Request, given: Response | Promise<Response>): Response | Promise<Response> {
  if (given instanceof Promise) return given.then((response) => challenging(request, response))
  const answered = withRate(request, given)
  if (answered.status === 401 && answered.headers.has('www-authenticate'))
    answered.headers.set('www-authenticate', challengeOf(request))
  return answered
}

function withoutErrors(
  failed: Parameters<typeof errorResponse>[1],
  answer: () => Response | Promise<Response>,
): Response | Promise<Response> {
  try {
    const answered = answer()
    return answered instanceof Promise ? answered.catch((error: unknown) => errorResponse(error, failed)) : answered
  } catch (error) {
    return errorResponse(error, failed)
  }
}

/** The answer says nothing that the key in the page does not prove, and browsers add no cookie to such a request. */
async function readableByAnyPage(answered: Response | Promise<Response>): Promise<Response> {
  const own = new Response((await answered).body, await answered)
  own.headers.set('access-control-allow-origin', '*')
  return own
}

async function withoutBody(answered: Response | Promise<Response>): Promise<Response> {
  return new Response(null, await answered)
}
