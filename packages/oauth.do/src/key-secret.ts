// The secret of a key: a prefix that says its kind, and 256 random bits. Only its SHA-256 is stored. A slow hash would protect
// nothing more, since nobody can guess it.

import type { Secret } from '@dotdo/service'
import { type JsonValue, sha256Hex } from 'digital-objects'

const prefixes: Readonly<Record<string, string>> = {
  Secret: 'hly_sk_',
  Public: 'hly_pk_',
  Admin: 'hly_admin_',
  Session: 'hly_sess_',
}
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 43 characters of 62 hold 256 bits. */
const characters = 43
/** Characters after the prefix by which people recognize the key. */
const shown = 6

/** Returns undefined if the caller names the first characters of a key that was made elsewhere. */
export function keySecret(
  { kind, keyPrefix = null }: Readonly<Record<string, JsonValue>>,
  random: (count: number) => Uint8Array,
): Secret | undefined {
  if (keyPrefix !== null) return undefined
  const prefix = (typeof kind === 'string' ? prefixes[kind] : undefined) ?? 'hly_sk_'
  const text = prefix + randomText(random)
  return { as: 'key', text, hash: sha256Hex(text), fields: { keyPrefix: text.slice(0, prefix.length + shown) } }
}

function randomText(random: (count: number) => Uint8Array): string {
  let text = ''
  while (text.length < characters)
    for (const byte of random(characters)) {
      // Larger bytes would make some characters likelier than others.
      if (byte < alphabet.length * 4 && text.length < characters) text += alphabet.charAt(byte % alphabet.length)
    }
  return text
}
