// What was answered, as HTTP.

import type { Answered } from 'objects.do'
import type { KeptAnswer } from './read/read-cache.ts'
import type { KeptRead } from './read/read-path.ts'

/** The ETag of a version. */
export function formatEtag(version: number): string {
  return `"${version}"`
}

const contentType = 'application/json; charset=utf-8'

export function answerResponse(
  answer: Answered,
  options: { readonly ifNoneMatch: string | null; readonly location?: (id: string) => string },
): Response {
  const { body, version, createdId, isReplay } = answer
  const headers = headersOf(answer)
  if (isReplay === true) headers['idempotent-replay'] = 'true'
  if (version !== undefined && options.ifNoneMatch !== null && isMatch(options.ifNoneMatch, version))
    return new Response(null, { status: 304, headers })
  if (body === '') return new Response(null, { status: 204, headers })
  headers['content-type'] = contentType
  if (createdId === undefined || options.location === undefined) return new Response(body, { headers })
  headers['location'] = options.location(createdId)
  return new Response(body, { status: 201, headers })
}

/** A kept answer comes under one bookmark, so that its headers are the same each time; to make them costs the most. */
const keptHeaders = new WeakMap<KeptAnswer, Headers>()

export function keptResponse({ kept, bookmark }: KeptRead, ifNoneMatch: string | null): Response {
  const { version, body } = kept
  if (version !== undefined && ifNoneMatch !== null && isMatch(ifNoneMatch, version))
    return new Response(null, { status: 304, headers: headersOf({ bookmark, source: 'cache', version }) })
  let headers = keptHeaders.get(kept)
  if (headers === undefined) {
    headers = new Headers({ ...headersOf({ bookmark, source: 'cache', version }), 'content-type': contentType })
    keptHeaders.set(kept, headers)
  }
  return new Response(body, { headers })
}

function headersOf(answer: {
  readonly bookmark: string
  readonly source: Answered['source']
  readonly version?: number | undefined
}): Record<string, string> {
  const { bookmark, source, version } = answer
  return {
    'cache-control': 'no-store',
    'x-headlessly-bookmark': bookmark,
    'x-headlessly-source': source,
    ...(version === undefined ? {} : { etag: formatEtag(version) }),
  }
}

/** If-None-Match compares weakly, so `W/"3"` is `"3"`. */
function isMatch(ifNoneMatch: string, version: number): boolean {
  return (
    ifNoneMatch.trim() === '*' ||
    ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === formatEtag(version))
  )
}
