// What a tenant's object answered, as HTTP.

import type { Answered } from 'objects.do'

/** The ETag of a version. */
export function formatEtag(version: number): string {
  return `"${version}"`
}

export function answerResponse(
  answer: Answered,
  options: { readonly ifNoneMatch: string | null; readonly location?: (id: string) => string },
): Response {
  const { body, bookmark, source, version, createdId, isReplay } = answer
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    'x-headlessly-bookmark': bookmark,
    'x-headlessly-source': source,
  }
  if (version !== undefined) headers['etag'] = formatEtag(version)
  if (isReplay === true) headers['idempotent-replay'] = 'true'
  if (version !== undefined && options.ifNoneMatch !== null && isMatch(options.ifNoneMatch, version))
    return new Response(null, { status: 304, headers })
  if (body === '') return new Response(null, { status: 204, headers })
  headers['content-type'] = 'application/json; charset=utf-8'
  if (createdId === undefined || options.location === undefined) return new Response(body, { headers })
  headers['location'] = options.location(createdId)
  return new Response(body, { status: 201, headers })
}

/** If-None-Match compares weakly, so `W/"3"` is `"3"`. */
function isMatch(ifNoneMatch: string, version: number): boolean {
  return (
    ifNoneMatch.trim() === '*' ||
    ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === formatEtag(version))
  )
}
