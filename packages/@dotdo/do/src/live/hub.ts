// Sends committed events to subscribers, over WebSockets or server-sent events: every matching event once, in order of
// `seq`, from any point of the log on, without a gap. `docs/live-events.md` has the protocol.
//
// Each subscriber is at some `seq`, the end of a commit: it receives the events of a commit together. One at the end of the log is live and receives published events; one that is behind
// receives pages of the log until it is live. Both happen in single synchronous steps, so no event falls between them.
// Sockets survive an object that sleeps, which happens only when nothing is pending; an object that fails closes its
// sockets.

import {
  type Authority,
  formatInternalError,
  isObject,
  ObjectError,
  type ObjectErrorData,
  tryParseJson,
} from 'digital-objects'
import type { Audience } from './audience.ts'
import type { EventSource } from './event-source.ts'
import type { Listener } from './listener.ts'
import { Listeners, type WindowLimits } from './listeners.ts'
import { commitsOf, type LiveEvent } from './live-event.ts'
import { type LiveRequest, type LiveRules, parseLiveRequest } from './live-request.ts'
import { endOf, type Proof } from './proof.ts'
import { deliver, LiveSockets, type Telling } from './live-sockets.ts'
import { SseStream } from './sse-stream.ts'

export interface HubLimits extends WindowLimits {
  readonly sockets: number
  /** Streams keep the object in memory; sockets do not. */
  readonly streams: number
  /** Events per turn for a socket that is catching up, but for the rest of a commit. */
  readonly page: number
  /** Messages besides `ping` and acknowledgements that a socket may send before it is closed: each wakes the object. */
  readonly words: number
}

const hubLimits: HubLimits = {
  sockets: 10_000,
  streams: 500,
  page: 100,
  words: 8,
  window: 2 ** 20,
  windows: 64 * 2 ** 20,
  acknowledgeMs: 20_000,
}

const probePauseMs = 1_000
/** Longer timers would fire at once. */
const timerMsMax = 2 ** 31 - 1
/** `{"$type":"Ack","seq":1000}` with room for other spellings. */
const wordCharactersMax = 200

export class Hub {
  readonly #ctx: DurableObjectState
  readonly #source: EventSource
  readonly #limits: HubLimits
  readonly #rules: LiveRules
  readonly #authorityOf: (key: string) => Authority | undefined
  readonly #endsMsOf: (key: string) => number | undefined
  /** The earliest time at which a listener's key ends by itself. */
  #nextEndMs = Number.POSITIVE_INFINITY
  /** Streams, and the proofs of their listeners. */
  readonly #streams = new Map<SseStream, Proof | undefined>()
  readonly #listeners: Listeners
  readonly #live = new LiveSockets()
  /** Sockets that are behind and have room, in the order of their next pages. */
  readonly #catchingUp = new Set<Listener>()
  readonly #words = new WeakMap<WebSocket, number>()
  #probedAtMs = 0
  #isAwake = false
  #isStepDue = false

