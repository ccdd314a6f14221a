// A lean HTTP/1.1 client for load: one request at a time on each of n keep-alive connections. Node's own client takes
// as much CPU as the server under test.

import { connect, type Socket } from 'node:net'

export interface LoadRequest {
  readonly method: string
  readonly path: string
  readonly body?: string
  /** The key of the caller. */
  readonly key?: string
}

export interface LoadAnswer {
  readonly status: number
  readonly headers: string
  readonly body: string
}

export class HttpConnection {
  readonly #socket: Socket
  readonly #host: string
  #received: Buffer = Buffer.alloc(0)
  #waiting: { resolve: (answer: LoadAnswer) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the connection')))
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('connect', () => resolve(new HttpConnection(socket, `localhost:${port}`)))
      socket.once('error', reject)
    })
  }

  send(request: LoadRequest): Promise<LoadAnswer> {
    const body = request.body ?? ''
    const type =
      request.body === undefined
        ? ''
        : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
    const key = request.key === undefined ? '' : `Authorization: Bearer ${request.key}\r\n`
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(
        `${request.method} ${request.path} HTTP/1.1\r\nHost: ${this.#host}\r\n${key}${type}\r\n${body}`,
      )
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const headers = this.#received.toString('latin1', 0, end)
    const length = /content-length: (\d+)/i.exec(headers)?.[1]
    const bodyStart = end + 4
    let bodyEnd: number
    let body: string
    if (length !== undefined) {
      bodyEnd = bodyStart + Number(length)
      if (this.#received.length < bodyEnd) return
      body = this.#received.toString('utf8', bodyStart, bodyEnd)
    } else if (/transfer-encoding: chunked/i.test(headers)) {
      const unchunked = dechunk(this.#received, bodyStart)
      if (unchunked === undefined) return
      ;({ body, end: bodyEnd } = unchunked)
    } else {
      bodyEnd = bodyStart
      body = ''
    }
    this.#received = this.#received.subarray(bodyEnd)
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve({ status: Number(headers.slice(9, 12)), headers, body })
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}

function dechunk(bytes: Buffer, start: number): { body: string; end: number } | undefined {
  const parts: Buffer[] = []
  for (let at = start; ;) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    if (bytes.length < line + 2 + size + 2) return undefined
    if (size === 0) return { body: Buffer.concat(parts).toString('utf8'), end: line + 4 }
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
