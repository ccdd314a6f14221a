// Tables beside those of the state, in which a rebuild replays the log. Then they replace rows of the state that differ, some
// entities at a time.

import { ActorBlocks } from '../log/actor-blocks.ts'
import type { LogRow } from '../log/log-row.ts'
import { quoteName } from '../state/column.ts'
import { textSeqOf } from '../state/full-text.ts'
import { listPrefix, moveListValues } from '../state/list-index.ts'
import { type NounTable, shadowOf } from '../state/noun-table.ts'
import { encodeValue, type StoredVersion } from '../state/row-codec.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import { eventDataToRow, isDeletion } from './changed-entities.ts'
import { PastDefinitions } from './past-definitions.ts'

/** Rows of each table that one slice compares, and replaces if they differ. */
const rowsPerSlice = 500
/** Rows that one slice deletes from a table without indexes. */
const droppedPerSlice = 5_000
/** Follows every id. */
const lastId = '~'

/** Drops the shadows of this or a killed rebuild, some rows at a time. */
export async function dropShadows(sql: SqlStorage, pause: () => Promise<void>): Promise<void> {
  for (const name of shadowNames(sql)) {
    // A list index is small, and not in the order of ids.
    while (!name.includes(listPrefix('/rebuilt'))) {
      const [last] = sql
        .exec<{ id: string }>(`SELECT "$id" AS id FROM ${name} ORDER BY "$id" LIMIT 1 OFFSET ?`, droppedPerSlice)
        .toArray()
      if (last === undefined) break
      sql.exec(`DELETE FROM ${name} WHERE "$id" <= ?`, last.id)
      await pause()
    }
    sql.exec(`DROP TABLE ${name}`)
  }
}

export function hasShadows(sql: SqlStorage): boolean {
  return shadowNames(sql).length > 0
}

function shadowNames(sql: SqlStorage): readonly string[] {
  const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '*/rebuilt*'"
  return [...sql.exec<{ name: string }>(query)].map(({ name }) => quoteName(name))
}

export class Shadows {
  readonly #sql: SqlStorage
  readonly #state: StorageHandler
  readonly #tables: ReadonlyMap<string, NounTable>
  readonly #definitions: PastDefinitions
  readonly #actors: ActorBlocks
  /** Quoted columns that the shadows have and the definitions do not. Columns that the state gets later have no values. */
  readonly #otherColumns = new Map<string, readonly string[]>()
  /** The id up to which a Noun's shadow has replaced the state. Later events have changed the state only. */
  readonly #passed = new Map<string, string>()

