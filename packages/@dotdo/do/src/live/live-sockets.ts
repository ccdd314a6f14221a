// Sockets at the end of the log, grouped by audience: an event is matched and serialized once per group, however many
// sockets receive it. Groups of live queries are indexed by their Nouns. The events of a commit are sent together.

import { formatInternalError, ObjectError, schemaNoun } from 'digital-objects'
import { isSelected } from '../log/event-selection.ts'
import { type Audience, audienceKey } from './audience.ts'
import type { Delivery, Listener } from './listener.ts'
import { type CommitEvents, commitHead, commitsOf, commitTail, type LiveEvent } from './live-event.ts'
import { isOfQuery, nounOf, type QueryAudience } from './query-source.ts'

export interface Telling {
  /** Returns the event's text for this audience; undefined if it is not visible. */
  readonly textFor: (event: LiveEvent, audience: Audience) => string | undefined
  /** Returns the message of a commit for a live query; undefined if there is none. */
  readonly messageFor: (commit: CommitEvents, audience: QueryAudience) => LiveEvent | undefined
  /** Sends the events of a commit to a listener. Returns false if it has to wait, and is no longer live. */
  readonly send: (listener: Listener, delivery: Delivery, commit: number) => boolean
  /** Called for each listener that may have missed an event, because of an internal error. */
  readonly fail: (listener: Listener) => void
}

interface Group {
  readonly audience: Audience
  readonly listeners: Set<Listener>
}

type Groups = Map<string, Group>

export class LiveSockets {
  /** Subscribers of events. */
  readonly #ofEvents: Groups = new Map()
  /** Subscribers of live queries by their Noun. */
  readonly #ofQueries = new Map<string, Groups>()

  add(listener: Listener): void {
    const { audience } = listener
    const { query } = audience
    const groups = query === undefined ? this.#ofEvents : (this.#ofQueries.get(query.noun) ?? new Map<string, Group>())
    if (query !== undefined) this.#ofQueries.set(query.noun, groups)
    const key = audienceKey(audience)
    const group = groups.get(key) ?? { audience, listeners: new Set() }
    groups.set(key, group)
    group.listeners.add(listener)
  }

  delete(listener: Listener): void {
    const { query } = listener.audience
    const groups = query === undefined ? this.#ofEvents : this.#ofQueries.get(query.noun)
    const key = audienceKey(listener.audience)
    const group = groups?.get(key)
    if (group?.listeners.delete(listener) !== true || group.listeners.size > 0) return
    groups?.delete(key)
    if (query !== undefined && groups?.size === 0) this.#ofQueries.delete(query.noun)
  }

  /** Never throws. */
  tell(events: readonly LiveEvent[], telling: Telling): void {
    for (const commit of commitsOf(events))
      for (const groups of this.#concerned(commit))
        for (const group of groups.values()) {
          try {
            tellGroup(group, commit, telling)
          } catch (error) {
            // A query that a new definition makes invalid is refused when its client connects again.
            if (!(error instanceof ObjectError)) console.error(formatInternalError(error))
            for (const listener of group.listeners) telling.fail(listener)
          }
        }
  }

  /** A change of a definition concerns every query. */
  #concerned(commit: CommitEvents): readonly Groups[] {
    if (this.#ofQueries.size === 0) return [this.#ofEvents]
    const nouns = new Set(commit.map(nounOf))
    const names = nouns.has(schemaNoun.name) ? [...this.#ofQueries.keys()] : [...nouns]
    return [this.#ofEvents, ...names.flatMap((noun) => this.#ofQueries.get(noun) ?? [])]
  }
}

function tellGroup({ audience, listeners }: Group, all: CommitEvents, telling: Telling): void {
  const received = receivedBy(audience, all, telling)
  if (received === undefined) return
  const delivery = deliver(audience, received, all.at(-1)?.seq ?? all[0].seq)
  for (const listener of listeners) {
    // The close of a lost socket arrives as an event of its own.
    if (listener.isOpen && !telling.send(listener, delivery, all[0].commit)) listeners.delete(listener)
  }
}

/** Returns the events of a commit that the audience receives, with their texts for it; undefined if there are none. */
function receivedBy(audience: Audience, all: CommitEvents, { textFor, messageFor }: Telling): CommitEvents | undefined {
  if (isOfQuery(audience)) {
    const message = messageFor(all, audience)
    return message === undefined ? undefined : [message]
  }
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
