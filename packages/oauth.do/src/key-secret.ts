// The secret of a key: a prefix that says its kind, and 256 random bits. Only its SHA-256 is stored. A slow hash would protect
// nothing more, since nobody can guess it.

import type { Secret } from '@dotdo/service'
import { type JsonValue, sha256Hex } from 'digital-objects'
import { randomSecret } from './random-secret.ts'

const prefixes: Readonly<Record<string, string>> = {
  Secret: 'hly_sk_',
  Public: 'hly_pk_',
  Admin: 'hly_admin_',
  Session: 'hly_sess_',
}
/** Characters after the prefix by which people recognize the key. */
const shown = 6

/** Returns undefined if the caller names the first characters of a key that was made elsewhere. */
export function keySecret(
  { kind, keyPrefix = null }: Readonly<Record<string, JsonValue>>,
  random: (count: number) => Uint8Array,
): Secret | undefined {
  if (keyPrefix !== null) return undefined
  const prefix = (typeof kind === 'string' ? prefixes[kind] : undefined) ?? 'hly_sk_'
  const text = prefix + randomSecret(random)
  return { as: 'key', text, hash: sha256Hex(text), fields: { keyPrefix: text.slice(0, prefix.length + shown) } }
}
