// The audit log of the directory: who signed in, who was refused, and who changed their ways of signing in. Owners of the server
// read it. An entry has ids, never an address, a code or a password.

import type { AuditEntry, AuditSelection, StoredAuditEntry } from '@dotdo/service'
import type { SignedIn } from './person.ts'
import type { Outcome } from './directory-stub.ts'

/** The log, as the object that composes the directory brings it. */
export interface AuditRecords {
  record(entry: AuditEntry): void
  list(selection: AuditSelection): readonly StoredAuditEntry[]
}

const refusals: readonly string[] = ['unauthorized', 'forbidden', 'overloaded']

export class DirectoryAudit {
  readonly #records: AuditRecords

  constructor(records: AuditRecords) {
    this.#records = records
  }

  /** Records a sign-in, or its refusal. `target` is the account that somebody tried to sign in to, if it exists. */
  signIn<Value extends SignedIn>(about: string, outcome: Outcome<Value>, target?: string): Outcome<Value> {
    if (outcome.ok) this.#records.record({ kind: 'signed_in', actor: outcome.value.account.id, about })
    else if (refusals.includes(outcome.error.code)) this.#records.record({ kind: 'sign_in_refused', about, target })
    return outcome
  }

  /** Records a change of an account by its person, or its refusal. */
  change<Value>(about: string, outcome: Outcome<Value>, account: string | undefined): Outcome<Value> {
    if (outcome.ok) this.#records.record({ kind: 'account_changed', actor: account, about })
    else if (refusals.includes(outcome.error.code)) this.#records.record({ kind: 'forbidden', actor: account, about })
    return outcome
  }

  signOut(account: string | undefined, session: string | undefined): void {
    this.#records.record({ kind: 'signed_out', actor: account, key: session, about: 'a session was ended' })
  }

  list(selection: AuditSelection): readonly StoredAuditEntry[] {
    return this.#records.list(selection)
  }
}
