// Values of services that end by themselves, such as tokens, and that are no events: no answer, file or export has them.

export interface ExpiringValue {
  readonly key: string
  readonly value: string
  /** The time from which it does not exist, in ms of the server's clock. */
  readonly endsMs: number | undefined
  readonly meta: string | undefined
}

export interface PutValue {
  readonly key: string
  readonly value: string
  /** A second name by which it is found; several values may share one. */
  readonly name?: string | undefined
  readonly endsMs?: number | undefined
  /** A short string that a listing has too. */
  readonly meta?: string | undefined
}

export interface ListedValues {
  readonly prefix: string
  /** The listing continues after this key. */
  readonly after?: string | undefined
  readonly limit: number
}

interface Row extends Record<string, SqlStorageValue> {
  readonly key: string
  readonly value: string
  readonly ends: number | null
  readonly meta: string | null
}

/** Many values are swept at a time, since each sweep takes an alarm. Nothing that has ended is read meanwhile. */
const sweepAfterMs = 600_000

/** Each statement is atomic, and those between two awaits of a caller are so together. */
export class ExpiringValues {
  readonly #sql: SqlStorage
  readonly #now: () => number
  readonly #changed: () => void

  /** `changed` sets the alarm of the next sweep. */
  constructor(options: { readonly sql: SqlStorage; readonly now: () => number; readonly changed: () => void }) {
    this.#sql = options.sql
    this.#now = options.now
    this.#changed = options.changed
  }

  get(key: string): ExpiringValue | undefined {
    const query = 'SELECT key, value, ends, meta FROM expiring_values WHERE key = ? AND coalesce(ends > ?, 1)'
    return this.#rows(query, key, this.#now())[0]
  }

  /** Returns the first value with this name. */
  named(name: string): ExpiringValue | undefined {
    const query =
      'SELECT key, value, ends, meta FROM expiring_values WHERE name = ? AND coalesce(ends > ?, 1) ORDER BY key LIMIT 1'
    return this.#rows(query, name, this.#now())[0]
  }

  /** Returns values in the order of their keys. */
  list({ prefix, after = '', limit }: ListedValues): readonly ExpiringValue[] {
    // With two lower bounds SQLite may begin at the lower one.
    const isWithin = after >= prefix
    const query = `SELECT key, value, ends, meta FROM expiring_values WHERE key ${isWithin ? '>' : '>='} ? AND key < ? AND coalesce(ends > ?, 1) ORDER BY key LIMIT ?`
    return this.#rows(query, isWithin ? after : prefix, endOfPrefix(prefix), this.#now(), limit)
  }

  count(prefix: string): number {
    const query = 'SELECT count(*) AS count FROM expiring_values WHERE key >= ? AND key < ? AND coalesce(ends > ?, 1)'
    return this.#sql.exec<{ count: number }>(query, prefix, endOfPrefix(prefix), this.#now()).one().count
  }

  put({ key, value, name, endsMs, meta }: PutValue): void {
    const statement =
      'INSERT INTO expiring_values VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name, value = excluded.value, ends = excluded.ends, meta = excluded.meta'
    this.#sql.exec(statement, key, name ?? null, value, endsMs ?? null, meta ?? null)
    this.#changed()
  }

  /** Returns the value that is removed; undefined if it did not exist. Of several callers at once, one gets it. */
  take(key: string): ExpiringValue | undefined {
    const query = 'DELETE FROM expiring_values WHERE key = ? RETURNING key, value, ends, meta'
    const [row] = this.#rows(query, key)
    return row === undefined || (row.endsMs !== undefined && row.endsMs <= this.#now()) ? undefined : row
  }

  delete(key: string): void {
    this.#sql.exec('DELETE FROM expiring_values WHERE key = ?', key)
  }

  deleteAll(prefix: string): void {
    this.#sql.exec('DELETE FROM expiring_values WHERE key >= ? AND key < ?', prefix, endOfPrefix(prefix))
  }

  get sweepDueMs(): number | undefined {
    // Without the condition, SQLite does not take the index of values that end.
    const query = 'SELECT min(ends) AS ends FROM expiring_values WHERE ends IS NOT NULL'
    const { ends } = this.#sql.exec<{ ends: number | null }>(query).one()
    return ends === null ? undefined : ends + sweepAfterMs
  }

  sweep(realMs: number): void {
    this.#sql.exec('DELETE FROM expiring_values WHERE ends <= ?', realMs)
  }

  #rows(query: string, ...parameters: readonly SqlStorageValue[]): readonly ExpiringValue[] {
    return this.#sql
      .exec<Row>(query, ...parameters)
      .toArray()
      .map(({ key, value, ends, meta }) => ({ key, value, endsMs: ends ?? undefined, meta: meta ?? undefined }))
  }
}

/** Every key with this prefix sorts before it. */
function endOfPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`
}
