// Compares the facts of both sides: what is missing here, what is missing there, what differs, and the sums.

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

export function compareSides(theirs: readonly Fact[], ours: readonly Fact[]): readonly Difference[] {
  const own = new Map(ours.map((fact) => [keyOf(fact), fact]))
  const found = theirs.flatMap((fact): readonly Difference[] => {
    const match = own.get(keyOf(fact))
    own.delete(keyOf(fact))
    return match === undefined ? [missingHere(fact)] : differing(fact, match)
  })
  return [...found, ...[...own.values()].map(missingThere)]
}

function keyOf({ object, id }: Fact): string {
  return `${object} ${id}`
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

function differing(theirs: Fact, { entity, values }: Fact): readonly Difference[] {
  return Object.entries(theirs.values).flatMap(([field, value]) => {
    const own = values[field] ?? null
    if (own === value) return []
    return [
      {
        object: theirs.object,
        externalId: theirs.id,
        entity,
        field,
        ours: own,
        theirs: value,
        message: `${field} of ${entity ?? theirs.id} is ${JSON.stringify(own)} here and ${JSON.stringify(value)} at Stripe`,
        remedy: 'start a sync, by which Stripe decides; correct it at Stripe if that is wrong',
      },
    ]
  })
}

/** The money that is owed on open invoices, by currency, in minor units. */
export function receivablesOf(facts: readonly Fact[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const { object, values } of facts)
    if (object === 'invoice' && values['status'] === 'Open')
      sums[String(values['currency'])] = (sums[String(values['currency'])] ?? 0) + Number(values['amount'])
  return sums
}
