// Approvals: commits that wait for the consent of a person. Each is a plan, and says who asked, why consent is needed, and what
// the commit would do. It is kept for a while after its end, so that whoever asked can see what became of it.

import { type ApprovalStatus, approvalStatuses } from 'digital-objects'
import { hash } from 'node:crypto'
import type { Plan } from './plan-store.ts'

export interface Approval extends Plan {
  readonly status: ApprovalStatus
  readonly createdMs: number
  readonly expiresMs: number
  /** The principal who asked. */
  readonly actor: string
  /** The reasons and the events that the commit would have, as JSON. */
  readonly about: string
  readonly decidedMs?: number
  readonly decidedBy?: string
  readonly note?: string
  /** The approval that took the place of this outdated one. */
  readonly next?: string
}

export type AskedApproval = Pick<Approval, 'request' | 'ids' | 'nowMs' | 'actor' | 'about'> & {
  /** The outcome that the plan promises. */
  readonly outcome: string
  readonly realMs: number
}

export interface Decision {
  readonly status: Exclude<ApprovalStatus, 'Pending' | 'Expired'>
  readonly by: string
  readonly realMs: number
  readonly note?: string | undefined
  readonly commit?: number
}

/** Nobody decides later than that. */
export const approvalMsMax = 7 * 86_400_000
/** Decided and expired ones are kept until this long after they were asked for. */
const keptMs = 30 * 86_400_000
/** Limits those of one principal that are pending. */
export const pendingMax = 20
/** Limit those of a tenant. Beyond them, the oldest that are not pending are dropped. */
const approvalsMax = 1_000
const bytesMax = 16 * 2 ** 20
/** The platform limits a row to 2 MB. */
const approvalBytesMax = 1_900_000

interface Row extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly created: number
  readonly expires: number
  readonly status: string
  readonly actor: string
  readonly about: string
  readonly request: string
  readonly ids: string
  readonly now: number
  readonly decided: number | null
  readonly decided_by: string | null
  readonly note: string | null
  readonly commit: number | null
  readonly next: string | null
}

const columns =
  'id, created, expires, status, actor, about, request, ids, now, decided, decided_by, note, "commit", next'
const encoder = new TextEncoder()

export class ApprovalStore {
  readonly #sql: SqlStorage
  readonly #makeId: () => string

  constructor(options: { readonly sql: SqlStorage; readonly makeId: () => string }) {
    this.#sql = options.sql
    this.#makeId = options.makeId
  }

