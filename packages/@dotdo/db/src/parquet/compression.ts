// How pages are compressed. GZIP: about as small as ZSTD, read by every engine, and workerd's own ZSTD fails on pages
// that are hard to compress (cloudflare/workerd#6769).

import { gunzipSync, gzipSync } from 'node:zlib'

export const codec = 'GZIP'

/** Higher levels take twice the time for a hundredth of the bytes. */
const level = 3

export const compressors = { GZIP: (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level }) }

/**
 * The reader checks that what comes out is `outputBytes` long. The limit here only stops a file that lies about it:
 * workerd doubles its buffer as it goes and refuses one that is larger than the limit, even where the output is not.
 */
export const decompressors = {
  GZIP: (bytes: Uint8Array, outputBytes: number): Uint8Array =>
    gunzipSync(bytes, { maxOutputLength: Math.max(2 * outputBytes, 1) }),
}
