// The token endpoint and its neighbours: codes and refresh tokens become access tokens, a grant is taken back (RFC 7009), and
// a token is described (RFC 7662). Requests take turns, since the library reads, waits and writes.

import type { AuthorizationAnswer, AuthorizationRequest } from '@dotdo/service'
import { sha256Hex } from 'digital-objects'
import { jsonAnswer, oauthError, responseToAnswer, toRequest } from './oauth-answer.ts'
import { authenticate, clientIdOf, refuseClient, tokenRequest } from './oauth-client-proof.ts'
import { type FoundToken, type Grants, keyOfGrant, parseToken } from './oauth-grants.ts'
import type { Provider } from './oauth-provider.ts'

/** Waiting requests; more than a tenant's clients send in the time that these take. */
const waitingMax = 100

export class TokenEndpoint {
  readonly #grants: Grants
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(grants: Grants) {
    this.#grants = grants
  }

  async token(request: AuthorizationRequest, provider: Provider): Promise<AuthorizationAnswer> {
    const form = new URLSearchParams(request.body)
    const refusal = refuseClient(request, form)
    if (refusal !== undefined) return refusal
    // A token has all scopes of its grant, so that both are one thing to check.
    form.delete('scope')
    return this.inTurn(async () => {
      if (form.get('grant_type') === 'refresh_token' && this.#isReplay(form.get('refresh_token') ?? ''))
        return oauthError('invalid_grant', 'the refresh token was used before, so its grant was revoked')
      const answer = await responseToAnswer(await provider.fetch(toRequest(request, form)))
      return this.recorded(answer, form.get('grant_type') === 'refresh_token' ? 'a refresh' : 'a sign-in')
    })
  }

  /** Records the token of an answer that has one. */
  recorded(answer: AuthorizationAnswer, about: string): AuthorizationAnswer {
    if (answer.status !== 200) return answer
    const { access_token: token } = JSON.parse(answer.body) as { readonly access_token?: unknown } // made by the library
    if (typeof token === 'string') this.#grants.recordIssued(token, about)
    return answer
  }

  /** Two holders of one refresh token cannot be told apart, so a replay ends the grant with all its tokens. */
  #isReplay(token: string): boolean {
    const parts = parseToken(token)
    if (parts === undefined || !this.#grants.isSpent(parts, sha256Hex(token))) return false
    this.#grants.revoke(parts, { about: 'a refresh token was used twice' })
    return true
  }

  /** Revokes the whole grant, also by one of its access tokens. An unknown token is no error. */
  async revoke(request: AuthorizationRequest, provider: Provider): Promise<AuthorizationAnswer> {
    const form = new URLSearchParams(request.body)
    // It would make the library read the request as one for a token.
    form.delete('grant_type')
    const refusal = refuseClient(request, form)
    if (refusal !== undefined) return refusal
    const token = form.get('token') ?? ''
    const parts = parseToken(token)
    return this.inTurn(async () => {
      const before = this.#grants.findToken(sha256Hex(token))
      const grant = parts && this.#grants.find(keyOfGrant(parts.grantId))?.grant
      const response = await provider.fetch(tokenRequest(request, form))
      const about = 'its client has revoked it'
      // The library has removed an access token of the client that asks, or the whole grant by a refresh token.
      if (parts !== undefined && before !== undefined && this.#grants.findToken(sha256Hex(token)) === undefined)
        this.#grants.revoke(parts, { about })
      else if (grant !== undefined && this.#grants.find(keyOfGrant(grant.id)) === undefined)
        this.#grants.recordRevoked(grant, { about })
      return responseToAnswer(response)
    })
  }

  /** For the client of the token, and for keys with full authority. */
  async introspect(request: AuthorizationRequest, provider: Provider): Promise<AuthorizationAnswer> {
    const form = new URLSearchParams(request.body)
    const token = form.get('token')
    if (token === null) return oauthError('invalid_request', 'token is required')
    const mayDescribeAll = request.by?.isPerson === false && request.by.mayDoEverything
    const clientId = mayDescribeAll ? undefined : clientIdOf(request, form)
    if (!mayDescribeAll) {
      const refusal = await authenticate(request, { form, provider })
      if (refusal !== undefined) return refusal
    }
    const found = this.#grants.findToken(sha256Hex(token))
    if (found === undefined || (clientId !== undefined && found.grant.clientId !== clientId))
      return jsonAnswer({ active: false })
    return jsonAnswer({ active: true, ...describe(found, request.issuer) })
  }

  /** Runs work after all work that came before it. */
  async inTurn(work: () => Promise<AuthorizationAnswer>): Promise<AuthorizationAnswer> {
    if (this.#waiting >= waitingMax) return oauthError('temporarily_unavailable', 'too many requests wait', 503)
    this.#waiting++
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      this.#waiting--
    }
  }
}

function describe({ grant, createdAt, expiresAt, audience }: FoundToken, issuer: string): object {
  const { clientId, scope, metadata } = grant
  return {
    scope: scope.join(' '),
    client_id: clientId,
    token_type: 'Bearer',
    exp: expiresAt,
    iat: createdAt,
    sub: metadata.principal,
    aud: audience,
    iss: issuer,
    grant_id: keyOfGrant(grant.id),
  }
}
