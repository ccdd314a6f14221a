// Present rows that were written lately, since an entity is often changed again, or referred to, soon after. Only writes use
// them: verification and reads see the tables.

import { LruCache } from '@dotdo/db'
import type { NounTable } from './noun-table.ts'
import { type Row, rowToVersion, type StoredVersion } from './row-codec.ts'

/** Limits the characters, with those of a row's other values: some thousand entities. */
const weightMax = 1_500_000
const rowWeight = 300

interface RecentRow {
  /** Another definition has other columns. */
  readonly table: NounTable
  readonly row: Row
}

export class RecentRows {
  #rows = new LruCache<RecentRow>(weightMax)

  /** Call it with each row that is written to a present table. */
  put(table: NounTable, id: string, row: Row): void {
    const characters = row.reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length : 0), 0)
    this.#rows.set(id, { table, row }, rowWeight + characters)
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
