// Events that never arrived: all events since the last look are listed, and those that were not delivered are taken from the list.

import type { ObjectParts } from '@dotdo/service'
import type { Hints } from './hints.ts'
import type { Mirror } from './mirror.ts'
import { readPage } from './pages.ts'
import { numberAt, textAt } from './stripe-value.ts'

const seenPrefix = 'stripe/seen/'
const markKey = 'stripe/mark/events'
const dayMs = 86_400_000
/** Stripe lists events of 30 days. */
export const listedMs = 29 * dayMs
/** An event may be listed a moment after others that are newer. */
const overlapMs = 600_000
const pagesMax = 100

export class EventMarks {
  readonly #values: ObjectParts['values']

  constructor(values: ObjectParts['values']) {
    this.#values = values
  }

  /** The time up to which all events were listed. */
  get listedUntilMs(): number | undefined {
    const { value } = this.#values()?.get(markKey) ?? {}
    return value === undefined ? undefined : Number(value)
  }

  set listedUntilMs(ms: number) {
    this.#values()?.put({ key: markKey, value: String(ms) })
  }

  has(event: string): boolean {
    return this.#values()?.get(seenPrefix + event) !== undefined
  }

  /** Remembers an event for as long as it is listed again. */
  add(event: string, nowMs: number): void {
    this.#values()?.put({ key: seenPrefix + event, value: '1', endsMs: nowMs + listedMs })
  }

  forgetAll(): void {
    this.#values()?.deleteAll(seenPrefix)
    this.#values()?.delete(markKey)
  }
}

export interface Filled {
  /** Events that had not been delivered. */
  readonly found: number
  /** Whether older events were left out. The list has the newest first, so a later look would not come to them either. */
  readonly isCut: boolean
}

export async function fillGaps(
  mirror: Mirror,
  { hints, marks, nowMs }: { readonly hints: Hints; readonly marks: EventMarks; readonly nowMs: number },
): Promise<Filled> {
  const sinceMs = Math.max(marks.listedUntilMs ?? nowMs, nowMs - listedMs) - overlapMs
  let found = 0
  let after: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const { objects, after: next } = await readPage(mirror.api, '/v1/events', {
      created: { gte: Math.floor(sinceMs / 1_000) },
      after,
    })
    for (const event of objects) {
      const id = textAt(event, 'id') ?? ''
      if (numberAt(event, 'created') === undefined || marks.has(id)) continue
      await hints.take(event, nowMs)
      marks.add(id, nowMs)
      found++
    }
    after = next
    if (after === undefined) {
      marks.listedUntilMs = nowMs
      return { found, isCut: false }
    }
  }
  return { found, isCut: true }
}
