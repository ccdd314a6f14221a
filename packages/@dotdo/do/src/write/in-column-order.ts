// The order of an entity's fields: that of the columns of its Noun.

import type { EntityFields, JsonValue } from 'digital-objects'
import type { NounTable } from '../state/noun-table.ts'

/** Orders fields as tables and files return them, because answers also use the JSON in the log. */
export function inColumnOrder(table: NounTable, fields: EntityFields): EntityFields {
  const ordered: Record<string, JsonValue> = {}
  for (const { field } of table.columns) {
    const value = fields[field]
    if (value !== undefined) ordered[field] = value
  }
  return ordered
}
