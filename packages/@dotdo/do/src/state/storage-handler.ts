// The materialized state: the current and past versions of every entity, derived only from events.

import type { NounLookup, NounSchema } from 'digital-objects'
import { moveListValues } from './list-index.ts'
import { ListIndexes } from './list-indexes.ts'
import { ChangeStamps } from './change-stamps.ts'
import { quoteName, unquoteName } from './column.ts'
import { nounToTable, columnDefinition, metaColumns, type NounTable, pastMark, pastOf } from './noun-table.ts'
import { createOldSpellingIndexes, OldSpellings, type ValueOfOther } from './old-spellings.ts'
import { RecentRows } from './recent-rows.ts'
import { replaceIndexes } from './table-indexes.ts'
import { rowToVersion, type StoredVersion } from './row-codec.ts'
import type { StateChange } from './state-change.ts'
import { firstRow, TableRows } from './table-rows.ts'

/** Limits the events of one statement, so that its parameter stays far below the limit of 2 MB. */
const countedMax = 5_000

/** Caches of the tables at the start of a nested transaction. */
export interface StateMark {
  readonly shapeCount: number
  readonly counts: ReadonlyMap<string, number>
}

export class StorageHandler {
  readonly #sql: SqlStorage
  readonly #lookup: NounLookup
  /** The tables of each definition. A schema is frozen, and a changed definition is another schema. */
  #tables = new WeakMap<NounSchema, NounTable>()
  /** Nouns with a past table of before version 5. */
  readonly #unmarked = new Set<string>()
  /** Nouns whose tables exist, each with a version of its definition in the table `nouns`. */
  readonly #versionsInUse = new Map<string, string>()
  /** The first event since which these definitions are in use. */
  readonly #inUseSince = new Map<string, number>()
  /** Made again when a table gets or loses columns. */
  #rows = new WeakMap<NounTable, TableRows>()
  readonly #recent = new RecentRows()
  readonly #oldSpellings: OldSpellings
  readonly #lists: ListIndexes
  readonly stamps = new ChangeStamps()
  /** Cached row counts by table. */
  #counts = new Map<string, number>()
  /** Counts the changes of tables and their columns. */
  #shapeCount = 0

  constructor(options: { sql: SqlStorage; lookup: NounLookup }) {
    this.#sql = options.sql
    this.#lookup = options.lookup
    this.#oldSpellings = new OldSpellings(options.sql)
    this.#lists = new ListIndexes(options.sql)
  }

  /** Returns a Noun's tables by its current definition, even if they do not exist yet. Undefined for an unknown Noun. */
  table(name: string): NounTable | undefined {
    const schema = this.#lookup(name)
    return schema === undefined ? undefined : this.tableOf(schema)
  }

