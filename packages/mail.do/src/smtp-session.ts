// An SMTP client (RFC 5321) for one mail: TLS from the start or by STARTTLS, AUTH PLAIN and LOGIN. It never sends a password over
// a connection that is not encrypted, and never goes on without the encryption that was asked for.

import type { Connect } from '@dotdo/service'
import type { MailServer } from 'digital-objects'
import { composeMail, type Mail } from './compose-mail.ts'
import { SmtpLines } from './smtp-lines.ts'
import { MailRefused } from './mail-refused.ts'

export interface SmtpOptions {
  readonly server: MailServer
  readonly password: string | undefined
  readonly connect: Connect
  /** Limits the whole session. */
  readonly msMax: number
}

type Stage = MailRefused['stage']

/** Resolves once the server has taken the mail. Throws a MailRefused, or another error if the server cannot be reached. */
export async function sendBySmtp(mail: Mail, options: SmtpOptions): Promise<void> {
  const { server, connect, msMax } = options
  const secureTransport = { tls: 'on', starttls: 'starttls', none: 'off' } as const
  const socket = connect(
    { hostname: server.host, port: server.port },
    { secureTransport: secureTransport[server.security], allowHalfOpen: false },
  )
  const session = new SmtpSession(socket, options)
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`the mail server did not finish within ${msMax} ms`)), msMax)
  try {
    await Promise.race([session.send(mail), timeout])
  } finally {
    clearTimeout(timer)
    session.close()
  }
}

class SmtpSession {
  readonly #options: SmtpOptions
  #socket: Socket
  #lines: SmtpLines

  constructor(socket: Socket, options: SmtpOptions) {
    this.#socket = socket
    this.#lines = new SmtpLines(socket)
    this.#options = options
    // Its end is seen by the reads and writes.
    socket.closed.catch(() => {})
    socket.opened.catch(() => {})
  }

  async send(mail: Mail): Promise<void> {
    const { server } = this.#options
    const name = mail.from.address.slice(mail.from.address.lastIndexOf('@') + 1)
    await this.#expect('connect', [220])
    let extensions = await this.#hello(name)
    if (server.security === 'starttls') {
      if (!extensions.has('STARTTLS')) throw new Error('the mail server offers no STARTTLS: nothing was sent')
      await this.#ask('connect', 'STARTTLS', [220])
      this.#lines.requireEmpty()
      this.#lines.release()
      this.#socket = this.#socket.startTls()
      this.#socket.closed.catch(() => {})
      this.#socket.opened.catch(() => {})
      this.#lines = new SmtpLines(this.#socket)
      extensions = await this.#hello(name)
    }
    if (server.user !== undefined) await this.#authenticate(server.user, extensions.get('AUTH') ?? '')
    await this.#ask('sender', `MAIL FROM:<${mail.from.address}>`, [250])
    await this.#ask('recipient', `RCPT TO:<${mail.to.address}>`, [250, 251])
    await this.#ask('content', 'DATA', [354])
    await this.#ask('content', `${composeMail(mail)}.`, [250])
    // The mail is taken, whatever comes now.
    await this.#lines.write('QUIT\r\n').catch(() => {})
  }

  close(): void {
    this.#socket.close().catch(() => {})
  }

  /** Returns the server's extensions with their parameters. */
  async #hello(name: string): Promise<ReadonlyMap<string, string>> {
    const { lines } = await this.#ask('connect', `EHLO ${name}`, [250])
    return new Map(
      lines.slice(1).map((line) => {
        const [extension = '', ...parameters] = line.split(/[ =]/)
        return [extension.toUpperCase(), parameters.join(' ').toUpperCase()]
      }),
    )
  }

  async #authenticate(user: string, methods: string): Promise<void> {
    const { password } = this.#options
    if (password === undefined) throw new Error('there is no readable secret mail-password')
    const offered = methods.split(' ')
    if (offered.includes('PLAIN')) {
      await this.#ask('sign-in', `AUTH PLAIN ${utf8Base64(`\0${user}\0${password}`)}`, [235])
    } else if (offered.includes('LOGIN')) {
      await this.#ask('sign-in', 'AUTH LOGIN', [334])
      await this.#ask('sign-in', utf8Base64(user), [334])
      await this.#ask('sign-in', utf8Base64(password), [235])
    } else throw new Error('the mail server offers neither AUTH PLAIN nor AUTH LOGIN')
  }

  async #ask(stage: Stage, line: string, codes: readonly number[]): ReturnType<SmtpLines['readReply']> {
    await this.#lines.write(`${line}\r\n`)
    return this.#expect(stage, codes)
  }

  async #expect(stage: Stage, codes: readonly number[]): ReturnType<SmtpLines['readReply']> {
    const reply = await this.#lines.readReply()
    if (codes.includes(reply.code)) return reply
    throw new MailRefused({ stage, code: reply.code, text: reply.lines.join(' ') })
  }
}

function utf8Base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
