// The lake's routes at the front door: the S3 face, the Iceberg catalogs, and the page that explains how to attach.

import { duckdbView, listDataFiles, type ObjectStore, pathToKey, readCurrentTable } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import { Hono } from 'hono'
import { mayReadTenant } from '../base/caller-of.ts'
import { withoutLens } from '../contexts/lens-of.ts'
import type { Env } from '../base/env.ts'
import { localTarget } from '../base/local-only.ts'
import { objectStoreOf } from '../base/object-store-of.ts'
import type { Target } from '../base/target.ts'
import { readCurrentMetadata } from './current-metadata.ts'
import { catalogResponse } from './iceberg-catalog.ts'
import { eventsTable } from './lake-tables.ts'
import { type LakeHolder, lakeKeysOf } from './lake-keys.ts'
import { mayReadEverything } from '../identity/may-read-everything.ts'
import { parseTokenSeconds } from './lake-token.ts'
import { lakePage } from './lake-page.ts'
import { s3Response } from './s3-face.ts'

/** The first segment of the path, where S3 clients put the bucket. */
export const lakeBucket = 'lake'

export const lakeRoutes = new Hono<{ Bindings: Env }>()

lakeRoutes.all(`/${lakeBucket}/*`, (c) => {
  localTarget(c.req.url, c.env)
  return s3Response(c.req.raw, { ...lakeOf(c.env), bucket: lakeBucket, nowMs: Date.now(), mayRead: mayReadOf(c.env) })
})

lakeRoutes.all('/iceberg/*', (c) => {
  const target = localTarget(c.req.url, c.env)
  return catalogResponse(c.req.raw, {
    ...lakeOf(c.env),
    bucket: lakeBucket,
    nowMs: Date.now(),
    tokenSeconds: parseTokenSeconds(c.env.LAKE_TOKEN_SECONDS),
    origin: originOf(target, c.env),
    authorize: async () => mayReadTenant(c.env),
    mayRead: mayReadOf(c.env),
  })
})

/** Returns everything an analyst needs, including keys, so the caller must be allowed to read all of the tenant. */
export async function lakePageResponse(options: {
  readonly env: Env
  readonly target: Target
  readonly tenant: string
  /** The id of the key or session of the caller; undefined for a call without one. */
  readonly principal: string | undefined
}): Promise<Response> {
  const { env, target, tenant, principal } = options
  const { store, serverSecret } = lakeOf(env)
  const page = lakePage({
    origin: originOf(target, env),
    bucket: lakeBucket,
    tenant,
    keys: await lakeKeysOf({ serverSecret, tenant, principal }),
    duckdbLines: [duckdbView({ name: eventsTable, paths: await currentPaths(store, tenant) })],
  })
  return Response.json(page, { headers: { 'cache-control': 'no-store' } })
}

/** Keys of the lake that a key or a session got are as good as that one is now. */
function mayReadOf(env: Env): (holder: LakeHolder) => Promise<boolean> {
  return async ({ tenant, principal }) => principal === undefined || mayReadEverything(env, { tenant, principal })
}

/** Returns the files of the newest snapshot, as S3 clients reach them. */
async function currentPaths(store: ObjectStore, tenant: string): Promise<readonly string[]> {
  const current = await readCurrentMetadata({ store, tenant, table: eventsTable })
  if (current === undefined) return []
  const prefix = `${tenant}/${eventsTable}`
  const metadata = await readCurrentTable(store, { prefix, version: current.version })
  if (metadata === undefined) return []
  const files = await listDataFiles(store, { prefix, metadata })
  return files.map(({ path }) => `s3://${lakeBucket}/${pathToKey({ store, prefix, metadata }, path)}`)
}

/** Throws an ObjectError `not_configured`. */
function lakeOf(env: Env): { readonly store: ObjectStore; readonly serverSecret: string } {
  const store = objectStoreOf(env)
  const serverSecret = env.LAKE_SECRET
  if (store !== undefined && serverSecret !== undefined && serverSecret !== '') return { store, serverSecret }
  const missing = store === undefined ? 'object store (LAKE)' : 'secret to derive keys from (LAKE_SECRET)'
  throw new ObjectError({
    code: 'not_configured',
    message: `the lake is not available: this server has no ${missing}`,
  })
}

function originOf(target: Target, env: Env): string {
  return env.PUBLIC_URL ?? withoutLens(target)
}
