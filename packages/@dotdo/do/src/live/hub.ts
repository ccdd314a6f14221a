// Sends committed events to subscribers, over WebSockets or server-sent events: every matching event once, in order of
// `seq`, from any point of the log on, without a gap.
//
// Each subscriber is at some `seq`. One at the end of the log is live and receives published events; one that is behind
// receives pages of the log until it is live. Both happen in single synchronous steps, so no event falls between them.
// Sockets survive an object that sleeps, which happens only when nothing is pending; an object that fails closes its
// sockets.

import { type Authority, isFullAuthority, ObjectError, type ObjectErrorData, parseEventPattern } from 'digital-objects'
import type { LiveEvent } from '../log/events-store.ts'
import { type Audience, audienceKey } from './audience.ts'
import type { EventSource } from './event-source.ts'
import { authorityOfLiveRequest } from './live-request.ts'
import { hangUp, LiveSockets, type TextFor } from './live-sockets.ts'
import { SseStream } from './sse-stream.ts'

export interface HubLimits {
  readonly sockets: number
  /** Streams keep the object in memory; sockets do not. */
  readonly streams: number
  /** Events per turn for a socket that is catching up. */
  readonly page: number
  /** Messages besides `ping` that a socket may send before it is closed, since each wakes the object. */
  readonly words: number
}

const hubLimits: HubLimits = { sockets: 10_000, streams: 500, page: 100, words: 8 }

const probePauseMs = 1_000

/**
 * The platform stores this with a socket, so that it survives the object. It is never written per event. At most 16 KB,
 * which the limits of patterns and authorities ensure.
 */
interface Attachment {
  readonly pattern: string
  /** Absent when the listener may see everything. */
  readonly authority?: Authority
  /** The last `seq` sent while the socket catches up; null once it is live. */
  readonly after: number | null
}

interface Position {
  readonly audience: Audience
  readonly after: number
}

export class Hub {
  readonly #ctx: DurableObjectState
  readonly #source: EventSource
  readonly #limits: HubLimits
  readonly #streams = new Set<SseStream>()
  readonly #live = new LiveSockets()
  /** Sockets that are behind, in the order of their next pages. */
  readonly #catchingUp = new Map<WebSocket, Position>()
  readonly #words = new WeakMap<WebSocket, number>()
  #probedAtMs = 0
  #isAwake = false
  #isStepDue = false

