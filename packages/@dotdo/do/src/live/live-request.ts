// The request with which the front door asks a tenant's object for live events. Only `fetch` can open a WebSocket, so
// the caller's authority travels in a header. The front door builds the request with `liveRequest`, which overwrites
// any header of that name from the client; nobody else can reach the object.

import { type Authority, ObjectError, parseAuthority } from 'digital-objects'

const authorityHeader = 'x-headlessly-authority'

/** `search` is the client's query with its `?`: `type`, `after`. */
export function liveRequest(options: {
  readonly search: string
  readonly headers: Headers
  readonly authority: Authority
}): Request {
  const headers = new Headers(options.headers)
  headers.set(authorityHeader, toAscii(JSON.stringify(options.authority)))
  return new Request(`https://object/live${options.search}`, { headers })
}

/** Throws an ObjectError if there is none. */
export function authorityOfLiveRequest(request: Request): Authority {
  const text = request.headers.get(authorityHeader)
  if (text !== null) return parseAuthority(text)
  throw new ObjectError({ code: 'forbidden', message: 'live events are for callers with an authority' })
}

/** Escapes JSON to ASCII, since headers hold bytes. */
function toAscii(json: string): string {
  return json.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
