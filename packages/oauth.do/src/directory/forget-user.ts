// Forgets the person behind a tenant's user whose personal values were erased. The account goes with the last membership, unless
// it owns the server.

import type { Membership } from './accounts.ts'
import type { SignIns } from './sign-ins.ts'

/** The tables whose rows belong to an account, and the column that names it. */
const ofAccount = [
  ['passkeys', 'account'],
  ['challenges', 'subject'],
  ['passwords', 'account'],
  ['second_factors', 'account'],
  ['recovery_codes', 'account'],
  ['identities', 'account'],
  ['flows', 'account'],
  ['links', 'account'],
  ['accounts', 'id'],
] as const

/** Call it in a transaction. Forgetting twice changes nothing. */
export function forgetUser(
  { sql, signIns }: { readonly sql: SqlStorage; readonly signIns: Pick<SignIns, 'end'> },
  { tenant, user }: Membership,
): void {
  sql.exec('DELETE FROM links WHERE tenant = ? AND user = ?', tenant, user)
  const query = 'SELECT account FROM memberships WHERE tenant = ? AND user = ?'
  const [member] = sql.exec<{ account: string }>(query, tenant, user).toArray()
  if (member === undefined) return
  const { account } = member
  sql.exec('DELETE FROM memberships WHERE tenant = ? AND user = ?', tenant, user)
  const kept =
    'SELECT 1 FROM memberships WHERE account = ?1 UNION ALL SELECT 1 FROM accounts WHERE id = ?1 AND is_owner = 1'
  if (sql.exec(kept, account).toArray().length > 0) return
  const sessions = sql.exec<{ id: string }>('SELECT id FROM sessions WHERE account = ?', account).toArray()
  for (const { id } of sessions) signIns.end(id)
  for (const [table, column] of ofAccount) sql.exec(`DELETE FROM ${table} WHERE ${column} = ?`, account)
}
