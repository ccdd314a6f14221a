// The operator's routes: the tenants of this server, their size, deletion and restore, and the OpenAPI document of these routes.

import { ObjectError, parseParameters } from 'digital-objects'
import { type Context, Hono } from 'hono'
import { describeOperator, parseAnswer, type RegisteredTenant, tenantPage } from 'objects.do'
import { operatorOf } from '../base/caller-of.ts'
import { withoutLens } from '../contexts/lens-of.ts'
import type { Env } from '../base/env.ts'
import { checkLocalOrigin, localTarget } from '../base/local-only.ts'
import { objectStoreOf } from '../base/object-store-of.ts'
import { checkNewTenant, isTenantSlug, slugPattern } from '../base/tenant-slug.ts'
import { requireOperator } from '../identity/operator.ts'
import { readPathOf } from '../read/read-path-of.ts'
import { registryOf, tenantsOf } from '../tenants/tenant-directory.ts'
import { refuseMethod } from './refuse-method.ts'
import { archiveResponse, loadArchive } from './tenant-archive.ts'

/** Pages of the lake that are counted; a larger tenant has at least as many files as are reported. */
const pagesCounted = 1_000
const filesPerPage = 1_000

/** The data that a deletion removes. */
interface Footprint {
  readonly events: number
  readonly entities: number
  readonly files: number
  readonly bytes: number
}

export const operatorRoutes = new Hono<{ Bindings: Env }>()

operatorRoutes.get('/tenants', async (c) => {
  const parameters = await parametersOf(c, ['limit', 'cursor'])
  const { tenants, hasMore, isComplete } = await registryOf(c.env).list({
    after: parameters['cursor'] ?? '',
    limit: parseLimit(parameters['limit']),
  })
  const cursor = hasMore ? (tenants.at(-1)?.name ?? null) : null
  return answer({ results: tenants.map(describe), hasMore, cursor, isComplete })
})

operatorRoutes.get('/tenants/:name', async (c) => {
  await parametersOf(c, [])
  const tenant = await find(c)
  if (tenant.isBeingDeleted) return answer(describe(tenant))
  return answer({ ...describe(tenant), ...(await measure(c, tenant.name)) })
})

operatorRoutes.delete('/tenants/:name', async (c) => {
  const { dryRun = 'false', confirm } = await parametersOf(c, ['dryRun', 'confirm'])
  checkLocalOrigin(c.req.raw.headers.get('origin'), c.env.ALLOWED_HOSTS)
  if (dryRun !== 'true' && dryRun !== 'false') throw invalid('dryRun', `dryRun expects true or false, got '${dryRun}'`)
  const { name, isBeingDeleted } = await find(c)
  const footprint = isBeingDeleted ? {} : await measureReadable(c, name)
  if (dryRun === 'true') return answer({ dryRun: true, tenant: name, ...footprint })
  if (confirm !== name)
    throw invalid(
      'confirm',
      `a deletion cannot be undone: repeat the tenant's name in confirm=${name}, or use dryRun=true`,
    )
  const isDeleted = await registryOf(c.env).delete(name)
  tenantsOf(c.env).forget(name)
  readPathOf(c.env)?.forget(name)
  return answer({ tenant: name, state: isDeleted ? 'deleted' : 'deleting', ...footprint }, isDeleted ? 200 : 202)
})

