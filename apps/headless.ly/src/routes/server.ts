// Routes of the server itself: its health, and where to start.

import { Hono } from 'hono'
import { parseFlushSettings } from 'objects.do'
import type { AppEnv } from '../base/app-env.ts'
import { withoutLens } from '../base/context-lens.ts'
import { localTarget } from '../base/local-only.ts'
import { storageSpaceOf } from '../base/storage-space-of.ts'

export const serverRoutes = new Hono<AppEnv>()

serverRoutes.get('/health', async (c) => {
  // A mistake in the settings would otherwise fail the first write of each tenant.
  parseFlushSettings(c.env.FLUSH_SETTINGS)
  const space = storageSpaceOf(c.env)
  await space?.refresh()
  // Still 200, since the server answers and reads continue: a restart would not help.
  if (space?.report?.isFull !== true) return Response.json({ status: 'ok' })
  const { freeBytes, neededBytes } = space.report
  return Response.json({ status: 'storage_full', freeBytes, neededBytes })
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
