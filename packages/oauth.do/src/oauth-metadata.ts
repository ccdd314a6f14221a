// The metadata documents of a tenant's authorization server (RFC 8414) and of its resources (RFC 9728). They depend on nothing
// but the tenant's URL, so every name has them, whether such a tenant exists or not.

/** Scopes that most clients need; others name a domain or a Noun: `read:crm`, `verb:Deal`. */
export const commonScopes = ['read', 'write', 'admin'] as const
/** The scopes to ask for at first. */
export const firstScopes = ['read', 'write'] as const
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** Paths below the tenant. */
export const oauthPaths = {
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  register: '/oauth/register',
  revoke: '/oauth/revoke',
  introspect: '/oauth/introspect',
  deviceAuthorization: '/oauth/device_authorization',
  /** The page for the code that a device shows. */
  device: '/oauth/device',
  /** The page of what a person has allowed. */
  grants: '/oauth/grants',
} as const

/** Clients with a metadata document may prove themselves by their own keys. */
const clientMethods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const
const signatures = ['RS256', 'ES256'] as const

/** `issuer` is the tenant's URL. */
export function authorizationServerMetadata(issuer: string): Readonly<Record<string, unknown>> {
  return {
    issuer,
    authorization_endpoint: issuer + oauthPaths.authorize,
    token_endpoint: issuer + oauthPaths.token,
    registration_endpoint: issuer + oauthPaths.register,
    revocation_endpoint: issuer + oauthPaths.revoke,
    introspection_endpoint: issuer + oauthPaths.introspect,
    device_authorization_endpoint: issuer + oauthPaths.deviceAuthorization,
    scopes_supported: commonScopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', deviceGrant],
    token_endpoint_auth_methods_supported: clientMethods,
    token_endpoint_auth_signing_alg_values_supported: signatures,
    revocation_endpoint_auth_methods_supported: clientMethods,
    revocation_endpoint_auth_signing_alg_values_supported: signatures,
    introspection_endpoint_auth_methods_supported: clientMethods,
    introspection_endpoint_auth_signing_alg_values_supported: signatures,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
  }
}

/** `resource` is the URL at which the client calls. */
export function protectedResourceMetadata(of: {
  readonly resource: string
  readonly issuer: string
}): Readonly<Record<string, unknown>> {
  return {
    resource: of.resource,
    authorization_servers: [of.issuer],
    scopes_supported: firstScopes,
    bearer_methods_supported: ['header'],
    resource_name: of.issuer.slice(of.issuer.lastIndexOf('/') + 2),
  }
}