  /** Returns the tables by any definition that was ever in use. Columns of removed fields are kept. */
  tableOf(schema: NounSchema): NounTable {
    let table = this.#tables.get(schema)
    if (table === undefined) {
      table = nounToTable(schema, !this.#unmarked.has(schema.name))
      this.#tables.set(schema, table)
    }
    return table
  }

  /** Whether the Noun's tables exist. They are created by the first write; before it, the Noun has no entities. */
  hasTable(name: string): boolean {
    return this.#versionsInUse.has(name)
  }

  /** Returns the names of the Nouns whose tables exist. */
  nounsWithTables(): readonly string[] {
    return [...this.#versionsInUse.keys()]
  }

  /** Reads again which tables exist. Call it at start and after a rollback. */
  reload(): void {
    this.#versionsInUse.clear()
    this.#inUseSince.clear()
    this.#rows = new WeakMap()
    this.forgetRows()
    // The one that came into use last is in use, unless the program has changed; `shapeAll` then adapts the tables.
    const query = 'SELECT name, version, latest FROM nouns ORDER BY latest, since'
    for (const { name, version, latest } of this.#sql.exec<{ name: string; version: string; latest: number }>(query)) {
      this.#versionsInUse.set(name, version)
      this.#inUseSince.set(name, latest)
    }
    this.#lists.reload(this.#versionsInUse.keys())
    this.#reloadUnmarked()
  }

  /** The caches at the start of a nested transaction, for `rollBack`. */
  mark(): StateMark {
    return { shapeCount: this.#shapeCount, counts: new Map(this.#counts) }
  }

  /** Follows the rollback of a nested transaction. */
  rollBack({ shapeCount, counts }: StateMark): void {
    if (shapeCount !== this.#shapeCount) return this.reload()
    this.forgetRows()
    this.#counts = new Map(counts)
  }

  #reloadUnmarked(): void {
    const before = [...this.#unmarked].join(' ')
    this.#unmarked.clear()
    for (const name of this.#versionsInUse.keys())
      if (!this.#columnsOf(`${name}/past`).includes(pastMark)) this.#unmarked.add(name)
    if ([...this.#unmarked].join(' ') !== before) this.#tables = new WeakMap()
  }

  /**
   * Returns the quoted past table of a Noun that marks the versions in its indexes, also if the Noun has no definition now:
   * its past can still be read.
   */
  markedPast(name: string): string | undefined {
    return this.hasTable(name) && !this.#unmarked.has(name) ? pastOf(name) : undefined
  }

  /** Whether a list index exists. That of a definition not in use may not. */
  hasList(quoted: string): boolean {
    return this.#lists.has(quoted)
  }

  /**
   * Adapts the tables to the definitions of a new program. Call it at start, before any read, because SQLite reads the quoted
   * name of a missing column as a string literal, without an error.
   */
  shapeAll(): void {
    for (const [name, version] of this.#versionsInUse) {
      const schema = this.#lookup(name)
      if (schema !== undefined && schema.version !== version) this.shape(schema)
    }
  }

  /** Creates the indexes of old spellings in tables from before there were any. */
  indexOldSpellings(): void {
    const schemas = [...this.#versionsInUse.keys()].flatMap((name) => this.#lookup(name) ?? [])
    createOldSpellingIndexes(
      this.#sql,
      schemas.map((schema) => this.tableOf(schema)),
    )
  }

  /** Creates the Noun's tables if its definition is new to the tenant. Call it inside the transaction of the write. */
  ensureTable(schema: NounSchema, seq: number): NounTable {
    const table = this.tableOf(schema)
    if (this.#versionsInUse.get(schema.name) === schema.version) return table
    this.#shapeCount++
    for (const definition of table.definitions) this.#sql.exec(definition)
    this.#versionsInUse.set(schema.name, schema.version)
    this.shape(schema)
    this.#sql.exec(
      'INSERT INTO nouns VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT DO UPDATE SET latest = excluded.latest',
      schema.name,
      schema.version,
      JSON.stringify(schema),
      seq,
    )
    this.#inUseSince.set(schema.name, seq)
    return table
  }

  /** Returns the event since which all of the Noun's events have the definition in use. */
  inUseSince(noun: string): number {
    return this.#inUseSince.get(noun) ?? Number.MAX_SAFE_INTEGER
  }

  /** Adapts existing tables to a definition. Call it inside the transaction that brings the definition into use. */
  shape(schema: NounSchema): void {
    if (!this.#versionsInUse.has(schema.name)) return
    const table = this.tableOf(schema)
    this.#shapeCount++
    this.#oldSpellings.forget()
    this.#recent.clear()
    this.#addColumns(table)
    replaceIndexes(this.#sql, table)
    this.#lists.replace(table)
  }

  /** Adds the columns of a past definition to existing tables. */
  widen(schema: NounSchema): void {
    if (this.#versionsInUse.has(schema.name)) this.#addColumns(this.tableOf(schema))
  }

  #addColumns(table: NounTable): void {
    for (const quoted of [table.present, table.past]) {
      const present = this.#columnsOf(unquoteName(quoted))
      const missing = table.columns.filter((column) => !present.includes(column.name))
      for (const column of missing) this.#sql.exec(`ALTER TABLE ${quoted} ADD COLUMN ${columnDefinition(column)}`)
      if (missing.length === 0) continue
      this.#shapeCount++
      this.#rows = new WeakMap()
    }
  }

  #columnsOf(tableName: string): readonly string[] {
    const query = 'SELECT name FROM pragma_table_info(?)'
    return [...this.#sql.exec<{ name: string }>(query, tableName)].map(({ name }) => name)
  }

  /** Returns the quoted columns of the Noun's tables that its definition does not have. */
  otherColumns(table: NounTable): readonly string[] {
    return this.#rowsOf(table).otherColumns
  }

  #rowsOf(table: NounTable): TableRows {
    const known = this.#rows.get(table)
    if (known !== undefined) return known
    const own = new Set<string>([...metaColumns, ...table.columns.map(({ name }) => name)])
    const others = this.#columnsOf(unquoteName(table.present)).filter((name) => !own.has(name))
    const rows = new TableRows(this.#sql, table, others.map(quoteName))
    this.#rows.set(table, rows)
    return rows
  }

  /** Drops columns that the definition does not have and that have no value in any version. */
  reclaimColumns(table: NounTable): void {
    // A program whose definition was never used may have left indexes, which would keep their columns.
    replaceIndexes(this.#sql, table)
    for (const column of this.otherColumns(table)) {
      const isUsed = [table.present, table.past].some(
        (name) => this.#sql.exec(`SELECT 1 FROM ${name} WHERE ${column} IS NOT NULL LIMIT 1`).toArray().length > 0,
      )
      if (isUsed) continue
      for (const name of [table.present, table.past]) this.#sql.exec(`ALTER TABLE ${name} DROP COLUMN ${column}`)
    }
    this.#rows = new WeakMap()
  }

  /** Returns the number of columns that the Noun's tables would have with this definition. */
  countColumns(schema: NounSchema): number {
    const present = this.#versionsInUse.has(schema.name) ? this.#columnsOf(schema.name) : []
    return new Set([...present, ...metaColumns, ...this.tableOf(schema).columns.map(({ name }) => name)]).size
  }

  /** Returns the current version of an entity. */
  get(table: NounTable, id: string): StoredVersion | undefined {
    if (!this.hasTable(table.schema.name)) return undefined
    return this.#rowsOf(table).get(id)
  }

  /** As `get`, for a write that changes the entity: from memory if it was written lately. */
  getToChange(table: NounTable, id: string): StoredVersion | undefined {
    return this.#recent.get(table, id) ?? this.get(table, id)
  }

  /** Reads rows that `getToChange` will return. Call it before changes of many entities. */
  recall(table: NounTable, ids: readonly string[]): void {
    if (this.hasTable(table.schema.name)) this.#recent.recall(this.#sql, table, ids)
  }

  /** Returns the version of an entity after the event `seq`, or undefined if it did not exist then. */
  getAsOf(table: NounTable, id: string, seq: number): StoredVersion | undefined {
    const present = this.get(table, id)
    if (present !== undefined && present.seq <= seq) return present
    if (!this.hasTable(table.schema.name)) return undefined
    const past = `SELECT ${table.columnList}, "$until" FROM ${table.past} WHERE "$id" = ? AND "$seq" <= ? ORDER BY "$seq" DESC LIMIT 1`
    const row = firstRow(this.#sql.exec(past, id, seq))
    if (row === undefined || Number(row.at(-1)) <= seq) return undefined
    return rowToVersion(table, row)
  }

  /** Returns the last version of a deleted entity, and the `seq` of its deletion. */
  getDeleted(
    table: NounTable,
    id: string,
  ): { readonly version: StoredVersion; readonly deletedSeq: number } | undefined {
    if (!this.hasTable(table.schema.name)) return undefined
    const past = `SELECT ${table.columnList}, "$until" FROM ${table.past} WHERE "$id" = ? ORDER BY "$seq" DESC LIMIT 1`
    const row = firstRow(this.#sql.exec(past, id))
    return row === undefined ? undefined : { version: rowToVersion(table, row), deletedSeq: Number(row.at(-1)) }
  }

  /** Returns the `seq`s of an entity's events after `after`, including deletions, oldest first. */
  eventSeqs(table: NounTable, options: { id: string; after: number; limit: number }): number[] {
    if (!this.hasTable(table.schema.name)) return []
    const { id, after, limit } = options
    // Each version starts with an event. If no other version starts at its end, a deletion ended it.
    const rows = this.#sql.exec<{ seq: number }>(
      `SELECT "$seq" AS seq FROM ${table.past} WHERE "$id" = ?1 AND "$seq" > ?2
       UNION SELECT "$until" FROM ${table.past} WHERE "$id" = ?1 AND "$until" > ?2
       UNION SELECT "$seq" FROM ${table.present} WHERE "$id" = ?1 AND "$seq" > ?2
       ORDER BY 1 LIMIT ?3`,
      id,
      after,
      limit,
    )
    return [...rows].map((row) => row.seq)
  }

  /** Returns the event that made a version. A deletion is a version without a row. */
  seqOfVersion(table: NounTable, id: string, version: number): number | undefined {
    if (!this.hasTable(table.schema.name)) return undefined
    const row = this.#sql.exec<{ seq: number }>(
      `SELECT "$seq" AS seq FROM ${table.present} WHERE "$id" = ?1 AND "$version" = ?2
       UNION ALL SELECT "$seq" FROM ${table.past} WHERE "$id" = ?1 AND "$version" = ?2
       UNION ALL SELECT "$until" FROM ${table.past} WHERE "$id" = ?1 AND "$version" = ?2 - 1 LIMIT 1`,
      id,
      version,
    )
    return row.toArray()[0]?.seq
  }

  /** Returns a live entity other than `id` for whose row the expression has this value. */
  idWithValue(table: NounTable, options: ValueOfOther): string | undefined {
    const { expression, value, id } = options
    const query = `SELECT "$id" FROM ${table.present} WHERE ${expression} = ? AND "$id" <> ?`
    return this.#sql.exec<{ $id: string }>(query, value, id).toArray()[0]?.$id
  }

  idWithOldSpelling(table: NounTable, value: ValueOfOther): string | undefined {
    return this.#oldSpellings.find(table, value)
  }

  /** For a write that refers to the entity. */
  exists(table: NounTable, id: string): boolean {
    if (!this.hasTable(table.schema.name)) return false
    if (this.#recent.has(table, id)) return true
    return this.#sql.exec(`SELECT 1 FROM ${table.present} WHERE "$id" = ?`, id).toArray().length > 0
  }

  /** Returns the number of live entities. SQLite counts them once, by reading a whole index; then the count is updated. */
  countPresent(table: NounTable): number {
    if (!this.hasTable(table.schema.name)) return 0
    const known = this.#counts.get(table.present)
    if (known !== undefined) return known
    const { count } = this.#sql.exec<{ count: number }>(`SELECT count(*) AS count FROM ${table.present}`).one()
    this.#counts.set(table.present, count)
    return count
  }

  /** Drops what is cached of rows. Call it after rows were written or deleted without `apply`. */
  forgetRows(): void {
    this.stamps.forget()
    this.#counts.clear()
    this.#oldSpellings.forget()
    this.#recent.clear()
  }

  #counted(table: NounTable, change: 1 | -1): void {
    const known = this.#counts.get(table.present)
    if (known !== undefined) this.#counts.set(table.present, known + change)
  }

  /** Returns the number of these events that replaced a live version. Creations and restorations did not. */
  countReplaced(table: NounTable, events: readonly { readonly id: string; readonly seq: number }[]): number {
    if (!this.hasTable(table.schema.name)) return 0
    const query = `SELECT count(*) AS count FROM json_each(?) AS event
      JOIN ${table.past} AS past ON past."$id" = event.value ->> 0 AND past."$until" = event.value ->> 1`
    let count = 0
    for (let start = 0; start < events.length; start += countedMax) {
      const pairs = events.slice(start, start + countedMax).map(({ id, seq }) => [id, seq])
      count += this.#sql.exec<{ count: number }>(query, JSON.stringify(pairs)).one().count
    }
    return count
  }

  /** Applies one event to the state. Events must be applied in order of `seq`, each once. */
  apply(change: StateChange): void {
    const { table, kind, next, previous } = change
    this.stamps.changed(table.schema.name)
    const rows = this.#rowsOf(table)
    if (kind !== 'created' && previous !== undefined) rows.retire(previous, next.seq)
    if (kind === 'deleted') {
      rows.remove(next.id)
      this.#recent.delete(next.id)
      this.#counted(table, -1)
    } else if (kind === 'created' || previous === undefined) {
      this.#recent.put(table, next.id, rows.insert(next))
      this.#counted(table, 1)
    } else this.#recent.put(table, next.id, rows.update(previous.fields, next))
    if (kind !== 'deleted') this.#oldSpellings.wrote(table, next.fields)
    const before = kind === 'created' ? undefined : previous
    for (const list of table.lists)
      moveListValues(this.#sql, list, {
        id: next.id,
        seq: next.seq,
        ...(before === undefined ? {} : { before: before.fields }),
        ...(kind === 'deleted' ? {} : { after: next.fields }),
      })
  }

  /** Points one version to the full-text row of its words. */
  setTextSeq(table: NounTable, { id, seq, textSeq }: Pick<StoredVersion, 'id' | 'seq' | 'textSeq'>): void {
    for (const name of [table.present, table.past])
      this.#sql.exec(`UPDATE ${name} SET "$text" = ? WHERE "$id" = ? AND "$seq" = ?`, textSeq, id, seq)
    this.#recent.delete(id)
  }
}
