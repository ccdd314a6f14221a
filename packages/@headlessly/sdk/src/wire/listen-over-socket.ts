// A feed of the tenant over a WebSocket, for pages: browsers open six connections to a server for all pages together, and do not
// count WebSockets among them.

import { baseOf } from './http.ts'
import { listen } from './listen.ts'
import type { Settings } from './settings.ts'
import { ticketFor } from './ticket.ts'
import type { Heard, ListenCall } from './transport.ts'

const pingMs = 20_000
/** The server answers each ping, so a longer silence means that it is lost. */
const silenceMsMax = 50_000
/** The server wants an acknowledgement within 20 s. */
const acknowledgeMs = 250

export async function* listenOverSocket(settings: Settings, call: ListenCall): AsyncGenerator<Heard> {
  const { feed, after, signal } = call
  const parameters = { ...feed.parameters, after: String(after), ...(await ticketFor(settings)) }
  const url = `${baseOf(settings).replace(/^http/, 'ws')}/${feed.path}?${new URLSearchParams(parameters).toString()}`
  if (signal.aborted) return
  const socket = new WebSocket(url)
  let hasOpened = false
  try {
    const messages = messagesOf(socket, signal)
    hasOpened = await opens(socket, { timeoutMs: settings.timeoutMs, signal })
    if (hasOpened) yield* tellMessages(socket, messages)
  } finally {
    socket.close()
  }
  // A refusal, whose reason no socket tells, or a proxy without WebSockets.
  if (!hasOpened && !signal.aborted) yield* listen(settings, call)
}

interface Opening {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

function opens(socket: WebSocket, { timeoutMs, signal }: Opening): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(false), timeoutMs)
    const settle = (hasOpened: boolean): void => {
      clearTimeout(timer)
      resolve(hasOpened)
    }
    socket.addEventListener('open', () => settle(true))
    socket.addEventListener('close', () => settle(false))
    signal.addEventListener('abort', () => settle(false), { once: true })
  })
}

/**
 * Ends with the socket or the signal, whichever is first. The server sends no more than a window of messages that were not
 * acknowledged, so they do not pile up.
 */
function messagesOf(socket: WebSocket, signal: AbortSignal): ReadableStream<string> {
  return new ReadableStream({
    start: (controller) => {
      let isOpen = true
      const end = (): void => {
        if (isOpen) controller.close()
        isOpen = false
        signal.removeEventListener('abort', end)
      }
      socket.addEventListener('message', ({ data }: MessageEvent) => {
        if (isOpen) controller.enqueue(String(data))
      })
      socket.addEventListener('close', end)
      signal.addEventListener('abort', end)
    },
  })
}

async function* tellMessages(socket: WebSocket, messages: ReadableStream<string>): AsyncGenerator<Heard> {
  const reader = messages.getReader()
  let acknowledged = 0
  let told = 0
  let heardMs = Date.now()
  const acknowledging = setInterval(() => {
    if (told > acknowledged) socket.send(JSON.stringify({ $type: 'Ack', seq: told }))
    acknowledged = told
  }, acknowledgeMs)
  const pinging = setInterval(() => {
    if (Date.now() - heardMs > silenceMsMax) socket.close()
    else socket.send('ping')
  }, pingMs)
  try {
    for (;;) {
      const { done, value: text } = await reader.read()
      if (done) return
      heardMs = Date.now()
      if (text === 'pong') continue
      const { $type, seq } = JSON.parse(text) as { readonly $type: string; readonly seq: number } // the server wrote it
      if ($type === 'Ready') continue
      yield { seq, text }
      told = seq
      // Nothing is read while a commit is handled, which is not silence of the server.
      heardMs = Date.now()
    }
  } finally {
    clearInterval(acknowledging)
    clearInterval(pinging)
  }
}
