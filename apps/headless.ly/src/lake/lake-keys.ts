// A tenant's keys to its files in the lake. They are derived from one secret of the server, so none are stored. The id
// contains the tenant; the secret can only be computed with the server's.

import { isTenantSlug } from '../base/tenant-slug.ts'

export interface LakeKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const idPrefix = 'HLY'

export async function lakeKeysOf(options: {
  readonly serverSecret: string
  readonly tenant: string
}): Promise<LakeKeys> {
  const { serverSecret, tenant } = options
  if (!isTenantSlug(tenant)) throw new Error(`'${tenant.slice(0, 64)}' is not a tenant's slug`)
  return {
    // S3's ids consist of letters and digits. A slug has no capitals, so `X` can replace its hyphens.
    accessKeyId: idPrefix + tenant.replaceAll('-', 'X'),
    secretAccessKey: await hmacBase64Url(serverSecret, `lake:${tenant}`),
  }
}

/** Returns undefined for an id that `lakeKeysOf` never returned. */
export function tenantOfKey(accessKeyId: string): string | undefined {
  if (!/^HLY[a-z0-9X]+$/.test(accessKeyId)) return undefined
  const tenant = accessKeyId.slice(idPrefix.length).replaceAll('X', '-')
  return isTenantSlug(tenant) ? tenant : undefined
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
