// The hash of a password: by the launcher of the embedded server, on a thread of its own, and elsewhere by an object.

import { passwordCost } from 'oauth.do/directory'
import type { Env } from '../base/env.ts'

/** Returns null if too many passwords wait for their hash. */
export async function hashPassword(
  { HASHES, HASHER }: Pick<Env, 'HASHES' | 'HASHER'>,
  password: string,
  salt: ArrayBuffer,
): Promise<ArrayBuffer | null> {
  if (HASHES === undefined) return (await HASHER?.getByName('hasher').hash(password, salt)) ?? null
  const body = JSON.stringify({ password, salt: toBase64(salt), ...passwordCost })
  const answer = await HASHES.fetch('http://launcher/hash', { method: 'POST', body })
  if (answer.status === 503) return null
  if (answer.status !== 200) throw new Error(`the launcher could not hash a password: ${answer.status}`)
  return fromBase64(await answer.text())
}

function toBase64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
}

function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer
}
