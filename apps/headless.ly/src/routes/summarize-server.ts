// The server at a glance: its first tenants, with what the caller may see in each.

import { withDeadline } from '@dotdo/db'
import { formatInternalError, ObjectError, type Status } from 'digital-objects'
import type { Context } from 'hono'
import { parseAnswer, type RegisteredTenant, type TenantPage } from 'objects.do'
import { type EstablishCaller, requiresSignIn } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'
import { errorToData } from '../base/error-to-data.ts'
import { localTarget } from '../base/local-only.ts'
import { requireNoKey } from '../identity/establish-caller.ts'
import { personOf } from '../identity/people.ts'
import { about, exampleTenant, type FrontPage, type TenantSummary } from '../pages/front-page.ts'
import { registryOf, tenantsOf } from '../tenants/tenant-directory.ts'

const listedMax = 50
/** Counting opens the tenant's object. */
const countedMax = 10
/** A page without counts is better than a late one. */
const countTimeoutMs = 500

interface SummaryOptions {
  /** The server's URL. */
  readonly base: string
  readonly establishCaller: EstablishCaller
  readonly isCounted: boolean
}

export async function summarizeServer(c: Context<{ Bindings: Env }>, options: SummaryOptions): Promise<FrontPage> {
  const { base } = options
  requireNoKey(c.req.raw.headers)
  const { tenants, hasMore } = await tenantsFor(c)
  const present = tenants.filter(({ isBeingDeleted }) => !isBeingDeleted)
  const results = present.map((tenant, at) =>
    summarize(c, tenant, { ...options, isCounted: options.isCounted && at < countedMax }),
  )
  const url = `${base}/~${present[0]?.name ?? exampleTenant}`
  return {
    name: 'headless.ly',
    about,
    tenants: { results: await Promise.all(results), hasMore },
    try: {
      list: `${url}/Contact`,
      schema: `${url}/schema`,
      openapi: `${url}/openapi`,
      events: `${url}/events`,
      lake: `${url}/lake`,
    },
    links: {
      tenants: `${base}/tenants`,
      docs: `${base}/docs`,
      llms: `${base}/llms.txt`,
      llmsFull: `${base}/llms-full.txt`,
    },
  }
}

/** The first tenants that the sender may know of. */
async function tenantsFor(c: Context<{ Bindings: Env }>): Promise<Pick<TenantPage, 'tenants' | 'hasMore'>> {
  const registry = registryOf(c.env)
  const person = requiresSignIn(c.env) ? await personOf({ headers: c.req.raw.headers, env: c.env }) : undefined
  if (!requiresSignIn(c.env) || person?.account.isOwner === true) return registry.list({ after: '', limit: listedMax })
  const { memberships = [] } = person ?? {}
  const found = await Promise.all(memberships.slice(0, listedMax).map(({ tenant }) => registry.details(tenant)))
  return { tenants: found.filter((tenant) => tenant !== null), hasMore: memberships.length > listedMax }
}

async function summarize(
  c: Context<{ Bindings: Env }>,
  { name, createdAtMs }: RegisteredTenant,
  options: SummaryOptions,
): Promise<TenantSummary> {
  const counts = options.isCounted ? await countTenant(c, name, options) : undefined
  return {
    name,
    url: `${options.base}/~${name}`,
    createdAt: new Date(createdAtMs).toISOString(),
    ...(counts === undefined ? {} : { counts }),
  }
}

/** Returns undefined if the tenant refuses, fails, or does not answer in time. */
async function countTenant(
  c: Context<{ Bindings: Env }>,
  name: string,
  { establishCaller }: SummaryOptions,
): Promise<TenantSummary['counts']> {
  const headers = new Headers(c.req.raw.headers)
  headers.delete('x-headlessly-bookmark') // of another tenant
  const target = { ...localTarget(c.req.url, c.env), segments: [`~${name}`] }
  const calls = [{ kind: 'read', read: 'status', parameters: {} }] as const
  try {
    const caller = await establishCaller({ headers, target, env: c.env })
    const [text = ''] = await withDeadline(tenantsOf(c.env).ask({ caller, calls }), {
      ms: countTimeoutMs,
      timeoutError: () => new ObjectError({ code: 'timeout', message: `'${name}' was not counted in time` }),
    })
    const answer = parseAnswer(text)
    if (!answer.ok) return undefined
    const { events, entities } = JSON.parse(answer.body) as Status // made by our own read
    return { events, entities: Object.values(entities).reduce((sum, count) => sum + count, 0) }
  } catch (error) {
    const { log } = await errorToData(error, c.env)
    if (log) console.error(formatInternalError(error, { request: 'GET /', tenant: name }))
    return undefined
  }
}