operatorRoutes.post('/tenants/:name/restore', async (c) => {
  const { from, at } = await parametersOf(c, ['from', 'at'])
  checkLocalOrigin(c.req.raw.headers.get('origin'), c.env.ALLOWED_HOSTS)
  const name = nameOfNew(c)
  if (from !== undefined && from !== name) await requireFiles(c.env, from)
  const isKnown = await tenantsOf(c.env).exists(name)
  if (!isKnown && (from === undefined || from === name))
    throw new ObjectError({
      code: 'not_found',
      field: 'tenant',
      message: `there is no tenant '${name}', and no files of it`,
    })
  // A copy is registered first: after a crash between the two steps, the name has an empty tenant.
  if (!isKnown) await registryOf(c.env).add(name)
  const caller = operatorOf(name, localTarget(c.req.url, c.env))
  const parameters = { ...(from === undefined ? {} : { from }), ...(at === undefined ? {} : { at }) }
  const call = { kind: 'command', command: 'lake.restore', parameters } as const
  const [text = ''] = await tenantsOf(c.env).ask({ caller, calls: [call] })
  const restored = parseAnswer(text)
  if (!restored.ok) throw new ObjectError(restored.error)
  readPathOf(c.env)?.forget(name)
  return answer(JSON.parse(restored.body) as object)
})

operatorRoutes.post('/tenants/:name/flush', async (c) => {
  await parametersOf(c, [])
  checkLocalOrigin(c.req.raw.headers.get('origin'), c.env.ALLOWED_HOSTS)
  const { name } = await find(c)
  const caller = operatorOf(name, localTarget(c.req.url, c.env))
  const [text = ''] = await tenantsOf(c.env).ask({
    caller,
    calls: [{ kind: 'command', command: 'lake.flush', parameters: {} }],
  })
  const flushed = parseAnswer(text)
  if (!flushed.ok) throw new ObjectError(flushed.error)
  return answer({ tenant: name, ...(JSON.parse(flushed.body) as object) })
})

operatorRoutes.get('/tenants/:name/archive', async (c) => {
  await parametersOf(c, [])
  const { name } = await find(c)
  return archiveResponse({ env: c.env, caller: operatorOf(name, localTarget(c.req.url, c.env)) })
})

operatorRoutes.post('/tenants/:name/archive', async (c) => {
  await parametersOf(c, [])
  checkLocalOrigin(c.req.raw.headers.get('origin'), c.env.ALLOWED_HOSTS)
  const name = nameOfNew(c)
  if (!(await tenantsOf(c.env).exists(name))) await registryOf(c.env).add(name)
  const caller = operatorOf(name, localTarget(c.req.url, c.env))
  const report = await loadArchive({ env: c.env, caller }, c.req.raw)
  readPathOf(c.env)?.forget(name)
  return answer({ tenant: name, ...report })
})

operatorRoutes.get('/openapi', async (c) => {
  await parametersOf(c, [])
  return answer(describeOperator({ serverUrl: withoutLens(localTarget(c.req.url, c.env)), tenantName: slugPattern }))
})

operatorRoutes.all('/openapi', (c) => refuseMethod(c.req, 'GET, HEAD'))
operatorRoutes.all('/tenants', (c) => refuseMethod(c.req, 'GET, HEAD'))
operatorRoutes.all('/tenants/:name/archive', (c) => refuseMethod(c.req, 'GET, HEAD, POST'))
operatorRoutes.all('/tenants/:name/flush', (c) => refuseMethod(c.req, 'POST'))
operatorRoutes.all('/tenants/:name/restore', (c) => refuseMethod(c.req, 'POST'))
operatorRoutes.all('/tenants/:name', (c) => refuseMethod(c.req, 'GET, HEAD, DELETE'))

function describe({ name, createdAtMs, isBeingDeleted }: RegisteredTenant): object {
  return { name, createdAt: new Date(createdAtMs).toISOString(), state: isBeingDeleted ? 'deleting' : 'present' }
}

/** Throws an ObjectError `not_found` if there is no such tenant. */
async function find(c: Context<{ Bindings: Env }>): Promise<RegisteredTenant> {
  const name = c.req.param('name') ?? ''
  const registry = registryOf(c.env)
  // Registers a tenant from before the registry.
  if (isTenantSlug(name) && (await registry.find(name)) === 'absent') await tenantsOf(c.env).exists(name)
  const tenant = isTenantSlug(name) ? await registry.details(name) : null
  if (tenant !== null) return tenant
  const message = `there is no tenant '${name.slice(0, 64)}'`
  throw new ObjectError({ code: 'not_found', field: 'tenant', message })
}

