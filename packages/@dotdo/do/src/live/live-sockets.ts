// Sockets at the end of the log, grouped by audience: an event is matched and serialized once per group, however many
// sockets receive it.

import { matchesEventPattern } from 'digital-objects'
import type { LiveEvent } from '../log/events-store.ts'
import { type Audience, audienceKey } from './audience.ts'

/** Returns the event's text for this audience; undefined if it is not visible. */
export type TextFor = (event: LiveEvent, audience: Audience) => string | undefined

interface Group {
  readonly audience: Audience
  readonly sockets: Set<WebSocket>
}

export class LiveSockets {
  readonly #groups = new Map<string, Group>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Returns the audience with this key, if it has a socket here. */
  audience(key: string): Audience | undefined {
    return this.#groups.get(key)?.audience
  }

  add(socket: WebSocket, audience: Audience): void {
    const key = audienceKey(audience)
    const group = this.#groups.get(key) ?? { audience, sockets: new Set() }
    if (group.sockets.has(socket)) return
    this.#groups.set(key, group)
    group.sockets.add(socket)
    this.#size++
  }

  delete(socket: WebSocket, key: string): void {
    const group = this.#groups.get(key)
    if (group?.sockets.delete(socket) !== true) return
    this.#size--
    if (group.sockets.size === 0) this.#groups.delete(key)
  }

  /** Never throws. */
  tell(events: readonly LiveEvent[], textFor: TextFor): void {
    for (const [key, group] of this.#groups) {
      try {
        tellGroup(group, events, textFor)
      } catch (error) {
        // Whatever failed, these sockets may have missed an event.
        console.error(error)
        for (const socket of group.sockets) {
          this.delete(socket, key)
          hangUp(socket)
        }
      }
    }
  }
}

function tellGroup({ audience, sockets }: Group, events: readonly LiveEvent[], textFor: TextFor): void {
  for (const event of events) {
    if (!matchesEventPattern(audience.pattern, event)) continue
    const text = textFor(event, audience)
    if (text === undefined) continue
    // The close of a lost socket arrives as an event of its own.
    for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send(text)
  }
}

/** Closes a socket after an internal error. The client reconnects and resumes from the log, so it misses nothing. */
export function hangUp(socket: WebSocket): void {
  if (socket.readyState === WebSocket.OPEN) socket.close(1011, 'resume after the last seq')
}
