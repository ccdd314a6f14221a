// Compares both sides at the end of a day, or now. Each difference is a finding with a remedy; one that is gone is resolved.

import { type EntityFields, isPlainObject, ObjectError } from 'digital-objects'
import type { Findings } from '../records/findings.ts'
import { compareSides, type Difference, receivablesOf } from './compare-sides.ts'
import { type Fact, ourFact, theirFact } from './facts.ts'
import type { Mirror } from './mirror.ts'
import { stripeActor } from './mirror-write.ts'
import { type ObjectName, requireRow } from './object-table.ts'
import { listParameters, readPage } from './pages.ts'

const compared: readonly ObjectName[] = ['subscription', 'invoice', 'payment_intent', 'refund']
/** 100,000 objects of a type. */
const pagesMax = 1_000
const dayMs = 86_400_000
/** Findings of one comparison; more of them have one cause. */
const findingsMax = 1_000

export interface Reconciled {
  readonly theirs: number
  readonly ours: number
  readonly differences: number
  readonly receivables: {
    readonly theirs: Readonly<Record<string, number>>
    readonly ours: Readonly<Record<string, number>>
  }
}

export interface ToReconcile {
  readonly findings: Findings
  /** A date, whose end in UTC is compared; without it, this moment is. */
  readonly day: string | undefined
  readonly nowMs: number
}

export async function reconcile(mirror: Mirror, { findings, day, nowMs }: ToReconcile): Promise<Reconciled> {
  const atMs = day === undefined ? nowMs : Math.min(nowMs, Date.parse(`${day}T00:00:00Z`) + dayMs - 1)
  const theirs: Fact[] = []
  const ours: Fact[] = []
  for (const object of compared) {
    theirs.push(...(await theirFacts(mirror, object, atMs)))
    ours.push(...(await ourFacts(mirror, object, atMs)))
  }
  const differences = compareSides(theirs, ours)
  for (const difference of differences.slice(0, findingsMax))
    await findings.record({ kind: 'Difference', ...difference, ...(day === undefined ? {} : { day }) })
  await settleOthers(mirror, findings, { differences, day })
  return {
    theirs: theirs.length,
    ours: ours.length,
    differences: differences.length,
    receivables: { theirs: receivablesOf(theirs), ours: receivablesOf(ours) },
  }
}

async function theirFacts(mirror: Mirror, object: ObjectName, atMs: number): Promise<readonly Fact[]> {
  const facts: Fact[] = []
  let after: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const { objects, after: next } = await readPage(mirror.api, requireRow(object).path, {
      ...listParameters(object),
      after,
    })
    facts.push(...objects.flatMap((one) => theirFact(object, one, atMs) ?? []))
    after = next
    if (after === undefined) return facts
  }
  throw new Error(`Stripe has more than ${pagesMax * 100} objects of the type ${object}`)
}

async function ourFacts(mirror: Mirror, object: ObjectName, atMs: number): Promise<readonly Fact[]> {
  const { noun, id: field } = requireRow(object)
  const entities = await allEntities(mirror, noun, { [field]: { $exists: true } })
  return entities.flatMap((fields) => {
    const of = { id: String(fields['$id']), stripeId: String(fields[field]), fields }
    return ourFact(object, of, atMs) ?? []
  })
}

async function allEntities(mirror: Mirror, noun: string, filter: object): Promise<readonly EntityFields[]> {
  const found: EntityFields[] = []
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
    if (Array.isArray(results)) found.push(...(results as readonly EntityFields[])) // the answer's own JSON
    if (hasMore !== true || typeof next !== 'string') return found
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
  for (const { object, externalId, field } of await allEntities(mirror, 'PaymentFinding', filter)) {
    const about = { object: String(object), externalId: String(externalId), field: String(field) }
    if (open.has(`${about.object} ${about.externalId} ${about.field}`)) continue
    await findings.settle({ kind: 'Difference', ...about, ...(day === undefined ? {} : { day }) })
  }
}
