// A request's body as a string, within limits. The tenant's object parses the JSON, since it knows the schema.

import { ObjectError } from 'digital-objects'
import { withDeadline } from '@dotdo/db'

const bodyBytesMax = 2 ** 20
const bodyTimeoutMs = 10_000

/**
 * Empty if there is none. Throws an ObjectError for another content type, too many bytes, bytes that are not UTF-8, and a
 * sender that is too slow. Requiring JSON also keeps foreign web pages out: they cannot send it without a preflight.
 */
export async function readBody(request: Request): Promise<string> {
  if (request.body === null || request.headers.get('content-length') === '0') return ''
  checkType(request)
  return readText(request, bodyBytesMax)
}

/** With any content type. Throws as `readBody` does. */
export async function readText(request: Request, bytesMax: number): Promise<string> {
  if (request.body === null) return ''
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > bytesMax) throw tooLarge(bytesMax)
  const bytes = declared > 0 ? request.arrayBuffer() : readBounded(request.body, bytesMax)
  const timeoutError = (): ObjectError =>
    new ObjectError({ code: 'timeout', field: 'body', message: `the body did not come within ${bodyTimeoutMs} ms` })
  try {
    return decode(await withDeadline<ArrayBuffer | Uint8Array>(bytes, { ms: bodyTimeoutMs, timeoutError }))
  } catch (error) {
    // The platform rejects for a body that ends early or whose chunks are malformed.
    if (error instanceof ObjectError) throw error
    const message = 'the body did not arrive whole: it ended early, or its chunks are malformed'
    throw new ObjectError({ code: 'invalid_body', field: 'body', message })
  }
}

/** Other JSON types, such as JSON Patch, have a meaning of their own, and another charset would be decoded wrongly. */
function checkType(request: Request): void {
  const type = request.headers.get('content-type') ?? ''
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1] ?? 'utf-8'
  const isJson = /^application\/json\s*(?:;|$)/i.test(type) && /^utf-?8$/i.test(charset)
  if (isJson && encoding === 'identity') return
  const field = encoding === 'identity' ? 'Content-Type' : 'Content-Encoding'
  const got = encoding === 'identity' ? type : encoding
  throw new ObjectError({
    code: 'unsupported_media_type',
    field,
    message: `expected a body of application/json in UTF-8, uncompressed, got '${got.slice(0, 100)}'`,
  })
}

async function readBounded(body: ReadableStream<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > bytesMax) throw tooLarge(bytesMax)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

function decode(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body is not UTF-8' })
  }
}

function tooLarge(bytesMax: number): ObjectError {
  return new ObjectError({
    code: 'payload_too_large',
    field: 'body',
    message: `a body holds at most ${bytesMax} bytes`,
  })
}
