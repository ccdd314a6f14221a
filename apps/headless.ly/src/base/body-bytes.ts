// A request's body as bytes, which are read while it arrives.

import { withDeadline } from '@dotdo/db'
import { ObjectError } from 'digital-objects'

/** Limits the silence of a sender. */
const silenceMsMax = 10_000
/** The types that a page of a foreign origin can send without a preflight. */
const simpleTypes: readonly string[] = ['', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']

/** Throws an ObjectError for a body that does not arrive whole, or a sender that falls silent. */
export async function* readBytes({ body }: Request): AsyncGenerator<Uint8Array> {
  if (body === null) return
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await next(reader)
      if (value !== undefined) yield value
      if (done) return
    }
  } finally {
    reader.releaseLock()
  }
}

/** Refuses the types that foreign web pages can send without a preflight, too. */
export async function* readForeignBytes(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null || request.headers.get('content-length') === '0') return
  const given = request.headers.get('content-type') ?? ''
  const type = given.split(';')[0]?.trim().toLowerCase() ?? ''
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (simpleTypes.includes(type))
    throw unsupported('Content-Type', `text/csv or application/octet-stream, got '${given.slice(0, 100)}'`)
  if (encoding !== 'identity')
    throw unsupported('Content-Encoding', `an uncompressed body, got '${encoding.slice(0, 100)}'`)
  yield* readBytes(request)
}

/** Reads a body of any type to its end. Throws an ObjectError for more than `bytesMax`, and as `readBytes` does. */
export async function readWhole(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity')
    throw unsupported('Content-Encoding', `an uncompressed body, got '${encoding.slice(0, 100)}'`)
  const chunks: Uint8Array[] = []
  let length = 0
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax)
  for await (const chunk of readBytes(request)) {
    length += chunk.length
    if (length > bytesMax) throw tooLarge(bytesMax)
    chunks.push(chunk)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly done: boolean; readonly value: Uint8Array | undefined }> {
  try {
    const { done, value } = await withDeadline(reader.read(), { ms: silenceMsMax, timeoutError: tooSlow })
    return { done, value }
  } catch (error) {
    // The platform rejects for a body that ends early or whose chunks are malformed.
    if (error instanceof ObjectError) throw error
    const message = 'the body did not arrive whole: it ended early, or its chunks are malformed'
    throw new ObjectError({ code: 'invalid_body', field: 'body', message })
  }
}

function unsupported(field: string, expected: string): ObjectError {
  return new ObjectError({ code: 'unsupported_media_type', field, message: `expected ${expected}` })
}

function tooLarge(bytesMax: number): ObjectError {
  const message = `this body holds at most ${bytesMax} bytes`
  return new ObjectError({ code: 'payload_too_large', field: 'body', message })
}

function tooSlow(): ObjectError {
  return new ObjectError({ code: 'timeout', field: 'body', message: `the body stood still for ${silenceMsMax} ms` })
}
