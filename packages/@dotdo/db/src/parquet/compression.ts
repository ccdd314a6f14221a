// How pages are compressed. GZIP: about as small as ZSTD, read by every engine, and workerd's own ZSTD fails on pages
// that are hard to compress (cloudflare/workerd#6769).

import { gunzipSync, gzipSync } from 'node:zlib'
import type { StorageClass } from 'digital-objects'

export const codec = 'GZIP'

/** The next one takes twice the time for half a hundredth of the bytes. */
const level = 7
/** Moments share their upper bytes with their neighbours; who looks further back finds worse. */
const momentLevel = 1

export const compressors = {
  GZIP: (bytes: Uint8Array, storage?: StorageClass): Uint8Array =>
    gzipSync(bytes, { level: storage === 'time' ? momentLevel : level }),
}

/**
 * The reader checks that what comes out is `outputBytes` long. The limit here only stops a file that lies about it:
 * workerd doubles its buffer as it goes and refuses one that is larger than the limit, even where the output is not.
 */
export const decompressors = {
  GZIP: (bytes: Uint8Array, outputBytes: number): Uint8Array =>
    gunzipSync(bytes, { maxOutputLength: Math.max(2 * outputBytes, 1) }),
}
