// Idempotency keys: a write with a key is performed once, and a repeated request gets the result of the first one. Only
// committed writes are recorded; a refused one changed nothing and may be tried again.

import { hash } from 'node:crypto'
import { ObjectError } from 'digital-objects'

/** Stands for an answer that was removed by the erasure of a person. No answer is empty. */
export const erasedResult = ''

const keptSeconds = 7 * 24 * 60 * 60
const scopeBytes = 16
const timeBytes = 6
const requestBytes = 8
/** Limits the keys that one step of the sweep examines. */
const sweptMax = 1_000
/** The pause between sweeps, each of which examines every key. */
const sweepPauseMs = 24 * 60 * 60 * 1_000

export interface IdempotencyKey {
  readonly actor: string
  readonly key: string
  /**
   * The whole request as a string that is the same for equal values, whatever the spacing and the order of keys. A request
   * must have the same string in every version of this program.
   */
  readonly request: string
  /** The request with its body as it was sent, by which versions before 5 compared; absent if it is `request`. */
  readonly asSent?: string
}

/** The outcome of a request. */
export interface KeyOutcome {
  /** The `seq` of its event, or of the first event of its commit; 0 or negative if the request changed nothing. */
  readonly seq: number
  /** The result as JSON, if it cannot be made from one event. */
  readonly result?: string
}

/** Where the store records when its next sweep is due. */
interface SweepMark {
  get(key: 'keysSweep'): string | undefined
  set(key: 'keysSweep', value: string): void
}

export class IdempotencyStore {
  readonly #sql: SqlStorage
  readonly #meta: SweepMark
  /** Whether keys of tables before version 5 remain; undefined until it is known. */
  #hasOldKeys: boolean | undefined
  /** The last scope that the sweep in progress has examined, and the earliest time of a key that it kept. */
  #swept: { readonly through: ArrayBuffer; readonly oldest: number } | undefined

  constructor(options: { readonly sql: SqlStorage; readonly meta: SweepMark }) {
    this.#sql = options.sql
    this.#meta = options.meta
  }

  /** Whether the key was used, for this request or another. */
  isKnown(key: IdempotencyKey, nowMs: number): boolean {
    const query = 'SELECT 1 FROM idempotency_keys WHERE scope = ? AND at >= ?'
    const oldest = Math.floor(nowMs / 1_000) - keptSeconds
    return this.#sql.exec(query, scopeOf(key), oldest).toArray().length > 0 || this.#findOld(key, nowMs) !== undefined
  }

