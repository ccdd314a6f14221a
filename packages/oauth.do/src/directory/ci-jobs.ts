// Jobs of continuous integration, which prove who they are by an OpenID token of their platform. The operator configures the
// issuers, and which claims a token of each must have.

import { isPlainObject, ObjectError, sha256Hex } from 'digital-objects'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import type { UpstreamOptions } from './upstream.ts'

export interface CiIssuer {
  readonly issuer: string
  /** Values of which a claim must have one, such as `{ "repository_owner": ["acme"] }`. */
  readonly claims: Readonly<Record<string, readonly string[]>>
}

export interface CiToken {
  readonly token: string
  /** The address of this server, for which the token must have been made. */
  readonly audience: string
}

export interface CiJob {
  /** The job as its platform names it: `repo:acme/shop:ref:refs/heads/main`. */
  readonly subject: string
  /** SHA-256 of the token, which counts once, and the time at which it would end anyway. */
  readonly hash: string
  readonly endsMs: number
}

interface CiJobsOptions {
  readonly sql: SqlStorage
  readonly now: () => number
  readonly issuers: readonly CiIssuer[]
  readonly fetch: UpstreamOptions['fetch']
}

const tokenCharactersMax = 16_384
const subjectCharactersMax = 200
/** A token that lives longer is none of a job. */
const tokenSecondsMax = 86_400
/** Signatures by a private key; a shared secret would let the issuer's other users sign. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA', 'Ed25519']

export class CiJobs {
  readonly #options: CiJobsOptions

  constructor(options: CiJobsOptions) {
    this.#options = options
  }

  /** Throws an ObjectError with one sentence for every fault of a token. */
  async verify({ token, audience }: CiToken): Promise<CiJob> {
    if (this.#options.issuers.length === 0)
      throw new ObjectError({
        code: 'not_configured',
        field: 'CI_ISSUERS',
        message: 'this server has no issuer of tokens for CI jobs (CI_ISSUERS)',
      })
    try {
      return await this.#verify(token, audience)
    } catch {
      // The library, and whoever plays the part of the issuer, throw errors of many kinds.
      throw refused()
    }
  }

  /** Records that a token was used. Throws an ObjectError if it was used before. Call it in the transaction of its use. */
  use({ hash, endsMs }: CiJob): void {
    const { sql, now } = this.#options
    sql.exec('DELETE FROM used_tokens WHERE ends <= ?', now())
    const insert = 'INSERT INTO used_tokens VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING hash'
    if (sql.exec(insert, hash, endsMs).toArray().length === 0) throw refused()
  }

  async #verify(token: string, audience: string): Promise<CiJob> {
    const { decodeJwt, jwtVerify, createLocalJWKSet } = await import('jose')
    if (token.length > tokenCharactersMax) throw refused()
    const { iss } = decodeJwt(token)
    const issuer = this.#options.issuers.find((known) => known.issuer === iss)
    if (issuer === undefined) throw refused()
    const keys = createLocalJWKSet(await this.#keysOf(issuer))
    const nowMs = this.#options.now()
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuer.issuer,
      audience,
      algorithms,
      requiredClaims: ['exp', 'iat', 'sub'],
      maxTokenAge: tokenSecondsMax,
      currentDate: new Date(nowMs),
    })
    const { sub = '', exp = 0 } = payload
    const endsMs = exp * 1_000
    if (!hasClaims(payload, issuer) || sub === '' || endsMs > nowMs + tokenSecondsMax * 1_000) throw refused()
    return { subject: sub.slice(0, subjectCharactersMax), hash: sha256Hex(token), endsMs }
  }

  async #keysOf({ issuer }: CiIssuer): Promise<JSONWebKeySet> {
    const { fetch } = this.#options
    const { customFetch, discoveryRequest, processDiscoveryResponse } = await import('oauth4webapi')
    const url = new URL(issuer)
    const found = await processDiscoveryResponse(url, await discoveryRequest(url, { [customFetch]: fetch }))
    const keysUrl = new URL(found.jwks_uri ?? '')
    if (keysUrl.protocol !== 'https:') throw refused()
    const answer = await fetch(keysUrl.href, { method: 'GET', headers: { accept: 'application/json' } })
    return answer.json<JSONWebKeySet>() // the library refuses what is none
  }
}

function hasClaims(payload: JWTPayload, { claims }: CiIssuer): boolean {
  return Object.entries(claims).every(([name, values]) => {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined
    return typeof value === 'string' && values.includes(value)
  })
}

function refused(): ObjectError {
  const message =
    'token: it is not one of a configured issuer for this server: it is wrong, was used, has expired, or lacks a claim'
  return new ObjectError({ code: 'forbidden', field: 'token', message })
}

/** Parses the binding `CI_ISSUERS`. Throws an Error that says what is expected. */
export function parseCiIssuers(text: string): readonly CiIssuer[] {
  const expected =
    'expected CI_ISSUERS as a JSON list of objects with issuer (https) and claims, each a string or a list of strings'
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw new Error(expected)
  }
  if (!Array.isArray(list)) throw new Error(expected)
  return list.map((value: unknown) => {
    const issuer = parseCiIssuer(value)
    if (issuer === undefined) throw new Error(expected)
    return issuer
  })
}

function parseCiIssuer(value: unknown): CiIssuer | undefined {
  if (!isPlainObject(value)) return undefined
  const { issuer, claims, ...unknown }: Readonly<Record<string, unknown>> = value
  if (typeof issuer !== 'string' || !issuer.startsWith('https://') || Object.keys(unknown).length > 0) return undefined
  // Without a claim, every user of the platform could make tenants permanent here.
  if (!isPlainObject(claims) || Object.keys(claims).length === 0) return undefined
  const lists = Object.entries(claims).map(([name, given]): readonly [string, readonly unknown[]] => [
    name,
    Array.isArray(given) ? given : [given],
  ])
  const isRight = lists.every(([, values]) => values.length > 0 && values.every((one) => typeof one === 'string'))
  return isRight ? { issuer, claims: Object.fromEntries(lists) as CiIssuer['claims'] } : undefined
}
