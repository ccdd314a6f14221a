// Trials: tenants that anonymous callers have begun. A trial ends after a day together with its data, unless somebody claims it
// before. It is recorded here before its tenant exists, so no crash leaves a tenant that never ends.

import { ObjectError, sha256Hex } from 'digital-objects'
import { randomSecret } from '../random-secret.ts'
import { linkIsOver, type MadeLink } from './links.ts'

export interface BegunTrial {
  readonly tenant: string
  readonly endsMs: number
}

const trialMs = 86_400_000
/** Trials at a time, of all senders. */
const trialsMax = 1_000
/** Trials that a network has begun within a day; claimed ones count too. */
const perNetworkMax = 5
/** A deletion that failed is tried again after this time. */
const retryMs = 60_000
/** Nobody can guess a name of this length. */
const nameCharacters = 16
const letters = 'abcdefghijklmnopqrstuvwxyz234567'

interface TrialsOptions {
  readonly sql: SqlStorage
  readonly random: (count: number) => Uint8Array
  readonly now: () => number
}

export class Trials {
  readonly #sql: SqlStorage
  readonly #random: TrialsOptions['random']
  readonly #now: () => number

  constructor({ sql, random, now }: TrialsOptions) {
    this.#sql = sql
    this.#random = random
    this.#now = now
  }

  /** Records a trial with a new name. Throws an ObjectError `rate_limited` if there are too many, in all or of this address. */
  begin(address: string): BegunTrial {
    const nowMs = this.#now()
    const network = sha256Hex(`network ${networkOf(address)}`)
    const ofNetwork = 'SELECT due FROM trials WHERE network = ? AND due > ? ORDER BY due'
    const own = this.#sql.exec<{ due: number }>(ofNetwork, network, nowMs).toArray()
    if (own.length >= perNetworkMax) throw tooMany('your network has', own[0]?.due ?? nowMs, nowMs)
    const all = 'SELECT count(*) AS count, min(due) AS first FROM trials'
    const { count, first } = this.#sql.exec<{ count: number; first: number | null }>(all).one()
    if (count >= trialsMax) throw tooMany('this server has', first ?? nowMs, nowMs)
    const tenant = `trial-${Array.from(this.#random(nameCharacters), (byte) => letters[byte % letters.length]).join('')}`
    const endsMs = nowMs + trialMs
    this.#sql.exec("INSERT INTO trials VALUES (?, ?, 'open', ?, NULL)", tenant, network, endsMs)
    return { tenant, endsMs }
  }

  /** Ends a trial now. Does nothing for one that was claimed. */
  end(tenant: string): void {
    const update = "UPDATE trials SET state = 'ending', claim = NULL, due = ? WHERE tenant = ? AND state = 'open'"
    this.#sql.exec(update, this.#now(), tenant)
  }

  /** Makes a code that claims the trial, in place of an earlier one. Throws an ObjectError `not_found`. */
  offer(tenant: string): MadeLink {
    const code = `hly_claim_${randomSecret(this.#random)}`
    const update = "UPDATE trials SET claim = ? WHERE tenant = ? AND state = 'open' AND due > ? RETURNING due"
    const [row] = this.#sql.exec<{ due: number }>(update, sha256Hex(code), tenant, this.#now()).toArray()
    if (row !== undefined) return { code, endsMs: row.due }
    throw new ObjectError({
      code: 'not_found',
      field: 'tenant',
      message: 'this tenant is no trial, so it needs no claim',
    })
  }

  /** Claims a trial, which nobody can claim again, and returns its tenant. Throws an ObjectError for a code that does not count. */
  claim(code: string): string {
    const update = `UPDATE trials SET state = 'claimed', claim = NULL
      WHERE claim = ? AND state = 'open' AND due > ? RETURNING tenant`
    const [row] = this.#sql.exec<{ tenant: string }>(update, sha256Hex(code), this.#now()).toArray()
    if (row === undefined) throw linkIsOver()
    return row.tenant
  }

  /** Returns trials whose tenants have to be deleted. From then on, nobody can claim them. */
  takeEnding(limit: number): readonly string[] {
    const nowMs = this.#now()
    this.#sql.exec("DELETE FROM trials WHERE state = 'claimed' AND due <= ?", nowMs)
    const due = "SELECT tenant FROM trials WHERE state <> 'claimed' AND due <= ? ORDER BY due LIMIT ?"
    const update = `UPDATE trials SET state = 'ending', claim = NULL, due = ? WHERE tenant IN (${due}) RETURNING tenant`
    const rows = this.#sql.exec<{ tenant: string }>(update, nowMs + retryMs, nowMs, limit).toArray()
    return rows.map(({ tenant }) => tenant)
  }

  /** Call it once the tenant of an ended trial is deleted. */
  remove(tenant: string): void {
    this.#sql.exec("DELETE FROM trials WHERE tenant = ? AND state = 'ending'", tenant)
  }

  /** The time at which the next trial is over, in ms; undefined without trials. */
  get nextMs(): number | undefined {
    return this.#sql.exec<{ due: number }>('SELECT due FROM trials ORDER BY due LIMIT 1').toArray()[0]?.due
  }
}

/** An address of IPv4, or the first half of one of IPv6: a single subscriber has all addresses that begin with it. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [before = '', after] = address.split('%', 1).join('').split('::', 2)
  const [head, tail] = [before, after ?? ''].map((part) => (part === '' ? [] : part.split(':')))
  const zeros = after === undefined ? 0 : 8 - (head?.length ?? 0) - (tail?.length ?? 0)
  const groups = [...(head ?? []), ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...(tail ?? [])]
  return groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')
}

function tooMany(whose: string, nextMs: number, nowMs: number): ObjectError {
  const retryAfterSeconds = Math.max(1, Math.ceil((nextMs - nowMs) / 1_000))
  const message = `${whose} as many trials as it may; claim one, or try again in ${retryAfterSeconds} s`
  return new ObjectError({ code: 'rate_limited', message, detail: { retryAfterSeconds } })
}
