// The indexes of a Noun's two tables, as its definition wants them.

import { quoteName, unquoteName } from './column.ts'
import type { NounTable, TableIndex } from './noun-table.ts'

/** Creates the definition's indexes and drops others, because a unique one would continue to refuse values. */
export function replaceIndexes(sql: SqlStorage, table: NounTable): void {
  const present = presentIndexes(sql, table)
  const wanted = new Map(table.indexes.map((index) => [index.name, index]))
  for (const [name, text] of present)
    if (!isServed(wanted.get(name), text)) {
      sql.exec(`DROP INDEX ${quoteName(name)}`)
      present.delete(name)
    }
  for (const [name, index] of wanted) if (!present.has(name)) sql.exec(textOf(sql, table, index))
}

/**
 * Returns the statement for an index that the definition wants and the tables lack, in any form; undefined without one. A
 * unique index is created as a plain one, since it must refuse nothing yet.
 */
export function missingIndex(sql: SqlStorage, table: NounTable): string | undefined {
  const present = presentIndexes(sql, table)
  const missing = table.indexes.find(({ name }) => !present.has(name))
  return missing?.unique?.plainText ?? missing?.text
}

function presentIndexes(sql: SqlStorage, table: NounTable): Map<string, string> {
  const query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN (?, ?) AND sql IS NOT NULL"
  const names = [table.present, table.past].map(unquoteName)
  return new Map([...sql.exec<{ name: string; sql: string }>(query, ...names)].map((row) => [row.name, row.sql]))
}

/**
 * Whether an index made by this statement serves the same queries. A plain index serves a unique value too: writes check
 * uniqueness themselves.
 */
function isServed(index: TableIndex | undefined, text: string): boolean {
  return index !== undefined && [index.text, index.earlier, index.unique?.plainText].includes(text)
}

/** Returns the statement for an index. If stored values are duplicates, a unique index is created as a plain one. */
function textOf(sql: SqlStorage, table: NounTable, { text, unique }: TableIndex): string {
  if (unique === undefined) return text
  const duplicates = `SELECT 1 FROM ${table.present} WHERE ${unique.on} IS NOT NULL GROUP BY ${unique.on} HAVING count(*) > 1 LIMIT 1`
  return sql.exec(duplicates).toArray().length > 0 ? unique.plainText : text
}
