// The store of the library, which expects a KV namespace: a view of the values of the tenant's object. It also keeps what the
// library does not: names by which grants and tokens are found, and refresh tokens that were replaced.

import type { ExpiringValue, ExpiringValues } from '@dotdo/service'
import { keyOfGrant, spentKey, spentPrefix, type StoredGrant, type TokenParts } from './oauth-grants.ts'

export interface PutOptions {
  /** In seconds since 1970. */
  readonly expiration?: number
  readonly expirationTtl?: number
  readonly metadata?: unknown
}

export interface ListOptions {
  readonly prefix?: string
  readonly limit?: number
  readonly cursor?: string
}

/** Clients that have registered themselves. Beyond them, the oldest without a grant are dropped. */
const clientsMax = 1_000
const listMax = 1_000

/** Thrown when no client can be dropped. */
export class NoRoomForClient extends Error {}

export class OAuthStore {
  readonly #values: ExpiringValues
  readonly #now: () => number
  readonly #changed: () => void

  /** `changed` is called when grants or tokens have changed. */
  constructor(options: { readonly values: ExpiringValues; readonly now: () => number; readonly changed: () => void }) {
    this.#values = options.values
    this.#now = options.now
    this.#changed = options.changed
  }

  get(key: string, options?: { readonly type?: string }): Promise<unknown> {
    const value = this.#values.get(key)?.value
    if (value === undefined) return Promise.resolve(null)
    return Promise.resolve(options?.type === 'json' ? JSON.parse(value) : value)
  }

  put(key: string, value: string, options: PutOptions = {}): Promise<void> {
    const { expiration, expirationTtl, metadata } = options
    const endsMs =
      expiration === undefined
        ? expirationTtl === undefined
          ? undefined
          : this.#now() + expirationTtl * 1_000
        : expiration * 1_000
    if (key.startsWith('client:') && this.#values.get(key) === undefined) this.#makeRoomForClient()
    this.#values.put({
      key,
      value,
      name: nameOf(key),
      endsMs,
      meta: metadata === undefined ? undefined : JSON.stringify(metadata),
    })
    if (key.startsWith('grant:')) this.#grantChanged(JSON.parse(value) as StoredGrant, endsMs) // written by the library
    return Promise.resolve()
  }

  delete(key: string): Promise<void> {
    this.#values.delete(key)
    const [kind, userId = '', grantId = ''] = key.split(':')
    if (kind === 'grant') this.#values.deleteAll(spentPrefix({ userId, grantId }))
    if (kind === 'grant' || kind === 'token') this.#changed()
    return Promise.resolve()
  }

  list({ prefix = '', limit = listMax, cursor }: ListOptions = {}): Promise<object> {
    const found = this.#values.list({ prefix, after: cursor, limit: Math.min(limit, listMax) + 1 })
    const isComplete = found.length <= Math.min(limit, listMax)
    const keys = (isComplete ? found : found.slice(0, -1)).map(toListed)
    return Promise.resolve({
      keys,
      list_complete: isComplete,
      ...(isComplete ? {} : { cursor: keys.at(-1)?.name }),
    })
  }

  /** A refresh token that was replaced is remembered as long as its grant lives, so that a replay is recognized. */
  #grantChanged(grant: StoredGrant, endsMs: number | undefined): void {
    const { previousRefreshTokenId: spent } = grant
    const parts: TokenParts = { userId: grant.userId, grantId: grant.id }
    if (spent !== undefined) this.#values.put({ key: spentKey(parts, spent), value: '', endsMs })
    this.#changed()
  }

  #makeRoomForClient(): void {
    if (this.#values.count('client:') < clientsMax) return
    const inUse = new Set(
      this.#values.list({ prefix: 'grant:', limit: grantsRead }).map(({ meta }) => clientOf(meta ?? '{}')),
    )
    const idle = this.#values
      .list({ prefix: 'client:', limit: clientsMax })
      .filter(({ key }) => !inUse.has(key.slice('client:'.length)))
      .toSorted((a, b) => (a.endsMs ?? Number.MAX_SAFE_INTEGER) - (b.endsMs ?? Number.MAX_SAFE_INTEGER))
    const [oldest] = idle
    if (oldest === undefined) throw new NoRoomForClient('all registered clients are in use')
    this.#values.delete(oldest.key)
  }
}

/** Grants that are read to find clients without one. */
const grantsRead = 10_000

function clientOf(meta: string): string | undefined {
  return (JSON.parse(meta) as { readonly clientId?: string }).clientId // written by the library
}

/** Grants are found by the name that `Authority.through` has, and tokens by their hash. */
function nameOf(key: string): string | undefined {
  const [kind, , grantId, hash] = key.split(':')
  if (kind === 'grant' && grantId !== undefined) return keyOfGrant(grantId)
  return kind === 'token' ? hash : undefined
}

function toListed({ key, endsMs, meta }: ExpiringValue): {
  readonly name: string
  readonly expiration?: number
  readonly metadata?: unknown
} {
  return {
    name: key,
    ...(endsMs === undefined ? {} : { expiration: Math.floor(endsMs / 1_000) }),
    ...(meta === undefined ? {} : { metadata: JSON.parse(meta) as unknown }),
  }
}