  /** Returns the id of a new one; a refusal if there is no room: 'size' for it alone, 'count' for those of its principal, 'room' for all. */
  put(asked: AskedApproval): { readonly id: string } | { readonly refused: 'size' | 'count' | 'room' } {
    const { actor, about, request, nowMs, realMs } = asked
    const ids = JSON.stringify(asked.ids)
    const bytes = encoder.encode(request).length + encoder.encode(about).length + ids.length
    if (bytes > approvalBytesMax) return { refused: 'size' }
    this.sweep(realMs)
    if (this.#pendingOf(actor, realMs) >= pendingMax) return { refused: 'count' }
    if (!this.#makeRoom(bytes, realMs)) return { refused: 'room' }
    const id = this.#makeId()
    const values = [id, realMs, realMs + approvalMsMax, 'Pending', actor, bytes, about, request, ids, nowMs] as const
    this.#sql.exec(
      'INSERT INTO approval_requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL)',
      ...values,
      digest(asked.outcome),
    )
    return { id }
  }

  find(id: string, realMs: number): Approval | undefined {
    const [row] = this.#sql.exec<Row>(`SELECT ${columns} FROM approval_requests WHERE id = ?`, id).toArray()
    return row === undefined ? undefined : toApproval(row, realMs)
  }

  /** Returns a pending one of the same request by the same principal. */
  same(actor: string, request: string, realMs: number): Approval | undefined {
    const query = `SELECT ${columns} FROM approval_requests WHERE status = 'Pending' AND actor = ? AND request = ? AND expires > ?`
    const [row] = this.#sql.exec<Row>(query, actor, request, realMs).toArray()
    return row === undefined ? undefined : toApproval(row, realMs)
  }

  /** Returns the newest, newest first. */
  list(of: {
    readonly actor?: string | undefined
    readonly status?: ApprovalStatus | undefined
    readonly limit: number
    readonly realMs: number
  }): readonly Approval[] {
    const { actor = null, status, limit, realMs } = of
    const stored = status === 'Expired' ? 'Pending' : (status ?? null)
    const due = status === 'Pending' ? 'AND expires > ?3' : status === 'Expired' ? 'AND expires <= ?3' : 'AND ?3 > 0'
    const query = `SELECT ${columns} FROM approval_requests WHERE (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR status = ?2) ${due} ORDER BY created DESC, id DESC LIMIT ?4`
    return this.#sql
      .exec<Row>(query, actor, stored, realMs, limit)
      .toArray()
      .map((row) => toApproval(row, realMs))
  }

  /** Whether the outcome is the one that was promised. */
  isPromised(id: string, outcome: string): boolean {
    const query = 'SELECT 1 FROM approval_requests WHERE id = ? AND outcome = ?'
    return this.#sql.exec(query, id, digest(outcome)).toArray().length > 0
  }

  /** Ends a pending one, in the transaction of its commit if it has one. Returns false if it is not pending. */
  decide(id: string, { status, by, realMs, note, commit }: Decision): boolean {
    const statement = `UPDATE approval_requests SET status = ?, decided = ?, decided_by = ?, note = ?, "commit" = ?
      WHERE id = ? AND status = 'Pending' AND expires > ? RETURNING id`
    const values = [status, realMs, by, note ?? null, commit ?? null, id, realMs] as const
    return this.#sql.exec(statement, ...values).toArray().length > 0
  }

  /** Names the approval that took the place of an outdated one. */
  replaceBy(id: string, next: string): void {
    this.#sql.exec('UPDATE approval_requests SET next = ? WHERE id = ?', next, id)
  }

  /** The time at which the oldest one is dropped; undefined without any. */
  get sweepDueMs(): number | undefined {
    const { oldest } = this.#sql
      .exec<{ oldest: number | null }>('SELECT min(created) AS oldest FROM approval_requests')
      .one()
    return oldest === null ? undefined : oldest + keptMs
  }

  sweep(realMs: number): void {
    this.#sql.exec('DELETE FROM approval_requests WHERE created <= ?', realMs - keptMs)
  }

  #pendingOf(actor: string, realMs: number): number {
    const query =
      "SELECT count(*) AS count FROM approval_requests WHERE status = 'Pending' AND actor = ? AND expires > ?"
    return this.#sql.exec<{ count: number }>(query, actor, realMs).one().count
  }

  /** Returns false if all that could be dropped is pending. */
  #makeRoom(bytes: number, realMs: number): boolean {
    const totals = 'SELECT count(*) AS count, total(bytes) AS bytes FROM approval_requests'
    const drop = `DELETE FROM approval_requests WHERE id = (
      SELECT id FROM approval_requests WHERE status <> 'Pending' OR expires <= ? ORDER BY created, id LIMIT 1) RETURNING id`
    for (;;) {
      const held = this.#sql.exec<{ count: number; bytes: number }>(totals).one()
      if (held.count < approvalsMax && held.bytes + bytes <= bytesMax) return true
      if (this.#sql.exec(drop, realMs).toArray().length === 0) return false
    }
  }
}

function toApproval(row: Row, realMs: number): Approval {
  const { id, created, expires, actor, about, request, ids, now, decided, note, next } = row
  const status = approvalStatuses.find((name) => name === row.status) ?? 'Expired'
  return {
    id,
    status: status === 'Pending' && expires <= realMs ? 'Expired' : status,
    createdMs: created,
    expiresMs: expires,
    actor,
    about,
    request,
    ids: JSON.parse(ids) as readonly string[], // written by `put`
    nowMs: now,
    commit: row.commit ?? undefined,
    ...(decided === null ? {} : { decidedMs: decided }),
    ...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
    ...(note === null ? {} : { note }),
    ...(next === null ? {} : { next }),
  }
}

function digest(outcome: string): string {
  return hash('sha256', outcome)
}
