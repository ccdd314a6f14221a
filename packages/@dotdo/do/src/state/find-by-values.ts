// The live entity with given values, for effects that link an entity instead of creating one.

import { hasCanonicalText, type JsonValue, type NounSchema } from 'digital-objects'
import { quoteName } from './column.ts'
import { encodeValue } from './row-codec.ts'
import type { StorageHandler } from './storage-handler.ts'

/** Returns the id of the oldest entity with all these values, and any in `has`. An index of a value limits the search. */
export function findByValues(
  { sql, state }: { readonly sql: SqlStorage; readonly state: StorageHandler },
  schema: NounSchema,
  { values, has = [] }: { readonly values: Readonly<Record<string, JsonValue>>; readonly has?: readonly string[] },
): string | undefined {
  if (!state.hasTable(schema.name)) return undefined
  const table = state.tableOf(schema)
  const entries = Object.entries(values).map(([name, value]) => {
    const column = table.columns.find(({ field }) => field === name)
    return column === undefined ? undefined : { column, name, value: encodeValue(column, value) }
  })
  const known = entries.filter((entry) => entry !== undefined)
  if (known.length < entries.length || known.length === 0) return undefined
  const held = has
    .map((name) => table.columns.find(({ field }) => field === name))
    .filter((column) => column !== undefined)
  if (held.length < has.length) return undefined
  const conditions = [
    ...known.map(({ column }) => `${quoteName(column.name)} = ?`),
    ...held.map(({ name }) => `${quoteName(name)} IS NOT NULL`),
  ].join(' AND ')
  const query = `SELECT "$id" AS id FROM ${table.present} WHERE ${conditions} ORDER BY "$id" LIMIT 1`
  const [row] = sql.exec<{ id: string }>(query, ...known.map(({ value }) => value)).toArray()
  if (row !== undefined) return row.id
  // Values from before they had a canonical form may be spelled in another letter case.
  const [only] = known
  const field = only === undefined ? undefined : schema.fields[only.name]
  if (only === undefined || known.length + held.length > 1 || field === undefined || !hasCanonicalText(field))
    return undefined
  return state.idWithOldSpelling(table, { expression: quoteName(only.column.name), value: only.value, id: '' })
}
