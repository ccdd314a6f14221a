// Sends one HTTP request over its own socket, however broken, since HTTP clients refuse to send broken requests.

import { connect } from 'node:net'

export interface FuzzRequest {
  readonly method: string
  /** Path below the tenant. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
  /** The expected status of a valid request. */
  readonly expect: readonly number[] | undefined
}

const answerTimeoutMs = 5_000

export interface RawAnswer {
  readonly status: number
  readonly headers: string
  readonly body: string
  readonly head: boolean
  /** Whether our Worker answered, rather than the platform. */
  readonly isOurs: boolean
}

export function send(port: number, path: string, request: FuzzRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const chunks: Buffer[] = []
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer within ${answerTimeoutMs} ms to ${show(request)}`)),
      answerTimeoutMs,
    )
    const headers = {
      host: `localhost:${port}`,
      connection: 'close',
      ...request.headers,
      ...(request.body === undefined ? {} : { 'content-length': String(request.body.length) }),
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error) => {
      clearTimeout(timer)
      // The server may refuse a body, answer and close before it has read all of it.
      if (chunks.length > 0) resolve(parse(Buffer.concat(chunks), request))
      else if (
        'code' in error &&
        (error.code === 'EPIPE' || error.code === 'ECONNRESET') &&
        (request.body?.length ?? 0) > 2 ** 20
      )
        resolve({ status: 413, headers: '', body: '', head: true, isOurs: false })
      else reject(error)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(parse(Buffer.concat(chunks), request))
    })
    socket.write(`${request.method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    if (request.body !== undefined) socket.write(request.body)
  })
}

function parse(bytes: Buffer, request: FuzzRequest): RawAnswer {
  const text = bytes.toString('utf8')
  const end = text.indexOf('\r\n\r\n')
  const headers = text.slice(0, Math.max(end, 0))
  return {
    status: Number(headers.slice(9, 12)),
    headers,
    body: unchunk(headers, text.slice(end + 4)),
    head: request.method === 'HEAD',
    isOurs: /x-request-id|x-headlessly/i.test(headers),
  }
}

function unchunk(headers: string, body: string): string {
  if (!/transfer-encoding: chunked/i.test(headers)) return body
  return body.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/gi, '')
}

/** Formats a request for an error message. */
export function show(request: FuzzRequest): string {
  return `${request.method} ${request.path.slice(0, 1_000)} ${JSON.stringify(request.headers).slice(0, 500)} ${request.body?.toString('utf8').slice(0, 500) ?? ''}`
}
