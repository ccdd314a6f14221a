// Keys to the files of a tenant in the lake. They are derived from one secret of the server, so none are stored. The id contains
// the tenant and, if a key or a session got them, its id: they then work as long as it may read everything. The secret can only
// be computed with the server's.

import { isTenantSlug } from '../base/tenant-slug.ts'

export interface LakeKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The holder of keys to the lake. Without a principal, it is whoever may call without a key. */
export interface LakeHolder {
  readonly tenant: string
  /** The id of the key or session that the holder called with. */
  readonly principal?: string | undefined
}

const idPrefix = 'HLY'

export async function lakeKeysOf(options: LakeHolder & { readonly serverSecret: string }): Promise<LakeKeys> {
  const { serverSecret, tenant, principal } = options
  if (!isTenantSlug(tenant)) throw new Error(`'${tenant.slice(0, 64)}' is not a tenant's slug`)
  return {
    // S3's ids consist of letters and digits. A slug has no capitals, so `X` can replace its hyphens.
    accessKeyId: idPrefix + tenant.replaceAll('-', 'X') + (principal === undefined ? '' : `Z${toHex(principal)}`),
    secretAccessKey: await hmacBase64Url(
      serverSecret,
      principal === undefined ? `lake:${tenant}` : `lake:${tenant}:${principal}`,
    ),
  }
}

/** Returns undefined for an id that `lakeKeysOf` never returned. */
export function holderOfKey(accessKeyId: string): LakeHolder | undefined {
  const [, slug = '', hex] = /^HLY([a-z0-9X]+)(?:Z((?:[0-9a-f]{2}){1,64}))?$/.exec(accessKeyId) ?? []
  const tenant = slug.replaceAll('X', '-')
  if (!isTenantSlug(tenant)) return undefined
  return hex === undefined ? { tenant } : { tenant, principal: fromHex(hex) }
}

function toHex(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function fromHex(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

/** Signs the string with the secret. Returns 43 characters of `A-Za-z0-9_-`. */
export async function hmacBase64Url(secret: string, text: string): Promise<string> {
  if (secret === '') throw new Error('the server has no secret to derive keys from')
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))
  return btoa(String.fromCharCode(...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
