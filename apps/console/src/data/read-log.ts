// Reads the log backwards. The API lists events from the oldest on, so a page is the events of a stretch of the log that ends where the
// page before it began; a stretch in which nothing is selected makes the next one wider.

import type { Client, EventPattern, ObjectEvent } from '@headlessly/sdk'

export interface LogChoice {
  /** A pattern of event types, such as `Deal.*`. */
  readonly type?: EventPattern | undefined
  /** The id of an entity. */
  readonly entity?: string | undefined
  /** The id of who wrote it. */
  readonly actor?: string | undefined
}

export interface LogPage<Event = ObjectEvent> {
  /** Newest first. */
  readonly events: readonly Event[]
  /** The last `seq` that the next page may have; 0 if the log begins with this one. */
  readonly end: number
}

export interface ReadLog<Event> {
  /** Lists events after a `seq`, oldest first, page by page. */
  readonly list: (options: LogChoice & { readonly after: number }) => AsyncIterable<Event>
  readonly choice: LogChoice
  /** The last `seq` of the page. */
  readonly end: number
}

/** About as many events are shown at once. */
const wantedEvents = 50
const widthMin = 100
/** A stretch has no more events than thirty pages of the API. */
const widthMax = 3_000
/** A page looks at 30,000 events at most, and the next one goes on from there. */
const stretchesMax = 12

export async function readLogBack<Event extends { readonly seq: number }>(
  read: ReadLog<Event>,
): Promise<LogPage<Event>> {
  const { list, choice } = read
  const events: Event[] = []
  let { end } = read
  let width = widthMin
  for (let stretch = 0; stretch < stretchesMax && end > 0 && events.length < wantedEvents; stretch++) {
    const after = Math.max(0, end - width)
    const found: Event[] = []
    for await (const event of list({ ...choice, after })) {
      if (event.seq > end) break
      found.push(event)
    }
    events.push(...found.toReversed())
    end = after
    if (found.length === 0) width = Math.min(width * 3, widthMax)
  }
  return { events, end }
}

/** Returns the `seq` of the last event up to a moment. Events are in the order of their timestamps. */
export async function seqAt(
  list: (options: {
    readonly after: number
    readonly limit: number
  }) => PromiseLike<readonly { readonly seq: number; readonly timestamp: string }[]>,
  { at, head }: { readonly at: string; readonly head: number },
): Promise<number> {
  const atMs = Date.parse(at)
  let [low, high] = [0, head]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [next] = await list({ after: middle, limit: 1 })
    // Events that the caller may not see are passed over.
    if (next === undefined || next.seq > high || Date.parse(next.timestamp) > atMs) high = middle
    else low = next.seq
  }
  return low
}

interface Moment {
  readonly at: string | undefined
  readonly signal: AbortSignal
}

/** The `seq` of the last event as of a moment, by default of all. */
export async function lastSeq(client: Client, { at, signal }: Moment): Promise<number> {
  const { events: head } = await client.status({ signal })
  return at === undefined ? head : seqAt((page) => client.events.list({ ...page, signal }), { at, head })
}

interface WorkOf<Event> extends Pick<ReadLog<Event>, 'list' | 'end'> {
  readonly actors: readonly string[]
  readonly limit: number
}

/** The newest events that any of these actors wrote, newest first. */
export async function readWorkOf<Event extends { readonly seq: number }>({
  actors,
  limit,
  ...log
}: WorkOf<Event>): Promise<readonly Event[]> {
  const pages = await Promise.all(actors.map((actor) => readLogBack({ ...log, choice: { actor } })))
  return pages
    .flatMap(({ events }) => events)
    .toSorted((one, other) => other.seq - one.seq)
    .slice(0, limit)
}
