// Answers as HTTP.

import { type Answer, type Answered, statusOf } from 'objects.do'
import type { ObjectErrorData } from 'digital-objects'
import { problemResponse } from '../base/problem.ts'
import { varyHeader } from '../base/vary.ts'
import type { CachedAnswer } from '../read/read-cache.ts'
import type { CachedRead } from '../read/read-path.ts'
import { isCompressible } from '../base/compressed-body.ts'

/** The ETag of a version. */
export function formatEtag(version: number): string {
  return `"${version}"`
}

const contentType = 'application/json; charset=utf-8'

interface ResponseOptions {
  readonly ifNoneMatch?: string | null
  readonly acceptEncoding?: string | null
  /** The path of a created entity. */
  readonly location?: (id: string) => string
}

export function answerToResponse(answer: Answer, options: ResponseOptions = {}): Response {
  return answer.ok
    ? answeredResponse(answer, options)
    : problemResponse(answer.error, { headers: { 'x-headlessly-bookmark': answer.bookmark, ...allowOf(answer.error) } })
}

/** A refused method names the others. */
function allowOf({ detail }: ObjectErrorData): Readonly<Record<string, string>> {
  return typeof detail?.['allow'] === 'string' ? { allow: detail['allow'] } : {}
}

function answeredResponse(answer: Answered, options: ResponseOptions): Response {
  const { ifNoneMatch = null, acceptEncoding = null, location } = options
  const { body, version, createdId, commit, isReplay, isUnchanged } = answer
  const headers = headersOf(answer)
  if (commit !== undefined) headers['x-headlessly-commit'] = String(commit)
  if (isUnchanged === true) headers['x-headlessly-changed'] = 'false'
  if (isReplay === true) headers['idempotent-replay'] = 'true'
  if (version !== undefined && ifNoneMatch !== null && isMatch(ifNoneMatch, version))
    return new Response(null, { status: 304, headers })
  const status = statusOf(answer)
  if (status === 204) return new Response(null, { status, headers })
  headers['content-type'] = contentType
  if (status === 201 && createdId !== undefined && location !== undefined) headers['location'] = location(createdId)
  // The runtime compresses a body whose headers say so.
  if (status === 200 && isCompressible({ body, version }, acceptEncoding)) headers['content-encoding'] = 'gzip'
  return new Response(body, { status, headers })
}

/** Headers of cached answers. A cached answer has one bookmark, so they never change; making them is the largest cost. */
const cachedHeaders = new WeakMap<CachedAnswer, Headers>()

export function cachedResponse(
  { cached, bookmark }: CachedRead,
  { ifNoneMatch, acceptEncoding }: { readonly ifNoneMatch: string | null; readonly acceptEncoding: string | null },
): Response {
  const { version, body } = cached
  if (version !== undefined && ifNoneMatch !== null && isMatch(ifNoneMatch, version))
    return new Response(null, { status: 304, headers: headersOf({ bookmark, source: 'cache', version }) })
  let headers = cachedHeaders.get(cached)
  if (headers === undefined) {
    headers = new Headers({ ...headersOf({ bookmark, source: 'cache', version }), 'content-type': contentType })
    cachedHeaders.set(cached, headers)
  }
  if (!isCompressible(cached, acceptEncoding)) return new Response(body, { headers })
  const compressed = new Headers(headers)
  compressed.set('content-encoding', 'gzip')
  return new Response(body, { headers: compressed })
}

function headersOf(answer: {
  readonly bookmark: string
  readonly source: Answered['source']
  readonly version?: number | undefined
}): Record<string, string> {
  const { bookmark, source, version } = answer
  return {
    'cache-control': 'no-store',
    vary: varyHeader,
    'x-headlessly-bookmark': bookmark,
    'x-headlessly-source': source,
    ...(version === undefined ? {} : { etag: formatEtag(version) }),
  }
}

/** If-None-Match compares weakly, so `W/"3"` matches `"3"`. */
function isMatch(ifNoneMatch: string, version: number): boolean {
  return (
    ifNoneMatch.trim() === '*' ||
    ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === formatEtag(version))
  )
}