  constructor({ storage, state }: { readonly storage: DurableObjectStorage; readonly state: StorageHandler }) {
    this.#sql = storage.sql
    this.#state = state
    this.#definitions = new PastDefinitions(storage.sql)
    this.#actors = new ActorBlocks(storage.sql)
    this.#tables = new Map(
      state.nounsWithTables().flatMap((noun) => {
        const table = state.table(noun)
        return table === undefined ? [] : [[noun, shadowOf(table)]]
      }),
    )
  }

  get nouns(): readonly string[] {
    return [...this.#tables.keys()]
  }

  create(): void {
    for (const { schema, present, past, definitions, lists } of this.#tables.values()) {
      for (const definition of definitions) this.#sql.exec(definition)
      for (const { definition } of lists) this.#sql.exec(definition)
      const others = this.#state.otherColumns(this.#state.tableOf(schema))
      this.#otherColumns.set(schema.name, others)
      for (const column of others)
        for (const name of [present, past]) this.#sql.exec(`ALTER TABLE ${name} ADD COLUMN ${column}`)
    }
  }

  /** Whether the definitions by which the state is rebuilt are still in use. */
  areCurrent(): boolean {
    return [...this.#tables].every(([noun, { schema }]) => this.#state.table(noun)?.schema === schema)
  }

  /** Rows must come in order of `seq`, each once. */
  replay(rows: readonly LogRow[]): void {
    for (const row of rows) {
      // Written directly: existing rows stay valid.
      this.#actors.add(row.actor, row.seq)
      const table = this.#tables.get(row.type.slice(0, row.type.indexOf('.')))
      // Without a table the definition was removed, or is newer than this rebuild and the state has the event already.
      if (table === undefined) continue
      if (row.target <= (this.#passed.get(table.schema.name) ?? '')) this.#replayLists(table, row)
      else this.#replayOne(table, row)
    }
  }

  #replayOne(table: NounTable, row: LogRow): void {
    const { schema } = table
    const previous = this.#state.get(table, row.target)
    const kind = isDeletion(row.type) ? 'deleted' : previous === undefined ? 'created' : 'changed'
    const { isDeleted: _, ...entity } = eventDataToRow(row.data, { seq: row.seq, isDeleted: kind === 'deleted' })
    const fields = this.#definitions.fieldsToday(schema, { version: row.noun, fields: entity.fields })
    const before = previous ?? (row.version > 1 ? this.#state.getDeleted(table, row.target)?.version : undefined)
    const next: StoredVersion = { ...entity, fields, textSeq: textSeqOf(schema, { fields, seq: row.seq }, before) }
    this.#state.apply({ table, kind, next, ...(previous === undefined ? {} : { previous }) })
    if (kind === 'deleted') return
    // Values of fields that only other definitions have, which may come back.
    for (const { column, value } of this.#definitions.fieldsGone(schema, {
      version: row.noun,
      fields: entity.fields,
    })) {
      const statement = `UPDATE ${table.present} SET ${quoteName(column.name)} = ? WHERE "$id" = ?`
      this.#sql.exec(statement, encodeValue(column, value), row.target)
    }
  }

  /** The entity's rows have been replaced, and the event has changed them. Only the shadows of list indexes lack it. */
  #replayLists(shadow: NounTable, { type, target, seq }: LogRow): void {
    const table = this.#state.tableOf(shadow.schema)
    const [before, after] = [seq - 1, seq].map((at) => this.#state.getAsOf(table, target, at))
    for (const list of shadow.lists)
      moveListValues(this.#sql, list, {
        id: target,
        seq,
        ...(before === undefined ? {} : { before: before.fields }),
        ...(after === undefined || isDeletion(type) ? {} : { after: after.fields }),
      })
  }

  /** Replaces the rows of the next entities that differ. Returns false after the last. Both must be at the log's end. */
  takePlaceOfSome(noun: string): boolean {
    const shadow = this.#tables.get(noun)
    if (shadow === undefined) return false
    const after = this.#passed.get(noun) ?? ''
    const table = this.#state.tableOf(shadow.schema)
    const range = { after, through: this.#endOf([shadow, table], after) }
    const columns = [table.columnList, ...(this.#otherColumns.get(noun) ?? [])].join(', ')
    this.#replaceRows({ from: shadow.present, into: table.present, columns, key: '"$id"' }, range)
    this.#replaceRows(
      { from: shadow.past, into: table.past, columns: `${columns}, "$until"`, key: '"$id", "$seq"' },
      range,
    )
    this.#state.forgetRows()
    this.#passed.set(noun, range.through)
    return range.through !== lastId
  }

  /** Returns the id at which the first table with more rows has a slice's worth of them. */
  #endOf(tables: readonly NounTable[], after: string): string {
    const ends = tables
      .flatMap(({ present, past }) => [present, past])
      .flatMap((name) => {
        const query = `SELECT "$id" AS id FROM ${name} WHERE "$id" > ? ORDER BY "$id" LIMIT 1 OFFSET ?`
        return this.#sql.exec<{ id: string }>(query, after, rowsPerSlice).toArray()
      })
    return ends.map(({ id }) => id).toSorted()[0] ?? lastId
  }

  #replaceRows(
    of: { readonly from: string; readonly into: string; readonly columns: string; readonly key: string },
    { after, through }: { readonly after: string; readonly through: string },
  ): void {
    const { from, into, columns, key } = of
    const rows = (name: string): string => `SELECT ${columns} FROM ${name} WHERE "$id" > ?1 AND "$id" <= ?2`
    const wrong = `SELECT ${key} FROM (${rows(into)} EXCEPT ${rows(from)})`
    const range = '"$id" > ?1 AND "$id" <= ?2'
    this.#sql.exec(`DELETE FROM ${into} WHERE ${range} AND (${key}) IN (${wrong})`, after, through)
    // A row that differs may hold the unique value of another one, whose turn is later.
    this.#sql.exec(`INSERT OR REPLACE INTO ${into} (${columns}) ${rows(from)} EXCEPT ${rows(into)}`, after, through)
    this.#sql.exec(`DELETE FROM ${from} WHERE ${range}`, after, through)
  }

  /** Puts the list indexes in place, and drops columns that no version uses. Call it in the transaction of the end. */
  finish(): void {
    for (const shadow of this.#tables.values()) {
      const table = this.#state.tableOf(shadow.schema)
      for (const [at, list] of table.lists.entries()) {
        this.#sql.exec(`DROP TABLE IF EXISTS ${list.table}`)
        this.#sql.exec(`ALTER TABLE ${shadow.lists[at]?.table ?? ''} RENAME TO ${list.table}`)
      }
      this.#state.reclaimColumns(table)
    }
    this.#state.forgetRows()
  }
}
