// The ids that entities of a loaded history have in their old system, in the table `external_ids`. They are forgotten once
// the load has ended, since they may be personal data.

import type { Sweepable } from '../requests/request-sweep-job.ts'
import type { PastLoad } from './past-load.ts'

/** Limits one step of the sweep to some milliseconds. */
const sweptMax = 5_000

export class ExternalIds implements Sweepable {
  readonly #sql: SqlStorage
  readonly #load: PastLoad
  /** True once the table was found empty after the load. */
  #isSwept = false

  constructor({ sql, load }: { readonly sql: SqlStorage; readonly load: PastLoad }) {
    this.#sql = sql
    this.#load = load
  }

  /** Returns the entity's id here. */
  find(noun: string, external: string): string | undefined {
    const query = 'SELECT id FROM external_ids WHERE noun = ? AND external = ?'
    return this.#sql.exec<{ id: string }>(query, noun, external).toArray()[0]?.id
  }

  /** Call it in the transaction that creates the entity. */
  add(noun: string, external: string, id: string): void {
    this.#sql.exec('INSERT INTO external_ids VALUES (?, ?, ?)', noun, external, id)
  }

  get sweepDueMs(): number | undefined {
    return this.#load.hasEnded && !this.#isSwept ? 0 : undefined
  }

  sweep(): void {
    const some = 'SELECT noun, external FROM external_ids LIMIT ?'
    const deleted = this.#sql.exec(`DELETE FROM external_ids WHERE (noun, external) IN (${some})`, sweptMax)
    this.#isSwept = deleted.rowsWritten === 0
  }
}
