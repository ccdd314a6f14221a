// A request's body as lines, in chunks that are read while it arrives: a body of any size takes the memory of one chunk.

import { withDeadline } from '@dotdo/db'
import { ObjectError } from 'digital-objects'

/** A chunk is passed on once it has this many characters or lines. */
const chunkCharacters = 256 * 2 ** 10
const chunkLinesMax = 1_000
const lineCharactersMax = 2 ** 20
/** Limits the silence of a sender. */
const silenceMsMax = 10_000
const types: readonly string[] = ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/json']

/**
 * Yields lists of lines without their ends. Throws an ObjectError for another content type, bytes that are not UTF-8, a line
 * that is too long, and a sender that falls silent. Such a type keeps foreign web pages out: they cannot send it without a
 * preflight.
 */
export async function* readLines(request: Request): AsyncGenerator<readonly string[]> {
  checkType(request)
  let chunk: string[] = []
  let characters = 0
  for await (const line of linesOf(request)) {
    chunk.push(line)
    characters += line.length
    if (characters < chunkCharacters && chunk.length < chunkLinesMax) continue
    yield chunk
    chunk = []
    characters = 0
  }
  if (chunk.length > 0) yield chunk
}

async function* linesOf({ body }: Request): AsyncGenerator<string> {
  if (body === null) return
  const reader = body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let rest = ''
  try {
    for (let isDone = false; !isDone;) {
      const read = await nextBytes(reader)
      isDone = read.done
      const parts = (rest + decode(decoder, read.value)).split('\n')
      rest = parts.pop() ?? ''
      if (rest.length > lineCharactersMax) throw tooLong()
      yield* parts
    }
    if (rest !== '') yield rest
  } finally {
    reader.releaseLock()
  }
}

async function nextBytes(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly done: boolean; readonly value: Uint8Array | undefined }> {
  try {
    const { done, value } = await withDeadline(reader.read(), { ms: silenceMsMax, timeoutError: tooSlow })
    return { done, value }
  } catch (error) {
    // The platform rejects for a body that ends early or whose chunks are malformed.
    if (error instanceof ObjectError) throw error
    throw invalid('the body did not arrive whole: it ended early, or its chunks are malformed')
  }
}

/** The end of the body is undefined: a cut character is refused there. */
function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch (error) {
    if (error instanceof TypeError) throw invalid('the body is not UTF-8')
    throw error
  }
}

function checkType({ headers }: Request): void {
  const type = headers.get('content-type') ?? ''
  const encoding = headers.get('content-encoding') ?? 'identity'
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1] ?? 'utf-8'
  const isLines = types.includes(type.split(';')[0]?.trim().toLowerCase() ?? '') && /^utf-?8$/i.test(charset)
  if (isLines && encoding === 'identity') return
  const field = encoding === 'identity' ? 'Content-Type' : 'Content-Encoding'
  const got = encoding === 'identity' ? type : encoding
  const message = `expected a body of application/x-ndjson in UTF-8, uncompressed, got '${got.slice(0, 100)}'`
  throw new ObjectError({ code: 'unsupported_media_type', field, message })
}

function tooSlow(): ObjectError {
  return new ObjectError({ code: 'timeout', field: 'body', message: `the body stood still for ${silenceMsMax} ms` })
}

function tooLong(): ObjectError {
  const message = `a line holds at most ${lineCharactersMax} characters`
  return new ObjectError({ code: 'payload_too_large', field: 'body', message })
}

function invalid(message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field: 'body', message })
}
