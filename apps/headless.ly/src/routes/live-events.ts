// Live events: the tenant's object sends them itself, over a WebSocket or as a stream, and refuses with ObjectErrorData.

import { liveRequest } from 'objects.do'
import { problemResponse } from '../base/problem.ts'
import type { Handler, Visit } from '../base/visit.ts'
import { withoutTicket } from '../identity/socket-ticket.ts'
import { liveBeforeBegin } from '../tenants/live-before-begin.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

export const liveEvents: Handler = (visit) => visit.inWork(() => listen(visit))

async function listen(visit: Visit): Promise<Response> {
  const search = withoutTicket(visit.target.search)
  const { tenant, authority } = visit.caller
  const tenants = tenantsOf(visit.env)
  const { headers } = visit.request
  const request = liveRequest({ search, headers, authority })
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
