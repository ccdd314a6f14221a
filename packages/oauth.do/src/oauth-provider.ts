// The library's authorization server, made for the URL by which a client reaches the tenant. It is large, so it is loaded with
// the first request that needs it.

import type { OAuthAuthorizationServer, OAuthHelpers } from '@cloudflare/workers-oauth-provider'
import { ObjectError } from 'digital-objects'
import { agentResource } from './oauth-grants.ts'
import { oauthPaths } from './oauth-metadata.ts'
import type { OAuthStore } from './oauth-store.ts'

const accessTokenSeconds = 3_600
/** A grant that is not used for this time ends. */
const grantSeconds = 30 * 24 * 3_600
const clientSeconds = 90 * 24 * 3_600

interface LibraryEnv {
  readonly OAUTH_KV: OAuthStore
}

export interface Provider {
  /** Answers requests to the token and registration endpoints. */
  readonly fetch: (request: Request) => Promise<Response>
  readonly api: OAuthHelpers
}

/** `resources` are those that the request names. Throws an ObjectError for an address that OAuth does not allow. */
export async function makeProvider(
  issuer: string,
  { store, resources }: { readonly store: OAuthStore; readonly resources: readonly string[] },
): Promise<Provider> {
  const library = await import('@cloudflare/workers-oauth-provider')
  const env: LibraryEnv = { OAUTH_KV: store }
  const server = build(issuer, { library, resources })
  return { fetch: (request) => server.fetch(request, env, noContext), api: server.getOAuthApi(env) }
}

type Library = typeof import('@cloudflare/workers-oauth-provider')

function build(
  issuer: string,
  { library, resources }: { readonly library: Library; readonly resources: readonly string[] },
): OAuthAuthorizationServer<LibraryEnv> {
  try {
    return new library.OAuthAuthorizationServer<LibraryEnv>({
      issuer,
      resources: resourcesOf(issuer, resources),
      defaultResource: issuer,
      authorizeEndpoint: issuer + oauthPaths.authorize,
      tokenEndpoint: issuer + oauthPaths.token,
      clientRegistrationEndpoint: issuer + oauthPaths.register,
      accessTokenTTL: accessTokenSeconds,
      refreshTokenTTL: grantSeconds,
      refreshTokenIdleTTL: grantSeconds,
      clientRegistrationTTL: clientSeconds,
      clientIdMetadataDocumentEnabled: true,
      // Its default prints each mistake of a client.
      onError: () => {},
    })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const message = `OAuth needs https outside of this machine, and ${issuer} has none`
    throw new ObjectError({ code: 'not_configured', message })
  }
}

/** The tenant and its interface for agents, also by the host names of contexts: `http://crm.localhost:8787/~acme/mcp`. */
export function resourcesOf(issuer: string, asked: readonly string[]): readonly string[] {
  const own = [issuer, `${issuer}/${agentResource}`]
  return [...new Set([...own, ...asked.filter((resource) => isAlias(resource, issuer))])]
}

function isAlias(resource: string, issuer: string): boolean {
  if (!URL.canParse(resource)) return false
  const own = new URL(issuer)
  const { protocol, host, pathname, search, hash } = new URL(resource)
  const isHost = host === own.host || host.endsWith(`.${own.host}`)
  const path = pathname.replace(/^\/[a-z][a-z0-9-]*(?=\/~)/, '')
  const isPath = path === own.pathname || path === `${own.pathname}/${agentResource}`
  return protocol === own.protocol && isHost && isPath && search === '' && hash === ''
}

/** The library passes it to handlers, and has none here. */
const noContext: ExecutionContext = Object.create(null)
