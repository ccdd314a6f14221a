// Rows of the tables of one Noun's definition: the present version of an entity, and its way into the past.

import type { EntityFields } from 'digital-objects'
import { ColumnSet, KeptStatements, RowInsert } from '../base/kept-statements.ts'
import { metaColumns, type NounTable } from './noun-table.ts'
import { encodeValue, type Row, rowToVersion, type SqlValue, type StoredVersion, versionToRow } from './row-codec.ts'

export class TableRows {
  /** Quoted columns of the tables that the definition does not have. */
  readonly otherColumns: readonly string[]
  readonly #sql: SqlStorage
  readonly #table: NounTable
  readonly #getText: string
  readonly #removeText: string
  readonly #insert: RowInsert
  readonly #retire: KeptStatements
  readonly #update: KeptStatements

  constructor(sql: SqlStorage, table: NounTable, otherColumns: readonly string[]) {
    const { present, past, columnNames, columnList } = table
    this.otherColumns = otherColumns
    this.#sql = sql
    this.#table = table
    this.#getText = `SELECT ${columnList} FROM ${present} WHERE "$id" = ?`
    this.#removeText = `DELETE FROM ${present} WHERE "$id" = ?`
    this.#insert = new RowInsert(present, columnNames)
    this.#retire = new KeptStatements((isIn) => {
      const columns = [...columnNames.filter((_, at) => isIn(at)), ...otherColumns].join(', ')
      return `INSERT INTO ${past} (${columns}, "$until") SELECT ${columns}, ? FROM ${present} WHERE "$id" = ?`
    })
    this.#update = new KeptStatements((isIn) => {
      const sets = columnNames.filter((_, at) => isIn(at)).map((name) => `${name} = ?`)
      // The event contains the whole entity, so values of fields that its definition lacks are removed.
      const cleared = otherColumns.map((name) => `${name} = NULL`)
      return `UPDATE ${present} SET ${[...sets, ...cleared].join(', ')} WHERE "$id" = ?`
    })
  }

  get(id: string): StoredVersion | undefined {
    const row = firstRow(this.#sql.exec(this.#getText, id))
    return row === undefined ? undefined : rowToVersion(this.#table, row)
  }

  /** Returns the row. */
  insert(next: StoredVersion): Row {
    const row = versionToRow(this.#table, next)
    const { statement, values } = this.#insert.of(row)
    this.#sql.exec(statement, ...values)
    return row
  }

  remove(id: string): void {
    this.#sql.exec(this.#removeText, id)
  }

  /** Copies the present version into the past; only columns with a value, since most are empty. */
  retire(present: StoredVersion, untilSeq: number): void {
    const used = new ColumnSet()
    for (let at = 0; at < metaColumns.length; at++) used.add(at)
    for (const [at, { field }] of this.#table.columns.entries())
      if (present.fields[field] !== undefined) used.add(metaColumns.length + at)
    this.#sql.exec(this.#retire.of(used), untilSeq, present.id)
  }

  /** Updates only changed columns, so that indexes of other fields are not touched. Returns the row. */
  update(before: EntityFields, next: StoredVersion): Row {
    const changed = new ColumnSet()
    const values: SqlValue[] = []
    const row = versionToRow(this.#table, next)
    for (let at = 0; at < row.length; at++) {
      const value = row[at] ?? null
      const column = this.#table.columns[at - metaColumns.length]
      const isChanged = column === undefined ? isChanging(at) : value !== encodeValue(column, before[column.field])
      if (!isChanged) continue
      changed.add(at)
      values.push(value)
    }
    this.#sql.exec(this.#update.of(changed), ...values, next.id)
    return row
  }
}

/** The meta-columns that differ between versions, by position. */
const changing: ReadonlySet<string> = new Set(['$version', '$updatedAt', '$seq', '$text'])

function isChanging(at: number): boolean {
  return changing.has(metaColumns[at] ?? '')
}

/** Reads the cursor to its end, so that its statement is released. */
export function firstRow(cursor: SqlStorageCursor<Record<string, SqlStorageValue>>): Row | undefined {
  return [...cursor.raw<SqlValue[]>()][0]
}
