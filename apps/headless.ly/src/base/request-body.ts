// A request's body as a string, within limits. The tenant's object parses the JSON, since it knows the schema.

import { ObjectError } from 'digital-objects'
import { withDeadline } from '@dotdo/db'
import { checkDeclared, incomplete, readAtMost } from './read-at-most.ts'

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
  checkDeclared(request, bytesMax)
  const isDeclared = Number(request.headers.get('content-length') ?? 0) > 0
  const bytes = isDeclared ? request.arrayBuffer() : readAtMost(request.body, bytesMax)
  const timeoutError = (): ObjectError =>
    new ObjectError({ code: 'timeout', field: 'body', message: `the body did not come within ${bodyTimeoutMs} ms` })
  try {
    return decode(await withDeadline<ArrayBuffer | Uint8Array>(bytes, { ms: bodyTimeoutMs, timeoutError }))
  } catch (error) {
    throw error instanceof ObjectError ? error : incomplete()
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

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

function decode(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body is not UTF-8' })
  }
}
