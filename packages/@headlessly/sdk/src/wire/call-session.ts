// A capnweb session with the tenant over one WebSocket. It is closed soon after its last answer, because an open
// connection keeps a program from ending.

import type { RpcStub } from 'capnweb'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { LineTransport } from './line-transport.ts'
import type { Settings } from './settings.ts'
import { withDeadline } from './with-deadline.ts'

/** The server's side is in `tenant-rpc.ts`. */
interface TenantCalls {
  /** Takes a message as JSON and returns an answer for each of its calls. */
  send(text: string): Promise<string[]>
}

export interface CallSessionOptions {
  readonly capnweb: typeof import('./capnweb.ts')
  /** The query with which the socket is opened. */
  readonly query: string
  /** Called once, also if the connection could not be opened. */
  readonly ended: () => void
}

const idleMsMax = 300

export class CallSession {
  readonly #settings: Settings
  readonly #socket: WebSocket
  readonly #tenant: RpcStub<TenantCalls>
  #hasOpened = false
  #framesReceived = 0
  #callsPending = 0
  #closing: ReturnType<typeof setTimeout> | undefined
  /** Set when the connection is lost or closed. */
  #end: Error | undefined

  constructor(settings: Settings, { capnweb, query, ended }: CallSessionOptions) {
    this.#settings = settings
    this.#socket = new WebSocket(`${settings.endpoint.replace(/^http/, 'ws')}/~${settings.tenant}/rpc${query}`)
    this.#socket.addEventListener('open', () => {
      this.#hasOpened = true
      this.#closeWhenIdle()
    })
    this.#socket.addEventListener('message', () => this.#framesReceived++)
    const frames = new capnweb.WebSocketTransport(this.#socket)
    this.#tenant = new capnweb.RpcSession<TenantCalls>(new LineTransport(frames)).getRemoteMain()
    this.#tenant.onRpcBroken((error: unknown) => {
      this.#end ??= error instanceof Error ? error : new Error(String(error))
      clearTimeout(this.#closing)
      ended()
    })
    this.#closeWhenIdle()
  }

  get hasOpened(): boolean {
    return this.#hasOpened
  }

  /** Returns the server's answers. Throws as `Transport.send` does. */
  async send(text: string, signal: AbortSignal | undefined): Promise<unknown> {
    clearTimeout(this.#closing)
    this.#callsPending++
    const framesBefore = this.#framesReceived
    // Nothing at all arrived: the peer may have vanished silently, and the next call needs another connection.
    const onTimeout = (): void => {
      if (this.#framesReceived === framesBefore) this.#close('it fell silent')
    }
    try {
      return await withDeadline({ ...this.#settings, signal, onTimeout }, () => this.#call(text))
    } finally {
      this.#callsPending--
      this.#closeWhenIdle()
    }
  }

  async #call(text: string): Promise<unknown> {
    try {
      // Calling `then` makes capnweb request the result at once, in the same frame.
      return await this.#tenant.send(text).then((answers): unknown => answers)
    } catch (error) {
      throw this.#end === undefined ? unexpectedAnswer(error) : this.#lost(this.#end)
    }
  }

  #closeWhenIdle(): void {
    clearTimeout(this.#closing)
    if (this.#callsPending === 0 && this.#end === undefined)
      this.#closing = setTimeout(
        () => this.#close('it was idle'),
        this.#hasOpened ? idleMsMax : this.#settings.timeoutMs,
      )
  }

  /** Fails pending calls with a `network_error`. */
  #close(why: string): void {
    this.#end ??= new Error(why)
    this.#tenant[Symbol.dispose]()
  }

  #lost(cause: Error): HeadlesslyError {
    const message = `${this.#settings.endpoint} cannot be reached: ${cause.message}`
    return new HeadlesslyError({ code: 'network_error', message, cause })
  }
}

/** The session is still open, so capnweb or its peer refused the call itself; our server answers its own errors. */
function unexpectedAnswer(cause: unknown): HeadlesslyError {
  const said = cause instanceof Error ? cause.message : String(cause)
  const message = `expected the answers to a message, got '${said.slice(0, 200)}'`
  return new HeadlesslyError({ code: 'unexpected_answer', message, cause })
}
