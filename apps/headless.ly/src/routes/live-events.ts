// Live events: the tenant's object sends them itself, over a WebSocket or as a stream, and refuses with ObjectErrorData.

import { ObjectError } from 'digital-objects'
import { liveRequest } from 'objects.do'
import { isLive } from '../base/is-live.ts'
import { problemResponse } from '../base/problem.ts'
import type { Handler, Visit } from '../base/visit.ts'
import { withoutTicket } from '../identity/socket-ticket.ts'
import { liveBeforeBegin } from '../tenants/live-before-begin.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

/** The last segment of a live query's path. */
export const liveWord = 'live'

export const liveEvents: Handler = (visit) => visit.inWork(() => listen(visit, undefined))

/** `GET /~acme/Deal/live`: what enters and leaves a filter. */
export const liveQuery: Handler = (visit) => {
  if (!isLive(visit.request)) {
    const message = 'a live query is read over a WebSocket, or with the header Accept: text/event-stream'
    throw new ObjectError({ code: 'invalid_parameter', field: 'accept', message })
  }
  return visit.inWork(() => listen(visit, visit.target.below[0]))
}

async function listen(visit: Visit, noun: string | undefined): Promise<Response> {
  const search = withoutTicket(visit.target.search)
  const { tenant, authority } = visit.caller
  const tenants = tenantsOf(visit.env)
  const { headers } = visit.request
  const request = liveRequest({ search, headers, authority, ...(noun === undefined ? {} : { noun }) })
  if (await tenants.exists(tenant)) {
    const answer = await tenants.listen(tenant, request)
    return answer.status < 400 ? answer : problemResponse(await answer.json())
  }
  const greeting = await tenants.greet(request)
  if (greeting.refusal !== undefined) return problemResponse(greeting.refusal)
  const open = (): Promise<Response> => tenants.listen(tenant, fromStart(request))
  return liveBeforeBegin(visit.request, { name: tenant, tenants, greeting: greeting.text, open })
}

/** The same request for every event from the first one on. */
function fromStart(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.set('last-event-id', '0')
  return new Request(request, { headers })
}
