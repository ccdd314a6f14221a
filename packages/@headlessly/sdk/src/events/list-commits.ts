// The newest commits, from the log, which is read backwards in stretches that begin with a commit.

import type { ObjectEvent } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { parsePage } from '../calls/parse-answer.ts'
import type { Session } from '../calls/session.ts'
import { readHead } from './read-head.ts'

/** Events that became true together. */
export interface Commit<Event = ObjectEvent> {
  /** Its number, the `seq` of its first event. */
  readonly commit: number
  readonly timestamp: string
  readonly actor: string
  /** The events in order, except those that the caller may not see. */
  readonly events: readonly Event[]
}

const limitFallback = 20
const limitMax = 100
/** Events of a stretch; a commit may have more. */
const stretchEvents = 100

export interface NewestCommits {
  readonly limit: number | undefined
  /** Only commits before this one. */
  readonly before: number | undefined
  readonly signal: AbortSignal | undefined
}

export async function listCommits(session: Session, { limit, before, signal }: NewestCommits): Promise<Commit[]> {
  const wanted = checkedLimit(limit)
  const log = new LogPages(session, signal)
  const commits: Commit[] = []
  let end = before === undefined ? (await readHead(session, signal)).seq : before - 1
  while (end > 0 && commits.length < wanted) {
    const { events, first } = await log.stretchBefore(end)
    commits.push(...groupByCommit(events).toReversed())
    end = first - 1
  }
  return commits.slice(0, wanted)
}

class LogPages {
  readonly #session: Session
  readonly #signal: AbortSignal | undefined

  constructor(session: Session, signal: AbortSignal | undefined) {
    this.#session = session
    this.#signal = signal
  }

  /** Returns the last events up to `end`, of whole commits. `first` is the `seq` that the stretch begins with. */
  async stretchBefore(end: number): Promise<{ readonly events: readonly ObjectEvent[]; readonly first: number }> {
    const after = Math.max(0, end - stretchEvents)
    const events = await this.#between(after, end)
    const [oldest] = events
    if (oldest === undefined || oldest.commit > after) return { events, first: after + 1 }
    // It begins inside a commit, whose events are read whole.
    const before = await this.#between(oldest.commit - 1, oldest.seq - 1)
    return { events: [...before, ...events], first: oldest.commit }
  }

  async #between(after: number, through: number): Promise<ObjectEvent[]> {
    const events: ObjectEvent[] = []
    for (let cursor: string | null = String(after); cursor !== null && Number(cursor) < through;) {
      const parameters = { after: cursor, limit: String(stretchEvents) }
      const answer = await this.#session.send({ kind: 'read', read: 'events', parameters }, this.#signal)
      const page = parsePage<ObjectEvent>(answer.body)
      events.push(...page.results.filter(({ seq }) => seq <= through))
      cursor = page.cursor
    }
    return events
  }
}

function groupByCommit(events: readonly ObjectEvent[]): readonly Commit[] {
  const groups = new Map<number, [ObjectEvent, ...ObjectEvent[]]>()
  for (const event of events) {
    const group = groups.get(event.commit)
    if (group === undefined) groups.set(event.commit, [event])
    else group.push(event)
  }
  return [...groups].map(([commit, all]) => ({
    commit,
    timestamp: all[0].timestamp,
    actor: all[0].actor,
    events: all,
  }))
}

function checkedLimit(limit: number = limitFallback): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= limitMax) return limit
  const message = `commits.list: limit expects a whole number from 1 to ${limitMax}, got ${limit}`
  throw new HeadlesslyError({ code: 'invalid_limit', field: 'limit', message })
}