  /**
   * Records that the commit `seq` is the outcome of this request, and returns undefined. If the request was performed before,
   * it changes nothing and returns the outcome of then. Throws if the key belongs to another request.
   */
  claim(key: IdempotencyKey, options: { readonly seq: number; readonly nowMs: number }): KeyOutcome | undefined {
    const { seq, nowMs } = options
    const old = this.#findOld(key, nowMs)
    if (old !== undefined) return { seq: old }
    const at = Math.floor(nowMs / 1_000)
    const row = [scopeOf(key), hashBytes(key.request, requestBytes), seq, at] as const
    const added = this.#sql.exec('INSERT OR IGNORE INTO idempotency_keys VALUES (?, ?, ?, ?)', ...row)
    if (added.rowsWritten > 0) {
      if (this.sweepDueMs === undefined) this.#meta.set('keysSweep', String(nowMs + keptSeconds * 1_000 + sweepPauseMs))
      return undefined
    }
    const query = 'SELECT request = ?2 AS isSame, seq, at FROM idempotency_keys WHERE scope = ?1'
    const found = this.#sql.exec<{ isSame: number; seq: number; at: number }>(query, row[0], row[1]).one()
    if (found.at < at - keptSeconds) {
      this.#sql.exec('INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?)', ...row)
      this.#sql.exec('DELETE FROM idempotency_results WHERE scope = ?', row[0])
      return undefined
    }
    if (found.isSame === 1) return { seq: found.seq, ...this.#resultOf(row[0]) }
    throw mismatch(key)
  }

  /** Returns the outcome of a request that was performed, without claiming its key. Throws if the key belongs to another. */
  find(key: IdempotencyKey, nowMs: number): KeyOutcome | undefined {
    const scope = scopeOf(key)
    const query = 'SELECT request = ?2 AS isSame, seq FROM idempotency_keys WHERE scope = ?1 AND at >= ?3'
    const earliest = Math.floor(nowMs / 1_000) - keptSeconds
    const [found] = this.#sql
      .exec<{ isSame: number; seq: number }>(query, scope, hashBytes(key.request, requestBytes), earliest)
      .toArray()
    if (found === undefined) return undefined
    if (found.isSame === 1) return { seq: found.seq, ...this.#resultOf(scope) }
    throw mismatch(key)
  }

  #resultOf(scope: ArrayBuffer): Pick<KeyOutcome, 'result'> {
    const query = 'SELECT result FROM idempotency_results WHERE scope = ?'
    const [found] = this.#sql.exec<{ result: string }>(query, scope).toArray()
    if (found?.result !== erasedResult) return found ?? {}
    throw new ObjectError({
      code: 'conflict',
      field: 'Idempotency-Key',
      message: 'this request was performed before, and its answer was removed since by the erasure of a person',
    })
  }

  /** Forgets the key of a write that was refused. Call it in the transaction of `claim`. */
  release(key: IdempotencyKey): void {
    this.#sql.exec('DELETE FROM idempotency_keys WHERE scope = ?', scopeOf(key))
  }

  /** Records another outcome of the claimed request than the commit that the claim named. */
  settle(key: IdempotencyKey, { seq, result }: KeyOutcome): void {
    const scope = scopeOf(key)
    this.#sql.exec('UPDATE idempotency_keys SET seq = ? WHERE scope = ?', seq, scope)
    if (result !== undefined) this.#sql.exec('INSERT INTO idempotency_results VALUES (?, ?)', scope, result)
  }

  /** When the next step of the sweep is due; undefined without keys. */
  get sweepDueMs(): number | undefined {
    const due = this.#meta.get('keysSweep')
    return due === undefined || due === '' ? undefined : Number(due)
  }

  /** Deletes expired keys among the next ones, in a transaction of its own. A sweep that is cut off starts again. */
  sweep(nowMs: number, storage: Pick<DurableObjectStorage, 'transactionSync'>): void {
    storage.transactionSync(() => {
      if (this.#sweepOld(nowMs)) return
      const expired = Math.floor(nowMs / 1_000) - keptSeconds
      const { through, oldest } = this.#swept ?? { through: new ArrayBuffer(0), oldest: Number.POSITIVE_INFINITY }
      const query = `SELECT max(scope) AS last, count(*) AS count, min(CASE WHEN at >= ?2 THEN at END) AS oldest
        FROM (SELECT scope, at FROM idempotency_keys WHERE scope > ?1 ORDER BY scope LIMIT ?3)`
      const next = this.#sql
        .exec<{ last: ArrayBuffer | null; count: number; oldest: number | null }>(query, through, expired, sweptMax)
        .one()
      const kept = Math.min(oldest, next.oldest ?? oldest)
      if (next.last !== null) this.#deleteExpired(expired, { after: through, through: next.last })
      this.#swept = next.last !== null && next.count === sweptMax ? { through: next.last, oldest: kept } : undefined
      if (this.#swept !== undefined) return
      const nextMs = Math.max((kept + keptSeconds + 1) * 1_000, nowMs + sweepPauseMs)
      const isEmpty = !Number.isFinite(kept) && !this.#oldExists()
      this.#meta.set('keysSweep', isEmpty ? '' : String(Number.isFinite(kept) ? nextMs : nowMs + sweepPauseMs))
    })
  }

  #deleteExpired(
    expired: number,
    { after, through }: { readonly after: ArrayBuffer; readonly through: ArrayBuffer },
  ): void {
    const those = 'scope > ? AND scope <= ? AND at < ?'
    const bindings = [after, through, expired] as const
    const results = `DELETE FROM idempotency_results WHERE scope IN (SELECT scope FROM idempotency_keys WHERE ${those})`
    this.#sql.exec(results, ...bindings)
    this.#sql.exec(`DELETE FROM idempotency_keys WHERE ${those}`, ...bindings)
  }

  /** Finds a key in the table of versions before 5. */
  #findOld(key: IdempotencyKey, nowMs: number): number | undefined {
    if (!this.#oldExists()) return undefined
    const query = 'SELECT hash, seq FROM idempotency WHERE scope = ? AND at > ?'
    const scope = JSON.stringify([namedInScopes(key.actor), key.key])
    const row = this.#sql.exec<{ hash: string; seq: number }>(query, scope, nowMs - keptSeconds * 1_000).toArray()[0]
    if (row === undefined) return undefined
    // Handlers stored a short string instead of its hash.
    const { asSent = key.request } = key
    if (row.hash === hash('sha256', asSent) || row.hash === asSent) return row.seq
    throw mismatch(key)
  }

  #oldExists(): boolean {
    this.#hasOldKeys ??=
      this.#sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'idempotency'").toArray().length > 0
    return this.#hasOldKeys
  }

  /** Deletes some expired keys of earlier versions, and their table when it is empty. Returns true if more are expired. */
  #sweepOld(nowMs: number): boolean {
    if (!this.#oldExists()) return false
    const deleted = this.#sql.exec(
      'DELETE FROM idempotency WHERE scope IN (SELECT scope FROM idempotency WHERE at <= ? ORDER BY at LIMIT ?)',
      nowMs - keptSeconds * 1_000,
      sweptMax,
    )
    if (deleted.rowsWritten > 0) return true
    if (this.#sql.exec('SELECT 1 FROM idempotency LIMIT 1').toArray().length > 0) return false
    this.#sql.exec('DROP TABLE idempotency')
    this.#hasOldKeys = false
    return false
  }
}

/**
 * A key that begins with a UUID of version 7 keeps its time in front, so that the keys of new writes are neighbours in the
 * table. The rest is a hash, which tells actors apart as well.
 */
function scopeOf({ actor, key }: IdempotencyKey): ArrayBuffer {
  const hashed = hashBytes(JSON.stringify([namedInScopes(actor), key]), scopeBytes)
  const time = /^(?:sdk-)?([0-9a-f]{8})-?([0-9a-f]{4})-?7[0-9a-f]{3}/.exec(key)
  if (time === null) return hashed
  const bytes = new Uint8Array(hashed)
  const digits = `${time[1]}${time[2]}`
  for (let at = 0; at < timeBytes; at++) bytes[at] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16)
  return hashed
}

/** Scopes name callers without a key as earlier versions did, so that a request repeated after an upgrade is found. */
function namedInScopes(actor: string): string {
  return actor === 'owner' ? 'anonymous' : actor
}

function hashBytes(text: string, length: number): ArrayBuffer {
  const bytes = new Uint8Array(length)
  bytes.set(hash('sha256', text, 'buffer').subarray(0, length))
  return bytes.buffer
}

function mismatch(key: IdempotencyKey): ObjectError {
  return new ObjectError({
    code: 'idempotency_mismatch',
    field: 'Idempotency-Key',
    message: `the key '${key.key}' was used for another request; a new request needs a new key`,
  })
}
