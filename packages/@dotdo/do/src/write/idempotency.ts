// A write that carries a key is done once: the same request again is answered with what the first one did.
// Only committed writes are remembered; a refused one changed nothing and may be tried again.

import { ObjectError } from 'digital-objects'

const keptMs = 7 * 24 * 60 * 60 * 1_000
/** Each new key sweeps this many that are out of date, so that the table stays small with no job of its own. */
const sweptPerWrite = 4

export interface IdempotencyKey {
  readonly actor: string
  readonly key: string
  /** A hash of the whole request. */
  readonly hash: string
}

export class IdempotencyStore {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** The `seq` of the event that this request made before; undefined if it is new. Another request under the key throws. */
  find(key: IdempotencyKey, nowMs: number): number | undefined {
    const query = 'SELECT hash, seq FROM idempotency WHERE scope = ? AND at > ?'
    const row = this.#sql.exec<{ hash: string; seq: number }>(query, scopeOf(key), nowMs - keptMs).toArray()[0]
    if (row === undefined) return undefined
    if (row.hash === key.hash) return row.seq
    throw new ObjectError({
      code: 'idempotency_mismatch',
      field: 'Idempotency-Key',
      message: `the key '${key.key}' was used for another request; a new request needs a new key`,
    })
  }

  put(key: IdempotencyKey, options: { seq: number; nowMs: number }): void {
    const { seq, nowMs } = options
    this.#sql.exec('INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?)', scopeOf(key), key.hash, seq, nowMs)
    this.#sql.exec(
      'DELETE FROM idempotency WHERE scope IN (SELECT scope FROM idempotency WHERE at <= ? ORDER BY at LIMIT ?)',
      nowMs - keptMs,
      sweptPerWrite,
    )
  }
}

function scopeOf(key: IdempotencyKey): string {
  return JSON.stringify([key.actor, key.key])
}
