// Finds the fields of an entity that had another value in any of its versions in a range of the log, also if they have the
// same value again.

import type { JsonValue } from 'digital-objects'
import { quoteName } from './column.ts'
import type { NounTable } from './noun-table.ts'
import { encodeValue } from './row-codec.ts'

export interface TouchedOptions {
  readonly sql: SqlStorage
  /** The Noun's tables, which must exist. */
  readonly table: NounTable
  readonly id: string
  /** The versions that events after `after` and before `before` made. */
  readonly gap: { readonly after: number; readonly before: number }
  /** The values to compare with, by field; undefined stands for no value. Fields without a column are left out. */
  readonly values: ReadonlyMap<string, JsonValue | undefined>
}

/** Returns names of fields. One statement with as many parameters as a Noun may have fields. */
export function findTouched({ sql, table, id, gap, values }: TouchedOptions): readonly string[] {
  const columns = table.columns.filter(({ field }) => values.has(field))
  if (columns.length === 0) return []
  const compared = columns.map(({ name }, at) => `max(${quoteName(name)} IS NOT ?${at + 4})`).join(', ')
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const versionsOf = (from: string): string =>
    `SELECT ${names} FROM ${from} WHERE "$id" = ?1 AND "$seq" > ?2 AND "$seq" < ?3`
  const query = `SELECT ${compared} FROM (${versionsOf(table.past)} UNION ALL ${versionsOf(table.present)})`
  const wanted = columns.map((column) => encodeValue(column, values.get(column.field)))
  const [flags = []] = [...sql.exec(query, id, gap.after, gap.before, ...wanted).raw()]
  return columns.flatMap(({ field }, at) => (flags[at] === 1 ? [field] : []))
}
