// Live events: the tenant's object sends them itself, over a WebSocket or as a stream, and refuses with ObjectErrorData.

import type { Handler } from 'hono'
import { liveRequest } from 'objects.do'
import type { AppEnv } from '../base/app-env.ts'
import { isLive } from '../base/is-live.ts'
import { problemResponse } from '../base/problem.ts'

/** For `/events`; a request for the list goes on to the next route. */
export const liveEvents: Handler<AppEnv> = (c, next) => {
  const { raw } = c.req
  if (!isLive(raw)) return next()
  const { search } = c.get('target')
  const { tenant, authority } = c.get('caller')
  const object = c.env.TENANTS.getByName(tenant)
  return listen(object.fetch(liveRequest({ search, headers: raw.headers, authority })))
}

async function listen(answering: Promise<Response>): Promise<Response> {
  const answer = await answering
  return answer.status < 400 ? answer : problemResponse(await answer.json())
}
