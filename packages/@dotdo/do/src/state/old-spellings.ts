// Values of emails, slugs and domains from before they had one spelling. A partial index contains them, without regard to
// letter case, so that a new entity cannot have the same address. It is empty in a new tenant.

import type { EntityFields } from 'digital-objects'
import type { Column } from './column.ts'

export const oldSpellingSuffix = ' old spelling'

/** The condition of the rows with an old spelling, in the words of the index. */
export function isOldSpelling(expression: string): string {
  return `${expression} <> lower(${expression})`
}

/** A value that another entity than `id` may have. */
export interface ValueOfOther {
  readonly expression: string
  readonly value: SqlStorageValue
  readonly id: string
}

interface Spelled {
  readonly present: string
  readonly uniqueColumns: readonly Pick<Column, 'field'>[]
}

export class OldSpellings {
  readonly #sql: SqlStorage
  /** Whether the tables have values with an old spelling, by table and expression. */
  readonly #exist = new Map<string, boolean>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Returns the id of another entity whose old spelling is the value in another letter case. */
  find({ present }: Pick<Spelled, 'present'>, { expression, value, id }: ValueOfOther): string | undefined {
    const old = isOldSpelling(expression)
    const known = this.#exist.get(`${present} ${expression}`)
    const exists = known ?? this.#sql.exec(`SELECT 1 FROM ${present} WHERE ${old} LIMIT 1`).toArray().length > 0
    if (known === undefined) this.#exist.set(`${present} ${expression}`, exists)
    if (!exists) return undefined
    const query = `SELECT "$id" FROM ${present} WHERE ${old} AND ${expression} = ? COLLATE NOCASE AND "$id" <> ?`
    return this.#sql.exec<{ $id: string }>(query, value, id).toArray()[0]?.$id
  }

  /** A version of before can bring an old spelling back. */
  wrote({ uniqueColumns }: Spelled, fields: EntityFields): void {
    for (const { field } of uniqueColumns) {
      const value = fields[field]
      if (typeof value === 'string' && value !== value.toLowerCase()) this.forget()
    }
  }

  /** Call it after rows were written otherwise, and after a rollback. */
  forget(): void {
    this.#exist.clear()
  }
}

interface Indexed {
  readonly indexes: readonly { readonly name: string; readonly text: string }[]
}

/** Creates the indexes that tables of earlier versions lack. */
export function createOldSpellingIndexes(sql: SqlStorage, tables: readonly Indexed[]): void {
  for (const { name, text } of tables.flatMap(({ indexes }) => indexes)) {
    if (!name.endsWith(oldSpellingSuffix)) continue
    const found = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", name)
    if (found.toArray().length === 0) sql.exec(text)
  }
}
