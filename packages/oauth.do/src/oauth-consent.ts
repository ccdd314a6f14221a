// The authorization endpoint: a signed-in person sees who asks for what, and allows all of it, a part, or nothing.

import type { AuthRequest } from '@cloudflare/workers-oauth-provider'
import type { AuthorizationAnswer, AuthorizationRequest, AuthorizingCaller, ConsentClient } from '@dotdo/service'
import { type NounSchema, ObjectError } from 'digital-objects'
import { messagePage, pageAnswer, redirectAnswer, toRequest } from './oauth-answer.ts'
import { faultOfClientId } from './oauth-clients.ts'
import { type GrantMetadata, ownerOf } from './oauth-grants.ts'
import type { Provider } from './oauth-provider.ts'
import { parseScopes } from './scopes.ts'

export interface Consenting {
  readonly provider: Provider
  readonly by: AuthorizingCaller
  readonly schemas: readonly NounSchema[]
}

/** Every grant can be refreshed, so this scope asks for nothing. */
const refreshScope = 'offline_access'

/** Returns the scopes that a request asks for. Throws an ObjectError for one that does not exist. */
export function parseAsked(scopes: readonly string[], schemas: readonly NounSchema[]): readonly string[] {
  const asked = scopes.filter((scope) => scope !== refreshScope)
  const distinct = [...new Set(asked.length === 0 ? ['read'] : asked)]
  for (const scope of distinct) parseScopes(scope, schemas)
  return distinct
}

/** Answers GET: the page of the request. */
export async function showConsent(request: AuthorizationRequest, of: Consenting): Promise<AuthorizationAnswer> {
  const { api } = of.provider
  return withoutAuthorizationErrors(async () => {
    const fault = faultOfClientId(new URLSearchParams(request.search).get('client_id') ?? '')
    if (fault !== undefined) return messagePage('This request is not valid', fault)
    const asked = await api.parseAuthRequest(toRequest(request))
    const refusal = await refusalOf(asked, of.schemas)
    if (refusal !== undefined) return refusal
    const described = await api.describeConsent(asked)
    const scopes = parseAsked(asked.scope, of.schemas)
    const { handle, headers } = await api.beginConsent({ ...asked, scope: [...scopes] })
    // The page's own policy is stricter.
    headers.delete('content-security-policy')
    const client: ConsentClient = {
      name: described.clientName,
      redirectHost: described.redirectHost,
      isLoopback: described.redirectIsLoopback,
      ...(described.clientDomain === undefined ? {} : { domain: described.clientDomain }),
    }
    const formTargets = [new URL(asked.redirectUri).origin]
    return pageAnswer({ kind: 'consent', client, scopes, handle, formTargets }, 200, headers)
  })
}

/** Returns the error redirect for a request that is valid for the library, and not here. */
async function refusalOf(asked: AuthRequest, schemas: readonly NounSchema[]): Promise<AuthorizationAnswer | undefined> {
  const { authorizationErrorRedirect } = await import('@cloudflare/workers-oauth-provider')
  if (asked.codeChallenge === undefined || asked.codeChallengeMethod !== 'S256') {
    const message = 'every client must use PKCE with the method S256'
    return redirectAnswer(authorizationErrorRedirect(asked, 'invalid_request', message))
  }
  try {
    parseAsked(asked.scope, schemas)
    return undefined
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return redirectAnswer(authorizationErrorRedirect(asked, 'invalid_scope', error.message))
  }
}

/** Answers POST: the person's decision. The request is read from the store, and the form has only its handle. */
export async function decideConsent(request: AuthorizationRequest, of: Consenting): Promise<AuthorizationAnswer> {
  const { api } = of.provider
  return withoutAuthorizationErrors(async () => {
    const form = new URLSearchParams(request.body)
    const handle = form.get('handle') ?? ''
    const sent = toRequest(request)
    if (form.get('decision') !== 'approve') {
      const { redirectTo, headers } = await api.denyConsent(sent, handle)
      return redirectAnswer(redirectTo, headers)
    }
    const { request: asked, headers } = await api.approveConsent(sent, handle)
    // A person can take away from what was asked, and add nothing.
    const scope = asked.scope.filter((one) => form.getAll('scope').includes(one))
    if (scope.length === 0) {
      const { authorizationErrorRedirect } = await import('@cloudflare/workers-oauth-provider')
      return redirectAnswer(authorizationErrorRedirect(asked, 'access_denied', 'nothing was allowed'), headers)
    }
    return redirectAnswer(await grant(asked, { ...of, scope }), headers)
  })
}

/** Stores the grant, and returns where the browser takes its code. Other installations of the client keep their grants. */
export async function grant(
  asked: AuthRequest,
  { provider: { api }, by, scope }: Pick<Consenting, 'provider' | 'by'> & { readonly scope: readonly string[] },
): Promise<string> {
  const { clientName } = await api.describeConsent(asked)
  const metadata: GrantMetadata = { principal: by.principal, clientName }
  const { redirectTo } = await api.completeAuthorization({
    request: asked,
    userId: ownerOf(by.principal),
    metadata,
    scope: [...scope],
    props: {},
    revokeExistingGrants: false,
  })
  return redirectTo
}

/** The browser goes back to a client only if its redirect URI was found valid. */
async function withoutAuthorizationErrors(answer: () => Promise<AuthorizationAnswer>): Promise<AuthorizationAnswer> {
  const { AuthorizationError, CimdFetchError } = await import('@cloudflare/workers-oauth-provider')
  try {
    return await answer()
  } catch (error) {
    if (error instanceof CimdFetchError)
      return messagePage('This program cannot be verified', 'The document at its client_id could not be read.')
    if (!(error instanceof AuthorizationError)) throw error
    if (error.redirectTo !== undefined) return redirectAnswer(error.redirectTo)
    return messagePage('This request is not valid', error.description)
  }
}
