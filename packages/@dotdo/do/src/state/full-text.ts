// The words of every version, for `$text`. The tables follow the log from a stored mark and are brought up to its end
// before a query reads them, so a write does not pay for words that nobody may ever look for.

import { nextTask } from '../base/next-task.ts'
import { type EntityFields, type JsonValue, type NounSchema, tokenize } from 'digital-objects'
import type { NounTable } from './noun-table.ts'
import type { StorageHandler } from './storage-handler.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'

/** Events in one step, about 10 ms of work. */
const stepMax = 500
/** The same, of text: an event may have a million characters. */
const stepCharactersMax = 4_000_000
/** Read at once, all of them in memory. */
const rowsPerStatement = 16

interface LoggedText extends Record<string, SqlStorageValue> {
  readonly seq: number
  readonly type: string
  readonly target: string
  readonly data: string
  readonly changes: string | null
}

export class FullText {
  readonly #storage: DurableObjectStorage
  readonly #state: StorageHandler
  readonly #meta: TenantMeta

  constructor(options: { storage: DurableObjectStorage; state: StorageHandler; meta: TenantMeta }) {
    this.#storage = options.storage
    this.#state = options.state
    this.#meta = options.meta
  }

  /** The `seq` up to which the words are there. */
  get mark(): number {
    return Number(this.#meta.get('text') ?? 0)
  }

  /** Follows the log to `head`, in one go. */
  catchUp(head: number): void {
    while (this.mark < head) this.step(head)
  }

  /** The same in steps, between which writers come. */
  async follow(head: number): Promise<void> {
    while (this.mark < head) {
      this.step(head)
      await nextTask()
    }
  }

  /** One bounded step; words and mark in one transaction, so that a crash repeats nothing. */
  step(head: number): void {
    const end = Math.min(head, this.mark + stepMax)
    this.#storage.transactionSync(() => {
      let through = this.mark
      for (let characters = 0; through < end && characters < stepCharactersMax;) {
        const rows = this.#storage.sql
          .exec<LoggedText>(
            'SELECT seq, type, target, data, changes FROM log WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
            through,
            end,
            rowsPerStatement,
          )
          .toArray()
        for (const row of rows) {
          this.#index(row)
          characters += row.data.length + (row.changes?.length ?? 0)
        }
        through = rows.length < rowsPerStatement ? end : (rows.at(-1)?.seq ?? end)
      }
      this.#meta.set('text', String(through))
    })
  }

  /** Forgets all words of these Nouns; to be called inside a transaction. The log is followed again from its start. */
  clear(nouns: readonly string[]): void {
    for (const noun of nouns) {
      const table = this.#state.table(noun)
      if (table !== undefined) this.#storage.sql.exec(`INSERT INTO ${table.text} (${table.text}) VALUES ('delete-all')`)
    }
    this.#meta.set('text', '0')
  }

  #index(row: LoggedText): void {
    const table = this.#state.table(row.type.slice(0, row.type.indexOf('.')))
    if (table === undefined || row.type.endsWith('.Deleted')) return
    const { searchable } = table.schema
    // Only an event that changed a searchable field begins new words: `$text` of the version points here.
    if (row.data === '') {
      // What the event says is in the archive; the version that it made says the same.
      const version = this.#state.getAsOf(table, row.target, row.seq)
      if (version?.textSeq === row.seq) this.#insert(table, row.seq, version.fields)
      return
    }
    if (row.changes !== null) {
      const changes = JSON.parse(row.changes) as Record<string, JsonValue>
      if (!searchable.some((field) => Object.hasOwn(changes, field))) return
    }
    this.#insert(table, row.seq, JSON.parse(row.data) as EntityFields) // written by the log
  }

  #insert(table: NounTable, seq: number, fields: EntityFields): void {
    const texts = table.schema.searchable.map((field) => fields[field]).filter((value) => typeof value === 'string')
    const words = new Set(texts.flatMap((text) => tokenize(text)))
    if (words.size > 0)
      this.#storage.sql.exec(`INSERT INTO ${table.text} (rowid, words) VALUES (?, ?)`, seq, [...words].join(' '))
  }
}

/** The full-text row with a version's words: that of the version before, where they are the same; null without words. */
export function textSeqOf(
  schema: NounSchema,
  version: { readonly fields: EntityFields; readonly seq: number },
  before: { readonly fields: EntityFields; readonly textSeq: number | null } | undefined,
): number | null {
  const { searchable } = schema
  if (before !== undefined && searchable.every((name) => before.fields[name] === version.fields[name]))
    return before.textSeq
  return searchable.some((name) => version.fields[name] !== undefined) ? version.seq : null
}
