// Signed links: whoever has one may read a file until it ends, or until its holder may not read the file any more. The key is in
// the tenant's secret store, and removing it there ends all links.

import type { ObjectParts } from '@dotdo/service'
import { assert, ObjectError } from 'digital-objects'

export interface Link {
  readonly asset: string
  readonly file: string
  readonly endsMs: number
  /** The principal, or the key, whose rights the link has. */
  readonly holder: string
}

const secretName = 'file-links'
const secretBytes = 32
const algorithm = { name: 'HMAC', hash: 'SHA-256' }

/** Principals whose rights the object can look up later. */
export function mayHoldLinks(holder: string): boolean {
  return /^(?:(?:apikey|user|agent)_[0-9A-Za-z]{1,64}|owner)$/.test(holder)
}

/** Returns the key of all links; an empty string if there is none and none is to be made. Throws an ObjectError `not_configured`. */
export async function linkSecret(
  parts: ObjectParts,
  { make, random }: { readonly make: boolean; readonly random: (count: number) => Uint8Array },
): Promise<string> {
  const known = await parts.secret(secretName)
  if (known !== undefined || !make) return known ?? ''
  const body = JSON.stringify({ value: toHex(random(secretBytes)) })
  const answer = await parts.answer(
    { kind: 'write', noun: '', verb: 'secrets.put', id: secretName, body },
    { who: 'system', via: 'system' },
  )
  if (!answer.ok) throw new ObjectError(answer.error)
  // Of two that were made at once, the last one counts.
  const made = await parts.secret(secretName)
  assert(made !== undefined, 'a secret that was put can be read')
  return made
}

export async function signLink(secret: string, tenant: string, link: Link): Promise<string> {
  const key = await importKey(secret, 'sign')
  return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytesOf(tenant, link))))
}

/** Compares in constant time. */
export async function isSignedLink(
  secret: string,
  tenant: string,
  { signature, ...link }: Link & { readonly signature: string },
): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false
  const bytes = Uint8Array.from(signature.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16))
  return crypto.subtle.verify('HMAC', await importKey(secret, 'verify'), bytes, bytesOf(tenant, link))
}

function importKey(secret: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, [use])
}

/** The file counts too, so that a link to an asset does not follow it to other bytes. */
function bytesOf(tenant: string, { asset, file, endsMs, holder }: Link): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify([tenant, asset, file, endsMs, holder])))
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
