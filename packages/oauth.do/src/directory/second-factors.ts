// The second factor of a password: codes of an authenticator app, and recovery codes for whoever has lost it. The app's secret
// is needed in clear to compute codes, so it is stored encrypted, by a key outside the database.

import { ObjectError, sha256Hex } from 'digital-objects'
import { randomSecret } from '../random-secret.ts'
import { stepOfCode, toBase32 } from './one-time-codes.ts'
import { openSealed, type SealingKeys, seal } from './sealed.ts'

export interface SecondFactorsOptions {
  readonly sql: SqlStorage
  readonly random: (count: number) => Uint8Array
  readonly now: () => number
  readonly keys: SealingKeys | undefined
}

interface Row extends Record<string, SqlStorageValue> {
  readonly sealed: string
  readonly is_confirmed: number
  readonly step: number
}

const secretBytes = 20
const recoveryCodes = 10
const recoveryCharacters = 16

export class SecondFactors {
  readonly #options: SecondFactorsOptions

  constructor(options: SecondFactorsOptions) {
    this.#options = options
  }

  /** Whether a password of this account needs a second factor. */
  isOn(account: string): boolean {
    return this.#find(account)?.is_confirmed === 1
  }

  /** Returns a new secret for the app, which counts once a code of it was confirmed. Throws if there is a confirmed one. */
  async begin(account: string, label: string): Promise<{ readonly secret: string; readonly uri: string }> {
    if (this.isOn(account)) throw conflict('there is one already; end it first')
    const bytes = new Uint8Array(this.#options.random(secretBytes))
    const sealed = await seal(this.#requireKeys(), { about: account, bytes })
    if (this.isOn(account)) throw conflict('there is one already; end it first')
    const insert = `INSERT INTO second_factors VALUES (?, ?, 0, 0)
      ON CONFLICT DO UPDATE SET sealed = excluded.sealed, is_confirmed = 0, step = 0`
    this.#options.sql.exec(insert, account, sealed)
    const secret = toBase32(bytes)
    const uri = `otpauth://totp/headless.ly:${encodeURIComponent(label)}?secret=${secret}&issuer=headless.ly`
    return { secret, uri }
  }

  /** Confirms the app by a code of it. Returns the recovery codes, which are shown once. */
  async confirm(account: string, code: string): Promise<readonly string[]> {
    if (this.isOn(account)) throw conflict('there is one already')
    if (!(await this.#takeCode(account, code))) throw wrongCode()
    const { sql, random } = this.#options
    const codes = Array.from({ length: recoveryCodes }, () => randomSecret(random, recoveryCharacters))
    sql.exec('UPDATE second_factors SET is_confirmed = 1 WHERE account = ?', account)
    sql.exec('DELETE FROM recovery_codes WHERE account = ?', account)
    for (const one of codes) sql.exec('INSERT INTO recovery_codes VALUES (?, ?)', account, sha256Hex(one))
    return codes
  }

  /** Throws an ObjectError unless the code is one of the app or a recovery code, each of which counts once. */
  async require(account: string, code: string | undefined): Promise<void> {
    if (!this.isOn(account)) return
    if (code === undefined || code === '')
      throw new ObjectError({
        code: 'unauthorized',
        field: 'otp',
        message: 'otp: enter the code of your authenticator app, or a recovery code',
      })
    const query = 'DELETE FROM recovery_codes WHERE account = ? AND hash = ? RETURNING hash'
    const isRecovery = this.#options.sql.exec(query, account, sha256Hex(code.trim())).toArray().length > 0
    if (!isRecovery && !(await this.#takeCode(account, code))) throw wrongCode()
  }

  /** Encrypts the secrets with the newest key. One that cannot be opened stays as it is. */
  async sealAgain(): Promise<void> {
    const { sql, keys } = this.#options
    if (keys === undefined) return
    const query =
      'SELECT account, sealed FROM second_factors WHERE account > ? AND sealed NOT LIKE ? ORDER BY account LIMIT 1'
    for (let after = ''; ;) {
      const [row] = sql.exec<{ account: string; sealed: string }>(query, after, `${keys.newest}.%`).toArray()
      if (row === undefined) return
      const { account: about, sealed } = row
      after = about
      try {
        const again = await seal(keys, { about, bytes: await openSealed(keys, { about, sealed }) })
        sql.exec('UPDATE second_factors SET sealed = ? WHERE account = ? AND sealed = ?', again, about, sealed)
      } catch (error) {
        console.error(`the second factor of ${about} cannot be encrypted again: ${String(error)}`)
      }
    }
  }

  remove(account: string): void {
    this.#options.sql.exec('DELETE FROM second_factors WHERE account = ?', account)
    this.#options.sql.exec('DELETE FROM recovery_codes WHERE account = ?', account)
  }

  /** A code counts once: of two requests with it, the second finds a later step. */
  async #takeCode(account: string, text: string): Promise<boolean> {
    const row = this.#find(account)
    if (row === undefined) return false
    const secret = await openSealed(this.#requireKeys(), { about: account, sealed: row.sealed })
    const code = text.replaceAll(/\s/g, '')
    const step = await stepOfCode(secret, { code, nowMs: this.#options.now(), after: row.step })
    if (step === undefined) return false
    const take = 'UPDATE second_factors SET step = ? WHERE account = ? AND sealed = ? AND step < ? RETURNING step'
    return this.#options.sql.exec(take, step, account, row.sealed, step).toArray().length > 0
  }

  #find(account: string): Row | undefined {
    const query = 'SELECT sealed, is_confirmed, step FROM second_factors WHERE account = ?'
    return this.#options.sql.exec<Row>(query, account).toArray()[0]
  }

  #requireKeys(): SealingKeys {
    const { keys } = this.#options
    if (keys !== undefined) return keys
    const message = 'a second factor cannot be kept here: this server has no key for secrets (SECRETS_KEYS)'
    throw new ObjectError({ code: 'not_configured', field: 'SECRETS_KEYS', message })
  }
}

function conflict(message: string): ObjectError {
  return new ObjectError({ code: 'conflict', field: 'otp', message: `otp: ${message}` })
}

function wrongCode(): ObjectError {
  const message = 'otp: the code is wrong, over, or was used before'
  return new ObjectError({ code: 'unauthorized', field: 'otp', message })
}
