// Messages that the directory owes to tenants: a message is stored in the transaction that makes it due, and removed once the tenant has
// it. A message may reach a tenant twice. One that fails is tried again later and later, so it does not hold up others.

export interface OwedMessage {
  readonly tenant: string
  /**
   * `end-session` names a session, `activate` a user whose invitation was accepted, and `claim` the account that has claimed the
   * trial, or nobody if a CI job has.
   */
  readonly kind: 'end-session' | 'activate' | 'claim'
  readonly subject: string
}

const retryMsMin = 2_000
const retryMsMax = 3_600_000

export class Owed {
  readonly #sql: SqlStorage
  readonly #now: () => number

  constructor(sql: SqlStorage, now: () => number) {
    this.#sql = sql
    this.#now = now
  }

  add({ tenant, kind, subject }: OwedMessage): void {
    const insert = 'INSERT INTO owed VALUES (?, ?, ?, 0, ?) ON CONFLICT DO UPDATE SET attempts = 0, due = excluded.due'
    this.#sql.exec(insert, tenant, kind, subject, this.#now())
  }

  /** Messages that are due, the oldest first. */
  due(limit: number): readonly OwedMessage[] {
    const query = 'SELECT tenant, kind, subject FROM owed WHERE due <= ? ORDER BY due LIMIT ?'
    return this.#sql.exec<OwedMessage & Record<string, string>>(query, this.#now(), limit).toArray()
  }

  /** The time of the next attempt, in ms; undefined if nothing is owed. */
  get nextMs(): number | undefined {
    return this.#sql.exec<{ due: number }>('SELECT due FROM owed ORDER BY due LIMIT 1').toArray()[0]?.due
  }

  remove({ tenant, kind, subject }: OwedMessage): void {
    this.#sql.exec('DELETE FROM owed WHERE tenant = ? AND kind = ? AND subject = ?', tenant, kind, subject)
  }

  /** Call it before an attempt, so that one which never ends is repeated too. */
  attempt({ tenant, kind, subject }: OwedMessage): void {
    const update = `UPDATE owed SET attempts = attempts + 1, due = ? + min(?, ? << min(attempts, 20))
      WHERE tenant = ? AND kind = ? AND subject = ?`
    this.#sql.exec(update, this.#now(), retryMsMax, retryMsMin, tenant, kind, subject)
  }
}
