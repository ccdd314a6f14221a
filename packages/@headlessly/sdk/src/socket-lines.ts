// capnweb's messages over a WebSocket: those of one turn are the lines of one frame, and what only tidies up at the
// server waits for the next call.

import type { RpcTransport } from 'capnweb'
import { Deferred } from './deferred.ts'
import { HeadlesslyError } from './headlessly-error.ts'

/** So long after the last answer it is closed: an open connection keeps a program from ending. */
const idleMsMax = 300
const tidyingMax = 100

export class SocketLines implements RpcTransport {
  readonly #socket: WebSocket
  readonly #unsent: string[] = []
  readonly #received: string[] = []
  readonly #waiting = new Set<(reason: Error) => void>()
  #taker: { readonly give: (line: string) => void; readonly fail: (reason: Error) => void } | undefined
  #end: Error | undefined
  /** That have come. */
  #frames = 0
  #isFlushing = false
  #idle: ReturnType<typeof setTimeout> | undefined

  /** `refused` is called where it never opened. */
  constructor(url: string, { refused }: { readonly refused: () => void }) {
    this.#socket = new WebSocket(url)
    let hasOpened = false
    this.#socket.addEventListener('open', () => {
      hasOpened = true
      this.#flush()
      this.#rest()
    })
    this.#socket.addEventListener('message', ({ data }) => {
      this.#frames++
      this.#take(String(data))
    })
    const lost = (how: string): void => {
      if (!hasOpened && this.#end === undefined) refused()
      this.#ended(new Error(how))
    }
    this.#socket.addEventListener('close', ({ code }) => lost(`the connection was closed (${code})`))
    this.#socket.addEventListener('error', () => lost('the connection was lost'))
  }

  /** Open, and not about to be closed. */
  get isUsable(): boolean {
    return this.#end === undefined && this.#socket.readyState === WebSocket.OPEN
  }

  get isOpening(): boolean {
    return this.#end === undefined && this.#socket.readyState === WebSocket.CONNECTING
  }

  /** What `work` comes to, unless the connection ends before, or it takes too long: then a `network_error`. */
  async whileOpen<Result>(
    work: Promise<Result>,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined; readonly endpoint: string },
  ): Promise<Result> {
    const { timeoutMs, signal, endpoint } = options
    clearTimeout(this.#idle)
    const failed = new Deferred<never>()
    const fail = (why: string, cause?: Error): void =>
      failed.reject(new HeadlesslyError({ code: 'network_error', message: `${endpoint} ${why}`, cause }))
    const lost = (reason: Error): void => fail(`cannot be reached: ${reason.message}`, reason)
    const stop = (): void => failed.reject(signal?.reason)
    const before = this.#frames
    const late = setTimeout(() => {
      fail(`did not answer within ${timeoutMs} ms`)
      // Nor was anything else heard: the other end may be gone without a word, and whoever calls next is to find another.
      if (this.#frames === before) this.#close('it fell silent')
    }, timeoutMs)
    signal?.addEventListener('abort', stop, { once: true })
    this.#waiting.add(lost)
    if (this.#end !== undefined) lost(this.#end)
    try {
      return await Promise.race([work, failed.promise])
    } finally {
      clearTimeout(late)
      signal?.removeEventListener('abort', stop)
      this.#waiting.delete(lost)
      // Whichever came second is nobody's concern.
      work.catch(() => {})
      failed.promise.catch(() => {})
      this.#rest()
    }
  }

  send(line: string): void {
    this.#unsent.push(line)
    const waits = line.startsWith('["release"') && this.#unsent.length < tidyingMax
    if (waits || this.#isFlushing) return
    this.#isFlushing = true
    queueMicrotask(() => this.#flush())
  }

  receive(): Promise<string> {
    const line = this.#received.shift()
    if (line !== undefined) return Promise.resolve(line)
    if (this.#end !== undefined) return Promise.reject(this.#end)
    return new Promise((give, fail) => (this.#taker = { give, fail }))
  }

  abort(reason: unknown): void {
    this.#close(reason instanceof Error ? reason.message : 'the session was ended')
  }

  #flush(): void {
    this.#isFlushing = false
    if (this.#unsent.length > 0 && this.isUsable) this.#socket.send(this.#unsent.splice(0).join('\n'))
  }

  #take(frame: string): void {
    for (const line of frame.split('\n')) {
      const taker = this.#taker
      this.#taker = undefined
      if (taker === undefined) this.#received.push(line)
      else taker.give(line)
    }
  }

  #rest(): void {
    clearTimeout(this.#idle)
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#close('it was idle'), idleMsMax)
  }

  #close(why: string): void {
    this.#ended(new Error(why))
    this.#socket.close()
  }

  #ended(reason: Error): void {
    clearTimeout(this.#idle)
    if (this.#end !== undefined) return
    this.#end = reason
    for (const tell of this.#waiting) tell(reason)
    this.#taker?.fail(reason)
  }
}
