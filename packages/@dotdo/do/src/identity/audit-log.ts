// The audit log: sign-ins, refusals, and changes of what callers may do. It lies beside the event log, so that refused requests
// write no events, and keeps the last 90 days. It never has a secret.

import type { AuditKind } from 'digital-objects'

export interface AuditEntry {
  readonly kind: AuditKind
  /** The principal, as events name it; absent if nobody has proved who they are. */
  readonly actor?: string | undefined
  readonly onBehalfOf?: string | undefined
  /** The id of the key or session, never its secret. */
  readonly key?: string | undefined
  /** The type of an event, the name of a call, or a few words. Must not contain a secret or an address of a stranger. */
  readonly about: string
  /** The entity that is concerned. */
  readonly target?: string | undefined
  readonly reason?: string | undefined
  /** The event that says more. */
  readonly seq?: number | undefined
}

export interface StoredAuditEntry extends AuditEntry {
  readonly id: number
  readonly atMs: number
  /** Repetitions within a minute are one entry. A crash may lose some of the count. */
  readonly count: number
}

export interface AuditSelection {
  /** Selects entries before this id. */
  readonly before?: number | undefined
  readonly kind?: AuditKind | undefined
  readonly actor?: string | undefined
  readonly limit: number
}

/** The table, for the schema of each object that has an audit log. It is part of released versions, so it is never edited. */
export const auditTable = `CREATE TABLE audit_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT,
    on_behalf_of TEXT,
    key TEXT,
    about TEXT NOT NULL,
    target TEXT,
    reason TEXT,
    seq INTEGER,
    count INTEGER NOT NULL DEFAULT 1
  )`

export const auditKeptMs = 90 * 24 * 60 * 60 * 1_000
/** Beyond it, the oldest entries are dropped: a tenant's audit log stays below 30 MB. */
export const auditRowsMax = 100_000
/** Entries between two looks for expired ones. */
const sweptEvery = 100
/** Rows that one sweep deletes. */
const sweptMax = 5_000
const textCharactersMax = 300
/** Entries that are repeated at will by whoever is refused. */
const repeated: readonly AuditKind[] = ['unauthorized', 'forbidden', 'rate_limited', 'sign_in_refused']
const repeatedMs = 60_000
/** Repeated entries that are counted in memory. */
const countedMax = 1_000

interface Counted {
  readonly id: number
  readonly untilMs: number
  count: number
}

interface AuditRow extends Record<string, SqlStorageValue> {
  readonly id: number
  readonly at: number
  readonly kind: AuditKind
  readonly actor: string | null
  readonly on_behalf_of: string | null
  readonly key: string | null
  readonly about: string
  readonly target: string | null
  readonly reason: string | null
  readonly seq: number | null
  readonly count: number
}

export class AuditLog {
  readonly #sql: SqlStorage
  readonly #now: () => number
  readonly #counted = new Map<string, Counted>()

  /** `now` is the server's clock. The table must exist before the first entry. */
  constructor(options: { readonly sql: SqlStorage; readonly now: () => number }) {
    this.#sql = options.sql
    this.#now = options.now
  }

  /** Call it in the transaction of what it records, if there is one. Repetitions of a refusal cost a few writes a minute. */
  record(entry: AuditEntry): void {
    const nowMs = this.#now()
    if (!repeated.includes(entry.kind)) return void this.#insert(entry, nowMs)
    const name = JSON.stringify([entry.kind, entry.actor, entry.key, entry.about, entry.target])
    const counted = this.#counted.get(name)
    if (counted === undefined || counted.untilMs <= nowMs) {
      if (this.#counted.size >= countedMax) this.#counted.clear()
      this.#counted.set(name, { id: this.#insert(entry, nowMs), untilMs: nowMs + repeatedMs, count: 1 })
      return
    }
    counted.count++
    // Powers of two: a flood of refusals costs 20 writes for a million.
    if ((counted.count & (counted.count - 1)) === 0) this.#store(counted)
  }

  /** Returns entries of the last 90 days, newest first. */
  list({ before = Number.MAX_SAFE_INTEGER, kind, actor, limit }: AuditSelection): readonly StoredAuditEntry[] {
    for (const counted of this.#counted.values()) this.#store(counted)
    const query = `SELECT * FROM audit_entries WHERE id < ? AND at >= ? AND (?3 IS NULL OR kind = ?3) AND (?4 IS NULL OR actor = ?4)
      ORDER BY id DESC LIMIT ?5`
    const since = this.#now() - auditKeptMs
    return this.#sql
      .exec<AuditRow>(query, before, since, kind ?? null, actor ?? null, limit)
      .toArray()
      .map(rowToEntry)
  }

  /** Call it after a rollback, and when the tables were made. */
  reload(): void {
    this.#counted.clear()
  }

  /** The time at which the oldest entry expires; undefined without entries. */
  get sweepDueMs(): number | undefined {
    const [oldest] = this.#sql.exec<{ at: number }>('SELECT at FROM audit_entries ORDER BY id LIMIT 1').toArray()
    return oldest === undefined ? undefined : oldest.at + auditKeptMs
  }

  sweep(realMs: number): void {
    this.#sql.exec(
      'DELETE FROM audit_entries WHERE id IN (SELECT id FROM audit_entries WHERE at <= ? ORDER BY id LIMIT ?)',
      realMs - auditKeptMs,
      sweptMax,
    )
  }

  #insert(entry: AuditEntry, nowMs: number): number {
    const { kind, actor, onBehalfOf, key, about, target, reason, seq } = entry
    const texts = [actor, onBehalfOf, key, about, target, reason].map((text) =>
      text === undefined ? null : withoutSecrets(text),
    )
    const query = `INSERT INTO audit_entries (at, kind, actor, on_behalf_of, key, about, target, reason, seq)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
    const { id } = this.#sql.exec<{ id: number }>(query, nowMs, kind, ...texts, seq ?? null).one()
    if (id % sweptEvery === 0) {
      this.#sql.exec('DELETE FROM audit_entries WHERE id <= ?', id - auditRowsMax)
      this.sweep(nowMs)
    }
    return id
  }

  #store({ id, count }: Counted): void {
    this.#sql.exec('UPDATE audit_entries SET count = ? WHERE id = ? AND count < ?', count, id, count)
  }
}

/** A caller may send a key where a name belongs. */
function withoutSecrets(text: string): string {
  return text.slice(0, textCharactersMax).replaceAll(/hly_([a-z]{1,10})_\w+/g, 'hly_$1_…')
}

function rowToEntry(row: AuditRow): StoredAuditEntry {
  const { id, at, kind, actor, on_behalf_of: onBehalfOf, key, about, target, reason, seq, count } = row
  return {
    id,
    atMs: at,
    kind,
    about,
    count,
    ...(actor === null ? {} : { actor }),
    ...(onBehalfOf === null ? {} : { onBehalfOf }),
    ...(key === null ? {} : { key }),
    ...(target === null ? {} : { target }),
    ...(reason === null ? {} : { reason }),
    ...(seq === null ? {} : { seq }),
  }
}
