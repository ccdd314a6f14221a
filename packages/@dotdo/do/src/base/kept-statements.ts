// Statements that depend on which columns of a table they name. Most rows of a table have values in the same columns, so
// the statements are kept: the engine would hash each new string again.

/** More sets of columns make their statements anew. */
const keptMax = 64
/** A number holds so many bits exactly. */
const bitsMax = 50

/** Some of at most 100 columns, by position. */
export class ColumnSet {
  low = 0
  high = 0

  add(at: number): void {
    if (at < bitsMax) this.low += 2 ** at
    else this.high += 2 ** (at - bitsMax)
  }
}

export class KeptStatements {
  readonly #make: (isIn: (at: number) => boolean) => string
  readonly #kept = new Map<number, Map<number, string>>()

  constructor(make: (isIn: (at: number) => boolean) => string) {
    this.#make = make
  }

  of({ low, high }: ColumnSet): string {
    return this.#kept.get(low)?.get(high) ?? this.#keep({ low, high })
  }

  #keep({ low, high }: Pick<ColumnSet, 'low' | 'high'>): string {
    const isIn = (at: number): boolean =>
      Math.floor(at < bitsMax ? low / 2 ** at : high / 2 ** (at - bitsMax)) % 2 === 1
    const statement = this.#make(isIn)
    if (this.#kept.size >= keptMax) this.#kept.clear()
    this.#kept.set(low, (this.#kept.get(low) ?? new Map<number, string>()).set(high, statement))
    return statement
  }
}

export type InsertedValue = string | number

/** Inserts only columns with a value, because each bound value costs time and most rows have many empty columns. */
export class RowInsert {
  readonly #statements: KeptStatements

  /** Quoted names. */
  constructor(into: string, names: readonly string[]) {
    this.#statements = new KeptStatements((isIn) => {
      const used = names.filter((_, at) => isIn(at))
      return `INSERT INTO ${into} (${used.join(', ')}) VALUES (${used.map(() => '?').join(', ')})`
    })
  }

  /** `row` has a value for each name. */
  of(row: readonly (InsertedValue | null)[]): {
    readonly statement: string
    readonly values: readonly InsertedValue[]
  } {
    const values: InsertedValue[] = []
    const columns = new ColumnSet()
    for (let at = 0; at < row.length; at++) {
      const value = row[at]
      if (value === null || value === undefined) continue
      values.push(value)
      columns.add(at)
    }
    return { statement: this.#statements.of(columns), values }
  }
}
