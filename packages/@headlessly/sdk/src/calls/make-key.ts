// The idempotency key of a write that the caller gave none.

import { bytesToHex } from 'digital-objects'

/**
 * A UUID of version 7, which begins with the time, so that the server stores the keys of new writes side by side. Not
 * `randomUUID`, which browsers offer on secure pages only.
 */
export function makeKey(nowMs = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const view = new DataView(bytes.buffer)
  view.setUint16(0, Math.floor(nowMs / 2 ** 32))
  view.setUint32(2, nowMs % 2 ** 32)
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f))
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f))
  return `sdk-${bytesToHex(bytes)}`
}
