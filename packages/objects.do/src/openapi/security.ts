// The ways in which a caller proves who it is, for the OpenAPI document.

import type { Json } from './components.ts'

const scopes = {
  read: 'Read everything that the person may read',
  write: 'Change everything that the person may change, except keys, members and rules',
  admin: 'Do everything that the person may do',
} as const

/** `tenantUrl` is the issuer of the tenant's tokens. */
export function securitySchemes(tenantUrl: string): Json {
  return {
    key: {
      type: 'http',
      scheme: 'bearer',
      description: 'A key of the tenant, `hly_sk_…`, or an access token of OAuth.',
    },
    apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key of the tenant.' },
    oauth: {
      type: 'oauth2',
      description: 'OAuth 2.1 with PKCE. Each tenant is an authorization server of its own.',
      flows: {
        authorizationCode: {
          authorizationUrl: `${tenantUrl}/oauth/authorize`,
          tokenUrl: `${tenantUrl}/oauth/token`,
          refreshUrl: `${tenantUrl}/oauth/token`,
          scopes,
        },
      },
    },
  }
}

/** On its own machine, a server asks for no proof. */
export function securityOf(tenantUrl: string): readonly Json[] {
  const proofs = [{ key: [] }, { apiKey: [] }, { oauth: ['read', 'write'] }]
  return isLoopback(new URL(tenantUrl).hostname) ? [{}, ...proofs] : proofs
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.[\d.]+$/.test(host)
}
