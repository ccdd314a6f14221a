// The live entities that refer to others, for changes that follow from a change, and for an undo that deletes.

import type { NounSchema, ReferenceField } from 'digital-objects'
import { quoteName } from './column.ts'
import { listSeqCondition } from './list-index.ts'
import type { StateReader } from './state-reader.ts'

/** Returns the ids of at most `limit` entities whose reference `field` has the id, in order. */
export function referringIds(
  { sql, state }: { readonly sql: SqlStorage; readonly state: StateReader },
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

export interface ReferringPair {
  /** The entity that refers. */
  readonly id: string
  readonly to: string
}

/** `ids` and `except` are lists of ids as JSON. Entities of `except` are left out. */
export function referringPairs(
  { sql, state }: { readonly sql: SqlStorage; readonly state: StateReader },
  { schema, field }: { readonly schema: NounSchema; readonly field: ReferenceField },
  asked: { readonly ids: string; readonly except: string; readonly limit: number },
): readonly ReferringPair[] {
  if (!state.hasTable(schema.name)) return []
  const table = state.tableOf(schema)
  const column = table.columns.find((one) => one.field === field.name)
  if (column === undefined) return []
  const list = table.lists.find((one) => one.column.field === field.name)
  const [value, from, condition] =
    list === undefined
      ? [quoteName(column.name), `${table.present} AS list`, '']
      : ['"value"', `${list.table} AS list`, listSeqCondition('list', undefined)]
  const query = `SELECT list."$id" AS id, list.${value} AS "to" FROM ${from}
    WHERE list.${value} IN (SELECT value FROM json_each(?1))${condition}
    AND list."$id" NOT IN (SELECT value FROM json_each(?2)) LIMIT ?3`
  const { ids, except, limit } = asked
  return sql.exec<{ id: string; to: string }>(query, ids, except, limit).toArray()
}
