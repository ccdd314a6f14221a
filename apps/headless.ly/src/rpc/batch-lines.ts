// capnweb's transport for one batch over HTTP: its lines are there from the start, and its answers gathered.

import type { RpcTransportWithCustomEncoding } from 'capnweb'

export class BatchLines implements RpcTransportWithCustomEncoding {
  readonly encodingLevel = 'jsonCompatible'
  readonly #lines: (readonly unknown[])[]
  readonly #answers: string[] = []
  readonly #taken = Promise.withResolvers<void>()

  constructor(lines: readonly (readonly unknown[])[]) {
    this.#lines = [...lines]
  }

  /** When the session has taken the last line. Rejects where it understands one of them not. */
  get taken(): Promise<void> {
    return this.#taken.promise
  }

  /** The answers so far. */
  get body(): string {
    return this.#answers.join('\n')
  }

  send(message: unknown): void {
    this.#answers.push(JSON.stringify(message))
  }

  receive(): Promise<unknown> {
    const line = this.#lines.shift()
    if (line !== undefined) return Promise.resolve(line)
    this.#taken.resolve()
    // Nothing else comes, and the answers are still to be given.
    return new Promise(() => {})
  }

  abort(reason: unknown): void {
    this.#taken.reject(reason)
  }
}
