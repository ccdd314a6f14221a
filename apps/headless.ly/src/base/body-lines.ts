// A request's body as lines, in chunks that are read while it arrives: a body of any size takes the memory of one chunk.

import { ObjectError } from 'digital-objects'
import { readBytes } from './body-bytes.ts'

/** A chunk is passed on once it has this many characters or lines. */
const chunkCharacters = 256 * 2 ** 10
const chunkLinesMax = 1_000
const lineCharactersMax = 2 ** 20
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

async function* linesOf(request: Request): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let rest = ''
  const linesIn = (bytes: Uint8Array | undefined): readonly string[] => {
    const parts = (rest + decode(decoder, bytes)).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > lineCharactersMax) throw tooLong()
    return parts
  }
  for await (const bytes of readBytes(request)) yield* linesIn(bytes)
  yield* linesIn(undefined)
  if (rest !== '') yield rest
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

function tooLong(): ObjectError {
  const message = `a line holds at most ${lineCharactersMax} characters`
  return new ObjectError({ code: 'payload_too_large', field: 'body', message })
}

function invalid(message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field: 'body', message })
}
