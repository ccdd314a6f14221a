// Tells whoever listens what was committed, by WebSocket or by server-sent events: every matching event once, in order
// of `seq`, from any point of the log on, without a gap.
//
// Each subscriber is at some `seq`. One that is at the end of the log is live and is sent what is published; one that is
// behind is sent pages of the log until it is. Both happen in single synchronous steps, so nothing falls between them.

import {
  type EventPattern,
  ObjectError,
  type ObjectErrorData,
  parseEventPattern,
  matchesEventPattern,
} from 'digital-objects'
import type { LiveEvent } from './events-store.ts'
import { SseStream } from './sse-stream.ts'

export interface EventSource {
  /** The newest durable `seq`. */
  head(): number
  /** Oldest first; `readThrough` is how far it looked, and reading on from there misses nothing. */
  read(options: { after: number; limit: number; pattern?: EventPattern }): {
    events: readonly LiveEvent[]
    readThrough: number
  }
}

/** Kept by the platform with a socket, so that it outlives hibernation. Never written for a single event. */
interface Attachment {
  readonly pattern: string
  /** How far it was sent, while it catches up; null once it is live. */
  readonly after: number | null
}

type LiveSockets = Map<string, { readonly pattern: EventPattern; readonly sockets: Set<WebSocket> }>

const socketsMax = 10_000
/** They hold the object in memory, as sockets do not. */
const streamsMax = 500
const pageMax = 500

export class Hub {
  readonly #ctx: DurableObjectState
  readonly #source: EventSource
  readonly #streams = new Set<SseStream>()
  /** Live sockets by the text of their pattern; read again from the attachments when the object wakes. */
  #live: LiveSockets | undefined

  constructor(options: { ctx: DurableObjectState; source: EventSource }) {
    this.#ctx = options.ctx
    this.#source = options.source
    // Answered by the platform without waking the object.
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
  }

  /** `type` is a pattern, `after` a `seq`; `Last-Event-ID` wins over `after`, and without both only what is new is sent. */
  accept(request: Request): Response {
    try {
      const { searchParams } = new URL(request.url)
      const pattern = parseEventPattern(searchParams.get('type') ?? '*')
      const after = this.#start(request.headers.get('last-event-id') ?? searchParams.get('after'))
      return request.headers.get('upgrade')?.toLowerCase() === 'websocket'
        ? this.#acceptSocket(pattern, after)
        : this.#acceptStream(pattern, after)
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      return Response.json(error.toData() satisfies ObjectErrorData, { status: 400 })
    }
  }

  /** What one group commit brought, once it is durable, in order. Never throws. */
  publish(events: readonly LiveEvent[]): void {
    for (const { pattern, sockets } of this.#liveSockets().values()) {
      for (const event of events) {
        if (!matchesEventPattern(pattern, event)) continue
        for (const socket of sockets) send(socket, event.text)
      }
    }
    for (const stream of this.#streams) stream.wake()
  }

  /** Subscribers only listen; one that talks is sent away. */
  webSocketMessage(socket: WebSocket): void {
    socket.close(1008, 'this socket only sends')
  }

  webSocketClose(socket: WebSocket): void {
    for (const { sockets } of this.#live?.values() ?? []) sockets.delete(socket)
  }

  #start(text: string | null): number {
    const head = this.#source.head()
    if (text === null) return head
    const after = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(after))
      throw new ObjectError({
        code: 'invalid_parameter',
        field: 'after',
        message: `after expects a seq, got ${JSON.stringify(text.slice(0, 64))}`,
      })
    if (after > head)
      throw new ObjectError({
        code: 'bookmark_ahead',
        field: 'after',
        message: `after is ${after}, the log ends at ${head}`,
        detail: { head },
      })
    return after
  }

  #acceptSocket(pattern: EventPattern, after: number): Response {
    if (this.#ctx.getWebSockets().length >= socketsMax) throw tooMany(`${socketsMax} sockets`)
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server)
    attach(server, { pattern: pattern.text, after })
    server.send(JSON.stringify({ $type: 'Ready', seq: after }))
    this.#catchUp(server, pattern, after)
    return new Response(null, { status: 101, webSocket: client })
  }

  /** One page now, the next in a later turn, until the end of the log: then it is live, in the same step. */
  #catchUp(socket: WebSocket, pattern: EventPattern, after: number): void {
    const { events, readThrough } = this.#source.read({ after, limit: pageMax, pattern })
    for (const event of events) if (!send(socket, event.text)) return
    if (readThrough >= this.#source.head()) {
      attach(socket, { pattern: pattern.text, after: null })
      this.#addLive(socket, pattern)
      return
    }
    attach(socket, { pattern: pattern.text, after: readThrough })
    setTimeout(() => this.#catchUp(socket, pattern, readThrough), 0)
  }

  #addLive(socket: WebSocket, pattern: EventPattern): void {
    const live = this.#liveSockets()
    const known = live.get(pattern.text)
    if (known === undefined) live.set(pattern.text, { pattern, sockets: new Set([socket]) })
    else known.sockets.add(socket)
  }

  #liveSockets(): LiveSockets {
    if (this.#live !== undefined) return this.#live
    this.#live = new Map()
    for (const socket of this.#ctx.getWebSockets()) {
      const { pattern, after } = socket.deserializeAttachment() as Attachment
      // One that was catching up when the object went away goes on where it was.
      if (after === null) this.#addLive(socket, parseEventPattern(pattern))
      else this.#catchUp(socket, parseEventPattern(pattern), after)
    }
    return this.#live
  }

  #acceptStream(pattern: EventPattern, after: number): Response {
    if (this.#streams.size >= streamsMax) throw tooMany(`${streamsMax} streams`)
    const stream = new SseStream({ source: this.#source, pattern, after, ended: () => this.#streams.delete(stream) })
    this.#streams.add(stream)
    return new Response(stream.body, {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
    })
  }
}

/** False when the socket is gone: its close comes as an event of its own. */
function send(socket: WebSocket, text: string): boolean {
  if (socket.readyState !== WebSocket.OPEN) return false
  socket.send(text)
  return true
}

function attach(socket: WebSocket, attachment: Attachment): void {
  socket.serializeAttachment(attachment)
}

function tooMany(what: string): ObjectError {
  return new ObjectError({ code: 'overloaded', message: `a tenant takes at most ${what} at a time` })
}
