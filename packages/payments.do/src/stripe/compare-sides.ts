// Compares the facts of both sides: what is missing here, what is missing there, what differs; and adds up each side.

import type { JsonValue } from 'digital-objects'
import type { Fact } from './facts.ts'

export interface Difference {
  readonly object: string
  readonly externalId: string
  readonly entity?: string | undefined
  readonly field: string
  readonly ours: JsonValue
  readonly theirs: JsonValue
  readonly message: string
  readonly remedy: string
}

/** Compares one object; a side that does not have it says nothing. */
export function compareFacts(theirs: Fact | undefined, ours: Fact | undefined): readonly Difference[] {
  if (theirs === undefined) return ours === undefined ? [] : [missingThere(ours)]
  return ours === undefined ? [missingHere(theirs)] : differing(theirs, ours)
}

function missingHere({ object, id, values }: Fact): Difference {
  return {
    object,
    externalId: id,
    field: '(all)',
    ours: null,
    theirs: values,
    message: `Stripe has the ${object} ${id}, which is not here`,
    remedy: 'start a sync, which brings it; a finding says why if it cannot be held here',
  }
}

function missingThere({ object, id, entity, values }: Fact): Difference {
  return {
    object,
    externalId: id,
    entity,
    field: '(all)',
    ours: values,
    theirs: null,
    message: `${entity ?? 'an entity'} stands for the ${object} ${id}, which Stripe does not have`,
    remedy: 'look at Stripe whether it was deleted, and correct the entity',
  }
}

function differing(theirs: Fact, ours: Fact): readonly Difference[] {
  const found = Object.entries(theirs.values).flatMap(([field, value]) => {
    const own = ours.values[field] ?? null
    return own === value ? [] : [different(theirs, ours, { field, own, value })]
  })
  // It follows from the others, unless the interval of the price is another one.
  const [own, value] = [ours.monthly ?? 0, theirs.monthly ?? 0]
  return found.length > 0 || own === value ? found : [different(theirs, ours, { field: 'monthly', own, value })]
}

function different(
  { object, id }: Fact,
  { entity }: Fact,
  { field, own, value }: { readonly field: string; readonly own: JsonValue; readonly value: JsonValue },
): Difference {
  return {
    object,
    externalId: id,
    entity,
    field,
    ours: own,
    theirs: value,
    message: `${field} of ${entity ?? id} is ${JSON.stringify(own)} here and ${JSON.stringify(value)} at Stripe`,
    remedy: 'start a sync, by which Stripe decides; correct it at Stripe if that is wrong',
  }
}

/** Amounts by currency, in minor units. */
export type Sums = Record<string, number>

/** The totals of one side. */
export class Totals {
  count = 0
  /** The money that is owed on open invoices. */
  readonly receivables: Sums = {}
  readonly mrr: Sums = {}

  add({ object, values, monthly = 0 }: Fact): void {
    this.count++
    const { currency, status, amount } = values
    if (object === 'invoice' && status === 'Open') addTo(this.receivables, String(currency), Number(amount))
    if (object === 'subscription') addTo(this.mrr, String(currency), monthly)
  }
}

function addTo(sums: Sums, currency: string, amount: number): void {
  if (amount !== 0) sums[currency] = (sums[currency] ?? 0) + amount
}

/** A month's part of a year is no whole number; the sum is rounded once. */
export function roundedSums(sums: Readonly<Sums>): Readonly<Sums> {
  return Object.fromEntries(Object.entries(sums).map(([currency, amount]) => [currency, Math.round(amount)]))
}
