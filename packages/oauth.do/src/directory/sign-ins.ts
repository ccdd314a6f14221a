// The sign-in sessions of people: one for each browser in which a person has signed in. Only the hash of a session's secret is
// stored. A session ends by itself: some time after it was last used, and in any case some time after it began.

import { sha256Hex } from 'digital-objects'
import { randomSecret } from '../random-secret.ts'
import type { Owed } from './owed.ts'

/** A session ends when it was not used for this long. */
export const idleMsMax = 7 * 86_400_000
/** A session ends this long after the person signed in. */
export const sessionMsMax = 30 * 86_400_000
/** A person who signs in more often loses the oldest session. */
const perAccountMax = 50
/** A use is recorded if the last one is longer ago. */
const seenEveryMs = 60_000
const expiredMax = 100
const textCharactersMax = 200

/** The browser or program in which a person signs in, as the session list shows it. */
export interface Device {
  readonly agent: string
  /** The address of the network, or empty. */
  readonly address: string
}

export interface SignIn extends Device {
  readonly id: string
  readonly account: string
  readonly createdMs: number
  readonly seenMs: number
  /** The time at which the session ends if it is not used again. */
  readonly endsMs: number
}

interface Row extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly account: string
  readonly created_at: number
  readonly seen_at: number
  readonly ends: number
  readonly agent: string
  readonly address: string
}

export interface SignInsOptions {
  readonly owed: Owed
  readonly sql: SqlStorage
  readonly random: (count: number) => Uint8Array
  readonly now: () => number
}

export class SignIns {
  readonly #owed: Owed
  readonly #sql: SqlStorage
  readonly #random: SignInsOptions['random']
  readonly #now: () => number

  constructor({ owed, sql, random, now }: SignInsOptions) {
    this.#owed = owed
    this.#sql = sql
    this.#random = random
    this.#now = now
  }

  /** Begins a session with a new secret, which nothing but the result has. */
  begin(account: string, { agent, address }: Device): { readonly secret: string; readonly id: string } {
    const nowMs = this.#now()
    this.#endSome(nowMs)
    const secret = randomSecret(this.#random)
    const id = `session_${randomSecret(this.#random, 20)}`
    const texts = [agent, address].map((text) => text.toWellFormed().slice(0, textCharactersMax))
    const row = [id, sha256Hex(secret), account, nowMs, nowMs, nowMs + sessionMsMax, ...texts]
    this.#sql.exec('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)', ...row)
    for (const { id: oldest } of this.of(account).slice(perAccountMax)) this.end(oldest)
    return { secret, id }
  }

  /** Returns the session with this hash, and records its use; undefined if it has ended. */
  use(hash: string): SignIn | undefined {
    const nowMs = this.#now()
    const [row] = this.#sql.exec<Row>('SELECT * FROM sessions WHERE hash = ?', hash).toArray()
    if (row === undefined || !isLive(row, nowMs)) return undefined
    if (nowMs - row.seen_at < seenEveryMs) return rowToSignIn(row)
    this.#sql.exec('UPDATE sessions SET seen_at = ? WHERE id = ?', nowMs, row.id)
    return rowToSignIn({ ...row, seen_at: nowMs })
  }

  /** The live sessions of an account, the newest first. */
  of(account: string): readonly SignIn[] {
    const nowMs = this.#now()
    const query = 'SELECT * FROM sessions WHERE account = ? ORDER BY created_at DESC, id'
    const rows = this.#sql.exec<Row>(query, account).toArray()
    return rows.filter((row) => isLive(row, nowMs)).map(rowToSignIn)
  }

  /** Records that a tenant is about to open the session. */
  openIn(id: string, tenant: string): void {
    this.#sql.exec('INSERT INTO session_tenants VALUES (?, ?) ON CONFLICT DO NOTHING', id, tenant)
  }

  /** Ends a session. Tenants that have opened it have still to be told; see `Owed`. */
  end(id: string): void {
    const query = 'SELECT tenant FROM session_tenants WHERE session = ?'
    for (const { tenant } of this.#sql.exec<{ tenant: string }>(query, id).toArray())
      this.#owed.add({ tenant, kind: 'end-session', subject: id })
    this.#sql.exec('DELETE FROM session_tenants WHERE session = ?', id)
    this.#sql.exec('DELETE FROM sessions WHERE id = ?', id)
  }

  #endSome(nowMs: number): void {
    const query = 'SELECT id FROM sessions WHERE ends <= ? ORDER BY ends LIMIT ?'
    for (const { id } of this.#sql.exec<{ id: string }>(query, nowMs, expiredMax).toArray()) this.end(id)
  }
}

function isLive({ seen_at, ends }: Row, nowMs: number): boolean {
  return nowMs < ends && nowMs < seen_at + idleMsMax
}

function rowToSignIn({ id, account, created_at, seen_at, ends, agent, address }: Row): SignIn {
  const endsMs = Math.min(ends, seen_at + idleMsMax)
  return { id, account, createdMs: created_at, seenMs: seen_at, endsMs, agent, address }
}
