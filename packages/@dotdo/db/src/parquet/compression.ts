// How pages are compressed. GZIP: about as small as ZSTD, read by every engine, and workerd's own ZSTD fails on pages
// that are hard to compress (cloudflare/workerd#6769).

import { gunzipSync, gzipSync } from 'node:zlib'

export const codec = 'GZIP'

/** Higher levels take twice the time for a hundredth of the bytes. */
const level = 3

export const compressors = { GZIP: (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level }) }

export const decompressors = {
  GZIP: (bytes: Uint8Array, outputBytes: number): Uint8Array =>
    gunzipSync(bytes, { maxOutputLength: Math.max(outputBytes, 1) }),
}
