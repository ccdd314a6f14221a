// Links that are used once: an invitation to a tenant, and the recovery of an account. Only the hash of a link's code is stored.

import { ObjectError, sha256Hex } from 'digital-objects'
import { randomSecret } from '../random-secret.ts'

export interface Invitation {
  readonly tenant: string
  /** The id of the tenant's `User`. */
  readonly user: string
  readonly email: string
}

/** The code is in the link that its maker gets, and nowhere else. */
export interface MadeLink {
  readonly code: string
  readonly endsMs: number
}

const invitationMs = 7 * 86_400_000
const recoveryMs = 86_400_000
const expiredMax = 100

interface Row extends Record<string, SqlStorageValue> {
  readonly account: string | null
  readonly tenant: string | null
  readonly user: string | null
  readonly email: string
}

export interface LinksOptions {
  readonly sql: SqlStorage
  readonly random: (count: number) => Uint8Array
  readonly now: () => number
}

export class Links {
  readonly #options: LinksOptions

  constructor(options: LinksOptions) {
    this.#options = options
  }

  /** Makes an invitation, in place of an earlier one of the same user. */
  invite({ tenant, user, email }: Invitation): MadeLink {
    this.#options.sql.exec('DELETE FROM links WHERE tenant = ? AND user = ?', tenant, user)
    return this.#add({ kind: 'invite', account: null, tenant, user, email }, invitationMs)
  }

  /** Makes a link that signs in the account, in place of an earlier one. */
  recover(account: string, email: string): MadeLink {
    this.#options.sql.exec('DELETE FROM links WHERE account = ?', account)
    return this.#add({ kind: 'recover', account, tenant: null, user: null, email }, recoveryMs)
  }

  /** Takes an invitation, which nobody can take again. Throws an ObjectError for a code that is wrong, used or over. */
  takeInvitation(code: string): Invitation {
    const { tenant, user, email } = this.#take(code, 'invite')
    if (tenant === null || user === null) throw linkIsOver()
    return { tenant, user, email }
  }

  /** Takes a link to recover an account, and returns the id of that. Throws as `takeInvitation` does. */
  takeRecovery(code: string): string {
    const { account } = this.#take(code, 'recover')
    if (account === null) throw linkIsOver()
    return account
  }

  #take(code: string, kind: string): Row {
    const query = 'DELETE FROM links WHERE hash = ? AND kind = ? AND ends > ? RETURNING account, tenant, user, email'
    const [row] = this.#options.sql.exec<Row>(query, sha256Hex(code), kind, this.#options.now()).toArray()
    if (row === undefined) throw linkIsOver()
    return row
  }

  #add({ kind, account, tenant, user, email }: Row & { readonly kind: string }, lifeMs: number): MadeLink {
    const { sql, random, now } = this.#options
    const expired = 'SELECT hash FROM links WHERE ends <= ? ORDER BY ends LIMIT ?'
    sql.exec(`DELETE FROM links WHERE hash IN (${expired})`, now(), expiredMax)
    const code = randomSecret(random)
    const endsMs = now() + lifeMs
    const row = [sha256Hex(code), kind, account, tenant, user, email, endsMs]
    sql.exec('INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?)', ...row)
    return { code, endsMs }
  }
}

/** Every reason has the same sentence, so that a guess teaches nothing. */
export function linkIsOver(): ObjectError {
  const message = 'code: the link is not valid here: it does not exist, was used or has expired'
  return new ObjectError({ code: 'forbidden', field: 'code', message })
}
