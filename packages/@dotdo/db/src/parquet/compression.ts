// Page compression. GZIP is nearly as small as ZSTD and every engine reads it; workerd's own ZSTD fails on pages that
// are hard to compress (cloudflare/workerd#6769).

import { gunzipSync, gzipSync } from 'node:zlib'
import type { StorageClass } from 'digital-objects'

export const codec = 'GZIP'

/** The next level takes twice the time to save 0.5% of the bytes. */
const level = 7
/** Adjacent timestamps share their upper bytes, and a higher level, which looks further back, compresses worse. */
const timestampLevel = 1

export const compressors = {
  GZIP: (bytes: Uint8Array, storage?: StorageClass): Uint8Array =>
    gzipSync(bytes, { level: storage === 'time' ? timestampLevel : level }),
}

/**
 * The reader checks that the output has `outputBytes` bytes. The limit here only stops a file that lies about its size:
 * workerd doubles its buffer and refuses one above the limit even if the output would fit.
 */
export const decompressors = {
  GZIP: (bytes: Uint8Array, outputBytes: number): Uint8Array =>
    gunzipSync(bytes, { maxOutputLength: Math.max(2 * outputBytes, 1) }),
}
