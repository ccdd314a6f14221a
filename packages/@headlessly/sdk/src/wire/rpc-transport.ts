// The transport to a server: a POST per message, and a capnweb session over a WebSocket while calls follow each other
// closely. Both carry the same text. The modules that few pages use are loaded when they are needed.

import { parseJson } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallSession } from './call-session.ts'
import { post, sendCommand, unexpected } from './http.ts'
import { problemToError } from './problem-to-error.ts'
import { sendAsText } from './send-as-text.ts'
import type { Settings } from './settings.ts'
import type { CallMessage, DownloadCall, Heard, ListenCall, Transport } from './transport.ts'

export function rpcTransport(settings: Settings): Transport {
  const { via, connection } = settings
  const sessions = connection === 'http' ? undefined : new CallSessions(settings)
  return {
    send: (message) => {
      const session = sessions?.next()
      const carry = async (text: string): Promise<unknown> => {
        if (session === undefined) return postMessage(settings, { ...message, text })
        return (await session).send(text, message.signal)
      }
      return sendAsText(message, { via, carry })
    },
    command: (call) => sendCommand(settings, call),
    download: (call) => downloadLater(settings, call),
    listen: (call) => listenLater(settings, call),
  }
}

async function* downloadLater(settings: Settings, call: DownloadCall): AsyncGenerator<Uint8Array> {
  const { download } = await import('../later.ts')
  yield* download(settings, call)
}

async function* listenLater(settings: Settings, call: ListenCall): AsyncGenerator<Heard> {
  const { listen, listenOverSocket } = await import('../later.ts')
  yield* (settings.liveConnection === 'websocket' ? listenOverSocket : listen)(settings, call)
}

async function postMessage(
  settings: Settings,
  { text: body, signal }: Pick<CallMessage, 'signal'> & { readonly text: string },
): Promise<unknown> {
  // A page may send text/plain to another origin without a preflight request.
  const headers = { 'content-type': 'text/plain' }
  const { response, text } = await post(settings, 'rpc', { body, headers, signal })
  if (!response.ok) throw problemToError(response, text)
  return parseJson(text, () => unexpected(response, 'the answers to a message'))
}

/** So many messages in so short a time: more will probably follow. */
const busyMessages = 4
const busyMs = 500
/** The pause after a connection that could not be opened, as behind a proxy without WebSockets. */
const refusedPauseMs = 60_000

/** Opens a session when it pays, one at a time. */
class CallSessions {
  readonly #settings: Settings
  /** Opening or open. */
  #session: Promise<CallSession> | undefined
  #opened: CallSession | undefined
  #sentMs: number[] = []
  #refusedUntilMs = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** The session for the next message; undefined if it goes over HTTP. */
  next(): Promise<CallSession> | undefined {
    if (this.#settings.connection === 'websocket' || this.#opened?.hasOpened === true) return this.#connect()
    // `#open` records a failure; messages continue over HTTP.
    if (this.#isBusy()) this.#connect().catch(() => {})
    return undefined
  }

  #isBusy(): boolean {
    const now = Date.now()
    this.#sentMs = [...this.#sentMs.filter((ms) => ms > now - busyMs), now].slice(-busyMessages)
    return this.#sentMs.length === busyMessages && now >= this.#refusedUntilMs
  }

  #connect(): Promise<CallSession> {
    this.#session ??= this.#open()
    return this.#session
  }

  async #open(): Promise<CallSession> {
    try {
      const [capnweb, later] = await Promise.all([import('./capnweb.ts'), import('../later.ts')])
      const query = new URLSearchParams(await later.ticketFor(this.#settings)).toString()
      const session: CallSession = new later.CallSession(this.#settings, {
        capnweb,
        query: query === '' ? '' : `?${query}`,
        ended: () => this.#ended(session.hasOpened),
      })
      this.#opened = session
      return session
    } catch (cause) {
      this.#ended(false)
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `no WebSocket to ${this.#settings.endpoint} can be opened: ${why}`
      throw new HeadlesslyError({ code: 'network_error', message, cause })
    }
  }

  #ended(hadOpened: boolean): void {
    if (!hadOpened) this.#refusedUntilMs = Date.now() + refusedPauseMs
    this.#session = undefined
    this.#opened = undefined
  }
}
