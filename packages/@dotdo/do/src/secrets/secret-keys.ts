// The keys that encrypt the secret store, each with a number. They come from outside the database: a binding, or a file beside
// it. The highest number encrypts new secrets; the others are there to read older ones.

import { ObjectError } from 'digital-objects'

export interface SecretKeys {
  readonly newest: number
  /** 32 bytes by number. */
  readonly bytes: ReadonlyMap<number, Uint8Array<ArrayBuffer>>
}

const keyBytes = 32
const keysMax = 100

/**
 * Parses `1:<base64>,2:<base64>`, also with line breaks in place of commas; undefined without a key. Throws an ObjectError
 * `not_configured`, which never has a part of a key.
 */
export function parseSecretKeys(text: string | undefined): SecretKeys | undefined {
  const entries = (text ?? '').split(/[,\s]+/).filter((entry) => entry !== '')
  if (entries.length === 0) return undefined
  if (entries.length > keysMax) throw invalid(`at most ${keysMax} keys`)
  const bytes = new Map<number, Uint8Array<ArrayBuffer>>()
  for (const entry of entries) {
    const [, digits, encoded = ''] = /^([1-9]\d{0,8}):([A-Za-z0-9+/_-]{43}=?)$/.exec(entry) ?? []
    const number = Number(digits)
    const decoded = decode(encoded)
    if (digits === undefined || decoded?.length !== keyBytes)
      throw invalid('keys as number:base64 of 32 bytes, separated by commas or lines')
    if (bytes.has(number)) throw invalid(`distinct numbers, and ${number} occurs twice`)
    bytes.set(number, decoded)
  }
  return { newest: Math.max(...bytes.keys()), bytes }
}

function decode(encoded: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/').replace('=', ''))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

function invalid(expected: string): ObjectError {
  return new ObjectError({ code: 'not_configured', message: `SECRETS_KEYS expects ${expected}` })
}
