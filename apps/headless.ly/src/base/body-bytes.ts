// A request's body as bytes, which are read while it arrives.

import { withDeadline } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import { checkDeclared, incomplete, readAtMost } from './read-at-most.ts'

/** Limits the silence of a sender. */
const silenceMsMax = 10_000
const discardedBytesMax = 64 * 2 ** 20
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
  checkDeclared(request, bytesMax)
  return readAtMost(readBytes(request), bytesMax)
}

/** Reads on, up to a limit: a sender that is refused while it sends would see a broken connection and not the refusal. */
export async function discardRest(body: AsyncGenerator<Uint8Array>): Promise<void> {
  let length = 0
  try {
    for await (const chunk of body) if ((length += chunk.length) > discardedBytesMax) return
  } catch (error) {
    // The refusal that is on its way says more than that the rest did not arrive.
    if (!(error instanceof ObjectError)) throw error
  }
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly done: boolean; readonly value: Uint8Array | undefined }> {
  try {
    const { done, value } = await withDeadline(reader.read(), { ms: silenceMsMax, timeoutError: tooSlow })
    return { done, value }
  } catch (error) {
    throw error instanceof ObjectError ? error : incomplete()
  }
}

function unsupported(field: string, expected: string): ObjectError {
  return new ObjectError({ code: 'unsupported_media_type', field, message: `expected ${expected}` })
}

function tooSlow(): ObjectError {
  return new ObjectError({ code: 'timeout', field: 'body', message: `the body stood still for ${silenceMsMax} ms` })
}
