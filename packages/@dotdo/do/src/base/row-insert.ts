// INSERT statements of one table. Only columns with a value are inserted, because each bound value costs time and most rows
// have many empty columns. Most rows of a table have values in the same columns, so their statements are kept: a new string
// would be hashed again by the engine for each row.

/** More kinds of rows make their statements anew. */
const keptMax = 64
/** A number holds so many bits exactly. */
const bitsMax = 50

export type InsertedValue = string | number | ArrayBuffer

export class RowInsert {
  readonly #into: string
  readonly #names: readonly string[]
  /** Statements by the columns that have values, as bits. */
  readonly #kept = new Map<number, Map<number, string>>()

  /** Quoted names. */
  constructor(into: string, names: readonly string[]) {
    this.#into = into
    this.#names = names
  }

  /** `row` has a value for each name. */
  of(row: readonly (InsertedValue | null)[]): {
    readonly statement: string
    readonly values: readonly InsertedValue[]
  } {
    const values: InsertedValue[] = []
    let [low, high] = [0, 0]
    for (let at = 0; at < row.length; at++) {
      const value = row[at]
      if (value === null || value === undefined) continue
      values.push(value)
      if (at < bitsMax) low += 2 ** at
      else high += 2 ** (at - bitsMax)
    }
    return { statement: this.#kept.get(low)?.get(high) ?? this.#make(row, { low, high }), values }
  }

  #make(
    row: readonly (InsertedValue | null)[],
    { low, high }: { readonly low: number; readonly high: number },
  ): string {
    const names = this.#names.filter((_, at) => row[at] !== null)
    const statement = `INSERT INTO ${this.#into} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
    if (this.#kept.size >= keptMax) this.#kept.clear()
    this.#kept.set(low, (this.#kept.get(low) ?? new Map<number, string>()).set(high, statement))
    return statement
  }
}
