// The strings that many rows of the log repeat, such as types and actors. A row stores the number of each.

/** Limits the cached strings, because a tenant may have any number of actors. */
const cachedMax = 10_000

export class Words {
  readonly #sql: SqlStorage
  readonly #numbers = new Map<string, number>()
  readonly #words = new Map<number, string>()
  #madeCount = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Clears the cache; call after a rollback. */
  reload(): void {
    this.#numbers.clear()
    this.#words.clear()
  }

  /** Counts the strings that this object gave a number. */
  get madeCount(): number {
    return this.#madeCount
  }

  /** Returns the string's number. A new string gets one, so call it in the transaction that appends the event. */
  number(word: string): number {
    const known = this.find(word)
    if (known !== undefined) return known
    this.#madeCount++
    const query = 'INSERT INTO log_words (word) VALUES (?) RETURNING number'
    return this.#cache(this.#sql.exec<{ number: number }>(query, word).one().number, word).number
  }

  /** Returns the string's number, or undefined if no row has the string. */
  find(word: string): number | undefined {
    const known = this.#numbers.get(word)
    if (known !== undefined) return known
    const [row] = this.#sql.exec<{ number: number }>('SELECT number FROM log_words WHERE word = ?', word).toArray()
    return row === undefined ? undefined : this.#cache(row.number, word).number
  }

  word(number: number): string {
    const known = this.#words.get(number)
    if (known !== undefined) return known
    const query = 'SELECT word FROM log_words WHERE number = ?'
    return this.#cache(number, this.#sql.exec<{ word: string }>(query, number).one().word).word
  }

  /** Returns the string of a column, which rows of format 1 hold themselves. */
  stored(value: string, format: number): string {
    return format === 1 ? value : this.word(Number(value))
  }

  #cache(number: number, word: string): { readonly number: number; readonly word: string } {
    if (this.#numbers.size >= cachedMax) this.reload()
    this.#numbers.set(word, number)
    this.#words.set(number, word)
    return { number, word }
  }
}