  /** `authorityOf` returns what a key proves now; undefined if that is nothing. `endsMsOf` returns when it ends by itself. */
  constructor(options: {
    ctx: DurableObjectState
    source: EventSource
    rules: LiveRules
    authorityOf: (key: string) => Authority | undefined
    endsMsOf?: (key: string) => number | undefined
    limits?: Partial<HubLimits>
  }) {
    this.#ctx = options.ctx
    this.#source = options.source
    this.#rules = options.rules
    this.#authorityOf = options.authorityOf
    this.#endsMsOf = options.endsMsOf ?? ((): undefined => undefined)
    this.#limits = { ...hubLimits, ...options.limits }
    this.#listeners = new Listeners({
      limits: this.#limits,
      now: () => this.#source.now(),
      resumed: (listener) => this.#catchUp(listener),
      closed: (listener) => this.#forget(listener),
    })
    // The platform answers it without waking the object.
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
    // Whatever woke the object, a socket that was catching up must not wait for the next commit.
    if (this.#ctx.getWebSockets().length > 0) this.#stepSoon()
  }

  /** Without a start, only new events are sent. The request's authority applies for the whole subscription. */
  accept(request: Request): Response {
    try {
      const live = parseLiveRequest(request, this.#rules)
      const position = { audience: live.audience, proof: live.proof, after: this.#start(live) }
      return request.headers.get('upgrade')?.toLowerCase() === 'websocket'
        ? this.#acceptSocket(position)
        : this.#acceptStream(position)
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      const statuses: Partial<Record<string, number>> = {
        bookmark_ahead: 409,
        overloaded: 503,
        unauthorized: 401,
        forbidden: 403,
        not_found: 404,
      }
      const status = statuses[error.code] ?? 400
      return Response.json(error.toData() satisfies ObjectErrorData, { status })
    }
  }

  /** Whether anybody listens, also over a connection that outlived the object. */
  get hasListeners(): boolean {
    return this.#streams.size > 0 || this.#ctx.getWebSockets().length > 0
  }

  /** Sends the events of one group commit, once it is durable, in order. Never throws. */
  publish(events: readonly LiveEvent[]): void {
    this.#wake()
    this.#endOver()
    this.#live.tell(events, this.#telling)
    for (const stream of this.#streams.keys()) stream.wake()
  }

  /** Ends the listeners whose keys prove something else now. Call it before events are published that may change that. */
  checkKeys(): void {
    this.#wake()
    this.#nextEndMs = Number.POSITIVE_INFINITY
    for (const listener of this.#listeners.all) {
      const end = listener.proof === undefined ? undefined : endOf(listener.proof, this.#authorityOf)
      if (end === undefined) {
        this.#watchEnd(listener.proof)
        continue
      }
      if (listener.isOpen) listener.socket.close(end.code, end.reason)
      this.#forget(listener)
    }
    for (const [stream, proof] of this.#streams)
      if (proof !== undefined && endOf(proof, this.#authorityOf) !== undefined) stream.end()
      else this.#watchEnd(proof)
  }

  #watchEnd(proof: Proof | undefined): void {
    const endsMs = proof === undefined ? undefined : this.#endsMsOf(proof.key)
    if (endsMs !== undefined) this.#nextEndMs = Math.min(this.#nextEndMs, endsMs)
  }

  /** A key that ends by itself changes nothing in the log. Call it before anything is sent. */
  #endOver(): void {
    if (this.#source.now() >= this.#nextEndMs) this.checkKeys()
  }

  readonly #telling: Telling = {
    textFor: (event, audience) =>
      audience.authority === undefined ? event.text : this.#source.textFor(event, audience),
    messageFor: (commit, audience) => this.#source.messageFor(commit, audience),
    send: (listener, delivery, commit) => {
      if (this.#listeners.send(listener, delivery)) return true
      listener.place(commit - 1)
      this.#listeners.wait(listener)
      return false
    },
    fail: (listener) => this.#hangUp(listener),
  }

  /** Subscribers acknowledge and listen; one that keeps sending anything else is closed. */
  webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#wake()
    const listener = this.#listeners.of(socket)
    const seq = typeof message === 'string' ? parseAcknowledgement(message) : undefined
    if (listener !== undefined && seq !== undefined && this.#listeners.acknowledge(listener, seq)) return
    const words = (this.#words.get(socket) ?? 0) + 1
    this.#words.set(socket, words)
    if (words > this.#limits.words && socket.readyState === WebSocket.OPEN)
      socket.close(1008, 'clients may only listen and acknowledge new events')
  }

  webSocketClose(socket: WebSocket): void {
    const listener = this.#listeners.of(socket)
    if (listener !== undefined) this.#forget(listener)
    // The platform does not answer a close by itself, and the client would wait for its own timeout.
    socket.close()
  }

  /** A subscriber of whole commits, or of a query, that has stored a `seq` inside a commit receives that one again, whole. */
  #start({ after, audience }: LiveRequest): number {
    const head = this.#source.head()
    if (after === undefined) return head
    if (after <= head) {
      const isOfCommits = audience.takesCommits === true || audience.query !== undefined
      const isInside = isOfCommits && after > 0 && this.#source.commitEnd(after) !== after
      return isInside ? (this.#source.commitOf(after) ?? after) - 1 : after
    }
    throw new ObjectError({
      code: 'bookmark_ahead',
      field: 'after',
      message: `after is ${after}, the log ends at ${head}`,
      detail: { head },
    })
  }

  #acceptSocket(position: Position): Response {
    this.#wake()
    const { sockets, window, acknowledgeMs } = this.#limits
    if (this.#listeners.size >= sockets) throw overloaded(`${sockets} sockets`)
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server)
    server.send(JSON.stringify({ $type: 'Ready', seq: position.after, protocol, window, acknowledgeMs }))
    this.#watchEnd(position.proof)
    this.#place(this.#listeners.open(server, position), position.after)
    return new Response(null, { status: 101, webSocket: client })
  }

  /** Makes the socket live if it is at the end of the log, in the same synchronous step. */
  #place(listener: Listener, after: number): void {
    const isLive = after >= this.#source.head()
    listener.place(isLive ? null : after)
    if (isLive) this.#live.add(listener)
    else this.#catchUp(listener)
  }

  #catchUp(listener: Listener): void {
    this.#catchingUp.add(listener)
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
      if (next !== undefined) this.#step(next)
      if (this.#catchingUp.size > 0) this.#stepSoon()
    }, 0)
  }

  /** Never throws, so that other sockets continue. */
  #step(listener: Listener): void {
    this.#catchingUp.delete(listener)
    this.#endOver()
    if (!listener.isOpen) return
    const { audience } = listener
    const after = listener.after ?? this.#source.head()
    try {
      // A page that would not fit is not read.
      const room = Math.max(1, listener.eventsIn(this.#listeners.roomOf(listener)))
      const limit = Math.min(this.#limits.page, room)
      const { events, readThrough } = this.#source.read({ after, limit, audience, isWhole: true })
      for (const received of commitsOf(events)) {
        const { commit } = received[0]
        const end = audience.takesCommits === true ? this.#source.commitEnd(commit) : commit
        if (this.#listeners.send(listener, deliver(audience, received, end))) continue
        listener.place(Math.max(after, commit - 1))
        return this.#listeners.wait(listener)
      }
      this.#place(listener, readThrough)
    } catch (error) {
      const retried = this.#source.retryAfter(error)
      if (retried !== undefined) return void this.#resume(listener, retried)
      console.error(formatInternalError(error))
      this.#hangUp(listener)
    }
  }

  async #resume(listener: Listener, retried: Promise<void>): Promise<void> {
    try {
      await retried
      this.#catchUp(listener)
    } catch (error) {
      console.error(formatInternalError(error))
      this.#hangUp(listener)
    }
  }

  /** Closes a socket after an internal error. The client reconnects and resumes from the log, so it misses nothing. */
  #hangUp(listener: Listener): void {
    if (listener.isOpen) listener.socket.close(1011, 'resume after the last seq')
    this.#forget(listener)
  }

  #forget(listener: Listener): void {
    this.#catchingUp.delete(listener)
    this.#live.delete(listener)
    this.#listeners.delete(listener)
  }

  /** After a sleep: live sockets stay live, and sockets that were catching up continue in a later turn. */
  #wake(): void {
    if (this.#isAwake) return
    this.#isAwake = true
    const sockets = this.#ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN)
    for (const listener of this.#listeners.restore(sockets)) {
      this.#watchEnd(listener.proof)
      if (listener.after === null) this.#live.add(listener)
      else this.#catchUp(listener)
    }
  }

  #acceptStream({ audience, proof, after }: Position): Response {
    const { streams } = this.#limits
    if (this.#streams.size >= streams) {
      this.#probeStreams()
      throw overloaded(`${streams} streams`)
    }
    const stream = new SseStream({ source: this.#source, audience, after, ended: () => this.#streams.delete(stream) })
    this.#streams.set(stream, proof)
    this.#watchEnd(proof)
    this.#endAtItsTime(stream, proof)
    return new Response(stream.body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // The start of the stream: everything that the reader has seen before its first event.
        'x-headlessly-bookmark': this.#source.bookmarkOf(after),
      },
    })
  }

  /** A stream reads the past by itself, and keeps the object in memory anyway. A later end comes with the next event. */
  #endAtItsTime(stream: SseStream, proof: Proof | undefined): void {
    const endsMs = proof === undefined ? undefined : this.#endsMsOf(proof.key)
    const waitMs = endsMs === undefined ? undefined : endsMs - this.#source.now()
    if (waitMs === undefined || waitMs > timerMsMax) return
    setTimeout(
      () => {
        if (this.#streams.has(stream)) this.#endOver()
      },
      Math.max(0, waitMs),
    )
  }

  /** A reader that left silently keeps its slot until something is sent to it; refused readers may retry. */
  #probeStreams(): void {
    if (this.#source.now() - this.#probedAtMs < probePauseMs) return
    this.#probedAtMs = this.#source.now()
    for (const stream of this.#streams.keys()) stream.probe()
  }
}

/** The version of the protocol over WebSockets. Since 2, clients acknowledge; since 3, they may ask for whole commits. */
const protocol = 3

interface Position {
  readonly audience: Audience
  readonly proof: Proof | undefined
  readonly after: number
}

/** `{"$type":"Ack","seq":1000}`: all events up to this `seq` have arrived. */
function parseAcknowledgement(message: string): number | undefined {
  if (message.length > wordCharactersMax) return undefined
  const word = tryParseJson(message)
  if (!isObject(word) || word['$type'] !== 'Ack') return undefined
  return Number.isSafeInteger(word['seq']) ? Number(word['seq']) : undefined
}

function overloaded(what: string): ObjectError {
  return new ObjectError({ code: 'overloaded', message: `a tenant takes at most ${what} at a time` })
}
