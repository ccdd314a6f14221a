// Computes the fields that are sums of others.

import { fieldsInSum, valueOfSum } from '../noun/amount-expression.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isSameJson } from '../base/canonical-json.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import type { NounSchema } from '../noun/schema.ts'

export interface SummedFields {
  readonly fields: EntityFields
  /** The fields before; undefined if the entity is created. */
  readonly before: EntityFields | undefined
  /** Whether the caller gave the field a value, which is checked instead of replaced. */
  readonly isGiven: (name: string) => boolean
}

/**
 * Returns the fields with each sum that the change affects. A sum over a missing list is not computed, so an amount without
 * items keeps its value; a new one starts at 0.
 */
export function withSums(schema: NounSchema, { fields, before, isGiven }: SummedFields): EntityFields {
  const { sums } = amountRulesOf(schema)
  if (sums.length === 0) return fields
  const summed: Record<string, JsonValue> = { ...fields }
  for (const { field, terms } of sums) {
    if (isGiven(field) && summed[field] !== undefined) continue
    const isAffected = fieldsInSum([...terms]).some((name) => !isSameJson(before?.[name], summed[name]))
    const isMissing = summed[field] === undefined
    if (before !== undefined && !isAffected && !isMissing) continue
    const value = valueOfSum(terms, { fields: summed })
    if (typeof value === 'number') summed[field] = value
    else if (isMissing) summed[field] = 0
  }
  return summed
}
