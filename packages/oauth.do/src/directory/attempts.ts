// Slows attempts to sign in: per account, and per address of the network. An attempt counts before its password is checked, so
// that attempts at the same time count too. Subjects are stored as hashes: people type their secrets into wrong fields.

import { ObjectError, sha256Hex } from 'digital-objects'

export interface Subject {
  readonly kind: 'account' | 'address'
  readonly name: string
}

/** Attempts without a delay. Many people may share an address. */
const freeAttempts = { account: 5, address: 50 } as const
const delayMsMin = 2_000
const delayMsMax = 15 * 60_000
/** Attempts are forgotten after this time without another one. */
const keptMs = 86_400_000
const subjectsMax = 100_000

interface Row extends Record<string, SqlStorageValue> {
  readonly attempts: number
  readonly due: number
}

export class Attempts {
  readonly #sql: SqlStorage
  readonly #now: () => number

  constructor(sql: SqlStorage, now: () => number) {
    this.#sql = sql
    this.#now = now
  }

  /** Counts an attempt. Throws an ObjectError `overloaded`, with a time to try again, if one of the subjects has to wait. */
  begin(subjects: readonly Subject[]): void {
    const nowMs = this.#now()
    const waitMs = Math.max(0, ...subjects.map((subject) => (this.#find(subject)?.due ?? 0) - nowMs))
    if (waitMs > 0) throw tooManyAttempts(waitMs)
    this.#sweep(nowMs)
    for (const subject of subjects) {
      const attempts = (this.#find(subject)?.attempts ?? 0) + 1
      const insert = `INSERT INTO attempts VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET attempts = excluded.attempts, due = excluded.due, seen = excluded.seen`
      this.#sql.exec(insert, hashOf(subject), attempts, nowMs + delayMs(subject, attempts), nowMs)
    }
  }

  /** Forgets the attempts of a subject that has signed in. */
  succeed(subject: Subject): void {
    this.#sql.exec('DELETE FROM attempts WHERE subject = ?', hashOf(subject))
  }

  #find(subject: Subject): Row | undefined {
    const query = 'SELECT attempts, due FROM attempts WHERE subject = ? AND seen > ?'
    return this.#sql.exec<Row>(query, hashOf(subject), this.#now() - keptMs).toArray()[0]
  }

  #sweep(nowMs: number): void {
    const oldest = 'SELECT subject FROM attempts ORDER BY seen DESC LIMIT -1 OFFSET ?'
    this.#sql.exec(`DELETE FROM attempts WHERE seen <= ? OR subject IN (${oldest})`, nowMs - keptMs, subjectsMax)
  }
}

function delayMs({ kind }: Subject, attempts: number): number {
  const beyond = attempts - freeAttempts[kind]
  return beyond < 0 ? 0 : Math.min(delayMsMin * 2 ** beyond, delayMsMax)
}

function hashOf({ kind, name }: Subject): string {
  return sha256Hex(`${kind} ${name}`)
}

function tooManyAttempts(waitMs: number): ObjectError {
  const retryAfterSeconds = Math.ceil(waitMs / 1_000)
  const message = `too many attempts to sign in; try again in ${retryAfterSeconds} s`
  return new ObjectError({ code: 'overloaded', message, detail: { retryAfterSeconds } })
}
