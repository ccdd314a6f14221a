// Grants of the authorization server: what a person has allowed a client to do. A grant is named like a key, and proves its
// person's rights, cut to its scopes. Its tokens are short-lived secrets that stand for it. The library writes grants and tokens
// as JSON; this file reads them.

import type { ExpiringValue, ObjectParts, TokenProof } from '@dotdo/service'

/** The members of a stored grant that are read here; the library has more. Times are in seconds. */
export interface StoredGrant {
  readonly id: string
  readonly clientId: string
  /** The owner as the library knows it: see `ownerOf`. */
  readonly userId: string
  readonly scope: readonly string[]
  readonly metadata: GrantMetadata
  readonly createdAt: number
  readonly resource?: string
  /** SHA-256 of the refresh tokens, in hexadecimal digits. */
  readonly refreshTokenId?: string
  readonly previousRefreshTokenId?: string
}

export interface GrantMetadata {
  /** The person who allowed it: `user_…`, or `owner` of this machine. */
  readonly principal: string
  /** The client's own name. */
  readonly clientName: string
}

interface StoredToken {
  readonly grantId: string
  readonly userId: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly audience: string
}

export interface FoundToken extends StoredToken {
  readonly grant: StoredGrant
}

/** A token's parts. It begins with its owner, so that scanners of secrets recognize it. */
export interface TokenParts {
  readonly userId: string
  readonly grantId: string
}

const ownerPrefix = 'hly_oauth_'
const tokenPattern = /^(hly_oauth_[0-9A-Za-z_]+):([\w-]{16}):[\w-]{32}$/
/** The word below the tenant of the resource for agents. Its tokens count only there. */
export const agentResource = 'mcp'

/** The owner of a grant as the library and its tokens name it. */
export function ownerOf(principal: string): string {
  return `${ownerPrefix}${principal}`
}

export function keyOfGrant(grantId: string): string {
  return `grant_${grantId}`
}

/** Returns undefined for a string that cannot be a code or a token of an authorization server. */
export function parseToken(text: string): TokenParts | undefined {
  const [, userId, grantId] = tokenPattern.exec(text) ?? []
  return userId === undefined || grantId === undefined ? undefined : { userId, grantId }
}

type GrantParts = Pick<ObjectParts, 'values' | 'keysChanged' | 'audit'>

/** Grants that one page shows. */
const listedMax = 200

export class Grants {
  readonly #parts: GrantParts

  constructor(parts: GrantParts) {
    this.#parts = parts
  }

  /** See `Identity.tokenOf`. */
  tokenOf(hash: string): TokenProof | undefined {
    const token = parseStoredToken(this.#parts.values()?.named(hash))
    if (token === undefined) return undefined
    const proof = { key: keyOfGrant(token.grantId), endsMs: token.expiresAt * 1_000 }
    return isForAgents(token.audience) ? { ...proof, onlyAt: agentResource } : proof
  }

  /** Returns the grant with this name, and the time at which it ends. */
  find(key: string): { readonly grant: StoredGrant; readonly endsMs: number | undefined } | undefined {
    const found = this.#parts.values()?.named(key)
    const grant = parseGrant(found)
    return grant === undefined ? undefined : { grant, endsMs: found?.endsMs }
  }

  /** Returns a live access token with its grant. */
  findToken(hash: string): FoundToken | undefined {
    const token = parseStoredToken(this.#parts.values()?.named(hash))
    const found = token && this.find(keyOfGrant(token.grantId))
    return token === undefined || found === undefined ? undefined : { ...token, grant: found.grant }
  }

  /** Whether the refresh token with this hash was replaced by a later one. */
  isSpent({ userId, grantId }: TokenParts, hash: string): boolean {
    return this.#parts.values()?.get(spentKey({ userId, grantId }, hash)) !== undefined
  }

  /** Returns the grants of a person, or of all, in no order that means something. */
  list(principal?: string): readonly StoredGrant[] {
    const prefix = principal === undefined ? 'grant:' : `grant:${ownerOf(principal)}:`
    const found = this.#parts.values()?.list({ prefix, limit: listedMax }) ?? []
    return found.flatMap((value) => parseGrant(value) ?? [])
  }

  /** Records that a token was issued. A token has all rights of its grant. */
  recordIssued(token: string, about: string): void {
    const parts = parseToken(token)
    const key = parts && keyOfGrant(parts.grantId)
    const principal = key && this.find(key)?.grant.metadata.principal
    if (principal !== undefined) this.#parts.audit({ kind: 'token_issued', actor: principal, key, about })
  }

  recordRevoked({ id, metadata }: StoredGrant, { about, actor }: { about: string; actor?: string }): void {
    const by = actor ?? metadata.principal
    this.#parts.audit({ kind: 'token_revoked', actor: by, key: keyOfGrant(id), about, target: metadata.principal })
  }

  /** Removes the grant with its tokens, and ends what they have opened. `about` says why, and `actor` who did it. */
  revoke({ userId, grantId }: TokenParts, why: { readonly about: string; readonly actor?: string }): void {
    const grant = this.find(keyOfGrant(grantId))?.grant
    if (grant !== undefined) this.recordRevoked(grant, why)
    const values = this.#parts.values()
    values?.delete(`grant:${userId}:${grantId}`)
    values?.deleteAll(`token:${userId}:${grantId}:`)
    values?.deleteAll(spentPrefix({ userId, grantId }))
    this.#parts.keysChanged()
  }
}

export function spentPrefix({ userId, grantId }: TokenParts): string {
  return `spent:${userId}:${grantId}:`
}

export function spentKey(parts: TokenParts, hash: string): string {
  return `${spentPrefix(parts)}${hash}`
}

/** Whether a resource is that for agents. */
export function isForAgents(resource: string): boolean {
  return resource.endsWith(`/${agentResource}`)
}

function parseGrant(found: ExpiringValue | undefined): StoredGrant | undefined {
  return found === undefined ? undefined : (JSON.parse(found.value) as StoredGrant) // written by the library
}

function parseStoredToken(found: ExpiringValue | undefined): StoredToken | undefined {
  return found === undefined ? undefined : (JSON.parse(found.value) as StoredToken) // written by the library
}