  constructor(options: { ctx: DurableObjectState; source: EventSource; limits?: Partial<HubLimits> }) {
    this.#ctx = options.ctx
    this.#source = options.source
    this.#limits = { ...hubLimits, ...options.limits }
    // The platform answers it without waking the object.
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
    // Whatever woke the object, a socket that was catching up must not wait for the next commit.
    if (this.#ctx.getWebSockets().length > 0) this.#stepSoon()
  }

  /**
   * `type` is a pattern and `after` a `seq`; `Last-Event-ID` overrides `after`. Without either, only new events are
   * sent. The request's authority applies for the whole subscription.
   */
  accept(request: Request): Response {
    try {
      const authority = authorityOfLiveRequest(request)
      const { searchParams } = new URL(request.url)
      if (searchParams.has('actor'))
        throw new ObjectError({
          code: 'invalid_parameter',
          field: 'actor',
          message: 'live events are selected by type, not by actor',
        })
      const audience = audienceOf(parseEventPattern(searchParams.get('type') ?? '*'), authority)
      const after = this.#start(request.headers.get('last-event-id') ?? searchParams.get('after'))
      return request.headers.get('upgrade')?.toLowerCase() === 'websocket'
        ? this.#acceptSocket(audience, after)
        : this.#acceptStream(audience, after)
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      const statuses: Partial<Record<string, number>> = { bookmark_ahead: 409, overloaded: 503, forbidden: 403 }
      const status = statuses[error.code] ?? 400
      return Response.json(error.toData() satisfies ObjectErrorData, { status })
    }
  }

  /** Sends the events of one group commit, once it is durable, in order. Never throws. */
  publish(events: readonly LiveEvent[]): void {
    this.#wake()
    this.#live.tell(events, textFor(this.#source))
    for (const stream of this.#streams) stream.wake()
  }

  /** Subscribers only listen; one that keeps sending is closed. */
  webSocketMessage(socket: WebSocket): void {
    const words = (this.#words.get(socket) ?? 0) + 1
    this.#words.set(socket, words)
    if (words > this.#limits.words && socket.readyState === WebSocket.OPEN)
      socket.close(1008, 'clients may only listen')
  }

  webSocketClose(socket: WebSocket): void {
    this.#catchingUp.delete(socket)
    this.#live.delete(socket, audienceKey(this.#audienceOf(socket).audience))
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

  #acceptSocket(audience: Audience, after: number): Response {
    this.#wake()
    const { sockets } = this.#limits
    if (this.#live.size + this.#catchingUp.size >= sockets) throw overloaded(`${sockets} sockets`)
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server)
    server.send(JSON.stringify({ $type: 'Ready', seq: after }))
    this.#place(server, { audience, after })
    return new Response(null, { status: 101, webSocket: client })
  }

  /** Makes the socket live if it is at the end of the log, in the same synchronous step. */
  #place(socket: WebSocket, { audience, after }: Position): void {
    const isLive = after >= this.#source.head()
    const { pattern, ...authority } = audience
    const attachment: Attachment = { pattern: pattern.text, after: isLive ? null : after, ...authority }
    socket.serializeAttachment(attachment)
    if (isLive) return this.#live.add(socket, audience)
    this.#catchingUp.set(socket, { audience, after })
    this.#stepSoon()
  }

  /** Sends one page to one socket per turn, so that writes run in between, however many sockets catch up. */
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

  /** Never throws, so that other sockets continue. */
  #step(socket: WebSocket, { audience, after }: Position): void {
    this.#catchingUp.delete(socket)
    if (socket.readyState !== WebSocket.OPEN) return
    try {
      const { events, readThrough } = this.#source.read({ after, limit: this.#limits.page, audience })
      for (const { text } of events) socket.send(text)
      this.#place(socket, { audience, after: readThrough })
    } catch (error) {
      const retried = this.#source.retryAfter(error)
      if (retried === undefined) return this.#fail(socket, error)
      void this.#resume(socket, { audience, after }, retried)
    }
  }

  async #resume(socket: WebSocket, position: Position, retried: Promise<void>): Promise<void> {
    try {
      await retried
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

  /** After a sleep: live sockets stay live, and sockets that were catching up continue in a later turn. */
  #wake(): void {
    if (this.#isAwake) return
    this.#isAwake = true
    for (const socket of this.#ctx.getWebSockets()) {
      if (socket.readyState !== WebSocket.OPEN) continue
      const { audience, after } = this.#audienceOf(socket)
      if (after === null) this.#live.add(socket, audience)
      else this.#catchingUp.set(socket, { audience, after })
    }
    if (this.#catchingUp.size > 0) this.#stepSoon()
  }

  /** Sockets with the same attachment share one audience. */
  #audienceOf(socket: WebSocket): { readonly audience: Audience; readonly after: number | null } {
    const { pattern, after, ...authority } = socket.deserializeAttachment() as Attachment // written by `#place`
    const audience = { pattern: parseEventPattern(pattern), ...authority }
    return { audience: this.#live.audience(audienceKey(audience)) ?? audience, after }
  }

  #acceptStream(audience: Audience, after: number): Response {
    const { streams } = this.#limits
    if (this.#streams.size >= streams) {
      this.#probeStreams()
      throw overloaded(`${streams} streams`)
    }
    const stream = new SseStream({ source: this.#source, audience, after, ended: () => this.#streams.delete(stream) })
    this.#streams.add(stream)
    return new Response(stream.body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // The start of the stream: everything that the reader has seen before its first event.
        'x-headlessly-bookmark': this.#source.bookmarkOf(after),
      },
    })
  }

  /** A reader that left silently keeps its slot until something is sent to it; refused readers may retry. */
  #probeStreams(): void {
    if (this.#source.now() - this.#probedAtMs < probePauseMs) return
    this.#probedAtMs = this.#source.now()
    for (const stream of this.#streams) stream.probe()
  }
}

/** Callers that see everything share one text of each event. */
function audienceOf(pattern: Audience['pattern'], authority: Authority): Audience {
  return isFullAuthority(authority) ? { pattern } : { pattern, authority }
}

function textFor(source: EventSource): TextFor {
  return (event, audience) => (audience.authority === undefined ? event.text : source.textFor(event, audience))
}

function overloaded(what: string): ObjectError {
  return new ObjectError({ code: 'overloaded', message: `a tenant takes at most ${what} at a time` })
}
