// Discovery of the authorization servers: their metadata documents, and the challenge that a refused caller gets. The documents
// are the same for every name, so they tell nothing about tenants.

import { type Context, Hono } from 'hono'
import { authorizationServerMetadata, protectedResourceMetadata } from 'oauth.do'
import type { Env } from '../base/env.ts'
import { notFound } from '../base/error-response.ts'
import { tenantTarget } from '../base/tenant-target.ts'
import { isTenantSlug } from '../base/tenant-slug.ts'
import type { TenantTarget } from '../base/visit.ts'
import { withoutLens } from '../contexts/lens-of.ts'
import { refuseMethod } from './refuse-method.ts'

const serverPath = '/.well-known/oauth-authorization-server'
const resourcePath = '/.well-known/oauth-protected-resource'

export const oauthMetadataRoutes = new Hono<{ Bindings: Env }>()

oauthMetadataRoutes.get(`${serverPath}/*`, (c) => {
  const target = describedBy(c, serverPath)
  return target === undefined || target.below.length > 0
    ? notFound({ request: c.req.raw, env: c.env })
    : documentOf(authorizationServerMetadata(issuerOf(target, c.env)))
})

oauthMetadataRoutes.get(`${resourcePath}/*`, (c) => {
  const target = describedBy(c, resourcePath)
  const [word = 'mcp', ...others] = target?.below ?? []
  if (target === undefined || word !== 'mcp' || others.length > 0) return notFound({ request: c.req.raw, env: c.env })
  const resource = `${target.origin}${target.path}`.replace(/\/$/, '')
  return documentOf(protectedResourceMetadata({ resource, issuer: issuerOf(target, c.env) }))
})

for (const path of [serverPath, resourcePath])
  oauthMetadataRoutes.all(`${path}/*`, (c) => refuseMethod(c.req, 'GET, HEAD'))

/** The tenant's URL, by the name of the server without its contexts. */
export function issuerOf(target: TenantTarget, { PUBLIC_URL }: Pick<Env, 'PUBLIC_URL'>): string {
  return `${PUBLIC_URL ?? withoutLens(target)}/${target.segments[0] ?? ''}`
}

/** The challenge of a 401 answer (RFC 9728, 5.1). `request` is to a tenant. */
export function challengeOf({ url, headers }: Pick<Request, 'url' | 'headers'>): string {
  const [, origin = '', path = ''] =
    /^([a-z]+:\/\/[^/?#]*)((?:\/[^/?#~]+)?\/~[^/?#]*(?:\/mcp(?=$|[/?#]))?)/i.exec(url) ?? []
  const hasProof = headers.has('authorization') || headers.has('x-api-key')
  return `Bearer ${hasProof ? 'error="invalid_token", ' : ''}resource_metadata="${origin}${resourcePath}${path}"`
}

/** The target that the path after the well-known part names; undefined if that is no tenant. */
function describedBy(c: Context<{ Bindings: Env }>, prefix: string): TenantTarget | undefined {
  const { url } = c.req.raw
  const target = tenantTarget(url.replace(prefix, ''), c.env)
  const isTenant = target !== undefined && isTenantSlug(target.segments[0]?.slice(1) ?? '') && target.search === ''
  return isTenant ? target : undefined
}

function documentOf(body: object): Response {
  return Response.json(body, { headers: { 'cache-control': 'no-store', vary: 'origin' } })
}
