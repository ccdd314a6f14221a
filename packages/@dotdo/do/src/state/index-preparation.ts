// Creates the indexes of a definition before it is in use. SQLite creates an index in one statement, which holds the thread
// while it reads the whole table. So the table of a big Noun is read in slices first, which brings it into memory, each index
// is created alone, with rests in between, and the commit of the definition finds them complete.
// docs/decisions/0064-an-index-is-one-statement.md

import type { Catalog, NounSchema } from 'digital-objects'
import type { Pausing } from '../base/pausing.ts'
import type { SliceSettings } from '../base/slice-settings.ts'
import { columnsMax } from './definition-use.ts'
import type { StorageHandler } from './storage-handler.ts'
import { missingIndex } from './table-indexes.ts'
import type { TenantCatalog } from './tenant-catalog.ts'

/** Rows that one slice reads; from a slow disk they take 20 ms. */
const rowsPerSlice = 4_000
/** Rests after an index, in which everybody who waited is answered. */
const restsAfterIndex = 5

export interface IndexPreparationOptions {
  readonly sql: SqlStorage
  readonly log: { readonly head: number }
  readonly state: StorageHandler
  readonly catalog: TenantCatalog
  readonly settings: Pick<SliceSettings, 'smallRowsMax'>
  readonly pausing: Pausing
}

export class IndexPreparation {
  readonly #options: IndexPreparationOptions

  constructor(options: IndexPreparationOptions) {
    this.#options = options
  }

  /**
   * Creates the indexes that this catalog wants and big Nouns lack. Until it is in use they are complete, but nothing depends
   * on them: a process that dies here leaves them until the Noun's definition changes again. Returns whether there were any.
   */
  async prepare(next: Catalog): Promise<boolean> {
    const { sql, log, state, settings } = this.#options
    // A tenant has at least as many events as entities.
    if (log.head <= settings.smallRowsMax) return false
    let hasPrepared = false
    for (const schema of this.#changed(next)) {
      const { indexes, present, past } = state.tableOf(schema)
      if (missingIndex(sql, state.tableOf(schema)) === undefined) continue
      hasPrepared = true
      for (const table of [present, past]) await this.#readInSlices(table)
      for (let count = 0; count < indexes.length && this.#createOne(schema); count++) await this.#rest()
    }
    return hasPrepared
  }

  /** Drops prepared indexes of a catalog that did not come into use. */
  forget(next: Catalog): void {
    const { state, catalog } = this.#options
    for (const { name } of this.#changed(next)) {
      const schema = catalog.lookup(name)
      if (schema !== undefined) state.shape(schema)
    }
  }

  #changed({ nouns }: Catalog): readonly NounSchema[] {
    const { state, catalog } = this.#options
    const isChanged = (schema: NounSchema): boolean => catalog.lookup(schema.name) !== schema
    return nouns.filter(
      (schema) => state.hasTable(schema.name) && isChanged(schema) && state.countColumns(schema) <= columnsMax,
    )
  }

  /** The Noun may have lost its tables, or got the index, since the last one. Returns false if there is nothing to create. */
  #createOne(schema: NounSchema): boolean {
    const { sql, state } = this.#options
    state.widen(schema)
    const text = state.hasTable(schema.name) ? missingIndex(sql, state.tableOf(schema)) : undefined
    if (text !== undefined) sql.exec(text)
    return text !== undefined
  }

  async #readInSlices(table: string): Promise<void> {
    const { sql, pausing } = this.#options
    const pause = pausing()
    const next = `SELECT "$id" AS id FROM ${table} WHERE "$id" > ? ORDER BY "$id" LIMIT 1 OFFSET ?`
    for (let after: string | undefined = ''; after !== undefined; await pause())
      after = sql.exec<{ id: string }>(next, after, rowsPerSlice).toArray()[0]?.id
  }

  async #rest(): Promise<void> {
    const pause = this.#options.pausing()
    for (let rests = 0; rests < restsAfterIndex; rests++) await pause()
  }
}
