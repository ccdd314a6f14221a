// A mail server for tests, which keeps what it gets. It speaks as much SMTP as clients need: TLS, STARTTLS, AUTH, and refusals.

import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'

export interface SinkOptions {
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user?: string
  readonly password?: string
  /** Returns a reply in place of the usual one; undefined for the usual one. */
  readonly reply?: (command: string) => string | undefined
}

export interface Received {
  readonly to: string
  readonly isEncrypted: boolean
  readonly isSignedIn: boolean
  /** By lower-case name, unfolded. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded. */
  readonly text: string
}

const folder = import.meta.dirname
export const certificate = readFileSync(join(folder, 'certificate.pem'), 'utf8')
const key = readFileSync(join(folder, 'key.pem'), 'utf8')

export class SmtpSink {
  readonly received: Received[] = []
  /** Every line that clients sent, in order. */
  readonly commands: string[] = []
  readonly #server: Server
  readonly #options: SinkOptions

  constructor(options: SinkOptions) {
    this.#options = options
    const serve = (socket: Socket): void => this.#serve(socket, options.security === 'tls')
    this.#server = options.security === 'tls' ? createTlsServer({ cert: certificate, key }, serve) : createServer(serve)
    this.#server.on('tlsClientError', () => {})
  }

  /** Returns the port. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  stop(): void {
    this.#server.close()
  }

  #serve(socket: Socket, isEncrypted: boolean): void {
    const state = { to: '', isSignedIn: false, data: undefined as string[] | undefined }
    let text = ''
    socket.on('error', () => {})
    if (!isEncrypted || this.#options.security === 'tls') socket.write('220 sink\r\n')
    socket.on('data', (bytes) => {
      text += String(bytes)
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end)
        text = text.slice(end + 2)
        if (line.toUpperCase() === 'STARTTLS' && this.#options.security === 'starttls') {
          this.commands.push(line)
          socket.removeAllListeners('data')
          socket.write('220 go on\r\n')
          this.#serve(new TLSSocket(socket, { isServer: true, cert: certificate, key }), true)
          return
        }
        const reply = this.#answer(line, state, isEncrypted)
        if (reply !== undefined) socket.write(`${reply}\r\n`)
        if (line === 'QUIT') socket.end()
      }
    })
  }

  #answer(
    line: string,
    state: { to: string; isSignedIn: boolean; data: string[] | undefined },
    isEncrypted: boolean,
  ): string | undefined {
    if (state.data !== undefined) {
      if (line !== '.') return void state.data.push(line)
      const lines = state.data
      state.data = undefined
      const refusal = this.#options.reply?.('.')
      if (refusal !== undefined) return refusal
      this.received.push({ to: state.to, isEncrypted, isSignedIn: state.isSignedIn, ...parseMail(lines) })
      return '250 taken'
    }
    this.commands.push(line)
    const given = this.#options.reply?.(line)
    if (given !== undefined) return given
    const [word = '', ...rest] = line.split(/[ :]/)
    if (word === 'EHLO') {
      const offered = [
        ...(this.#options.security === 'starttls' && !isEncrypted ? ['STARTTLS'] : []),
        ...(this.#options.user === undefined ? [] : ['AUTH PLAIN LOGIN']),
        '8BITMIME',
      ]
      return ['sink', ...offered].map((each, at) => `250${at === offered.length ? ' ' : '-'}${each}`).join('\r\n')
    }
    if (word === 'AUTH') {
      const wanted = Buffer.from(`\0${this.#options.user}\0${this.#options.password}`).toString('base64')
      state.isSignedIn = rest[1] === wanted
      return state.isSignedIn ? '235 welcome' : `535 no: ${rest[1]}`
    }
    if (word === 'RCPT') state.to = /<(.*)>/.exec(line)?.[1] ?? ''
    if (word === 'DATA') {
      state.data = []
      return '354 go on'
    }
    return word === 'QUIT' ? '221 bye' : '250 fine'
  }
}

function parseMail(lines: readonly string[]): Pick<Received, 'headers' | 'text'> {
  const end = lines.indexOf('')
  const head = lines.slice(0, end).join('\r\n').replaceAll('\r\n ', ' ').split('\r\n')
  const headers = head.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())]
  })
  const text = Buffer.from(lines.slice(end + 1).join(''), 'base64').toString()
  return { headers: Object.fromEntries(headers), text }
}

function decodeWords(text: string): string {
  return text
    .replaceAll('?= =?', '?==?')
    .replaceAll(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, encoded: string) => Buffer.from(encoded, 'base64').toString())
}
