// Present rows that were written lately, since an entity is often changed again, or referred to, soon after, and rows that are about
// to be changed. Only writes use them: verification and reads see the tables.

import { LruCache } from '@dotdo/db'
import type { NounTable } from './noun-table.ts'
import { type Row, rowToVersion, type SqlValue, type StoredVersion } from './row-codec.ts'

/** Limits the characters, with those of a row's other values: some thousand entities. */
const weightMax = 1_500_000
const rowWeight = 300

/** Rows of one statement, which is always read to its end: a row may have a million characters. */
const rowsPerStatement = 32
/** Limits what is recalled at a time, so that it is not forgotten before its use. */
const recalledWeightMax = weightMax / 2

interface RecentRow {
  /** Another definition has other columns. */
  readonly table: NounTable
  readonly row: Row
}

export class RecentRows {
  #rows = new LruCache<RecentRow>(weightMax)

  /** Call it with each row that is written to a present table. */
  put(table: NounTable, id: string, row: Row): void {
    this.#rows.set(id, { table, row }, weightOf(row))
  }

  /** Reads rows that will be changed, since a statement of each costs more than the row. Those without room are left out. */
  recall(sql: SqlStorage, table: NounTable, ids: readonly string[]): void {
    const query = `SELECT ${table.columnList} FROM ${table.present} WHERE "$id" IN (SELECT value FROM json_each(?))`
    const missing = ids.filter((id) => !this.has(table, id))
    let weight = 0
    for (let at = 0; at < missing.length && weight < recalledWeightMax; at += rowsPerStatement) {
      const some = JSON.stringify(missing.slice(at, at + rowsPerStatement))
      for (const row of sql.exec(query, some).raw<SqlValue[]>()) {
        weight += weightOf(row)
        this.put(table, String(row[0]), row)
      }
    }
  }

  get(table: NounTable, id: string): StoredVersion | undefined {
    const found = this.#rows.get(id)
    return found?.table === table ? rowToVersion(table, found.row) : undefined
  }

  has(table: NounTable, id: string): boolean {
    return this.#rows.get(id)?.table === table
  }

  delete(id: string): void {
    this.#rows.delete(id)
  }

  /** Call it after a rollback, and after rows were written otherwise. */
  clear(): void {
    this.#rows = new LruCache(weightMax)
  }
}

function weightOf(row: Row): number {
  return row.reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length : 0), rowWeight)
}
