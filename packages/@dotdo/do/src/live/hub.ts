// Tells whoever listens what was committed, by WebSocket or by server-sent events: every matching event once, in order
// of `seq`, from any point of the log on, without a gap.
//
// Each subscriber is at some `seq`. One that is at the end of the log is live and is sent what is published; one that is
// behind is sent pages of the log until it is. Both happen in single synchronous steps, so nothing falls between them.
// Sockets outlive an object that is put to sleep, and then nothing is under way; one that fails takes its sockets along.

import { type Authority, isFullAuthority, ObjectError, type ObjectErrorData, parseEventPattern } from 'digital-objects'
import type { LiveEvent } from '../log/events-store.ts'
import { type Audience, audienceKey } from './audience.ts'
import type { EventSource } from './event-source.ts'
import { authorityOfLiveRequest } from './live-request.ts'
import { hangUp, LiveSockets, type TextFor } from './live-sockets.ts'
import { SseStream } from './sse-stream.ts'

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

/**
 * Kept by the platform with a socket, so that it outlives the object. Never written for a single event. At most 16 KB, which
 * the limits of patterns and authorities keep to.
 */
interface Attachment {
  readonly pattern: string
  /** Absent when the listener may see everything. */
  readonly authority?: Authority
  /** How far it was sent, while it catches up; null once it is live. */
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

  /**
   * `type` is a pattern, `after` a `seq`; `Last-Event-ID` wins over `after`, and without both only what is new is sent. The
   * request's authority is the listener's for as long as it listens.
   */
  accept(request: Request): Response {
    try {
      const authority = authorityOfLiveRequest(request)
      const { searchParams } = new URL(request.url)
      if (searchParams.has('actor'))
        throw new ObjectError({
          code: 'invalid_parameter',
          field: 'actor',
          message: 'live events are chosen by type, not by actor',
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

  /** What one group commit brought, once it is durable, in order. Never throws. */
  publish(events: readonly LiveEvent[]): void {
    this.#wake()
    this.#live.tell(events, textFor(this.#source))
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
    if (this.#live.size + this.#catchingUp.size >= sockets) throw tooMany(`${sockets} sockets`)
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server)
    server.send(JSON.stringify({ $type: 'Ready', seq: after }))
    this.#place(server, { audience, after })
    return new Response(null, { status: 101, webSocket: client })
  }

  /** Live when it is at the end of the log, in the same step in which that is seen. */
  #place(socket: WebSocket, { audience, after }: Position): void {
    const isLive = after >= this.#source.head()
    const { pattern, ...authority } = audience
    const attachment: Attachment = { pattern: pattern.text, after: isLive ? null : after, ...authority }
    socket.serializeAttachment(attachment)
    if (isLive) return this.#live.add(socket, audience)
    this.#catchingUp.set(socket, { audience, after })
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
  #step(socket: WebSocket, { audience, after }: Position): void {
    this.#catchingUp.delete(socket)
    if (socket.readyState !== WebSocket.OPEN) return
    try {
      const { events, readThrough } = this.#source.read({ after, limit: this.#limits.page, audience })
      for (const { text } of events) socket.send(text)
      this.#place(socket, { audience, after: readThrough })
    } catch (error) {
      const mended = this.#source.mend(error)
      if (mended === undefined) return this.#fail(socket, error)
      void this.#resume(socket, { audience, after }, mended)
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
      throw tooMany(`${streams} streams`)
    }
    const stream = new SseStream({ source: this.#source, audience, after, ended: () => this.#streams.delete(stream) })
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

/** Callers that see everything share one text of each event. */
function audienceOf(pattern: Audience['pattern'], authority: Authority): Audience {
  return isFullAuthority(authority) ? { pattern } : { pattern, authority }
}

function textFor(source: EventSource): TextFor {
  return (event, audience) => (audience.authority === undefined ? event.text : source.textFor(event, audience))
}

function tooMany(what: string): ObjectError {
  return new ObjectError({ code: 'overloaded', message: `a tenant takes at most ${what} at a time` })
}
