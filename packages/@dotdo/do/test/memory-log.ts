// A log in memory, for tests of live events: it has commits of events of given sizes, and counts its reads.

import type { EventSource } from '../src/live/event-source.ts'
import type { LiveEvent } from '../src/live/live-event.ts'

export class MemoryLog implements EventSource {
  /** The clock stands still if it is set. */
  nowMs: number | undefined
  readonly reads: { after: number; limit: number }[] = []
  readonly #events: LiveEvent[] = []

  now = (): number => this.nowMs ?? Date.now()
  head = (): number => this.#events.length
  bookmarkOf = (seq: number): string => `log.${seq}`
  retryAfter = (): undefined => undefined
  textFor = ({ text }: LiveEvent): string => text
  messageFor = (): undefined => undefined
  commitOf = (seq: number): number | undefined => this.#events[seq - 1]?.commit

  commitEnd = (seq: number): number => {
    const next = this.#events.findIndex((event) => event.seq > seq && event.commit === event.seq)
    return next < 0 ? this.head() : next
  }

  read(options: Parameters<EventSource['read']>[0]): ReturnType<EventSource['read']> {
    const { after, limit, isWhole } = options
    this.reads.push({ after, limit })
    const last = Math.min(after + limit, this.head())
    const readThrough = isWhole && last > after ? this.commitEnd(last) : last
    return { events: this.#events.slice(after, readThrough), readThrough }
  }

  /** Adds one commit, with an event for each number of characters. */
  append(characters: readonly number[]): LiveEvent[] {
    const commit = this.head() + 1
    const added = characters.map((size, at) => {
      const seq = commit + at
      const of = { seq, commit, type: 'Contact.Created', target: 'contact_0000010000aB' } as const
      const text = `{"seq":${seq},"type":"Contact.Created","commit":${commit},"text":"${'x'.repeat(size)}"}`
      return { ...of, actor: 'anonymous', atMs: 0, text }
    })
    this.#events.push(...added)
    return added
  }

  /** Adds this many commits of one event each. */
  appendEach(count: number): LiveEvent[] {
    return Array.from({ length: count }, () => this.append([0])).flat()
  }
}
