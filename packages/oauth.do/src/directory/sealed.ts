// Secrets that must be readable, encrypted by AES-GCM with a key that is not in the database. The number of the key is stored
// beside them, and they are bound to what they are about, so that a row copied to another account opens nothing.

import { bytesToHex } from 'digital-objects'

/** 32 bytes by number; the newest key encrypts. */
export interface SealingKeys {
  readonly newest: number
  readonly bytes: ReadonlyMap<number, Uint8Array<ArrayBuffer>>
}

const nonceBytes = 12

/** Returns `<number of the key>.<nonce>.<text>`, in hexadecimal digits. */
export async function seal(
  keys: SealingKeys,
  { about, bytes }: { readonly about: string; readonly bytes: Uint8Array<ArrayBuffer> },
): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
  const key = await importKey(keys, keys.newest)
  const sealed = await crypto.subtle.encrypt(algorithm(nonce, about), key, bytes)
  return `${keys.newest}.${bytesToHex(nonce)}.${bytesToHex(new Uint8Array(sealed))}`
}

/** Reverses `seal`. Throws if the key is missing or the text was changed. */
export async function openSealed(
  keys: SealingKeys,
  { about, sealed }: { readonly about: string; readonly sealed: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const [number = '', nonce = '', text = ''] = sealed.split('.')
  const key = await importKey(keys, Number(number))
  return new Uint8Array(await crypto.subtle.decrypt(algorithm(hexToBytes(nonce), about), key, hexToBytes(text)))
}

function algorithm(iv: Uint8Array<ArrayBuffer>, about: string): SubtleCryptoEncryptAlgorithm {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(about) }
}

function importKey(keys: SealingKeys, number: number): Promise<CryptoKey> {
  const bytes = keys.bytes.get(number)
  if (bytes === undefined) throw new Error(`the key ${number} of the secrets is missing`)
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function hexToBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
