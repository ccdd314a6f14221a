// The authorization server of a tenant (OAuth 2.1), inside the tenant's object: a tenant's clients, grants and tokens are rows
// beside its data, and a check reads one.

import type { AuthorizationAnswer, AuthorizationRequest, AuthorizingCaller, ObjectParts } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { messagePage, oauthError } from './oauth-answer.ts'
import { Registrations } from './oauth-clients.ts'
import { decideConsent, showConsent } from './oauth-consent.ts'
import { DeviceFlow, type Devices } from './oauth-device.ts'
import type { Grants } from './oauth-grants.ts'
import { answerGrants } from './oauth-grant-list.ts'
import { deviceGrant, oauthPaths } from './oauth-metadata.ts'
import { makeProvider, type Provider } from './oauth-provider.ts'
import { OAuthStore } from './oauth-store.ts'
import { TokenEndpoint } from './oauth-tokens.ts'

export class AuthorizationServer {
  readonly #parts: ObjectParts
  readonly #grants: Grants
  readonly #tokens: TokenEndpoint
  readonly #registrations = new Registrations(Date.now)
  readonly #devices = new DeviceFlow(Date.now)

  constructor(parts: ObjectParts, grants: Grants) {
    this.#parts = parts
    this.#grants = grants
    this.#tokens = new TokenEndpoint(grants)
  }

  /** The front door has checked origin and size of the request, and who sent it. */
  async answer(request: AuthorizationRequest): Promise<AuthorizationAnswer> {
    const values = this.#parts.values()
    if (values === undefined) return oauthError('invalid_request', 'this tenant has no data', 404)
    const store = new OAuthStore({ values, now: Date.now, changed: () => this.#parts.keysChanged() })
    try {
      const provider = await makeProvider(request.issuer, { store, resources: resourcesIn(request) })
      return await this.#route(request, { provider, values, schemas: this.#parts.nouns() })
    } catch (error) {
      if (error instanceof ObjectError && error.code === 'not_configured')
        return oauthError('invalid_request', error.message)
      throw error
    }
  }

  #route(request: AuthorizationRequest, of: Devices & WithProvider): Promise<AuthorizationAnswer> {
    const { provider } = of
    const isPost = request.method === 'POST'
    switch (request.path) {
      case oauthPaths.authorize:
        return asPerson(request, (by) => (isPost ? decideConsent : showConsent)(request, { ...of, by }))
      case oauthPaths.device:
        return asPerson(request, (by) =>
          isPost ? this.#devices.decide(request, { ...of, by }) : Promise.resolve(this.#devices.show(request)),
        )
      case oauthPaths.grants:
        return asPerson(request, (by) => Promise.resolve(answerGrants(request, { by, grants: this.#grants })))
      case oauthPaths.deviceAuthorization:
        return this.#devices.begin(request, of)
      case oauthPaths.token:
        return new URLSearchParams(request.body).get('grant_type') === deviceGrant
          ? this.#tokens.inTurn(async () =>
              this.#tokens.recorded(await this.#devices.poll(request, of), 'the sign-in of a device'),
            )
          : this.#tokens.token(request, provider)
      case oauthPaths.register:
        return this.#registrations.answer(request, provider)
      case oauthPaths.revoke:
        return this.#tokens.revoke(request, provider)
      case oauthPaths.introspect:
        return this.#tokens.introspect(request, provider)
      default:
        return Promise.resolve(oauthError('invalid_request', 'there is no such endpoint', 404))
    }
  }
}

interface WithProvider {
  readonly provider: Provider
}

function asPerson(
  { by }: AuthorizationRequest,
  answer: (by: AuthorizingCaller) => Promise<AuthorizationAnswer>,
): Promise<AuthorizationAnswer> {
  return by?.isPerson === true
    ? answer(by)
    : Promise.resolve(messagePage('Sign in first', 'Only a person who is signed in can allow access.', 401))
}

/** The resources that a request names, in its query or its form. */
function resourcesIn({ search, body, path }: AuthorizationRequest): readonly string[] {
  const hasForm = path === oauthPaths.token || path === oauthPaths.deviceAuthorization
  const form = hasForm ? new URLSearchParams(body).getAll('resource') : []
  return [...new URLSearchParams(search).getAll('resource'), ...form].slice(0, 4)
}
