// Live events: the tenant's object sends them itself, over a WebSocket or as a stream, and refuses with ObjectErrorData.

import type { Handler } from 'hono'
import { liveRequest } from 'objects.do'
import type { AppEnv } from '../base/app-env.ts'
import { problemResponse } from '../base/problem.ts'

export const liveEvents: Handler<AppEnv> = async (c) => {
  const { search } = c.get('target')
  const { tenant, authority } = c.get('caller')
  const request = liveRequest({ search, headers: c.req.raw.headers, authority })
  const answer = await c.env.TENANTS.getByName(tenant).fetch(request)
  return answer.status < 400 ? answer : problemResponse(await answer.json())
}
