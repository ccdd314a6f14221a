// The indexes of a Noun's two tables, as its definition wants them.

import { quoteName, unquoteName } from './column.ts'
import type { NounTable, TableIndex } from './noun-table.ts'

/** Creates the definition's indexes and drops others, because a unique one would continue to refuse values. */
export function replaceIndexes(sql: SqlStorage, table: NounTable): void {
  const query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN (?, ?) AND sql IS NOT NULL"
  const names = [table.present, table.past].map(unquoteName)
  const present = new Map<string, string>()
  for (const row of sql.exec<{ name: string; sql: string }>(query, ...names)) present.set(row.name, row.sql)
  const wanted = new Map(
    table.indexes.map((index) => {
      const text = textOf(sql, table, index)
      return [index.name, present.get(index.name) === index.earlier ? (index.earlier ?? text) : text]
    }),
  )
  for (const [name, text] of present) if (wanted.get(name) !== text) sql.exec(`DROP INDEX ${quoteName(name)}`)
  for (const [name, text] of wanted) if (present.get(name) !== text) sql.exec(text)
}

/** Returns the statement for an index. If stored values are duplicates, a unique index is created as a plain one. */
function textOf(sql: SqlStorage, table: NounTable, { text, unique }: TableIndex): string {
  if (unique === undefined) return text
  const duplicates = `SELECT 1 FROM ${table.present} WHERE ${unique.on} IS NOT NULL GROUP BY ${unique.on} HAVING count(*) > 1 LIMIT 1`
  return sql.exec(duplicates).toArray().length > 0 ? unique.plainText : text
}
