// The replies of an SMTP server, line by line, with a limit: a server that sends without end is refused.

export interface Reply {
  readonly code: number
  /** Without the code. */
  readonly lines: readonly string[]
}

const replyBytesMax = 65_536

export class SmtpLines {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #decoder = new TextDecoder()
  #text = ''

  constructor({ readable, writable }: Socket) {
    this.#reader = readable.getReader()
    this.#writer = writable.getWriter()
  }

  async write(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text))
  }

  /** Throws if the connection ends before the reply does. */
  async readReply(): Promise<Reply> {
    const lines: string[] = []
    for (let bytes = 0; bytes <= replyBytesMax;) {
      const line = await this.#readLine()
      bytes += line.length
      const [, code, separator, text = ''] = /^(\d{3})([ -]?)(.*)$/.exec(line) ?? []
      if (code === undefined) throw new Error('the mail server does not speak SMTP')
      lines.push(text)
      if (separator !== '-') return { code: Number(code), lines }
    }
    throw new Error('a reply of the mail server is too long')
  }

  /** Throws if something arrived already that belongs after the encryption: somebody may have put it there. */
  requireEmpty(): void {
    if (this.#text !== '') throw new Error('the mail server sent more than its answer to STARTTLS')
  }

  /** Ends the use of the socket, which then begins TLS. */
  release(): void {
    this.#reader.releaseLock()
    this.#writer.releaseLock()
  }

  async #readLine(): Promise<string> {
    for (let end = this.#text.indexOf('\n'); ; end = this.#text.indexOf('\n')) {
      if (end >= 0) {
        const line = this.#text.slice(0, end).replace(/\r$/, '')
        this.#text = this.#text.slice(end + 1)
        return line
      }
      if (this.#text.length > replyBytesMax) throw new Error('a line of the mail server is too long')
      const { value, done } = await this.#reader.read()
      if (done) throw new Error('the mail server closed the connection')
      this.#text += this.#decoder.decode(value, { stream: true })
    }
  }
}
