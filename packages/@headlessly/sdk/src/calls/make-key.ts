// The idempotency key of a write that the caller gave none.

import { bytesToHex } from 'digital-objects'

/** Not `randomUUID`, which browsers offer on secure pages only. */
export function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `sdk-${bytesToHex(bytes)}`
}
