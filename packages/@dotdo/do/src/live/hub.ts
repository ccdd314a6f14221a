// Tells whoever listens what was committed, by WebSocket or by server-sent events: every matching event once, in order
// of `seq`, from any point of the log on, without a gap.
//
// Each subscriber is at some `seq`. One that is at the end of the log is live and is sent what is published; one that is
// behind is sent pages of the log until it is. Both happen in single synchronous steps, so nothing falls between them.
// Sockets outlive an object that is put to sleep, and then nothing is under way; one that fails takes its sockets along.

import { type EventPattern, ObjectError, type ObjectErrorData, parseEventPattern } from 'digital-objects'
import type { LiveEvent } from '../log/events-store.ts'
import { hangUp, LiveSockets } from './live-sockets.ts'
import { SseStream } from './sse-stream.ts'

export interface EventSource {
  /** The newest durable `seq`. */
  head(): number
  /** A point of the log, as clients carry it. */
  bookmarkOf(seq: number): string
  /** Oldest first; `readThrough` is how far it looked, and reading on from there misses nothing. */
  read(options: { after: number; limit: number; pattern?: EventPattern }): {
    events: readonly LiveEvent[]
    readThrough: number
  }
  /** Where what `read` threw only asks for patience: resolves when it may be tried again. */
  mend(error: unknown): Promise<void> | undefined
}

export interface HubLimits {
  readonly sockets: number
  /** They hold the object in memory, as sockets do not. */
  readonly streams: number
  /** Events that one socket is sent in one turn while it catches up. */
  readonly page: number
  /** What a socket may say besides `ping` until it is sent away: every word wakes the object. */
  readonly words: number
}

const hubLimits: HubLimits = { sockets: 10_000, streams: 500, page: 100, words: 8 }

const probePauseMs = 1_000

/** Kept by the platform with a socket, so that it outlives the object. Never written for a single event. */
interface Attachment {
  readonly pattern: string
  /** How far it was sent, while it catches up; null once it is live. */
  readonly after: number | null
}

interface Position {
  readonly pattern: EventPattern
  readonly after: number
}

export class Hub {
  readonly #ctx: DurableObjectState
  readonly #source: EventSource
  readonly #limits: HubLimits
  readonly #streams = new Set<SseStream>()
  readonly #live = new LiveSockets()
  /** Sockets that are behind, in the order in which their next page comes. */
  readonly #catchingUp = new Map<WebSocket, Position>()
  readonly #words = new WeakMap<WebSocket, number>()
  #probedAtMs = 0
  #isAwake = false
  #isStepDue = false

