// The answer with a file's bytes. Whatever they are, a browser runs nothing of them: it saves what is no plain picture, text or
// PDF, guesses no other type, and gives a page of them no rights.

import { parseRange } from '@dotdo/db'
import type { ServiceAnswer, ServiceFile, ServiceRequest, TenantFiles } from '@dotdo/service'
import { servedType } from './detect-type.ts'
import { type StoredFile, streamRange } from './stored-file.ts'

export interface Served {
  readonly files: TenantFiles
  readonly id: string
  readonly record: StoredFile
  readonly filename: string
  /** When the link ends by which it is read. */
  readonly endsMs?: number
}

/** Longest time for which a browser keeps what a link has shown. */
const keptSecondsMax = 300

export function serveFile({ header }: Pick<ServiceRequest, 'header'>, served: Served): ServiceAnswer {
  const { files, id, record } = served
  const { size, hash, mediaType, parts } = record
  const etag = `"${hash}"`
  const { contentType } = servedType(mediaType)
  const headers = { ...headersOf(served, { etag, mediaType }), 'accept-ranges': 'bytes' }
  const answer = (status: number, content: string | ReadableStream<Uint8Array>, more: Headers = {}): ServiceAnswer =>
    answerFile({ status, mediaType: contentType, content, headers: { ...headers, ...more } })
  if (matchesEtag(header('if-none-match'), etag)) return answer(304, '')
  const condition = header('if-range')
  const range = condition === undefined || condition === etag ? parseRange(header('range') ?? null, size) : undefined
  if (range === 'outside') return answer(416, '', { 'content-range': `bytes */${size}` })
  const { start, end } = range ?? { start: 0, end: size }
  const more = {
    'content-length': String(end - start),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  }
  return answer(range === undefined ? 200 : 206, streamRange(files, id, { parts, range: { start, end } }), more)
}

export function answerFile(file: ServiceFile): ServiceAnswer {
  return { ok: true, body: '', file }
}

/** The headers of a file's bytes, or of others made of them. */
export function headersOf(
  { filename, endsMs }: Pick<Served, 'filename' | 'endsMs'>,
  { etag, mediaType }: { readonly etag: string; readonly mediaType: string },
): Headers {
  const { isShown } = servedType(mediaType)
  return {
    etag,
    'content-disposition': `${isShown ? 'inline' : 'attachment'}; ${dispositionName(filename)}`,
    // Browsers open no PDF in a sandbox.
    'content-security-policy': `default-src 'none'; ${mediaType === 'application/pdf' ? "object-src 'self'; style-src 'unsafe-inline'" : 'sandbox'}`,
    'cross-origin-resource-policy': endsMs === undefined ? 'same-origin' : 'cross-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': endsMs === undefined ? 'private, no-cache' : `private, max-age=${keptSecondsMax}`,
  }
}

type Headers = Readonly<Record<string, string>>

/** Weak comparison (RFC 9110, 13.1.2). */
export function matchesEtag(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false
  return condition.trim() === '*' || condition.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}

/** A name for old clients in ASCII, and the whole one (RFC 6266). */
function dispositionName(filename: string): string {
  const ascii = filename.replaceAll(/[^ -~]|["\\%]/g, '_')
  const whole = encodeURIComponent(filename.toWellFormed()).replaceAll(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  )
  return `filename="${ascii}"; filename*=UTF-8''${whole}`
}
