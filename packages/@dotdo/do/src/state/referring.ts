// The live entities that refer to one entity, for changes that follow from a change.

import type { NounSchema, ReferenceField } from 'digital-objects'
import { quoteName } from './column.ts'
import { listSeqCondition } from './list-index.ts'
import type { StorageHandler } from './storage-handler.ts'

/** Returns the ids of at most `limit` entities whose reference `field` has the id, in order. */
export function referringIds(
  { sql, state }: { readonly sql: SqlStorage; readonly state: StorageHandler },
  schema: NounSchema,
  { field, id, limit }: { readonly field: ReferenceField; readonly id: string; readonly limit: number },
): readonly string[] {
  if (!state.hasTable(schema.name)) return []
  const table = state.tableOf(schema)
  const column = table.columns.find((one) => one.field === field.name)
  if (column === undefined) return []
  const list = table.lists.find((one) => one.column.field === field.name)
  const query =
    list === undefined
      ? `SELECT "$id" AS id FROM ${table.present} WHERE ${quoteName(column.name)} = ? ORDER BY "$id" LIMIT ?`
      : `SELECT "$id" AS id FROM ${list.table} AS list WHERE list."value" = ?${listSeqCondition('list', undefined)} ORDER BY "$id" LIMIT ?`
  return sql
    .exec<{ id: string }>(query, id, limit)
    .toArray()
    .map((row) => row.id)
}
