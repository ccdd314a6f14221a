// Plans: dry runs that can be executed once. A plan has the request, the ids that it promised, and a hash of everything that
// it said it would do, with which its execution is compared.

import { hash } from 'node:crypto'

export interface Plan {
  readonly id: string
  /** The call and its caller, as JSON. */
  readonly request: string
  /** The ids of the commit, in the order in which it makes them. */
  readonly ids: readonly string[]
  /** The time by which it decided. */
  readonly nowMs: number
  /** The commit that executed it; undefined before. */
  readonly commit: number | undefined
}

interface PlanRow extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly request: string
  readonly ids: string
  readonly now: number
  readonly commit: number | null
}

export const planMsMax = 60 * 60 * 1_000
/** Limit the plans of a tenant. Beyond them, the oldest are dropped. */
export const plansMax = 300
export const plansBytesMax = 8 * 2 ** 20
/** The platform limits a row to 2 MB. */
export const planBytesMax = 1_900_000

const encoder = new TextEncoder()

export class PlanStore {
  readonly #sql: SqlStorage
  readonly #makeId: () => string

  constructor(options: { readonly sql: SqlStorage; readonly makeId: () => string }) {
    this.#sql = options.sql
    this.#makeId = options.makeId
  }

  /** Returns the id of a new plan, or undefined if it is too large to be kept. `outcome` is what it promises. */
  put(
    plan: Pick<Plan, 'request' | 'ids' | 'nowMs'> & { readonly outcome: string; readonly realMs: number },
  ): string | undefined {
    const ids = JSON.stringify(plan.ids)
    const bytes = encoder.encode(plan.request).length + ids.length
    if (bytes > planBytesMax) return undefined
    this.sweep(plan.realMs)
    this.#makeRoom(bytes)
    const id = this.#makeId()
    const row = [id, plan.realMs + planMsMax, bytes, plan.request, ids, plan.nowMs, digest(plan.outcome)] as const
    this.#sql.exec('INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?, ?, NULL)', ...row)
    return id
  }

  /** Returns a plan that has not expired. */
  find(id: string, realMs: number): Plan | undefined {
    const query = 'SELECT id, request, ids, now, "commit" FROM plans WHERE id = ? AND expires > ?'
    const [row] = this.#sql.exec<PlanRow>(query, id, realMs).toArray()
    if (row === undefined) return undefined
    const { request, ids, now, commit } = row
    return { id, request, ids: JSON.parse(ids) as readonly string[], nowMs: now, commit: commit ?? undefined }
  }

  /** Whether the outcome is the one that the plan promised. */
  isPromised(id: string, outcome: string): boolean {
    const query = 'SELECT 1 FROM plans WHERE id = ? AND outcome = ?'
    return this.#sql.exec(query, id, digest(outcome)).toArray().length > 0
  }

  /** Records the execution. Call it in the transaction of its commit. */
  executed(id: string, commit: number): void {
    this.#sql.exec('UPDATE plans SET "commit" = ? WHERE id = ?', commit, id)
  }

  /** The time at which the oldest plan expires; undefined without plans. */
  get sweepDueMs(): number | undefined {
    return this.#sql.exec<{ due: number | null }>('SELECT min(expires) AS due FROM plans').one().due ?? undefined
  }

  sweep(realMs: number): void {
    this.#sql.exec('DELETE FROM plans WHERE expires <= ?', realMs)
  }

  #makeRoom(bytes: number): void {
    const totals = 'SELECT count(*) AS count, total(bytes) AS bytes FROM plans'
    for (;;) {
      const held = this.#sql.exec<{ count: number; bytes: number }>(totals).one()
      if (held.count < plansMax && held.bytes + bytes <= plansBytesMax) return
      this.#sql.exec('DELETE FROM plans WHERE id = (SELECT id FROM plans ORDER BY expires, id LIMIT 1)')
    }
  }
}

function digest(outcome: string): string {
  return hash('sha256', outcome)
}
