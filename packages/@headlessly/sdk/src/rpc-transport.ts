// The transport by capnweb: a session for each message over HTTP, or one for many over a WebSocket. Either way a message
// is one request, or one frame, and one answer.

import { RpcSession } from 'capnweb'
import { HeadlesslyError } from './headlessly-error.ts'
import { HttpLines } from './http-lines.ts'
import { listen, sendCommand } from './http.ts'
import { parseAnswers } from './parse-answers.ts'
import type { Settings } from './settings.ts'
import { SocketLines } from './socket-lines.ts'
import type { CallMessage, Outcome, Transport } from './transport.ts'

/** What the server offers; see the server's `tenant-rpc.ts`. */
interface TenantCalls {
  send(message: { readonly calls: unknown[]; readonly bookmark?: string; readonly via: string }): Promise<string[]>
}

export function rpcTransport(settings: Settings): Transport {
  const sockets = settings.connection === 'http' ? undefined : new Sockets(settings)
  return {
    send: (message) => sockets?.send(message) ?? sendOverHttp(settings, message),
    command: (call) => sendCommand(settings, call),
    listen: (call) => listen(settings, call),
  }
}

async function sendOverHttp(settings: Settings, message: CallMessage): Promise<readonly Outcome[]> {
  const lines = new HttpLines(settings, message.signal)
  const session = new RpcSession<TenantCalls>(lines)
  const answers = callOf(settings, session, message)
  // What went wrong on the way is known better there than by the session, which only sees its end.
  await lines.post()
  return parseAnswers(await answers, message.calls.length)
}

function callOf(settings: Settings, session: RpcSession<TenantCalls>, message: CallMessage): Promise<unknown> {
  const { calls, bookmark } = message
  const sent = { calls: [...calls], via: settings.via, ...(bookmark === undefined ? {} : { bookmark }) }
  // `then` is what has the session ask for the result, in the same turn.
  return session
    .getRemoteMain()
    .send(sent)
    .then((answers): unknown => answers, refuse)
}

/** What capnweb itself says, or the other end by it: our server answers what goes wrong there. */
function refuse(error: unknown): never {
  const said = error instanceof Error ? error.message : String(error)
  const message = `expected the answers to a message, got '${said.slice(0, 200)}'`
  throw new HeadlesslyError({ code: 'unexpected_answer', message, cause: error })
}

interface Open {
  readonly lines: SocketLines
  readonly session: RpcSession<TenantCalls>
}

/** A caller that sends so many messages in so short a time goes on doing so. */
const busyMessages = 4
const busyMs = 500
/** After one that could not be opened: something on the way does not let them through. */
const refusedPauseMs = 60_000

/** One open connection at a time, made when it is worth it, and anew after it was lost. */
class Sockets {
  readonly #settings: Settings
  #open: Open | undefined
  #sentMs: number[] = []
  #refusedUntilMs = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Undefined where the message is for HTTP. */
  send(message: CallMessage): Promise<readonly Outcome[]> | undefined {
    const open = this.#open
    if (open?.lines.isUsable === true) return this.#sendOver(open, message)
    const isOpening = open?.lines.isOpening === true
    // Who asked for a WebSocket waits for it.
    if (this.#settings.connection === 'websocket') return this.#sendOver(isOpening ? open : this.#connect(), message)
    if (this.#isBusy() && !isOpening) this.#connect()
    return undefined
  }

  async #sendOver({ lines, session }: Open, message: CallMessage): Promise<readonly Outcome[]> {
    const { signal } = message
    signal?.throwIfAborted()
    const { timeoutMs, endpoint } = this.#settings
    const answers = await lines.whileOpen(callOf(this.#settings, session, message), { timeoutMs, signal, endpoint })
    return parseAnswers(answers, message.calls.length)
  }

  #isBusy(): boolean {
    const now = Date.now()
    this.#sentMs = [...this.#sentMs.filter((ms) => ms > now - busyMs), now].slice(-busyMessages)
    return this.#sentMs.length === busyMessages && now >= this.#refusedUntilMs
  }

  #connect(): Open {
    const { endpoint, tenant } = this.#settings
    const lines = new SocketLines(`${endpoint.replace(/^http/, 'ws')}/~${tenant}/rpc`, {
      refused: () => (this.#refusedUntilMs = Date.now() + refusedPauseMs),
    })
    this.#open = { lines, session: new RpcSession<TenantCalls>(lines) }
    return this.#open
  }
}