  constructor(options: { ctx: DurableObjectState; source: EventSource; limits?: Partial<HubLimits> }) {
    this.#ctx = options.ctx
    this.#source = options.source
    this.#limits = { ...hubLimits, ...options.limits }
    // Answered by the platform without waking the object.
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
    // Whatever woke the object: a socket that was catching up must not wait for the next commit.
    if (this.#ctx.getWebSockets().length > 0) this.#stepSoon()
  }

  /** `type` is a pattern, `after` a `seq`; `Last-Event-ID` wins over `after`, and without both only what is new is sent. */
  accept(request: Request): Response {
    try {
      const { searchParams } = new URL(request.url)
      if (searchParams.has('actor'))
        throw new ObjectError({
          code: 'invalid_parameter',
          field: 'actor',
          message: 'live events are chosen by type, not by actor',
        })
      const pattern = parseEventPattern(searchParams.get('type') ?? '*')
      const after = this.#start(request.headers.get('last-event-id') ?? searchParams.get('after'))
      return request.headers.get('upgrade')?.toLowerCase() === 'websocket'
        ? this.#acceptSocket(pattern, after)
        : this.#acceptStream(pattern, after)
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      const status = error.code === 'bookmark_ahead' ? 409 : error.code === 'overloaded' ? 503 : 400
      return Response.json(error.toData() satisfies ObjectErrorData, { status })
    }
  }

  /** What one group commit brought, once it is durable, in order. Never throws. */
  publish(events: readonly LiveEvent[]): void {
    this.#wake()
    this.#live.tell(events)
    for (const stream of this.#streams) stream.wake()
  }

  /** Subscribers only listen; one that goes on talking is sent away. */
  webSocketMessage(socket: WebSocket): void {
    const words = (this.#words.get(socket) ?? 0) + 1
    this.#words.set(socket, words)
    if (words > this.#limits.words && socket.readyState === WebSocket.OPEN) socket.close(1008, 'this socket only sends')
  }

  webSocketClose(socket: WebSocket): void {
    this.#catchingUp.delete(socket)
    const { pattern } = socket.deserializeAttachment() as Attachment
    this.#live.delete(socket, pattern)
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
    this.#wake()
    const { sockets } = this.#limits
    if (this.#live.size + this.#catchingUp.size >= sockets) throw tooMany(`${sockets} sockets`)
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server)
    server.send(JSON.stringify({ $type: 'Ready', seq: after }))
    this.#place(server, { pattern, after })
    return new Response(null, { status: 101, webSocket: client })
  }

  /** Live when it is at the end of the log, in the same step in which that is seen. */
  #place(socket: WebSocket, { pattern, after }: Position): void {
    const isLive = after >= this.#source.head()
    socket.serializeAttachment({ pattern: pattern.text, after: isLive ? null : after } satisfies Attachment)
    if (isLive) return this.#live.add(socket, pattern)
    this.#catchingUp.set(socket, { pattern, after })
    this.#stepSoon()
  }

  /** One page for one socket in a turn, so that writes come between however many catch up. */
  #stepSoon(): void {
    if (this.#isStepDue) return
    this.#isStepDue = true
    setTimeout(() => {
      this.#isStepDue = false
      this.#wake()
      const [next] = this.#catchingUp
      if (next !== undefined) this.#step(...next)
      if (this.#catchingUp.size > 0) this.#stepSoon()
    }, 0)
  }

  /** Never throws: the others go on. */
  #step(socket: WebSocket, { pattern, after }: Position): void {
    this.#catchingUp.delete(socket)
    if (socket.readyState !== WebSocket.OPEN) return
    try {
      const { events, readThrough } = this.#source.read({ after, limit: this.#limits.page, pattern })
      for (const { text } of events) socket.send(text)
      this.#place(socket, { pattern, after: readThrough })
    } catch (error) {
      const mended = this.#source.mend(error)
      if (mended === undefined) return this.#fail(socket, error)
      void this.#resume(socket, { pattern, after }, mended)
    }
  }

  async #resume(socket: WebSocket, position: Position, mended: Promise<void>): Promise<void> {
    try {
      await mended
      this.#catchingUp.set(socket, position)
      this.#stepSoon()
    } catch (error) {
      this.#fail(socket, error)
    }
  }

  #fail(socket: WebSocket, error: unknown): void {
    console.error(error)
    hangUp(socket)
  }

  /** After a sleep: who was live is live, and who was catching up goes on where it was, in a later turn. */
  #wake(): void {
    if (this.#isAwake) return
    this.#isAwake = true
    for (const socket of this.#ctx.getWebSockets()) {
      if (socket.readyState !== WebSocket.OPEN) continue
      const { pattern: text, after } = socket.deserializeAttachment() as Attachment
      const pattern = this.#live.pattern(text) ?? parseEventPattern(text)
      if (after === null) this.#live.add(socket, pattern)
      else this.#catchingUp.set(socket, { pattern, after })
    }
    if (this.#catchingUp.size > 0) this.#stepSoon()
  }

  #acceptStream(pattern: EventPattern, after: number): Response {
    const { streams } = this.#limits
    if (this.#streams.size >= streams) {
      this.#probeStreams()
      throw tooMany(`${streams} streams`)
    }
    const stream = new SseStream({ source: this.#source, pattern, after, ended: () => this.#streams.delete(stream) })
    this.#streams.add(stream)
    return new Response(stream.body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Where it begins: what the reader has seen, before it has read anything.
        'x-headlessly-bookmark': this.#source.bookmarkOf(after),
      },
    })
  }

  /** Readers that left in silence hold a place until something is sent to them; whoever was refused may try again. */
  #probeStreams(): void {
    if (Date.now() - this.#probedAtMs < probePauseMs) return
    this.#probedAtMs = Date.now()
    for (const stream of this.#streams) stream.probe()
  }
}

function tooMany(what: string): ObjectError {
  return new ObjectError({ code: 'overloaded', message: `a tenant takes at most ${what} at a time` })
}
