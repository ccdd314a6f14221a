// Signing in with an account elsewhere, by OpenID Connect Core 1.0 with PKCE. The operator configures one provider. A person who
// is signed in here links an account of it; an address that the provider names is never trusted.

import { ObjectError, sha256Hex } from 'digital-objects'
import type { AuthorizationServer, Client, ClientAuth } from 'oauth4webapi'

export interface Provider {
  /** The name that people use. */
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string
}

/** A request to the provider. */
export interface ProviderRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: URLSearchParams | undefined
}

export interface UpstreamOptions {
  readonly sql: SqlStorage
  readonly now: () => number
  readonly provider: Provider | undefined
  /** Follows no redirects, and gives up after some seconds. */
  readonly fetch: (url: string, request: ProviderRequest) => Promise<Response>
}

/** A sign-in that waits for the provider's answer. The browser keeps the state as a cookie. */
export interface BegunSignIn {
  /** The provider's page. */
  readonly url: string
  readonly state: string
}

export interface FinishedSignIn {
  /** The account that began to link; empty if a person signs in. */
  readonly linking: string
  readonly issuer: string
  readonly subject: string
}

interface Flow extends Record<string, SqlStorageValue> {
  readonly verifier: string
  readonly nonce: string
  readonly account: string
}

const flowMs = 10 * 60_000
/** Anybody may begin to sign in, so the oldest are dropped. */
const flowsMax = 10_000

export class Upstream {
  readonly #options: UpstreamOptions

  constructor(options: UpstreamOptions) {
    this.#options = options
  }

  get providerName(): string | undefined {
    return this.#options.provider?.name
  }

  /** `account`: the one to link, or empty to sign in. */
  async begin({
    redirectUri,
    account,
  }: {
    readonly redirectUri: string
    readonly account: string
  }): Promise<BegunSignIn> {
    const provider = this.#require()
    const oauth = await library()
    const { authorization_endpoint: endpoint } = await this.#discover(provider)
    if (endpoint === undefined) throw failed()
    const [state, nonce, verifier] = [
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
      oauth.generateRandomCodeVerifier(),
    ]
    const url = new URL(endpoint)
    const parameters = {
      client_id: provider.clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid',
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    this.#keep(state, { verifier, nonce, account })
    return { url: url.href, state }
  }

  /** Takes the provider's answer, once. Throws an ObjectError for an answer that is not one to this browser. */
  async finish(answer: {
    readonly url: string
    readonly redirectUri: string
    /** The secret of the cookie. */
    readonly state: string
  }): Promise<FinishedSignIn> {
    const provider = this.#require()
    const take = 'DELETE FROM flows WHERE hash = ? AND ends > ? RETURNING verifier, nonce, account'
    const [flow] = this.#options.sql.exec<Flow>(take, sha256Hex(answer.state), this.#options.now()).toArray()
    if (flow === undefined) throw failed()
    try {
      const subject = await this.#exchange(provider, { ...answer, ...flow })
      return { linking: flow.account, issuer: provider.issuer, subject }
    } catch {
      // The library throws plain errors for whatever the provider, or whoever plays its part, has sent.
      throw failed()
    }
  }

  /** Returns the account that is linked; undefined if there is none. */
  accountOf({ issuer, subject }: FinishedSignIn): string | undefined {
    const query = 'SELECT account FROM identities WHERE issuer = ? AND subject = ?'
    return this.#options.sql.exec<{ account: string }>(query, issuer, subject).toArray()[0]?.account
  }

  isLinked(account: string): boolean {
    return this.#options.sql.exec('SELECT 1 FROM identities WHERE account = ?', account).toArray().length > 0
  }

  /** Throws an ObjectError `conflict` if another account has linked it. */
  link(account: string, { issuer, subject }: FinishedSignIn): void {
    const insert = 'INSERT INTO identities VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
    this.#options.sql.exec(insert, issuer, subject, account)
    if (this.accountOf({ issuer, subject, linking: account }) === account) return
    const message = 'account: another person here has linked it already'
    throw new ObjectError({ code: 'conflict', field: 'account', message })
  }

  unlink(account: string): void {
    this.#options.sql.exec('DELETE FROM identities WHERE account = ?', account)
  }

  /** Returns the subject of a valid `id_token`. */
  async #exchange(
    provider: Provider,
    answer: Flow & { url: string; redirectUri: string; state: string },
  ): Promise<string> {
    const oauth = await library()
    const server = await this.#discover(provider)
    const client: Client = { client_id: provider.clientId }
    const auth: ClientAuth =
      provider.clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(provider.clientSecret)
    const parameters = oauth.validateAuthResponse(server, client, new URL(answer.url), answer.state)
    const fetching = { [oauth.customFetch]: this.#options.fetch }
    const { redirectUri, verifier } = answer
    const grant = oauth.authorizationCodeGrantRequest(server, client, auth, parameters, redirectUri, verifier, fetching)
    const response = await grant
    const checks = { expectedNonce: answer.nonce, requireIdToken: true }
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, checks)
    await oauth.validateApplicationLevelSignature(server, response, fetching)
    const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub
    if (subject === undefined) throw new Error('no subject')
    return subject
  }

  async #discover({ issuer }: Provider): Promise<AuthorizationServer> {
    const oauth = await library()
    try {
      const response = await oauth.discoveryRequest(new URL(issuer), { [oauth.customFetch]: this.#options.fetch })
      return await oauth.processDiscoveryResponse(new URL(issuer), response)
    } catch {
      const message = 'the provider of the accounts does not answer as expected; try again later'
      throw new ObjectError({ code: 'not_connected', message })
    }
  }

  #keep(state: string, { verifier, nonce, account }: Flow): void {
    const { sql, now } = this.#options
    const oldest = 'SELECT hash FROM flows ORDER BY ends DESC LIMIT -1 OFFSET ?'
    sql.exec(`DELETE FROM flows WHERE ends <= ? OR hash IN (${oldest})`, now(), flowsMax)
    sql.exec('INSERT INTO flows VALUES (?, ?, ?, ?, ?)', sha256Hex(state), verifier, nonce, account, now() + flowMs)
  }

  #require(): Provider {
    const { provider } = this.#options
    if (provider !== undefined) return provider
    const message = 'this server has no provider of accounts (SIGN_IN_PROVIDER)'
    throw new ObjectError({ code: 'not_configured', field: 'SIGN_IN_PROVIDER', message })
  }
}

/** Parses the binding `SIGN_IN_PROVIDER`. Throws an Error that has no part of the secret. */
export function parseProvider(text: string): Provider {
  const expected =
    'expected SIGN_IN_PROVIDER as JSON with name, issuer (https), clientId and, unless public, clientSecret'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error(expected)
  }
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const found = new Map<string, unknown>(members)
  const [name, issuer, clientId, clientSecret] = ['name', 'issuer', 'clientId', 'clientSecret'].map((key) =>
    found.get(key),
  )
  const isRight = typeof name === 'string' && typeof issuer === 'string' && typeof clientId === 'string'
  if (!isRight || !issuer.startsWith('https://') || found.size > 4) throw new Error(expected)
  if (clientSecret === undefined) return { name, issuer, clientId }
  if (typeof clientSecret !== 'string') throw new Error(expected)
  return { name, issuer, clientId, clientSecret }
}

/** Loaded with its first use. */
function library(): Promise<typeof import('oauth4webapi')> {
  return import('oauth4webapi')
}

function failed(): ObjectError {
  const message = 'the account elsewhere could not be verified; begin again'
  return new ObjectError({ code: 'forbidden', field: 'provider', message })
}
