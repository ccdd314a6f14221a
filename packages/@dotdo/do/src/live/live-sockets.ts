// Sockets at the end of the log, grouped by audience: an event is matched and serialized once per group, however many
// sockets receive it. The events of a commit are sent together.

import { formatInternalError } from 'digital-objects'
import { isSelected } from '../log/event-selection.ts'
import { type Audience, audienceKey } from './audience.ts'
import type { Delivery, Listener } from './listener.ts'
import { type CommitEvents, commitHead, commitsOf, commitTail, type LiveEvent } from './live-event.ts'

export interface Telling {
  /** Returns the event's text for this audience; undefined if it is not visible. */
  readonly textFor: (event: LiveEvent, audience: Audience) => string | undefined
  /** Sends the events of a commit to a listener. Returns false if it has to wait, and is no longer live. */
  readonly send: (listener: Listener, delivery: Delivery, commit: number) => boolean
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
  for (const all of commitsOf(events)) {
    const received = receivedBy(audience, all, telling)
    if (received === undefined) continue
    const delivery = deliver(audience, received, all.at(-1)?.seq ?? all[0].seq)
    for (const listener of listeners) {
      // The close of a lost socket arrives as an event of its own.
      if (listener.isOpen && !telling.send(listener, delivery, all[0].commit)) listeners.delete(listener)
    }
  }
}

/** Returns the events of a commit that the audience receives, with their texts for it; undefined if there are none. */
function receivedBy(audience: Audience, all: CommitEvents, { textFor }: Telling): CommitEvents | undefined {
  const [first, ...others] = all.flatMap((event) => {
    const text = isSelected(audience, event) ? textFor(event, audience) : undefined
    if (text === undefined) return []
    const { seq, commit, type, target, actor, atMs } = event
    return [{ seq, commit, type, target, actor, atMs, text }]
  })
  return first === undefined ? undefined : [first, ...others]
}

/** Returns the messages by which the audience receives events of a commit, whose last `seq` is `end`. */
export function deliver({ takesCommits }: Audience, received: CommitEvents, end: number): Delivery {
  const texts = received.map(({ text }) => text)
  const events = texts.length
  if (takesCommits !== true) return { seq: received.at(-1)?.seq ?? end, messages: texts, events }
  return { seq: end, messages: [`${commitHead(received[0], end)}${texts.join(',')}${commitTail}`], events }
}
