// Sockets at the end of the log, grouped by audience: an event is matched and serialized once per group, however many
// sockets receive it.

import { formatInternalError } from 'digital-objects'
import type { LiveEvent } from '../log/events-store.ts'
import { isSelected } from '../log/event-selection.ts'
import { type Audience, audienceKey } from './audience.ts'
import type { Listener } from './listener.ts'

export interface Telling {
  /** Returns the event's text for this audience; undefined if it is not visible. */
  readonly textFor: (event: LiveEvent, audience: Audience) => string | undefined
  /** Sends to a listener. Returns false if it has to wait, and is no longer live. */
  readonly send: (listener: Listener, event: LiveEvent, text: string) => boolean
  /** Called for each listener that may have missed an event, because of an internal error. */
  readonly fail: (listener: Listener) => void
}

interface Group {
  readonly audience: Audience
  readonly listeners: Set<Listener>
}

export class LiveSockets {
  readonly #groups = new Map<string, Group>()

  /** Returns the audience with this key, if it has a socket here. */
  audience(key: string): Audience | undefined {
    return this.#groups.get(key)?.audience
  }

  add(listener: Listener): void {
    const { audience } = listener
    const key = audienceKey(audience)
    const group = this.#groups.get(key) ?? { audience, listeners: new Set() }
    this.#groups.set(key, group)
    group.listeners.add(listener)
  }

  delete(listener: Listener): void {
    const key = audienceKey(listener.audience)
    const group = this.#groups.get(key)
    if (group?.listeners.delete(listener) === true && group.listeners.size === 0) this.#groups.delete(key)
  }

  /** Never throws. */
  tell(events: readonly LiveEvent[], telling: Telling): void {
    for (const group of this.#groups.values()) {
      try {
        tellGroup(group, events, telling)
      } catch (error) {
        console.error(formatInternalError(error))
        for (const listener of group.listeners) telling.fail(listener)
      }
    }
  }
}

function tellGroup({ audience, listeners }: Group, events: readonly LiveEvent[], telling: Telling): void {
  for (const event of events) {
    if (!isSelected(audience, event)) continue
    const text = telling.textFor(event, audience)
    if (text === undefined) continue
    for (const listener of listeners) {
      // The close of a lost socket arrives as an event of its own.
      if (listener.isOpen && !telling.send(listener, event, text)) listeners.delete(listener)
    }
  }
}
