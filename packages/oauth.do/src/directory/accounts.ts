// The accounts of people, and the tenants that they are members of. What a member may do is decided by the tenant's `User`.

import { ObjectError } from 'digital-objects'

export interface Account {
  readonly id: string
  readonly name: string
  readonly email: string
  /** Whether the person owns the server, and so may begin and join every tenant. */
  readonly isOwner: boolean
}

export interface Membership {
  readonly tenant: string
  /** The id of the tenant's `User`. */
  readonly user: string
}

interface Row extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly is_owner: number
}

const nameCharactersMax = 200
const emailCharactersMax = 254
/** Limits the tenants of one person. */
const membershipsMax = 1_000

export class Accounts {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  find(id: string): Account | undefined {
    return this.#sql.exec<Row>('SELECT * FROM accounts WHERE id = ?', id).toArray().map(rowToAccount)[0]
  }

  findByEmail(email: string): Account | undefined {
    const query = 'SELECT * FROM accounts WHERE email = ?'
    return this.#sql.exec<Row>(query, email.trim().toLowerCase()).toArray().map(rowToAccount)[0]
  }

  /** The account that owned the server first; undefined while the server is unclaimed. */
  get owner(): Account | undefined {
    const query = 'SELECT * FROM accounts WHERE is_owner = 1 ORDER BY created_at, id LIMIT 1'
    return this.#sql.exec<Row>(query).toArray().map(rowToAccount)[0]
  }

  /** Throws an ObjectError for a name or an address that cannot be one, or whose account exists. */
  add(account: Account, nowMs: number): Account {
    const name = parseName(account.name)
    const email = parseEmail(account.email)
    if (this.findByEmail(email) !== undefined)
      throw new ObjectError({
        code: 'conflict',
        field: 'email',
        message: 'email: there is an account with this address; sign in with it instead',
      })
    const row = [account.id, name, email, account.isOwner ? 1 : 0, nowMs]
    this.#sql.exec('INSERT INTO accounts VALUES (?, ?, ?, ?, ?)', ...row)
    return { ...account, name, email }
  }

  membershipOf(account: string, tenant: string): Membership | undefined {
    const query = 'SELECT tenant, user FROM memberships WHERE account = ? AND tenant = ?'
    return this.#sql.exec<Membership & Record<string, string>>(query, account, tenant).toArray()[0]
  }

  /** By name of the tenant. */
  membershipsOf(account: string): readonly Membership[] {
    const query = 'SELECT tenant, user FROM memberships WHERE account = ? ORDER BY tenant LIMIT ?'
    return this.#sql.exec<Membership & Record<string, string>>(query, account, membershipsMax).toArray()
  }

  /** Makes the account the one of this user. Throws an ObjectError `conflict` if the user has another account. */
  join(account: string, { tenant, user }: Membership): void {
    const query = 'SELECT account FROM memberships WHERE tenant = ? AND user = ?'
    const [other] = this.#sql.exec<{ account: string }>(query, tenant, user).toArray()
    if (other !== undefined && other.account !== account)
      throw new ObjectError({ code: 'conflict', field: 'user', message: 'user: another account belongs to this user' })
    const insert = 'INSERT INTO memberships VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET user = excluded.user'
    this.#sql.exec(insert, account, tenant, user)
  }
}

function rowToAccount({ id, name, email, is_owner }: Row): Account {
  return { id, name, email, isOwner: is_owner === 1 }
}

function parseName(text: string): string {
  const name = text.trim()
  if (name !== '' && name.length <= nameCharactersMax && name.isWellFormed()) return name
  throw invalid('name', `expects the name of a person, of at most ${nameCharactersMax} characters`)
}

function parseEmail(text: string): string {
  const email = text.trim().toLowerCase()
  if (email.length <= emailCharactersMax && /^[^\s@<>"']+@[^\s@<>"']+$/.test(email)) return email
  throw invalid('email', 'expects an email address such as ada@example.com')
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field, message: `${field}: ${message}` })
}