/** The tenant of the path, which need not exist yet. */
function nameOfNew(c: Context<{ Bindings: Env }>): string {
  const name = c.req.param('name') ?? ''
  if (!isTenantSlug(name))
    throw invalid(
      'name',
      `'${name.slice(0, 64)}' is no name of a tenant, which has 2 to 64 lower-case letters, digits and hyphens`,
    )
  checkNewTenant(name)
  return name
}

/** Throws an ObjectError `not_found` if the lake has no files of the tenant. */
async function requireFiles(env: Env, name: string): Promise<void> {
  const page = isTenantSlug(name) ? await objectStoreOf(env)?.list({ prefix: `${name}/`, limit: 1 }) : undefined
  if (page !== undefined && page.objects.length > 0) return
  const message = `the lake has no files of '${name.slice(0, 64)}'`
  throw new ObjectError({ code: 'not_found', field: 'from', message })
}

/** A tenant whose database cannot be read, or whose load has not ended, can be deleted: its files are counted only. */
async function measureReadable(c: Context<{ Bindings: Env }>, name: string): Promise<Partial<Footprint>> {
  try {
    return await measure(c, name)
  } catch (error) {
    const isUnreadable =
      error instanceof ObjectError && ['database_lost', 'database_damaged', 'conflict'].includes(error.code)
    if (isUnreadable) return measureFiles(c, name)
    throw error
  }
}

async function measure(c: Context<{ Bindings: Env }>, name: string): Promise<Footprint> {
  const caller = operatorOf(name, localTarget(c.req.url, c.env))
  const call = { kind: 'read', read: 'status', parameters: {} } as const
  const [text = ''] = await tenantsOf(c.env).ask({ caller, calls: [call] })
  const status = parseAnswer(text)
  if (!status.ok) throw new ObjectError(status.error)
  const { events, entities } = JSON.parse(status.body) as {
    readonly events: number
    readonly entities: Readonly<Record<string, number>>
  }
  const files = await measureFiles(c, name)
  return { events, entities: Object.values(entities).reduce((sum, count) => sum + count, 0), ...files }
}

async function measureFiles(c: Context<{ Bindings: Env }>, name: string): Promise<Pick<Footprint, 'files' | 'bytes'>> {
  const store = objectStoreOf(c.env)
  let [files, bytes, after] = [0, 0, '']
  for (let page = 0; store !== undefined && page < pagesCounted; page++) {
    const { objects, hasMore } = await store.list({ prefix: `${name}/`, after, limit: filesPerPage })
    files += objects.length
    bytes += objects.reduce((sum, object) => sum + object.bytes, 0)
    after = objects.at(-1)?.key ?? after
    if (!hasMore) break
  }
  return { files, bytes }
}

/** The query, after the host and the sender have been checked. Throws an ObjectError for a parameter that is not known. */
async function parametersOf(
  c: Context<{ Bindings: Env }>,
  known: readonly string[],
): Promise<Readonly<Record<string, string | undefined>>> {
  const parameters = parseParameters(localTarget(c.req.url, c.env).search)
  await requireOperator(c.req.raw, c.env)
  const unknown = Object.keys(parameters).find((name) => !known.includes(name))
  if (unknown === undefined) return parameters
  const names = known.length === 0 ? 'none is expected' : `expected ${known.join(' or ')}`
  throw invalid(unknown, `unknown parameter '${unknown.slice(0, 64)}': ${names}`)
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return tenantPage.default
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= tenantPage.max) return limit
  const message = `limit expects a number from 1 to ${tenantPage.max}, got '${text.slice(0, 64)}'`
  throw new ObjectError({ code: 'invalid_limit', field: 'limit', message })
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field: field.slice(0, 64), message })
}

function answer(body: object, status = 200): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
