// The texts in the bytes of a file, with compressed pages unpacked.

import { gunzipSync } from 'node:zlib'

/** The bytes as they are, and whatever is unpacked from each place where a compressed page may begin. */
export function textsIn(bytes: Uint8Array): readonly string[] {
  const texts = [latin(bytes)]
  for (let at = bytes.indexOf(0x1f); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
    if (bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) continue
    const page = unpacked(bytes.subarray(at))
    if (page !== undefined) texts.push(latin(page))
  }
  return texts
}

function unpacked(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(bytes)
  } catch {
    return trailing(bytes)
  }
}

/** Other bytes follow a page, which some decoders refuse: its length is not known, so the ends are tried where pages end. */
function trailing(bytes: Uint8Array): Uint8Array | undefined {
  for (let end = 18; end <= bytes.length; end++) {
    // A page ends with the length of its content, which is small here.
    if (bytes[end - 1] !== 0 && end < bytes.length) continue
    try {
      return gunzipSync(bytes.subarray(0, end))
    } catch {
      // A shorter prefix is no whole page.
    }
  }
  return undefined
}

export function latin(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
