// Live events: the tenant's object sends them itself, over a WebSocket or as a stream, and refuses with ObjectErrorData.

import type { Handler } from 'hono'
import { liveRequest } from 'objects.do'
import type { AppEnv } from '../base/app-env.ts'
import { problemResponse } from '../base/problem.ts'
import { liveBeforeBegin } from '../tenants/live-before-begin.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

export const liveEvents: Handler<AppEnv> = async (c) => {
  const { search } = c.get('target')
  const { tenant, authority } = c.get('caller')
  const tenants = tenantsOf(c.env)
  const { headers } = c.req.raw
  const request = liveRequest({ search, headers, authority })
  if (await tenants.exists(tenant)) {
    const answer = await tenants.listen(tenant, request)
    return answer.status < 400 ? answer : problemResponse(await answer.json())
  }
  const greeting = await tenants.greet(request)
  if (greeting.refusal !== undefined) return problemResponse(greeting.refusal)
  const open = (): Promise<Response> => tenants.listen(tenant, fromStart(request))
  return liveBeforeBegin(c.req.raw, { name: tenant, tenants, greeting: greeting.text, open })
}

/** The same request for every event from the first one on. */
function fromStart(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.set('last-event-id', '0')
  return new Request(request, { headers })
}
