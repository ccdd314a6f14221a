// The job that keeps the journal: it follows the log and makes entries of the events that change the accounts, in their order. The
// last entry says how far it has come, and the entries of an event are in one commit, so none is made twice or left out.

import type { Job, ObjectParts, RetryRule } from '@dotdo/service'
import { type EntityFields, ObjectError, type ObjectEvent, parseBookmark } from 'digital-objects'
import { type Booking, bookingsOf } from './bookings.ts'
import type { Books } from './books.ts'
import { type BookedNoun, bookedNouns } from './contribution.ts'

/** Limits the events of a step, and so its entries: an event has two at most. */
const eventsMax = 100
const by = { who: 'system', via: 'job' } as const

export class LedgerJob implements Job {
  readonly name = 'ledger'
  readonly clock = 'real'
  readonly lane = 'ledger'
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 600_000 }
  readonly #parts: ObjectParts
  readonly #books: Books
  /** Whether events may wait. A new process does not know, and looks once. */
  #isBehind = true
  /** The `seq` up to which events are booked; undefined before the journal was asked. */
  #through: number | undefined

  constructor(parts: ObjectParts, books: Books) {
    this.#parts = parts
    this.#books = books
  }

  dueMs(nowMs: number): number | undefined {
    return this.#isBehind && this.#books.open() !== undefined ? nowMs : undefined
  }

  eventAppended({ type }: { readonly type: string }, nowMs: number): number | undefined {
    const noun = type.slice(0, type.indexOf('.'))
    const concerns =
      noun === 'Ledger' || (bookedNouns.some((name) => name === noun) && this.#books.open() !== undefined)
    if (!concerns) return undefined
    this.#isBehind = true
    return nowMs
  }

  async step(): Promise<boolean> {
    if (!this.#isBehind || this.#books.open() === undefined) return false
    // An event that arrives during the step makes it true again.
    this.#isBehind = false
    try {
      const after = (this.#through ??= await this.#lastBooked())
      const page = await this.#eventsAfter(after)
      await this.#book(page.events)
      this.#through = page.through
      if (page.hasMore) this.#isBehind = true
    } catch (error) {
      this.#isBehind = true
      this.#through = undefined
      throw error
    }
    return true
  }

  async #lastBooked(): Promise<number> {
    const { results } = await this.#read('find', 'JournalEntry', {
      sort: '-seq',
      limit: '1',
      fields: 'seq',
      strong: 'true',
    })
    const [last] = results as readonly { readonly seq: number }[] // the answer of our own read
    return last?.seq ?? 0
  }

  async #eventsAfter(after: number): Promise<EventPage> {
    const type = bookedNouns.map((noun) => `${noun}.*`).join(',')
    const page = await this.#read('events', undefined, { after: String(after), limit: String(eventsMax), type })
    const events = page.results as readonly ObjectEvent[] // the answer of our own read
    const through = page.hasMore ? Number(page.cursor) : Math.max(after, parseBookmark(page.bookmark ?? '')?.seq ?? 0)
    return { events, through, hasMore: page.hasMore }
  }

  async #read(read: string, noun: string | undefined, parameters: Readonly<Record<string, string>>): Promise<Page> {
    const answer = await this.#parts.answer(
      { kind: 'read', read, ...(noun === undefined ? {} : { noun }), parameters },
      by,
    )
    if (!answer.ok) throw new ObjectError(answer.error)
    const page = JSON.parse(answer.body) as Omit<Page, 'bookmark'> // the answer of our own read
    return { ...page, bookmark: answer.bookmark }
  }

  async #book(events: readonly ObjectEvent[]): Promise<void> {
    const { currency } = this.#parts.settings()
    const entities = events.flatMap((event) => entriesOf(event, currency))
    if (entities.length === 0) return
    const answer = await this.#parts.answer(
      { kind: 'write', noun: 'JournalEntry', verb: 'createMany', body: JSON.stringify({ entities }) },
      by,
    )
    if (!answer.ok) throw new ObjectError(answer.error)
  }
}

interface Page {
  readonly results: readonly unknown[]
  readonly hasMore: boolean
  readonly cursor?: string | null
  readonly bookmark: string | undefined
}

interface EventPage {
  readonly events: readonly ObjectEvent[]
  readonly through: number
  readonly hasMore: boolean
}

function entriesOf(event: ObjectEvent, usualCurrency: string): readonly EntityFields[] {
  const { id, seq, type, target } = event
  const noun = type.slice(0, type.indexOf('.')) as BookedNoun // the selection of events
  const { before, after } = statesOf(event)
  return bookingsOf({ noun, before, after }).map(({ bookedAt, currency = usualCurrency, amounts }: Booking) => ({
    bookedAt: bookedAt ?? event.effective ?? event.timestamp,
    currency,
    ...amounts,
    document: target,
    event: id,
    eventType: type,
    seq,
  }))
}

/** Returns the document before and after its event. */
function statesOf({ type, version, data, changes }: ObjectEvent): {
  readonly before: EntityFields | undefined
  readonly after: EntityFields | undefined
} {
  const fields: Record<string, EntityFields[string]> = { ...(data as unknown as EntityFields) } // an event is JSON
  if (type.endsWith('.Deleted')) return { before: fields, after: undefined }
  if (version === 1) return { before: undefined, after: fields }
  const before = { ...fields }
  for (const [name, { from }] of Object.entries(changes)) {
    if (from === null || from === undefined) delete before[name]
    else before[name] = from as EntityFields[string] // an event is JSON
  }
  return { before, after: fields }
}
