// Computes the fields that are sums of others.

import { fieldsInSum, valueOfSum } from '../noun/amount-expression.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isSameJson } from '../base/canonical-json.ts'
import type { SumRule } from '../noun/amount-rules.ts'
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
 * items keeps its value; a new one that is required starts at 0, as does one whose list was removed.
 */
export function withSums(schema: NounSchema, { fields, before, isGiven }: SummedFields): EntityFields {
  const { sums } = amountRulesOf(schema)
  if (sums.length === 0) return fields
  const summed: Record<string, JsonValue> = { ...fields }
  for (const { field, terms, isWhole } of sums) {
    if (isGiven(field) && summed[field] !== undefined) continue
    const isAffected = fieldsInSum([...terms]).some((name) => !isSameJson(before?.[name], summed[name]))
    const isMissing = summed[field] === undefined
    if (before !== undefined && !isAffected && !isMissing) continue
    const value = valueOfSum(terms, { fields: summed, isWhole })
    if (typeof value === 'number') summed[field] = value
    else if (isMissing ? isRequired(schema, field) : hadSum(before, { terms, isWhole })) summed[field] = 0
  }
  return summed
}

function isRequired({ fields }: NounSchema, name: string): boolean {
  const field = fields[name]
  return field?.kind === 'data' && field.required
}

function hadSum(before: EntityFields | undefined, { terms, isWhole }: Pick<SumRule, 'terms' | 'isWhole'>): boolean {
  return before !== undefined && valueOfSum(terms, { fields: before, isWhole }) !== undefined
}
