// The one way to addresses that tenants choose: an HTTP request with limits, whose URL has to be allowed at each redirect.
// The connection itself judges the address. In the embedded server it leaves by a network of workerd that resolves the name
// and connects to public addresses only, so a name that resolves differently the next time gains nothing; on Cloudflare the
// flag `global_fetch_strictly_public` holds.

import { joinBytes } from './join-bytes.ts'
import { isPublicHost } from './public-address.ts'

export interface OutsideRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

export interface OutsideRules {
  /** Returns why no request may go to this URL; undefined if it may. Redirects are asked about too. */
  readonly fault: (url: URL) => string | undefined
  /** With 0, a redirect is the answer. */
  readonly redirectsMax: number
  /** Limits the whole of it: connecting, redirects, and reading the answer. */
  readonly msMax: number
  /** A longer answer is cut. */
  readonly bodyBytesMax: number
}

export type OutsideOutcome =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Headers
      readonly body: Uint8Array<ArrayBuffer>
      readonly isCut: boolean
      /** The URL that answered, after redirects. */
      readonly url: string
    }
  /** The rules do not allow the URL, or one that it redirects to. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The request may have arrived all the same. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isLate: boolean }

/** Never rejects for what the other side does. */
export type SendOutside = (request: OutsideRequest, rules: OutsideRules) => Promise<OutsideOutcome>

export interface OutsideBindings {
  /** The networks that tenants may reach, in the embedded server. */
  readonly OUTSIDE_NETWORK: Pick<Outside, 'fetch'>
}

interface Outside {
  fetch(url: string, init: RequestInit): Promise<Response>
}

export function outsideOf({ OUTSIDE_NETWORK }: Partial<OutsideBindings>): SendOutside {
  if (OUTSIDE_NETWORK !== undefined) return sendBy(OUTSIDE_NETWORK)
  return sendBy({
    fetch: (url, init) => {
      if (!isPublicHost(new URL(url).hostname)) return Promise.reject(new Error('it is not a public address'))
      return fetch(url, init)
    },
  })
}

/** `outside` connects to allowed addresses only. */
export function sendBy(outside: Outside): SendOutside {
  return async (request, rules) => {
    const ending = new AbortController()
    const late = Promise.withResolvers<OutsideOutcome>()
    const timer = setTimeout(() => {
      late.resolve({ kind: 'failed', reason: `it gave no whole answer within ${rules.msMax} ms`, isLate: true })
      ending.abort()
    }, rules.msMax)
    const sent = sendHops(outside, { request, rules, signal: ending.signal }).catch(
      (error: unknown): OutsideOutcome => {
        if (!(error instanceof Error)) throw error
        // The platform's words name neither the address nor the cause.
        const reason = `no server answers at ${originOf(request.url)}, or its address is not public and the operator has not opened its network (--outside-networks)`
        return { kind: 'failed', reason, isLate: false }
      },
    )
    try {
      return await Promise.race([sent, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

interface Sending {
  readonly request: OutsideRequest
  readonly rules: OutsideRules
  readonly signal: AbortSignal
}

async function sendHops(outside: Outside, { request, rules, signal }: Sending): Promise<OutsideOutcome> {
  let hop = request
  for (let redirects = 0; ; redirects++) {
    const fault = faultOf(hop, rules)
    if (fault !== undefined) return { kind: 'refused', reason: redirects === 0 ? fault : `a redirect: ${fault}` }
    const { url, method, headers = {}, body } = hop
    const response = await outside.fetch(url, {
      method,
      headers: { ...headers },
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal,
    })
    const next = redirectOf(response, hop)
    if (next === undefined || rules.redirectsMax === 0) return answered(response, url, rules)
    await response.body?.cancel()
    if (redirects === rules.redirectsMax)
      return { kind: 'refused', reason: `it redirects more than ${rules.redirectsMax} times` }
    hop = next
  }
}

function faultOf({ url, headers = {} }: OutsideRequest, { fault }: OutsideRules): string | undefined {
  if (!URL.canParse(url)) return `expected a URL, got '${url.slice(0, 200)}'`
  const parsed = new URL(url)
  const { protocol, username, password } = parsed
  if (protocol !== 'https:' && protocol !== 'http:') return `expected a URL of https, got '${protocol}'`
  if (username !== '' || password !== '') return 'a URL with a user or password in it is not allowed'
  const reserved = Object.keys(headers).find((name) => reservedHeaders.test(name))
  if (reserved !== undefined) return `the header '${reserved.slice(0, 64)}' is set by the server`
  return fault(parsed)
}

/** Headers of the connection, and those by which a proxy finds another host than the URL's. */
const reservedHeaders =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*|cf-.*|x-forwarded-.*|forwarded)$/i
/** Headers that a redirect to another origin keeps; any other may be a secret. */
const openHeaders = /^(?:accept|accept-language|content-type|user-agent)$/i

function redirectOf({ status, headers }: Response, hop: OutsideRequest): OutsideRequest | undefined {
  const location = headers.get('location')
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return undefined
  if (!URL.canParse(location, hop.url)) return undefined
  const url = new URL(location, hop.url)
  const isSame = url.origin === new URL(hop.url).origin
  const kept = Object.entries(hop.headers ?? {}).filter(([name]) => isSame || openHeaders.test(name))
  const repeats = status === 307 || status === 308 || ['GET', 'HEAD'].includes(hop.method)
  if (repeats) return { ...hop, url: url.href, headers: Object.fromEntries(kept) }
  const others = kept.filter(([name]) => !/^content-/i.test(name))
  return { method: 'GET', url: url.href, headers: Object.fromEntries(others) }
}

async function answered(response: Response, url: string, { bodyBytesMax }: OutsideRules): Promise<OutsideOutcome> {
  const { status, headers } = response
  const chunks: Uint8Array[] = []
  let length = 0
  let isCut = false
  const reader = response.body?.getReader()
  while (reader !== undefined && !isCut) {
    const { done, value } = await reader.read()
    if (done) break
    isCut = length + value.length > bodyBytesMax
    chunks.push(value.subarray(0, bodyBytesMax - length))
    length = Math.min(bodyBytesMax, length + value.length)
  }
  if (isCut) await reader?.cancel()
  return { kind: 'answered', status, headers, body: joinBytes(chunks), isCut, url }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the address'
}
