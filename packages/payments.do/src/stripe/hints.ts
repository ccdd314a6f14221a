// Hints: objects of which an event of Stripe has said that they changed. They wait in the object's own storage until each was
// fetched, one for each object however many events there were.

import type { ObjectParts } from '@dotdo/service'
import { isPlainObject, tryParseJson } from 'digital-objects'
import type { Findings } from '../records/findings.ts'
import { detailsOf } from './mirror.ts'
import { type ObjectName, rowOfObject } from './object-table.ts'
import type { StripeObject } from './stripe-api.ts'
import { idAt, numberAt, textAt } from './stripe-value.ts'

const prefix = 'stripe/hint/'
/** The same hints by the time at which they are due, so that those that wait for long hold up no others. */
const duePrefix = 'stripe/due/'
const hourMs = 3_600_000
const firstMs = 2_000
/** Stripe says several things of an object within a moment, for which it is fetched once. */
const gatherMs = 300
/** A day of attempts; after that the comparison of both sides finds it. */
const attemptsMax = 30

export interface Hint {
  readonly object: ObjectName
  readonly id: string
  /** Another event about the object gives another one. */
  readonly event: string
  /** The time at which Stripe has made the object, in seconds; undefined if the event does not say it. */
  readonly created?: number | undefined
  readonly attempts: number
  readonly dueMs: number
}

export class Hints {
  readonly #values: ObjectParts['values']
  readonly #findings: Findings

  constructor(values: ObjectParts['values'], findings: Findings) {
    this.#values = values
    this.#findings = findings
  }

  /** Takes what an event says has changed; an object without a Noun is recorded as it is. */
  async take(event: StripeObject, nowMs: number): Promise<void> {
    const object = isPlainObject(event['data']) ? event['data']['object'] : undefined
    if (!isPlainObject(object)) return
    const changed = object as StripeObject // a part of the event's JSON
    const [name, id, eventId] = [textAt(changed, 'object') ?? '', textAt(changed, 'id'), textAt(event, 'id') ?? '']
    if (id === undefined) return
    // A charge says what became of its payment, and a payment of an invoice is in the invoice.
    const payment = name === 'charge' ? idAt(changed, 'payment_intent') : undefined
    const told = { event: eventId, nowMs }
    if (payment !== undefined) return this.put({ object: 'payment_intent', id: payment, ...told })
    const invoice = name === 'invoice_payment' ? idAt(changed, 'invoice') : undefined
    if (invoice !== undefined) return this.put({ object: 'invoice', id: invoice, ...told })
    const row = rowOfObject(name)
    const created = numberAt(changed, 'created')
    if (row !== undefined) return this.put({ object: row.object, id, created, ...told })
    await recordUnknown(this.#findings, changed)
  }

  put({ nowMs, ...hint }: Pick<Hint, 'object' | 'id' | 'event' | 'created'> & { readonly nowMs: number }): void {
    const before = this.#stored(hint)
    const dueMs = Math.min(nowMs + gatherMs, before?.attempts === 0 ? before.dueMs : Infinity)
    const created = hint.created ?? before?.created
    this.#store({ ...hint, ...(created === undefined ? {} : { created }), attempts: 0, dueMs }, before)
  }

  get count(): number {
    return this.#values()?.count(prefix) ?? 0
  }

  /** The hints that have waited for their time, at most `limit`. */
  due(nowMs: number, limit: number): readonly Hint[] {
    return this.#earliest(limit).filter(({ dueMs }) => dueMs <= nowMs)
  }

  get nextMs(): number | undefined {
    return this.#earliest(1)[0]?.dueMs
  }

  /** A hint that came meanwhile stays. */
  done(hint: Hint): void {
    const stored = this.#stored(hint)
    if (stored?.event !== hint.event) return
    this.#values()?.delete(keyOf(hint))
    this.#values()?.delete(dueKeyOf(stored))
  }

  /** Lets it wait, for longer after each attempt. Returns false if it is given up. */
  postpone(hint: Hint, nowMs: number): boolean {
    const attempts = hint.attempts + 1
    const isOver = attempts >= attemptsMax
    if (isOver) this.done(hint)
    else {
      const dueMs = nowMs + Math.min(hourMs, firstMs * 2 ** attempts)
      this.#store({ ...hint, attempts, dueMs }, this.#stored(hint))
    }
    return !isOver
  }

  forgetAll(): void {
    this.#values()?.deleteAll(prefix)
    this.#values()?.deleteAll(duePrefix)
  }

  #earliest(limit: number): readonly Hint[] {
    const listed = this.#values()?.list({ prefix: duePrefix, limit }) ?? []
    return listed.flatMap(({ value }) => parseHint(this.#values()?.get(value)?.value) ?? [])
  }

  #stored(hint: Pick<Hint, 'object' | 'id'>): Hint | undefined {
    return parseHint(this.#values()?.get(keyOf(hint))?.value)
  }

  #store(hint: Hint, before: Hint | undefined): void {
    const isDueThen = before !== undefined && dueKeyOf(before) === dueKeyOf(hint)
    if (before !== undefined && !isDueThen) this.#values()?.delete(dueKeyOf(before))
    this.#values()?.put({ key: keyOf(hint), value: JSON.stringify(hint) })
    if (!isDueThen) this.#values()?.put({ key: dueKeyOf(hint), value: keyOf(hint) })
  }
}

/** An object that has no Noun: kept as a record, without values of a person. */
export async function recordUnknown(findings: Findings, object: StripeObject): Promise<void> {
  const [name, id] = [textAt(object, 'object') ?? '', textAt(object, 'id') ?? '']
  await findings.record({
    kind: 'Unknown',
    object: name.slice(0, 64),
    externalId: id.slice(0, 100),
    message: `Stripe has a ${name.slice(0, 64)}, for which there is no entity type here`,
    remedy: 'none is needed, unless it matters to you',
    details: detailsOf(object),
  })
}

function keyOf({ object, id }: Pick<Hint, 'object' | 'id'>): string {
  return `${prefix}${object}/${id}`
}

/** Times of equal length sort as numbers do. */
function dueKeyOf(hint: Hint): string {
  return `${duePrefix}${String(Math.round(hint.dueMs)).padStart(15, '0')}/${hint.object}/${hint.id}`
}

function parseHint(value: string | undefined): Hint | undefined {
  const hint = tryParseJson(value ?? '')
  return isPlainObject(hint) ? (hint as unknown as Hint) : undefined // `#store` wrote it
}
