// `fetch` of a run: requests leave by the host, which decides where they may go.

/** Takes a `SentRequest` as JSON, and returns an `Answered`. */
export type Outside = (request: string) => Promise<string>

export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** In base64. */
  readonly body?: string
}

type Answered =
  | { readonly ok: false; readonly message: string }
  | {
      readonly ok: true
      readonly status: number
      readonly headers: readonly (readonly [string, string])[]
      /** In base64. */
      readonly body: string
      readonly url: string
    }

const bodilessStatus = [204, 205, 304]

export async function fetchOutside(outside: Outside, input: RequestInfo, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init)
  const bytes = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer())
  const { method, url } = request
  const sent: SentRequest = {
    method,
    url,
    headers: Object.fromEntries(request.headers),
    ...(bytes === undefined ? {} : { body: toBase64(bytes) }),
  }
  // The host wrote it.
  const answered = JSON.parse(await outside(JSON.stringify(sent))) as Answered
  if (!answered.ok) throw new TypeError(answered.message)
  const { status, headers, body } = answered
  const given = bodilessStatus.includes(status) ? null : fromBase64(body)
  const response = new Response(given, { status, headers: headers.map(([name, value]) => [name, value]) })
  Object.defineProperty(response, 'url', { value: answered.url })
  return response
}

function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  const size = 8_192
  for (let at = 0; at < bytes.length; at += size) parts.push(String.fromCharCode(...bytes.subarray(at, at + size)))
  return btoa(parts.join(''))
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
