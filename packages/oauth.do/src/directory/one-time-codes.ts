// Codes of an authenticator app: TOTP (RFC 6238), of six digits, for 30 s each.

const stepSeconds = 30
const digits = 6
/** Steps before and after the present one, since clocks differ. */
const drift = 1
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Returns the number of the step whose code this is, if it is one of about now and later than `after`; else undefined. */
export async function stepOfCode(
  secret: Uint8Array<ArrayBuffer>,
  asked: { readonly code: string; readonly nowMs: number; readonly after: number },
): Promise<number | undefined> {
  const present = Math.floor(asked.nowMs / 1_000 / stepSeconds)
  let found: number | undefined
  for (let step = present - drift; step <= present + drift; step++) {
    const isRight = (await codeOf(secret, step)) === asked.code
    if (isRight && step > asked.after) found ??= step
  }
  return found
}

/** RFC 4226: the HMAC of a counter, cut to some digits. */
export async function codeOf(secret: Uint8Array<ArrayBuffer>, counter: number, length = digits): Promise<string> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
  const message = new DataView(new ArrayBuffer(8))
  message.setBigUint64(0, BigInt(counter))
  const hash = new DataView(await crypto.subtle.sign('HMAC', key, message.buffer))
  const offset = hash.getUint8(hash.byteLength - 1) & 15
  const number = (hash.getUint32(offset) & 0x7fffffff) % 10 ** length
  return String(number).padStart(length, '0')
}

/** RFC 4648, without padding, as authenticator apps take it. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    for (; bits >= 5; bits -= 5) text += alphabet.charAt((value >>> (bits - 5)) & 31)
    value &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + alphabet.charAt((value << (5 - bits)) & 31)
}
