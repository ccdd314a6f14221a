// All sockets of a tenant, and how much each may be sent. A socket has a window: characters that it may be sent before
// it acknowledges some. All windows together have a limit too. A socket without room waits, and the log is its buffer;
// one that waits for too long without an acknowledgement is closed.

import { type Audience, audienceKey } from './audience.ts'
import { type Delivery, Listener } from './listener.ts'
import type { Proof } from './proof.ts'

export interface WindowLimits {
  /** Characters that a socket may hold unacknowledged. A longer commit is sent to a socket that holds none. */
  readonly window: number
  /** Characters that all sockets may hold together. */
  readonly windows: number
  /** Time after which a socket that waits is closed, unless it acknowledges something. */
  readonly acknowledgeMs: number
}

/** Sends are recorded with the socket this much later, so that a burst of events is one record. */
const storeMs = 1_000

/** Closed for not acknowledging. A code of the range that applications use. */
const unacknowledged = 4008

export class Listeners {
  readonly #limits: WindowLimits
  readonly #now: () => number
  readonly #bySocket = new Map<WebSocket, Listener>()
  readonly #waiting = new Set<Listener>()
  readonly #unstored = new Set<Listener>()
  readonly #resumed: (listener: Listener) => void
  readonly #closed: (listener: Listener) => void
  #held = 0
  #isClosingDue = false

  /** `resumed` is called for a listener that waited and may be sent events again, and `closed` for one closed here. */
  constructor(options: {
    limits: WindowLimits
    now: () => number
    resumed: (listener: Listener) => void
    closed: (listener: Listener) => void
  }) {
    this.#limits = options.limits
    this.#now = options.now
    this.#resumed = options.resumed
    this.#closed = options.closed
  }

  get size(): number {
    return this.#bySocket.size
  }

  get all(): readonly Listener[] {
    return [...this.#bySocket.values()]
  }

  of(socket: WebSocket): Listener | undefined {
    return this.#bySocket.get(socket)
  }

  open(
    socket: WebSocket,
    of: { readonly audience: Audience; readonly proof?: Proof | undefined; readonly after: number },
  ): Listener {
    return this.#add(new Listener(socket, { ...of, last: 0, held: 0, sinceMs: this.#now() }))
  }

  restore(sockets: readonly WebSocket[]): readonly Listener[] {
    const audiences = new Map<string, Audience>()
    const shared = (audience: Audience): Audience => {
      const key = audienceKey(audience)
      const known = audiences.get(key) ?? audience
      audiences.set(key, known)
      return known
    }
    return sockets.map((socket) => this.#add(Listener.restore(socket, shared)))
  }

  delete(listener: Listener): void {
    if (!this.#bySocket.delete(listener.socket)) return
    this.#waiting.delete(listener)
    this.#unstored.delete(listener)
    this.#free(listener.held)
  }

  /** Characters that the listener may be sent now. */
  roomOf({ held }: Listener): number {
    const { window, windows } = this.#limits
    return Math.min(window - held, windows - this.#held)
  }

  /** Sends the events of a commit if they fit. If they do not, the caller has to let the listener wait. */
  send(listener: Listener, delivery: Delivery): boolean {
    const { window, windows } = this.#limits
    const length = delivery.messages.reduce((sum, message) => sum + message.length, 0)
    const hasRoom = (listener.held === 0 || listener.held + length <= window) && this.#held + length <= windows
    if (!hasRoom) return false
    this.#held += listener.send(delivery, this.#now())
    this.#storeSoon(listener)
    return true
  }

  /** Keeps the listener until it has acknowledged half of its window, and there is room for more. */
  wait(listener: Listener): void {
    this.#waiting.add(listener)
    this.#closeSoon()
  }

  /** Returns false for an acknowledgement of nothing new. */
  acknowledge(listener: Listener, seq: number): boolean {
    const { held } = listener
    if (!listener.acknowledge(seq, this.#now())) return false
    this.#storeSoon(listener)
    this.#free(held - listener.held)
    this.#resume(listener)
    return true
  }

  #add(listener: Listener): Listener {
    this.#bySocket.set(listener.socket, listener)
    this.#held += listener.held
    return listener
  }

  #free(characters: number): void {
    const wasFull = this.#isFull()
    this.#held -= characters
    if (wasFull && !this.#isFull()) for (const listener of this.#waiting) this.#resume(listener)
  }

  #isFull(): boolean {
    return this.#held > this.#limits.windows / 2
  }

  #resume(listener: Listener): void {
    const isReady = listener.held <= this.#limits.window / 2 && !this.#isFull()
    if (isReady && this.#waiting.delete(listener)) this.#resumed(listener)
  }

  #storeSoon(listener: Listener): void {
    if (this.#unstored.size === 0) setTimeout(() => this.#storeAll(), storeMs)
    this.#unstored.add(listener)
  }

  #storeAll(): void {
    for (const listener of this.#unstored) if (listener.isOpen) listener.store()
    this.#unstored.clear()
  }

  /** The timer keeps the object in memory, but not for longer than sockets wait. */
  #closeSoon(): void {
    if (this.#isClosingDue) return
    this.#isClosingDue = true
    setTimeout(() => {
      this.#isClosingDue = false
      this.#closeSilent()
      if (this.#waiting.size > 0) this.#closeSoon()
    }, this.#limits.acknowledgeMs / 4)
  }

  /** If all windows together are full, any socket that acknowledges nothing makes the others wait. */
  #closeSilent(): void {
    const { acknowledgeMs } = this.#limits
    const silentMs = this.#now() - acknowledgeMs
    const among = this.#isFull() ? [...this.#bySocket.values()] : [...this.#waiting]
    for (const listener of among) {
      if (listener.held === 0 || listener.sinceMs > silentMs) continue
      const reason = `no {"$type":"Ack","seq":${listener.firstHeld}} within ${acknowledgeMs / 1_000} s; resume after the last seq`
      if (listener.isOpen) listener.socket.close(unacknowledged, reason)
      this.#closed(listener)
    }
  }
}
