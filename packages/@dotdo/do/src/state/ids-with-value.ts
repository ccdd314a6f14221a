// Live entities by one indexed field, for handlers and jobs of services.

import type { JsonValue, NounSchema } from 'digital-objects'
import { type Column, quoteName } from './column.ts'
import { encodeValue } from './row-codec.ts'
import type { StateReader } from './state-reader.ts'

interface StateParts {
  readonly sql: SqlStorage
  readonly state: StateReader
}

/** Returns the ids of at most `limit` entities with the value, in order. The field has an index. */
export function idsWithValue(
  { sql, state }: StateParts,
  schema: NounSchema,
  { field, value, limit }: { readonly field: string; readonly value: JsonValue; readonly limit: number },
): readonly string[] {
  const column = columnOf(state, schema, field)
  if (column === undefined) return []
  const query = `SELECT "$id" AS id FROM ${state.tableOf(schema).present} WHERE ${quoteName(column.name)} = ?
    ORDER BY "$id" LIMIT ?`
  return sql
    .exec<{ id: string }>(query, encodeValue(column, value), limit)
    .toArray()
    .map(({ id }) => id)
}

export interface DueEntity {
  readonly id: string
  readonly dueMs: number
}

/** Returns the entities with the earliest values of an indexed `datetime`, at most `limit`. */
export function earliestEntities(
  { sql, state }: StateParts,
  schema: NounSchema,
  { field, limit }: { readonly field: string; readonly limit: number },
): readonly DueEntity[] {
  const column = columnOf(state, schema, field)
  if (column === undefined) return []
  const name = quoteName(column.name)
  const query = `SELECT "$id" AS id, ${name} AS "dueMs" FROM ${state.tableOf(schema).present}
    WHERE ${name} IS NOT NULL ORDER BY ${name} LIMIT ?`
  return sql.exec<{ id: string; dueMs: number }>(query, limit).toArray()
}

function columnOf(state: StateReader, schema: NounSchema, field: string): Column | undefined {
  return state.hasTable(schema.name) ? state.tableOf(schema).columns.find((one) => one.field === field) : undefined
}
