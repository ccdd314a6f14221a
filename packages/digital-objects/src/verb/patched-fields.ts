// The fields of an entity after a caller's fields replace its own. Null clears a field, and a field that merges takes a JSON
// merge patch.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { mergePatch } from '../base/merge-patch.ts'
import type { NounSchema } from '../noun/schema.ts'

/** Expects validated fields. Changes none of its arguments. */
export function patchedFields(schema: NounSchema, current: EntityFields, patch: EntityFields): EntityFields {
  const fields: Record<string, JsonValue> = { ...current }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete fields[name]
    else fields[name] = isMerged(schema, name) ? mergePatch(fields[name], value) : value
  }
  return fields
}

function isMerged({ fields }: NounSchema, name: string): boolean {
  const field = fields[name]
  return field?.kind === 'data' && field.merged === true
}
