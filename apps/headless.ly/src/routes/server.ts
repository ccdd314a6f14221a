// Routes of the server itself: its health, and where to start.

import { Hono } from 'hono'
import { parseFlushSettings } from 'objects.do'
import type { AppEnv } from '../base/app-env.ts'
import { withoutLens } from '../base/context-lens.ts'
import { localTarget } from '../base/local-only.ts'

export const serverRoutes = new Hono<AppEnv>()

serverRoutes.get('/health', (c) => {
  // A mistake in the settings would otherwise fail the first write of each tenant.
  parseFlushSettings(c.env.FLUSH_SETTINGS)
  return Response.json({ status: 'ok' })
})

serverRoutes.get('/', (c) => {
  const base = withoutLens(localTarget(c.req.url, c.env))
  return Response.json({
    name: 'headless.ly',
    try: {
      list: `${base}/~acme/Contact`,
      schema: `${base}/~acme/schema`,
      openapi: `${base}/~acme/openapi`,
      events: `${base}/~acme/events`,
      lake: `${base}/~acme/lake`,
    },
  })
})
