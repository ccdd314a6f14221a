// capnweb's transport over a WebSocket whose frames hold one message or more, a line each, as the body of an HTTP batch
// does: so a call, which is two of capnweb's messages, is one frame. Other clients of capnweb send a message a frame,
// which is the same with one line.

import type { RpcTransport } from 'capnweb'

/** Lines that came and were not taken yet: capnweb takes them at once. */
const waitingMax = 10_000
/** A session that says nothing for so long is closed; its client opens another when it has something to say. */
const idleMsMax = 10 * 60_000

export class SocketLines implements RpcTransport {
  readonly #socket: WebSocket
  #waiting: string[] = []
  #taker: { readonly give: (line: string) => void; readonly fail: (reason: Error) => void } | undefined
  #end: Error | undefined
  #idle: ReturnType<typeof setTimeout>

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#received(data))
    socket.addEventListener('close', () => this.#ended(new Error('the client closed the connection')))
    socket.addEventListener('error', () => this.#ended(new Error('the connection was lost')))
    this.#idle = this.#rest()
  }

  send(message: string): void {
    this.#socket.send(message)
  }

  receive(): Promise<string> {
    const line = this.#waiting.shift()
    if (line !== undefined) return Promise.resolve(line)
    if (this.#end !== undefined) return Promise.reject(this.#end)
    return new Promise((give, fail) => (this.#taker = { give, fail }))
  }

  abort(reason: unknown): void {
    this.#ended(reason instanceof Error ? reason : new Error(String(reason)))
    // 1008: what came was not what the protocol allows.
    this.#socket.close(1008, 'the session has ended')
  }

  #received(data: unknown): void {
    clearTimeout(this.#idle)
    this.#idle = this.#rest()
    if (typeof data !== 'string') return this.abort(new Error('a frame expects text'))
    for (const line of data.split('\n')) {
      const taker = this.#taker
      this.#taker = undefined
      if (taker !== undefined) taker.give(line)
      else if (this.#waiting.push(line) > waitingMax) return this.abort(new Error('too much at once'))
    }
  }

  #rest(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#socket.close(1000, 'idle'), idleMsMax)
  }

  #ended(reason: Error): void {
    clearTimeout(this.#idle)
    this.#end ??= reason
    this.#taker?.fail(this.#end)
    this.#taker = undefined
  }
}
