// The answer with a file's bytes. Whatever they are, a browser runs nothing of them: it saves what is no plain picture, text or
// PDF, guesses no other type, and gives a page of them no rights.

import { parseRange } from '@dotdo/db'
import type { ServiceAnswer, ServiceRequest, TenantFiles } from '@dotdo/service'
import { servedType } from './detect-type.ts'
import { readRange, type StoredFile } from './stored-file.ts'

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
  const { files, id, record, filename, endsMs } = served
  const { size, hash, mediaType, parts } = record
  const etag = `"${hash}"`
  const { contentType, isShown } = servedType(mediaType)
  const headers = {
    etag,
    'accept-ranges': 'bytes',
    'content-disposition': `${isShown ? 'inline' : 'attachment'}; ${dispositionName(filename)}`,
    // Browsers open no PDF in a sandbox.
    'content-security-policy': `default-src 'none'; ${mediaType === 'application/pdf' ? "object-src 'self'; style-src 'unsafe-inline'" : 'sandbox'}`,
    'cross-origin-resource-policy': endsMs === undefined ? 'same-origin' : 'cross-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': endsMs === undefined ? 'private, no-cache' : `private, max-age=${keptSecondsMax}`,
  }
  const answer = (status: number, content: string | ReadableStream<Uint8Array>, more: Headers = {}): ServiceAnswer => ({
    ok: true,
    body: '',
    file: { status, mediaType: contentType, content, headers: { ...headers, ...more } },
  })
  if (matches(header('if-none-match'), etag)) return answer(304, '')
  const condition = header('if-range')
  const range = condition === undefined || condition === etag ? parseRange(header('range') ?? null, size) : undefined
  if (range === 'outside') return answer(416, '', { 'content-range': `bytes */${size}` })
  const { start, end } = range ?? { start: 0, end: size }
  const more = {
    'content-length': String(end - start),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  }
  return answer(range === undefined ? 200 : 206, streamOf(files, id, { parts, range: { start, end } }), more)
}

type Headers = Readonly<Record<string, string>>

/** Weak comparison (RFC 9110, 13.1.2). */
function matches(condition: string | undefined, etag: string): boolean {
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

/** Reads the next part once the client has taken the one before. */
function streamOf(
  files: TenantFiles,
  id: string,
  { parts, range }: Parameters<typeof readRange>[2],
): ReadableStream<Uint8Array> {
  const bytes = readRange(files, id, { parts, range })
  return new ReadableStream<Uint8Array>(
    {
      // Without this workerd drops the content-length.
      expectedLength: range.end - range.start,
      async pull(controller) {
        const { done, value } = await bytes.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await bytes.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}
