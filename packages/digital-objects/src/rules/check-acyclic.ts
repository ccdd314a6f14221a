// Refuses a change by which an entity would come under itself: a company among its own subsidiaries, a manager among the
// reports of a report. The walk reads the entities above the new one inside the write lane, so two changes that would close a
// circle together cannot both be made.

import type { EntityFields } from '../base/entity.ts'
import { isEntityIdOf } from '../base/id.ts'
import { ObjectError } from '../base/object-error.ts'
import type { ReadRelated } from '../noun/amount-expression.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import type { NounSchema } from '../noun/schema.ts'

/** Limits the entities that a check reads. */
const levelsMax = 1_000

export interface AcyclicChange {
  /** `Contact.update`, for messages. */
  readonly operation: string
  /** Absent for an entity that gets its id with this change, to which nothing refers yet. */
  readonly id: string | undefined
  /** The fields before; undefined if the entity is created or comes back. */
  readonly before: EntityFields | undefined
  readonly fields: EntityFields
  readonly read: ReadRelated
}

/** Throws an ObjectError `conflict` that names the reference. It names no other entity, which the caller may not see. */
export function checkAcyclic(schema: NounSchema, change: AcyclicChange): void {
  const { operation, id, before, fields, read } = change
  for (const field of amountRulesOf(schema).acyclic) {
    if (id === undefined || before?.[field] === fields[field]) continue
    const levels = levelsAbove(schema, { id, field, start: fields[field], read })
    if (levels === undefined) continue
    const message =
      levels === 'circle' ? `would put '${id}' under itself` : `has more than ${levelsMax} levels above it`
    throw new ObjectError({
      code: 'conflict',
      field,
      message: `${operation}: field '${field}' ${message}`,
      detail: { reason: 'cycle', entityType: schema.name },
    })
  }
}

/** Whether a reference to `start` would put the entity under itself. */
export function isUnderItself(
  schema: NounSchema,
  place: { readonly id: string; readonly field: string; readonly start: unknown; readonly read: ReadRelated },
): boolean {
  return levelsAbove(schema, place) === 'circle'
}

/** A circle from before the rule that does not contain the entity ends the walk. */
function levelsAbove(
  schema: NounSchema,
  place: { readonly id: string; readonly field: string; readonly start: unknown; readonly read: ReadRelated },
): 'circle' | 'too many' | undefined {
  const { id, field, read } = place
  const seen = new Set<string>()
  for (let above = place.start; typeof above === 'string'; above = read(above)?.[field]) {
    if (above === id) return 'circle'
    // A reference to several Nouns leaves the hierarchy where it leads to another one.
    if (seen.has(above) || !isEntityIdOf(schema, above)) return undefined
    if (seen.size === levelsMax) return 'too many'
    seen.add(above)
  }
  return undefined
}
