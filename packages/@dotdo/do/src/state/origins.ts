// The origins of texts that strangers wrote, per field and event, and the callers who have read such texts. A caller that is
// an agent then needs consent for verbs that send, pay, grant or delete, and the texts that it writes are strangers' too.

import type { ExpiringValues } from '../identity/expiring-values.ts'

/** The origin of one text: of a field of an entity, as an event wrote it. */
export type TextOrigin = {
  readonly field: string
  /** `form`, `message`, `ticket`, `webhook`, `bank`, `stripe`, `public`, or `program` for the text of an agent that had read such texts. */
  readonly origin: string
  readonly seq: number
}

/** A text that was written by an event; without an origin, it is the tenant's own. */
export interface WrittenText {
  readonly entity: string
  readonly fields: readonly string[]
  readonly seq: number
  readonly origin: string | undefined
}

/** A caller counts as influenced for this long after it has read such a text. */
export const influenceMs = 3_600_000
/** A mark is renewed when it is older than this, since each is a row. */
const renewAfterMs = 60_000

export class Origins {
  readonly #sql: SqlStorage
  readonly #values: ExpiringValues
  readonly #now: () => number
  #hasAny: boolean | undefined
  readonly #marked = new Map<string, number>()

  /** `now` is the server's clock. */
  constructor(options: { readonly sql: SqlStorage; readonly values: ExpiringValues; readonly now: () => number }) {
    this.#sql = options.sql
    this.#values = options.values
    this.#now = options.now
  }

  /** Call it after a rollback. */
  forget(): void {
    this.#hasAny = undefined
    this.#marked.clear()
  }

  /** Whether the tenant has any text of strangers. */
  get hasAny(): boolean {
    this.#hasAny ??= this.#sql.exec('SELECT 1 FROM text_origins LIMIT 1').toArray().length > 0
    return this.#hasAny
  }

  /** Records the texts of an event, in its transaction. The tenant's own are recorded only where they replace others. */
  wrote({ entity, fields, seq, origin }: WrittenText): void {
    if (origin === undefined && !this.hasAny) return
    for (const field of fields) {
      if (origin === undefined && this.#originOf(entity, field) === undefined) continue
      this.#sql.exec('INSERT OR REPLACE INTO text_origins VALUES (?, ?, ?, ?)', entity, field, seq, origin ?? null)
    }
    this.#hasAny ||= origin !== undefined
  }

  #originOf(entity: string, field: string): string | undefined {
    return this.of(entity).find((text) => text.field === field)?.origin
  }

  /** Returns the texts of strangers that an entity has now. */
  of(entity: string): readonly TextOrigin[] {
    const query = `SELECT field, origin, seq FROM text_origins AS one WHERE entity = ? AND origin IS NOT NULL
      AND seq = (SELECT max(seq) FROM text_origins WHERE entity = one.entity AND field = one.field) ORDER BY field`
    return this.#sql.exec<TextOrigin>(query, entity).toArray()
  }

  /** Returns the fields that ever had texts of strangers. */
  ever(entity: string): readonly string[] {
    const query = 'SELECT DISTINCT field FROM text_origins WHERE entity = ? AND origin IS NOT NULL'
    return this.#sql
      .exec<{ field: string }>(query, entity)
      .toArray()
      .map(({ field }) => field)
  }

  /** Whether an entity whose id has this prefix ever had such a text. */
  hasPrefix(prefix: string): boolean {
    const query = 'SELECT 1 FROM text_origins WHERE entity >= ? AND entity < ? AND origin IS NOT NULL LIMIT 1'
    return this.#sql.exec(query, `${prefix}_`, `${prefix}_\u{10ffff}`).toArray().length > 0
  }

  /** Records that a caller has read such a text. */
  influence(caller: string): void {
    const now = this.#now()
    if (now - (this.#marked.get(caller) ?? Number.NEGATIVE_INFINITY) < renewAfterMs) return
    if (this.#marked.size > 1_000) this.#marked.clear()
    this.#marked.set(caller, now)
    this.#values.put({ key: keyOf(caller), value: '', endsMs: now + influenceMs })
  }

  /** Whether the caller has read such a text lately. */
  isInfluenced(caller: string): boolean {
    return this.hasAny && this.#values.get(keyOf(caller)) !== undefined
  }
}

function keyOf(caller: string): string {
  return `influenced:${caller}`
}

/** The name under which a caller's reads count: those of each key apart. */
export function influencedBy({ actor, key }: { readonly actor: string; readonly key?: string | undefined }): string {
  return `${actor}:${key ?? ''}`
}
