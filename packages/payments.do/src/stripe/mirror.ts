// Brings entities to the newest state of Stripe's objects. An object is always fetched, and what an event said of it is not used:
// so whatever the order, repetition or version of events, each entity ends as the object is. Objects to which one refers come
// first. All runs in one lane, so that a state which was fetched earlier is never written later.

import type { ObjectParts } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import type { Findings } from '../records/findings.ts'
import type { Agreements } from './agreements.ts'
import { mergeValues } from './merge-values.ts'
import type { Mirroring } from './mirroring.ts'
import { awaitsResponse, mirrorDispute } from './mirror-dispute.ts'
import { mirrorInvoice } from './mirror-invoice.ts'
import { mirrorPayment } from './mirror-payment.ts'
import { mirrorRefund } from './mirror-refund.ts'
import { mirrorSubscription } from './mirror-subscription.ts'
import { writeMirrored } from './mirror-write.ts'
import { differences, objectToValues, referredObjects, Unsupported, type Values } from './object-fields.ts'
import { type ObjectName, type ObjectRow, requireRow } from './object-table.ts'
import { type StripeApi, type StripeObject, StripeRefused } from './stripe-api.ts'
import { idAt, textAt, timeAt } from './stripe-value.ts'
import { inOrderOfItems } from './subscription-items.ts'

export interface MirrorParts {
  readonly parts: ObjectParts
  readonly api: StripeApi
  readonly findings: Findings
  readonly agreements: Agreements
}

export type Outcome = 'made' | 'changed' | 'same' | 'not taken'

/** Objects that refer to each other in a circle end here. */
const depthMax = 6
/** The member of Stripe's metadata that names the entity for which an object was created. */
export const entityKey = 'headlessly'

export class Mirror implements Mirroring {
  readonly #of: MirrorParts
  /** States that were fetched in this run, and those of them that are written. Nothing newer is fetched of them. */
  readonly #known = new Map<string, StripeObject | undefined>()
  readonly #applied = new Set<string>()
  readonly #making = new Map<string, Promise<unknown>>()
  readonly invoicesOf = new Map<string, string>()

  constructor(of: MirrorParts) {
    this.#of = of
  }

  get parts(): ObjectParts {
    return this.#of.parts
  }

  get api(): StripeApi {
    return this.#of.api
  }

  entityOf(object: ObjectName, stripeId: string): string | undefined {
    const { noun, id } = requireRow(object)
    return this.#of.parts.idsWith(noun, { field: id, value: stripeId, limit: 1 })[0]
  }

  /** Says the newest state of an object, undefined if Stripe has it no more: it is not fetched again in this run. */
  know(name: ObjectName, stripeId: string, object: StripeObject | undefined): void {
    this.#known.set(`${name} ${stripeId}`, object)
  }

  hasApplied(name: ObjectName, stripeId: string): boolean {
    return this.#applied.has(`${name} ${stripeId}`)
  }

  /** Throws a StripeRefused if Stripe gives no answer, which another attempt may get. */
  async refresh(name: ObjectName, stripeId: string, depth = 0): Promise<Outcome> {
    const row = requireRow(name)
    const key = `${name} ${stripeId}`
    const object = this.#known.has(key) ? this.#known.get(key) : await this.fetch(name, stripeId)
    return object === undefined ? this.#removed(row, stripeId) : this.apply(name, object, depth)
  }

  /** `object` is the newest state: call it with what was fetched at this moment. */
  async apply(name: ObjectName, object: StripeObject, depth = 0): Promise<Outcome> {
    const row = requireRow(name)
    const stripeId = textAt(object, 'id') ?? ''
    if (object['deleted'] === true) return this.#removed(row, stripeId)
    const before = this.#versionOf(name, stripeId)
    try {
      if (depth > depthMax) throw new Unsupported('the objects to which it refers have no end')
      const ordered = name === 'subscription' ? inOrderOfItems(object) : object
      for (const [referred, id] of referredObjects(row, ordered)) await this.ensure(referred, id, depth)
      await this.#write(row, object, depth)
    } catch (error) {
      const isRefused = error instanceof ObjectError && error.code !== 'internal_error' && error.code !== 'overloaded'
      if (!isRefused && !(error instanceof Unsupported)) throw error
      await this.#notTaken(row, object, error)
      return 'not taken'
    }
    this.#applied.add(`${name} ${stripeId}`)
    await this.#of.findings.settle({ kind: 'Unsupported', object: name, externalId: stripeId })
    const after = this.#versionOf(name, stripeId)
    return before === undefined ? 'made' : after === before ? 'same' : 'changed'
  }

