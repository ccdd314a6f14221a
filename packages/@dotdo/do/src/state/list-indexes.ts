// The list indexes of all Nouns: which exist, and how they follow definitions and rows.

import { quoteName } from './column.ts'
import { fillListIndex, listPrefix } from './list-index.ts'
import type { NounTable } from './noun-table.ts'

export class ListIndexes {
  readonly #sql: SqlStorage
  /** Quoted names. */
  readonly #existing = new Set<string>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Reads again which indexes these Nouns have. Call it at start and after a rollback. */
  reload(nouns: Iterable<string>): void {
    this.#existing.clear()
    for (const noun of nouns) for (const name of this.#namesOf(noun)) this.#existing.add(name)
  }

  /** Whether an index exists. That of a definition not in use may not. */
  has(quoted: string): boolean {
    return this.#existing.has(quoted)
  }

  /** Creates the definition's indexes and drops others, which nothing would keep up to date. */
  replace(table: NounTable): void {
    const present = this.#namesOf(table.schema.name)
    for (const name of present) {
      if (table.lists.some((list) => list.table === name)) continue
      this.#sql.exec(`DROP TABLE ${name}`)
      this.#existing.delete(name)
    }
    for (const list of table.lists) {
      this.#existing.add(list.table)
      if (present.includes(list.table)) continue
      this.#sql.exec(list.definition)
      fillListIndex(this.#sql, list, table)
    }
  }

  #namesOf(noun: string): readonly string[] {
    const prefix = listPrefix(noun)
    const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, ?) = ?"
    return [...this.#sql.exec<{ name: string }>(query, prefix.length, prefix)].map(({ name }) => quoteName(name))
  }
}
