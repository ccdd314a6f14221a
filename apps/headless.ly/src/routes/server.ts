// Routes of the server itself: its health.

import { Hono } from 'hono'
import { parseFlushSettings, parseSecretKeys } from 'objects.do'
import type { Env } from '../base/env.ts'
import { parseCiIssuers } from 'oauth.do/directory'
import { serverMailOf } from '../identity/server-mail.ts'
import { trialsOf } from '../identity/trials.ts'
import { storageSpaceOf } from '../base/storage-space-of.ts'

export const serverRoutes = new Hono<{ Bindings: Env }>()

serverRoutes.get('/health', async (c) => {
  // A mistake in the settings would otherwise fail the first write of each tenant.
  parseFlushSettings(c.env.FLUSH_SETTINGS)
  parseSecretKeys(c.env.SECRETS_KEYS)
  trialsOf(c.env)
  serverMailOf(c.env)
  if (c.env.CI_ISSUERS !== undefined) parseCiIssuers(c.env.CI_ISSUERS)
  const space = storageSpaceOf(c.env)
  await space?.refresh()
  // Still 200, since the server answers and reads continue: a restart would not help.
  if (space?.report?.isFull !== true) return Response.json({ status: 'ok' })
  const { freeBytes, neededBytes } = space.report
  return Response.json({ status: 'storage_full', freeBytes, neededBytes })
})
