// Compares both sides at the end of a day, or now. Each difference is a finding with a remedy; one that is gone is resolved.

import { type EntityFields, isPlainObject, ObjectError } from 'digital-objects'
import type { Findings } from '../records/findings.ts'
import { compareFacts, type Difference, roundedSums, type Sums, Totals } from './compare-sides.ts'
import { type Fact, type FactTime, ourFact, theirFact } from './facts.ts'
import type { Mirror } from './mirror.ts'
import { stripeActor } from './mirror-write.ts'
import { type ObjectName, requireRow } from './object-table.ts'
import { listParameters, readPage } from './pages.ts'
import type { StripeObject } from './stripe-api.ts'

const compared: readonly ObjectName[] = ['subscription', 'invoice', 'payment_intent', 'refund', 'dispute']
/** A million objects of a type, of which only the ids are held. */
const pagesMax = 10_000
const dayMs = 86_400_000
/** Findings of one comparison; more of them have one cause. */
const findingsMax = 1_000

export interface Reconciled {
  readonly theirs: number
  readonly ours: number
  readonly differences: number
  /** By currency, in minor units. */
  readonly receivables: { readonly theirs: Readonly<Sums>; readonly ours: Readonly<Sums> }
  readonly mrr: { readonly theirs: Readonly<Sums>; readonly ours: Readonly<Sums> }
}

export interface ToReconcile {
  readonly findings: Findings
  /** A date, whose end in UTC is compared; without it, this moment is. */
  readonly day: string | undefined
  readonly nowMs: number
}

export async function reconcile(mirror: Mirror, { findings, day, nowMs }: ToReconcile): Promise<Reconciled> {
  const endMs = day === undefined ? nowMs : Math.min(nowMs, Date.parse(`${day}T00:00:00Z`) + dayMs - 1)
  const comparison = new Comparison(mirror, { ms: endMs, isPresent: day === undefined })
  for (const object of compared) await comparison.compare(object)
  const { theirs, ours, differences, count } = comparison
  for (const difference of differences)
    await findings.record({ kind: 'Difference', ...difference, ...(day === undefined ? {} : { day }) })
  // Objects that were left out of the comparison may or may not be gone.
  if (differences.length === count) await settleOthers(mirror, findings, { differences, day })
  return {
    theirs: theirs.count,
    ours: ours.count,
    differences: count,
    receivables: { theirs: theirs.receivables, ours: ours.receivables },
    mrr: { theirs: roundedSums(theirs.mrr), ours: roundedSums(ours.mrr) },
  }
}

/** Page by page on both sides, so that neither is held as a whole. */
class Comparison {
  readonly theirs = new Totals()
  readonly ours = new Totals()
  readonly differences: Difference[] = []
  count = 0
  readonly #mirror: Mirror
  readonly #at: FactTime

  constructor(mirror: Mirror, at: FactTime) {
    this.#mirror = mirror
    this.#at = at
  }

  async compare(object: ObjectName): Promise<void> {
    const { noun, id: field } = requireRow(object)
    const seen = new Set<string>()
    for await (const theirs of this.#listed(object)) {
      const fact = theirFact(object, theirs, this.#at)
      const id = String(theirs['id'])
      const entity = this.#mirror.entityOf(object, id)
      const own = entity === undefined ? undefined : this.#mirror.parts.read(entity)
      seen.add(id)
      this.#take(fact, own && this.#ourFact(object, field, own))
    }
    for await (const own of entitiesOf(this.#mirror, noun, { [field]: { $exists: true } }))
      if (!seen.has(String(own[field]))) this.#take(undefined, this.#ourFact(object, field, own))
  }

  #take(theirs: Fact | undefined, ours: Fact | undefined): void {
    if (theirs !== undefined) this.theirs.add(theirs)
    if (ours !== undefined) this.ours.add(ours)
    const found = compareFacts(theirs, ours)
    this.count += found.length
    this.differences.push(...found.slice(0, findingsMax - this.differences.length))
  }

  #ourFact(object: ObjectName, field: string, fields: EntityFields): Fact | undefined {
    const price = typeof fields['price'] === 'string' ? this.#mirror.parts.read(fields['price']) : undefined
    return ourFact(object, { id: String(fields['$id']), stripeId: String(fields[field]), fields, price }, this.#at)
  }

  async *#listed(object: ObjectName): AsyncGenerator<StripeObject> {
    let after: string | undefined
    for (let page = 0; page < pagesMax; page++) {
      const { objects, after: next } = await readPage(this.#mirror.api, requireRow(object).path, {
        ...listParameters(object),
        after,
      })
      yield* objects
      after = next
      if (after === undefined) return
    }
    throw new Error(`Stripe has more than ${pagesMax * 100} objects of the type ${object}`)
  }
}

async function* entitiesOf(mirror: Mirror, noun: string, filter: object): AsyncGenerator<EntityFields> {
  let cursor: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const parameters = {
      filter: JSON.stringify(filter),
      limit: '100',
      strong: 'true',
      ...(cursor === undefined ? {} : { cursor }),
    }
    const read = { kind: 'read', read: 'find', noun, parameters } as const
    const answer = await mirror.parts.answer(read, { who: stripeActor, via: 'job' })
    if (!answer.ok) throw new ObjectError(answer.error)
    const body: unknown = JSON.parse(answer.body)
    const { results, hasMore, cursor: next } = isPlainObject(body) ? body : {}
    if (Array.isArray(results)) yield* results as readonly EntityFields[] // the answer's own JSON
    if (hasMore !== true || typeof next !== 'string') return
    cursor = next
  }
  throw new Error(`there are more than ${pagesMax * 100} entities of the type ${noun}`)
}

/** Resolves differences of this day, or of the present, that are gone. */
async function settleOthers(
  mirror: Mirror,
  findings: Findings,
  { differences, day }: { readonly differences: readonly Difference[]; readonly day: string | undefined },
): Promise<void> {
  const open = new Set(differences.map(({ object, externalId, field }) => `${object} ${externalId} ${field}`))
  const filter = { kind: 'Difference', status: 'Open', day: day ?? null, field: { $exists: true } }
  for await (const { object, externalId, field } of entitiesOf(mirror, 'PaymentFinding', filter)) {
    const about = { object: String(object), externalId: String(externalId), field: String(field) }
    if (open.has(`${about.object} ${about.externalId} ${about.field}`)) continue
    await findings.settle({ kind: 'Difference', ...about, ...(day === undefined ? {} : { day }) })
  }
}
