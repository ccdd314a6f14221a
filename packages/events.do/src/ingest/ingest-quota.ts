// The quota of events of web pages for a tenant, whatever keys they come with: a public key is in a page, so anybody may send by it, and each
// event stays for ever. It is counted in the tenant's object, and stored now and then, so that a restart forgets little.

import type { ObjectParts } from '@dotdo/service'
import { ObjectError } from 'digital-objects'

const minuteMs = 60_000
const dayMs = 86_400_000
export const minuteEventsMax = 20_000
export const dayEventsMax = 2_000_000
/** At most so many events are forgotten by a restart. */
const storedEach = 1_000
const dayKey = 'ingest-day'

interface Count {
  readonly period: number
  readonly events: number
}

export class IngestQuota {
  readonly #parts: Pick<ObjectParts, 'values'>
  readonly #now: () => number
  #minute: Count = { period: 0, events: 0 }
  #day: Count | undefined
  #stored = 0

  constructor(parts: Pick<ObjectParts, 'values'>, now: () => number) {
    this.#parts = parts
    this.#now = now
  }

  /** Counts events that are about to be written. Throws an ObjectError `rate_limited`, which counts nothing. */
  take(events: number): void {
    const minute = inPeriod(this.#minute, Math.floor(this.#now() / minuteMs))
    const day = inPeriod(this.#day ?? this.#read(), Math.floor(this.#now() / dayMs))
    if (minute.events + events > minuteEventsMax) throw exceeded(`${minuteEventsMax} events of web pages in a minute`)
    if (day.events + events > dayEventsMax) throw exceeded(`${dayEventsMax} events of web pages in a day (UTC)`)
    this.#minute = { ...minute, events: minute.events + events }
    if (day.events === 0) this.#stored = 0
    this.#day = { ...day, events: day.events + events }
    if (this.#day.events - this.#stored >= storedEach) this.#store(this.#day)
  }

  #read(): Count {
    const text = this.#parts.values()?.get(dayKey)?.value
    const count = text === undefined ? { period: 0, events: 0 } : (JSON.parse(text) as Count) // written by `#store`
    this.#stored = count.events
    return count
  }

  #store(day: Count): void {
    this.#parts.values()?.put({ key: dayKey, value: JSON.stringify(day), endsMs: (day.period + 2) * dayMs })
    this.#stored = day.events
  }
}

function inPeriod(count: Count, period: number): Count {
  return count.period === period ? count : { period, events: 0 }
}

function exceeded(limit: string): ObjectError {
  return new ObjectError({
    code: 'rate_limited',
    field: 'events',
    message: `a tenant takes at most ${limit}: try again later`,
  })
}
