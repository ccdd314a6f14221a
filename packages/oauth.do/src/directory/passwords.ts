// The passwords of accounts, for people who want one beside passkeys. Only a hash is stored.

import { ObjectError } from 'digital-objects'

export interface StoredPassword {
  readonly salt: ArrayBuffer
  readonly hash: ArrayBuffer
}

export interface PasswordsOptions {
  readonly sql: SqlStorage
  readonly random: (count: number) => Uint8Array
  /** Resolves to null if too many passwords wait for their hash. */
  readonly hash: (password: string, salt: ArrayBuffer) => Promise<ArrayBuffer | null>
}

const saltBytes = 16
const charactersMin = 10
const charactersMax = 1_000
const retryAfterSeconds = 2

export class Passwords {
  readonly #options: PasswordsOptions

  constructor(options: PasswordsOptions) {
    this.#options = options
  }

  find(account: string): StoredPassword | undefined {
    const query = 'SELECT salt, hash FROM passwords WHERE account = ?'
    return this.#options.sql.exec<{ salt: ArrayBuffer; hash: ArrayBuffer }>(query, account).toArray()[0]
  }

  /** Takes as long for an account that does not exist, or has no password, as for any other. */
  async isRight(account: string | undefined, password: string): Promise<boolean> {
    const stored = account === undefined ? undefined : this.find(account)
    const salt = stored?.salt ?? new ArrayBuffer(saltBytes)
    const hash = await this.#hash(password.slice(0, charactersMax), salt)
    const isRight = isEqual(hash, stored?.hash ?? new ArrayBuffer(hash.byteLength))
    if (account === undefined || stored === undefined || !isRight) return false
    // It may have been changed meanwhile.
    return isEqual(this.find(account)?.hash ?? new ArrayBuffer(0), stored.hash)
  }

  /** Throws an ObjectError for a password that is too short or too long. */
  async set(account: string, password: string): Promise<void> {
    if (password.length < charactersMin || password.length > charactersMax)
      throw new ObjectError({
        code: 'validation_error',
        field: 'password',
        message: `password: expects ${charactersMin} to ${charactersMax} characters, got ${password.length}`,
      })
    const salt = new Uint8Array(this.#options.random(saltBytes)).buffer
    const hash = await this.#hash(password, salt)
    const insert =
      'INSERT INTO passwords VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET salt = excluded.salt, hash = excluded.hash'
    this.#options.sql.exec(insert, account, salt, hash)
  }

  remove(account: string): void {
    this.#options.sql.exec('DELETE FROM passwords WHERE account = ?', account)
  }

  async #hash(password: string, salt: ArrayBuffer): Promise<ArrayBuffer> {
    // Two spellings of one password, as keyboards send them, are the same password.
    const hash = await this.#options.hash(password.normalize('NFKC'), salt)
    if (hash !== null) return hash
    const message = `too many people sign in at the moment; try again in ${retryAfterSeconds} s`
    throw new ObjectError({ code: 'overloaded', message, detail: { retryAfterSeconds } })
  }
}

/** Takes as long for any two values of the same length. */
function isEqual(one: ArrayBuffer, other: ArrayBuffer): boolean {
  const [left, right] = [new Uint8Array(one), new Uint8Array(other)]
  let difference = left.length ^ right.length
  for (let at = 0; at < left.length; at++) difference |= (left[at] ?? 0) ^ (right[at] ?? 0)
  return difference === 0
}
