// The sockets that are at the end of the log, grouped by pattern: an event is matched once a pattern and written out
// once, however many hear it.

import { type EventPattern, matchesEventPattern } from 'digital-objects'
import type { LiveEvent } from '../log/events-store.ts'

interface Group {
  readonly pattern: EventPattern
  readonly sockets: Set<WebSocket>
}

export class LiveSockets {
  readonly #groups = new Map<string, Group>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The pattern of this text, when somebody listens with it. */
  pattern(text: string): EventPattern | undefined {
    return this.#groups.get(text)?.pattern
  }

  add(socket: WebSocket, pattern: EventPattern): void {
    const group = this.#groups.get(pattern.text) ?? { pattern, sockets: new Set() }
    if (group.sockets.has(socket)) return
    this.#groups.set(pattern.text, group)
    group.sockets.add(socket)
    this.#size++
  }

  delete(socket: WebSocket, patternText: string): void {
    const group = this.#groups.get(patternText)
    if (group?.sockets.delete(socket) !== true) return
    this.#size--
    if (group.sockets.size === 0) this.#groups.delete(patternText)
  }

  /** Never throws. */
  tell(events: readonly LiveEvent[]): void {
    for (const group of this.#groups.values()) {
      try {
        tellGroup(group, events)
      } catch (error) {
        // Whatever it was, these sockets may have missed something.
        console.error(error)
        for (const socket of group.sockets) {
          this.delete(socket, group.pattern.text)
          hangUp(socket)
        }
      }
    }
  }
}

function tellGroup({ pattern, sockets }: Group, events: readonly LiveEvent[]): void {
  for (const event of events) {
    if (!matchesEventPattern(pattern, event)) continue
    const { text } = event
    // The close of one that is gone comes as an event of its own.
    for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send(text)
  }
}

/** For a fault of ours: the client connects again and resumes from the log, so that it misses nothing. */
export function hangUp(socket: WebSocket): void {
  if (socket.readyState === WebSocket.OPEN) socket.close(1011, 'resume after the last seq')
}
