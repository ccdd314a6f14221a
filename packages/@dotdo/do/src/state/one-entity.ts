// The one entity of a Noun of the system's own, which holds values of the whole tenant as JSON, such as its settings.

import type { NounSchema } from 'digital-objects'
import type { StorageHandler } from './storage-handler.ts'

export interface StoredEntity<Values> {
  readonly id: string
  readonly version: number
  readonly values: Values
}

export class OneEntity<Values> {
  readonly #noun: NounSchema
  readonly #state: StorageHandler
  readonly #sql: SqlStorage

  /** The Noun has a json field `values`, whose values were checked before they were written. */
  constructor(noun: NounSchema, { sql, state }: { readonly sql: SqlStorage; readonly state: StorageHandler }) {
    this.#noun = noun
    this.#sql = sql
    this.#state = state
  }

  /** The stored values; undefined if the tenant has set none. */
  stored(): StoredEntity<Values> | undefined {
    return this.#read('present')
  }

  /** The entity after an event. */
  storedAt(seq: number): StoredEntity<Values> | undefined {
    return this.#read('asOf', seq)
  }

  #read(kind: 'present' | 'asOf', seq = 0): StoredEntity<Values> | undefined {
    if (!this.#state.hasTable(this.#noun.name)) return undefined
    const { present, past } = this.#state.tableOf(this.#noun)
    const columns = '"$id" AS id, "$version" AS version, "values:json" AS "values"'
    const rows =
      kind === 'present'
        ? this.#sql.exec<Row>(`SELECT ${columns} FROM ${present} LIMIT 1`)
        : this.#sql.exec<Row>(
            `SELECT ${columns} FROM ${present} WHERE "$seq" <= ?1
             UNION ALL SELECT ${columns} FROM ${past} WHERE "$seq" <= ?1 AND "$until" > ?1 LIMIT 1`,
            seq,
          )
    const [row] = rows.toArray()
    if (row === undefined) return undefined
    return { ...row, values: JSON.parse(row.values) as Values } // checked before it was written
  }
}

interface Row extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly version: number
  readonly values: string
}
