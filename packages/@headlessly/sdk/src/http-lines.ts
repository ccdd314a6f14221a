// capnweb's messages of one batch: gathered, posted as the lines of a body, and the lines of the answer given back.

import type { RpcTransport } from 'capnweb'
import { post, unexpected } from './http.ts'
import { problemToError } from './problem-to-error.ts'
import type { Settings } from './settings.ts'

export class HttpLines implements RpcTransport {
  readonly #settings: Settings
  readonly #signal: AbortSignal | undefined
  readonly #sent: string[] = []
  readonly #answered: Promise<string[]>
  #answer: (lines: string[]) => void = () => {}

  constructor(settings: Settings, signal: AbortSignal | undefined) {
    this.#settings = settings
    this.#signal = signal
    this.#answered = new Promise((resolve) => (this.#answer = resolve))
  }

  send(line: string): void {
    this.#sent.push(line)
  }

  async receive(): Promise<string> {
    const line = (await this.#answered).shift()
    // Who still waits then was not answered.
    if (line === undefined) throw new Error('the answers ended')
    return line
  }

  /** What was gathered. Throws HeadlesslyError, and then the session gets nothing. */
  async post(): Promise<void> {
    const { response, text } = await post(this.#settings, 'rpc', {
      body: this.#sent.join('\n'),
      headers: { 'content-type': 'text/plain' },
      signal: this.#signal,
    })
    if (!response.ok) throw problemToError(response, text)
    if (!text.startsWith('[')) throw unexpected(response, 'the answers to a message')
    this.#answer(text.split('\n'))
  }
}
