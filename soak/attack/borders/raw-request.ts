// A request exactly as an attacker writes it: the path is not normalized, and any header can be sent, `Host` included.

import { request } from 'node:http'

export interface RawRequest {
  readonly method: string
  /** Everything after the host. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** An object is sent as JSON. */
  readonly body?: unknown
}

export interface Came {
  /** An HTTP status, or a word for what is no answer over HTTP. */
  readonly status: number | string
  /** Headers and body. */
  readonly text: string
  readonly body: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

const timeoutMs = 15_000

export function sendRaw(url: string, { method, path, headers = {}, body }: RawRequest): Promise<Came> {
  const { hostname, port } = new URL(url)
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const type = payload === undefined ? {} : { 'content-type': 'application/json' }
  const length = payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }
  const sent = Object.fromEntries(
    Object.entries({ ...type, ...length, ...headers }).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...value],
    ]),
  )
  return new Promise((resolve, reject) => {
    const asked = request({ host: hostname, port, method, path, headers: sent, timeout: timeoutMs })
    asked.on('error', (error) => resolve(came('no answer', error.message)))
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(came(response.statusCode ?? 0, '', response.headers))
    })
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve(came(response.statusCode ?? 0, Buffer.concat(chunks).toString(), response.headers)),
      )
    })
    asked.end(payload)
  })
}

export function came(status: Came['status'], body: string, headers: Came['headers'] = {}): Came {
  return { status, body, headers, text: `${JSON.stringify(headers)}\n${body}` }
}
