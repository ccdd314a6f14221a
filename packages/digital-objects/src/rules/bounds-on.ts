// Bounds that compare an entity with the one to which its reference leads, from the other end: `price.plan = plan` of a
// Subscription holds a change of Price.plan too.

import type { EntityFields } from '../base/entity.ts'
import type { Bound } from '../noun/amount-rules.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import type { NounSchema, ReferenceField } from '../noun/schema.ts'
import { isBoundHeld } from './check-bounds.ts'

export interface BoundOn {
  /** The Noun of the bound. */
  readonly schema: NounSchema
  readonly bound: Bound
  readonly reference: ReferenceField
  /** The field that the bound reads from the entity to which the reference leads. */
  readonly member: string
}

/** A pure cache: a change of a definition makes a new list of Nouns. */
const known = new WeakMap<readonly NounSchema[], ReadonlyMap<string, readonly BoundOn[]>>()

/** Returns the bounds of all Nouns that read fields of this one. */
export function boundsOn(nouns: readonly NounSchema[], noun: string): readonly BoundOn[] {
  let byNoun = known.get(nouns)
  if (byNoun === undefined) {
    const all = nouns.flatMap(boundsOf)
    const names = nouns.map(({ name }) => name)
    byNoun = new Map(names.map((name) => [name, all.filter(({ reference }) => reference.to.includes(name))]))
    known.set(nouns, byNoun)
  }
  return byNoun.get(noun) ?? []
}

function boundsOf(schema: NounSchema): readonly BoundOn[] {
  return amountRulesOf(schema).bounds.flatMap((bound) =>
    bound.sides.flat().flatMap((term): readonly BoundOn[] => {
      const reference = term.kind === 'related' ? schema.fields[term.field] : undefined
      if (term.kind !== 'related' || reference?.kind !== 'reference') return []
      return [{ schema, bound, reference, member: term.member }]
    }),
  )
}

export interface ReferringChange {
  /** The fields of the entity that refers. */
  readonly referring: EntityFields
  /** Whether the bound holds for it, when its reference leads to an entity with these fields. */
  readonly before: EntityFields
  readonly after: EntityFields
  readonly id: string
  readonly read: (id: string) => EntityFields | undefined
}

/** Whether the change of the entity to which a reference leads breaks a bound that held. */
export function breaksBound({ bound }: BoundOn, { referring, before, after, id, read }: ReferringChange): boolean {
  const holdsWith = (fields: EntityFields): boolean =>
    isBoundHeld(bound, { fields: referring, related: (other) => (other === id ? fields : read(other)) })
  return holdsWith(before) && !holdsWith(after)
}
