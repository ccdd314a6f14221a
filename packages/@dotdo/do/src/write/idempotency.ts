// Idempotency keys: a write with a key is performed once, and a repeated request gets the result of the first one. Only
// committed writes are recorded; a refused one changed nothing and may be tried again.

import { ObjectError } from 'digital-objects'

const keptMs = 7 * 24 * 60 * 60 * 1_000
/** Each new key deletes this many expired ones, so that the table stays small without a job. */
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

  /** Returns the `seq` that this request wrote earlier, or undefined for a new key. Throws if another request used it. */
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
