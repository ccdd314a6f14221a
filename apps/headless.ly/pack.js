// Packs what the Worker carries and rarely needs. `src/base/unpack.ts` says why, and unpacks it. Plain JavaScript, since it runs
// before anything is built.

import { gzipSync } from 'node:zlib'

/** Returns Base64. */
export function pack(value) {
  return gzipSync(JSON.stringify(value), { level: 9 }).toString('base64')
}
