// Answers GET and HEAD of one object as S3 does, whole or as a range. Only a few megabytes of a large object are in
// memory at a time.

import { bytesToHex } from 'digital-objects'
import { type ByteRange, type ObjectStore, parseRange } from '@dotdo/db'
import { s3ErrorResponse } from './s3-xml.ts'

const chunkBytes = 4 * 2 ** 20 // bytes of a response that are in memory
const pointerBytesMax = 16 * 2 ** 20 // largest file that is read whole to compute its etag

interface FoundObject {
  readonly size: number
  readonly modifiedMs: number
  readonly etag: string
  /** The bytes from which the etag was computed, if any. */
  readonly bytes?: Uint8Array<ArrayBuffer>
}

/** The method must be GET or HEAD, and the client must be allowed to read the key. */
export async function s3ObjectResponse(
  request: Request,
  options: { readonly store: Pick<ObjectStore, 'get' | 'stat'>; readonly key: string },
): Promise<Response> {
  const { store, key } = options
  const found = await findObject(store, key)
  if (found === undefined)
    return s3ErrorResponse({ code: 'NoSuchKey', message: 'The specified key does not exist.', request })
  const { size, etag, modifiedMs } = found
  const range = parseRange(request.headers.get('range'), size)
  if (range === 'outside') {
    return s3ErrorResponse({
      code: 'InvalidRange',
      message: 'The requested range is not satisfiable',
      request,
      headers: { 'content-range': `bytes */${size}` },
    })
  }
  const { start, end } = range ?? { start: 0, end: size }
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(end - start),
    'accept-ranges': 'bytes',
    etag,
    'last-modified': new Date(modifiedMs).toUTCString(),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  }
  const status = range === undefined ? 200 : 206
  if (request.method === 'HEAD') return new Response(null, { status, headers })
  if (found.bytes === undefined && end - start > chunkBytes)
    return new Response(streamOf(store, key, { start, end }), { status, headers })
  const bytes =
    found.bytes?.subarray(start, end) ?? (end === start ? new Uint8Array() : await store.get(key, { start, end }))
  // The object may have been deleted or replaced since its size was read.
  if (bytes === undefined || bytes.length !== end - start)
    return s3ErrorResponse({ code: 'SlowDown', message: 'The object changed during the read; please retry.', request })
  return new Response(bytes, { status, headers })
}

async function findObject(store: Pick<ObjectStore, 'get' | 'stat'>, key: string): Promise<FoundObject | undefined> {
  const stat = await store.stat(key)
  if (stat === undefined) return undefined
  const { bytes: size, modifiedMs } = stat
  const etag = etagOfName(key, size)
  if (etag !== undefined) return { size, modifiedMs, etag }
  const bytes = await store.get(key)
  if (bytes === undefined) return undefined
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).subarray(0, 16)
  const hex = bytesToHex(digest)
  return { size: bytes.length, modifiedMs, etag: `"${hex}"`, bytes }
}

/**
 * Returns the etag of a data file, whose content never changes; undefined for files that may change: those that point to data
 * files, and the copies of whole tables.
 */
export function etagOfName(key: string, size: number): string | undefined {
  if (/\.(?:json|text)$|(?:^|\/)current\/[^/]*$/.test(key) && size <= pointerBytesMax) return undefined
  return `"${fnv1a64(key)}-${size.toString(16)}"`
}

function streamOf(store: Pick<ObjectStore, 'get'>, key: string, range: ByteRange): ReadableStream<Uint8Array> {
  let position = range.start
  return new ReadableStream<Uint8Array>(
    {
      // Without this workerd drops the content-length.
      expectedLength: range.end - range.start,
      async pull(controller) {
        const end = Math.min(position + chunkBytes, range.end)
        const bytes = await store.get(key, { start: position, end })
        if (bytes === undefined || bytes.length !== end - position)
          throw new Error(`'${key}' changed while it was being read`)
        controller.enqueue(bytes)
        position = end
        if (position === range.end) controller.close()
      },
    },
    { highWaterMark: 0 }, // do not read ahead of the client
  )
}

/** 64-bit FNV-1a: distinguishes object names, but does not resist chosen names. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash.toString(16).padStart(16, '0')
}