  /** Makes the entity of an object if there is none. */
  async ensure(name: ObjectName, stripeId: string, depth = 0): Promise<void> {
    if (this.entityOf(name, stripeId) === undefined) await this.#makeOnce(name, stripeId, depth)
    if (this.entityOf(name, stripeId) === undefined)
      throw new Unsupported(`the ${name} ${stripeId}, to which it refers, is not here`)
  }

  /** Two objects that refer to a third one may come at once. None of those that are ensured refers back. */
  async #makeOnce(name: ObjectName, stripeId: string, depth: number): Promise<void> {
    const key = `${name} ${stripeId}`
    const making = this.#making.get(key) ?? this.refresh(name, stripeId, depth + 1)
    this.#making.set(key, making)
    try {
      await making
    } finally {
      this.#making.delete(key)
    }
  }

  /** Returns the values that the object says, with references as ids of entities. */
  valuesOf(row: ObjectRow, object: StripeObject): Values {
    return objectToValues(row, object, (name, id) => this.entityOf(name, id))
  }

  write(asked: Parameters<typeof writeMirrored>[1]): Promise<string> {
    return writeMirrored(this.#of.parts, asked)
  }

  /** Links an entity of ours for which the object was created, before our own commit says so. */
  linkedEntity(row: ObjectRow, object: StripeObject): string | undefined {
    const known = this.entityOf(row.object, textAt(object, 'id') ?? '')
    if (known !== undefined) return known
    const named = textAt(object, `metadata.${entityKey}`)
    const entity = named === undefined ? undefined : this.#of.parts.read(named)
    const isFree = entity !== undefined && entity[row.id] === undefined && isOfNoun(this.#of.parts, row.noun, named)
    return isFree ? named : undefined
  }

  async #write(row: ObjectRow, object: StripeObject, depth: number): Promise<void> {
    if (row.object === 'subscription') return mirrorSubscription(this, object, depth)
    if (row.object === 'invoice') return mirrorInvoice(this, object, depth)
    if (row.object === 'payment_intent') return mirrorPayment(this, object, depth)
    if (row.object === 'refund') return mirrorRefund(this, object, depth)
    if (row.object === 'dispute') return this.#writeDispute(row, object, depth)
    return this.#writeSimple(row, object)
  }

  /** A person has to answer it at Stripe, which a finding says until that is done. */
  async #writeDispute(row: ObjectRow, object: StripeObject, depth: number): Promise<void> {
    await mirrorDispute(this, object, depth)
    const matter = { kind: 'Dispute', object: row.object, externalId: textAt(object, 'id') ?? '' } as const
    if (!awaitsResponse(object)) return this.#of.findings.settle(matter)
    await this.#of.findings.record({
      ...matter,
      entity: this.entityOf(row.object, matter.externalId),
      message: 'a payment is disputed, and the dispute needs an answer',
      remedy: 'answer it at Stripe before it is due',
      details: detailsOf(object),
    })
  }

  /** An object without a life of its own: fields, of which both sides may change some. */
  async #writeSimple(row: ObjectRow, object: StripeObject): Promise<void> {
    const stripeId = textAt(object, 'id') ?? ''
    const theirs = this.valuesOf(row, object)
    const target = this.linkedEntity(row, object)
    if (target === undefined) {
      const input = { ...theirs, [row.id]: stripeId }
      const id = await this.write({ noun: row.noun, verb: 'create', input, at: timeAt(object, 'created') })
      this.#of.agreements.put(id, theirs)
      return
    }
    const ours = this.#of.parts.read(target) ?? {}
    const agreed = this.#of.agreements.of(target)
    const merged = mergeValues(row, { theirs, ours, agreed })
    const open = merged.conflicts.map(({ field }) => field)
    const wanted = { ...merged.values, [row.id]: stripeId }
    const changed = differences(wanted, ours)
    if (Object.keys(changed).length > 0) await this.write({ noun: row.noun, verb: 'update', target, input: changed })
    // What is in conflict, or not sent yet, is agreed on as it was.
    const kept = [...open, ...merged.unsent].map((field) => [field, agreed?.[field] ?? null] as const)
    this.#of.agreements.put(target, { ...theirs, ...(agreed === undefined ? {} : Object.fromEntries(kept)) })
    for (const { field, ours: own, theirs: value } of merged.conflicts)
      await this.#of.findings.record({
        kind: 'Conflict',
        object: row.object,
        externalId: stripeId,
        entity: target,
        field,
        ours: own,
        theirs: value,
        message: `both sides changed ${field} of ${target}`,
        remedy: 'resolve it with the resolution Ours or Theirs',
      })
    for (const { field, side } of row.fields)
      if (side === 'Both' && !open.includes(field))
        await this.#of.findings.settle({ kind: 'Conflict', object: row.object, externalId: stripeId, field })
  }

  /** Returns the newest state; undefined if Stripe does not have the object. Throws a StripeRefused. */
  async fetch(name: ObjectName, stripeId: string): Promise<StripeObject | undefined> {
    const row = requireRow(name)
    const parameters = row.expand === undefined ? {} : { expand: row.expand }
    try {
      return await this.#of.api.get(`${row.path}/${encodeURIComponent(stripeId)}`, parameters)
    } catch (error) {
      if (error instanceof StripeRefused && error.isMissing) return undefined
      throw error
    }
  }

  /** Stripe has deleted it. Its entity goes too, or stays in the state that the table says. */
  async #removed(row: ObjectRow, stripeId: string): Promise<Outcome> {
    const target = this.entityOf(row.object, stripeId)
    if (target === undefined) return 'same'
    try {
      if (row.onDelete === undefined) await this.write({ noun: row.noun, verb: 'delete', target })
      else {
        const changed = differences(row.onDelete, this.#of.parts.read(target) ?? {})
        if (Object.keys(changed).length === 0) return 'same'
        await this.write({ noun: row.noun, verb: 'update', target, input: changed })
      }
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      await this.#of.findings.record({
        kind: 'Difference',
        object: row.object,
        externalId: stripeId,
        entity: target,
        message: `Stripe has deleted it, and ${target} stays: ${error.message}`,
        remedy: 'none is needed: records of money keep what they refer to',
      })
      return 'not taken'
    }
    return 'changed'
  }

  #notTaken(row: ObjectRow, object: StripeObject, error: Error): Promise<void> {
    const stripeId = textAt(object, 'id') ?? ''
    return this.#of.findings.record({
      kind: 'Unsupported',
      object: row.object,
      externalId: stripeId,
      entity: this.entityOf(row.object, stripeId),
      message: `this ${row.object} is not taken as it is: ${error.message}`,
      remedy: error instanceof Unsupported ? error.remedy : 'change what the message names, at Stripe or here',
      details: detailsOf(object),
    })
  }

  #versionOf(name: ObjectName, stripeId: string): number | undefined {
    const id = this.entityOf(name, stripeId)
    const version = id === undefined ? undefined : this.#of.parts.read(id)?.['$version']
    return typeof version === 'number' ? version : undefined
  }
}

function isOfNoun(parts: ObjectParts, noun: string, id: string | undefined): boolean {
  const prefix = parts.lookup(noun)?.idPrefix
  return prefix !== undefined && id?.startsWith(`${prefix}_`) === true
}

/** Members that are stored of an object without a Noun: no name, address, card or other value of a person is among them. */
const plainMembers = ['id', 'object', 'amount', 'currency', 'status', 'reason', 'created', 'livemode', 'type'] as const
const idMembers = ['customer', 'charge', 'payment_intent', 'invoice', 'subscription'] as const

export function detailsOf(object: StripeObject): Record<string, string | number | boolean> {
  const details: Record<string, string | number | boolean> = {}
  for (const name of plainMembers) {
    const value = object[name]
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') details[name] = value
  }
  for (const name of idMembers) {
    const id = idAt(object, name)
    if (id !== undefined) details[name] = id
  }
  const due = timeAt(object, 'evidence_details.due_by')
  return due === undefined ? details : { ...details, dueBy: due }
}
