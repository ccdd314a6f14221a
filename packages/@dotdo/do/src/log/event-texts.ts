// Makes the texts of events, `data` and `changes`, from what the log stores: an event that has only its new values takes the
// rest from the entity's previous event.

import { LruCache } from '@dotdo/db'
import { assert, type NounSchema } from 'digital-objects'
import { ArchivedEvents, type ArchivedTexts } from './archived-events.ts'
import { applyPatch, changesBetween, entityToText, parseEntityText } from './entity-text.ts'
import type { LogRow } from './log-row.ts'
import { creationText, type StoredEvent } from './stored-event.ts'

export type Texts = Pick<LogRow, 'data' | 'changes'>

/** Limits the cached characters. The newest events are read several times: by listeners, handlers and the flush. */
const charactersMax = 4_000_000

export interface EventTextsOptions {
  readonly sql: SqlStorage
  readonly archived: ArchivedTexts
  /** Returns a row of the log; undefined if there is none. */
  readonly stored: (seq: number) => StoredEvent | undefined
}

export class EventTexts {
  readonly #options: EventTextsOptions
  #cached = new LruCache<Texts>(charactersMax)
  /** The fields of definitions in order, by Noun and version. */
  readonly #orders = new Map<string, readonly string[]>()

  constructor(options: EventTextsOptions) {
    this.#options = options
  }

  /** Clears the cache; call after a rollback. */
  reload(): void {
    this.#cached = new LruCache(charactersMax)
    this.#orders.clear()
  }

  /** Keeps the texts of an event that was just appended. */
  keep(seq: number, { data, changes }: Texts): void {
    this.#cached.set(String(seq), { data, changes }, data.length + (changes?.length ?? 0))
  }

  /** Drops the texts of an event whose transaction was rolled back. */
  drop(seq: number): void {
    this.#cached.delete(String(seq))
  }

  kept(seq: number): Texts | undefined {
    return this.#cached.get(String(seq))
  }

  /** Throws ArchivedEvents if it needs a text that has left the log. */
  of(row: StoredEvent): Texts {
    const known = this.#known(row)
    if (known !== undefined) return known
    const before = parseEntityText(this.#dataOf(this.#previousOf(row)))
    const data = row.data === '' ? this.#patched(row, before) : row.data
    const { changes } = changesBetween(before.fields, parseEntityText(data).fields)
    this.keep(row.seq, { data, changes })
    return { data, changes }
  }

  /** Returns the texts if they need no other row. */
  #known(row: StoredEvent): Texts | undefined {
    const { seq, data, changes } = row
    const cached = this.kept(seq)
    if (cached !== undefined) return cached
    if (data === '' && changes === null) {
      const archived = this.#options.archived.get(seq)
      if (archived === undefined) throw new ArchivedEvents([seq])
      return archived
    }
    if (!row.isThin || row.previous === null) return { data: row.isThin ? creationText(row) : data, changes }
    return undefined
  }

  /** Returns the entity of an event: goes back to the newest event that holds it whole, and applies the patches since. */
  #dataOf(event: StoredEvent): string {
    const patches: StoredEvent[] = []
    let row = event
    let data: string | undefined
    for (;;) {
      data = this.#known(row)?.data ?? (row.data === '' ? undefined : row.data)
      if (data !== undefined) break
      patches.push(row)
      row = this.#previousOf(row)
    }
    for (const patch of patches.toReversed()) data = this.#patched(patch, parseEntityText(data))
    return data
  }

  #patched(row: StoredEvent, before: ReturnType<typeof parseEntityText>): string {
    assert(row.changes !== null, `event ${row.seq} has its new values`)
    const noun = row.type.slice(0, row.type.indexOf('.'))
    const { createdAt, createdBy } = before
    const head = { noun, id: row.target, version: row.version, createdAt, createdBy }
    const fields = applyPatch(before.fields, row.changes, this.#orderOf(noun, row.noun))
    return entityToText({ ...head, updatedAt: new Date(row.atMs).toISOString() }, fields)
  }

  #previousOf(row: StoredEvent): StoredEvent {
    const previous = row.previous === null ? undefined : this.#options.stored(row.previous)
    assert(previous?.target === row.target, `the log has the event before ${row.seq} of '${row.target}'`)
    return previous
  }

  #orderOf(noun: string, version: string): readonly string[] {
    const key = `${noun} ${version}`
    const known = this.#orders.get(key)
    if (known !== undefined) return known
    const query = 'SELECT definition FROM nouns WHERE name = ? AND version = ?'
    const { definition } = this.#options.sql.exec<{ definition: string }>(query, noun, version).one()
    const { fields } = JSON.parse(definition) as NounSchema // only `ensureTable` stores it
    const order = Object.values(fields).flatMap(({ kind, name }) => (kind === 'reverse' ? [] : [name]))
    this.#orders.set(key, order)
    return order
  }
}
