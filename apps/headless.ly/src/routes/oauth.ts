// Requests to a tenant's authorization server, below `/~acme/oauth`. The front door checks where they come from and who sent
// them, the tenant's object answers, and this file makes pages of its data.

import type { AuthorizationAnswer, AuthorizationPage, AuthorizingCaller } from '@dotdo/service'
import { isFullAuthority, ObjectError } from 'digital-objects'
import { oauthPaths } from 'oauth.do'
import { callerOf, type EstablishCaller } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'
import { notFound } from '../base/error-response.ts'
import { presentedKey } from '../base/presented-key.ts'
import { readText } from '../base/request-body.ts'
import { requestRoomOf } from '../base/request-room.ts'
import type { TenantTarget } from '../base/visit.ts'
import { chooseForm } from '../pages/choose-form.ts'
import { oauthPage } from '../pages/oauth-pages.ts'
import { htmlResponse } from '../pages/page-response.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { issuerOf } from './oauth-metadata.ts'
import { refuseMethod } from './refuse-method.ts'

export const oauthWord = 'oauth'
const bodyBytesMax = 65_536

interface Visited {
  readonly request: Request
  readonly env: Env
  readonly target: TenantTarget
  readonly establishCaller: EstablishCaller
}

interface Endpoint {
  /** `person`: pages of a signed-in person. `key`: a key may be presented. `client`: only a client proves itself. */
  readonly for: 'person' | 'key' | 'client'
  readonly methods: readonly string[]
}

/** By path below the tenant. */
export const oauthEndpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  [oauthPaths.authorize, { for: 'person', methods: ['GET', 'HEAD', 'POST'] }],
  [oauthPaths.device, { for: 'person', methods: ['GET', 'HEAD', 'POST'] }],
  [oauthPaths.grants, { for: 'person', methods: ['GET', 'HEAD', 'POST'] }],
  [oauthPaths.deviceAuthorization, { for: 'client', methods: ['POST'] }],
  [oauthPaths.token, { for: 'client', methods: ['POST'] }],
  [oauthPaths.register, { for: 'key', methods: ['POST'] }],
  [oauthPaths.revoke, { for: 'client', methods: ['POST'] }],
  [oauthPaths.introspect, { for: 'key', methods: ['POST'] }],
])

/** Headers that the authorization server reads. */
const headersPassed = ['authorization', 'content-type', 'cookie'] as const

export async function oauthResponse(visited: Visited): Promise<Response> {
  const { request, env, target, establishCaller } = visited
  const path = `/${target.below.join('/')}`
  const endpoint = oauthEndpoints.get(path)
  if (endpoint === undefined) return notFound({ request, env })
  if (!endpoint.methods.includes(request.method)) return refuseMethod(request, endpoint.methods.join(', '))
  if (endpoint.for === 'person' && request.method === 'POST') requireOwnPage(request, target)
  const { tenant } = callerOf({ headers: request.headers, target, env })
  const by =
    endpoint.for === 'client'
      ? undefined
      : await callerBy(endpoint, { headers: request.headers, target, env, establishCaller })
  const body = request.method === 'POST' ? await readText(request, bodyBytesMax) : ''
  const answer = await requestRoomOf(env).run(tenant, () =>
    tenantsOf(env).authorize(tenant, {
      method: request.method === 'HEAD' ? 'GET' : request.method,
      path,
      search: target.search,
      headers: headersPassed.flatMap((name) => toPassed(name, request.headers)),
      body,
      issuer: issuerOf(target, env),
      by,
    }),
  )
  if (answer === undefined) throw noTenant()
  return toResponse(answer, request)
}

function toPassed(name: string, headers: Headers): readonly (readonly [string, string])[] {
  const value = headers.get(name)
  return value === null ? [] : [[name, value]]
}

/** A form of a foreign page has the origin of that page, and every browser sends it with a POST. */
function requireOwnPage({ headers }: Request, { origin }: TenantTarget): void {
  if (headers.get('origin') === origin) return
  const message = `this form counts only if it is sent by a page of ${origin}`
  throw new ObjectError({ code: 'forbidden', field: 'Origin', message })
}

/** Returns who sent the request, by a session or by a key; undefined if nobody is known. */
async function callerBy(
  endpoint: Endpoint,
  { headers, target, env, establishCaller }: Omit<Visited, 'request'> & { readonly headers: Headers },
): Promise<AuthorizingCaller | undefined> {
  // Introspection takes the credentials of a client in the same header.
  if (/^Basic /i.test(headers.get('authorization') ?? '')) return undefined
  // Programs register, and ask about their tokens, before they have a proof.
  if (endpoint.for === 'key' && presentedKey(headers) === undefined) return undefined
  const { authority } = await establishCaller({ headers, target, env })
  const { who, through } = authority
  const mayDoEverything = isFullAuthority(authority)
  const isPerson = through === undefined ? mayDoEverything : through.kind === 'session' && who.startsWith('user_')
  const by = { principal: who, key: through?.id, isPerson, mayDoEverything }
  if (endpoint.for === 'person') return isPerson ? by : undefined
  return through === undefined ? undefined : by
}

function noTenant(): ObjectError {
  const message = 'this tenant has no data yet: write something to it before programs sign in'
  return new ObjectError({ code: 'not_found', field: 'tenant', message })
}

async function toResponse({ status, headers, body, page }: AuthorizationAnswer, request: Request): Promise<Response> {
  const isPage = page !== undefined && (body === '' || prefersHtml(request))
  const answer = isPage ? await toPageResponse(page, { request, status }) : new Response(body, { status })
  for (const [name, value] of headers) {
    if (isPage && name === 'content-type') continue
    if (name === 'set-cookie') answer.headers.append(name, value)
    else answer.headers.set(name, value)
  }
  return answer
}

function prefersHtml({ headers }: Request): boolean {
  const forms = [
    ['json', 'application/json'],
    ['html', 'text/html'],
  ] as const
  return chooseForm(headers.get('accept'), forms) === 'html'
}

async function toPageResponse(
  page: AuthorizationPage,
  { request, status }: { readonly request: Request; readonly status: number },
): Promise<Response> {
  const formTargets = page.kind === 'consent' ? page.formTargets : page.kind === 'message' ? undefined : []
  const shown = await htmlResponse(oauthPage(page), {
    request,
    status,
    ...(formTargets === undefined ? {} : { formTargets }),
  })
  // A page of one person's request is never shown again.
  shown.headers.delete('etag')
  return shown
}
