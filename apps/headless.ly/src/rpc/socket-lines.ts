// capnweb's transport over a WebSocket whose frames hold one message or more, a line each, as the body of an HTTP batch
// does: so a call, which is two of capnweb's messages, is one frame. Other clients of capnweb send a message a frame,
// which is the same with one line.

import type { RpcTransportWithCustomEncoding } from 'capnweb'
import { parseLine } from './parse-line.ts'

/** Lines that came and were not taken yet: capnweb takes them at once. */
const waitingMax = 10_000
/** Calls whose answers are kept, until the client lets them go. */
const heldMax = 256
/** A session that says nothing for so long is closed; its client opens another when it has something to say. */
const idleMsMax = 10 * 60_000

type Line = readonly unknown[]

export class SocketLines implements RpcTransportWithCustomEncoding {
  readonly encodingLevel = 'jsonCompatible'
  readonly #socket: WebSocket
  #waiting: Line[] = []
  #taker: { readonly give: (line: Line) => void; readonly fail: (reason: Error) => void } | undefined
  #end: Error | undefined
  #held = 0
  #idle: ReturnType<typeof setTimeout>

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#received(data))
    socket.addEventListener('close', () => this.#ended(new Error('the client closed the connection')))
    socket.addEventListener('error', () => this.#ended(new Error('the connection was lost')))
    this.#idle = this.#rest()
  }

  send(message: unknown): void {
    this.#socket.send(JSON.stringify(message))
  }

  receive(): Promise<Line> {
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
    if (this.#end !== undefined) return
    clearTimeout(this.#idle)
    this.#idle = this.#rest()
    try {
      if (typeof data !== 'string') throw new Error('a frame expects text')
      for (const line of data.split('\n', waitingMax + 2)) this.#take(parseLine(line))
    } catch (error) {
      // The session is told, and tells the client before it ends.
      this.#ended(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #take(line: Line): void {
    if (line[0] === 'push') this.#held++
    if (line[0] === 'release') this.#held--
    if (this.#held > heldMax) throw new Error(`a session keeps the answers to at most ${heldMax} calls`)
    const taker = this.#taker
    this.#taker = undefined
    if (taker !== undefined) taker.give(line)
    else if (this.#waiting.push(line) > waitingMax) throw new Error('too much at once')
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
