// Who decides a field: a merge of what Stripe says with what the entity has, from what both had when they last agreed.

import type { EntityFields } from 'digital-objects'
import type { Values } from './object-fields.ts'
import type { ObjectRow } from './object-table.ts'

export interface Conflict {
  readonly field: string
  readonly ours: Values[string]
  readonly theirs: Values[string]
}

export interface Merged {
  /** The values that the entity gets. */
  readonly values: Values
  readonly conflicts: readonly Conflict[]
  /** The fields of which Stripe does not have our value yet. */
  readonly unsent: readonly string[]
}

export interface ToMerge {
  readonly theirs: Values
  readonly ours: EntityFields
  /** What both had when they last agreed; undefined if that is unknown, as after the first link of two. */
  readonly agreed: Values | undefined
}

export function mergeValues(row: ObjectRow, { theirs, ours, agreed }: ToMerge): Merged {
  const isShared = (name: string): boolean => row.fields.some(({ field, side }) => field === name && side === 'Both')
  const values: Record<string, Values[string]> = {}
  const conflicts: Conflict[] = []
  const unsent: string[] = []
  for (const [field, value] of Object.entries(theirs)) {
    const own = ours[field] ?? null
    if (!isShared(field) || own === value) {
      values[field] = value
      continue
    }
    const before = agreed === undefined || !Object.hasOwn(agreed, field) ? undefined : (agreed[field] ?? null)
    if (own === before || (before === undefined && own === null)) values[field] = value
    else if (value === before || (before === undefined && value === null)) unsent.push(field)
    else conflicts.push({ field, ours: own, theirs: value })
  }
  return { values, conflicts, unsent }
}
