// The full text index: the words of every version, for `$text`. It follows the log from a stored mark, in steps that yield,
// and a query waits until it is up to date. So writes do not pay for indexing.

import { withDeadline } from '@dotdo/db'
import type { Pausing } from '../base/pausing.ts'
import type { SliceSettings } from '../base/slice-settings.ts'
import { Unfinished } from '../base/unfinished.ts'
import { type EntityFields, type NounSchema, ObjectError, parseJson, tokenize, tokenizerVersion } from 'digital-objects'
import type { NounTable } from './noun-table.ts'
import type { StorageHandler } from './storage-handler.ts'
import { parsePatch } from '../log/entity-text.ts'
import { typeOfRow } from '../log/stored-event.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'

/** Limits the events of one step, to about 10 ms of work. */
const stepMax = 250
/** Limits the characters of one step, because an event may have a million. */
const stepCharactersMax = 1_000_000
/** A query makes this many steps itself, so that a search right after a write need not wait for a later task. */
const stepsOfQueryMax = 2
/** A commit has fewer events and characters. Older events are indexed outside its transaction. */
const ownEventsMax = 2_000
const stepsOfCommitMax = 20
/** Limits the rows that are in memory together. */
const rowsPerStatement = 16
/** Limits the words of one statement, whose parameter has a limit of 2 MB. */
const parameterCharactersMax = 100_000

const loggedTexts = `SELECT seq, ${typeOfRow} AS type, target, data, changes FROM log WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`

interface LoggedText extends Record<string, SqlStorageValue> {
  readonly seq: number
  readonly type: string
  readonly target: string
  readonly data: string
  readonly changes: string | null
}

export interface FullTextOptions {
  /** Makes the pauses between steps. */
  readonly pausing: Pausing
  readonly storage: DurableObjectStorage
  readonly state: StorageHandler
  readonly meta: TenantMeta
  readonly slices: Pick<SliceSettings, 'wordsMs'>
}

export class FullText {
  readonly #storage: DurableObjectStorage
  readonly #state: StorageHandler
  readonly #meta: TenantMeta
  readonly #wordsMs: number
  readonly #pausing: Pausing
  #target = 0
  #following: Promise<void> | undefined

  constructor(options: FullTextOptions) {
    this.#storage = options.storage
    this.#state = options.state
    this.#meta = options.meta
    this.#wordsMs = options.slices.wordsMs
    this.#pausing = options.pausing
  }

  /** The `seq` up to which words are indexed. */
  get mark(): number {
    return Number(this.#meta.get('text') ?? 0)
  }

  /** Indexes up to `seq`, and yields after each step. Concurrent callers share the steps. */
  async follow(seq: number): Promise<void> {
    this.#followDefinitions()
    // The events after the log's end were those of a commit that was rolled back.
    const through = Math.min(seq, this.#logEnd())
    this.#target = Math.max(this.#target, through)
    while (this.mark < through) {
      this.#following ??= this.#stepToTarget().finally(() => {
        this.#following = undefined
      })
      await this.#following
    }
  }

  /**
   * Call it before a query of the state after the event `through`. Throws Unfinished if the index is too far behind to catch
   * up at once.
   */
  require(through: number): void {
    this.#followDefinitions()
    for (let steps = 0; steps < stepsOfQueryMax && this.mark < through; steps++) this.step(through)
    if (this.mark < through) throw new Unfinished(() => this.#wait(through))
  }

  /** Call it inside the transaction of a commit, before it searches its own changes. */
  requireOwn(through: number): void {
    this.#followDefinitions()
    const { mark } = this
    for (let step = 0; step < stepsOfCommitMax && this.mark < through && through - mark <= ownEventsMax; step++)
      this.step(through)
  }

  /** Waits for a limited time. Throws an ObjectError `overloaded` that says how far the index is, which then continues. */
  #wait(through: number): Promise<void> {
    const timeoutError = (): ObjectError =>
      new ObjectError({
        code: 'overloaded',
        field: '$text',
        message: `the words of ${this.mark} of ${through} events are indexed, and $text needs all of them; try again shortly`,
        detail: { indexed: this.mark, of: through },
      })
    return withDeadline(this.follow(through), { ms: this.#wordsMs, timeoutError })
  }

  async #stepToTarget(): Promise<void> {
    const pause = this.#pausing()
    while (this.mark < this.#target) {
      this.step(this.#target)
      await pause()
    }
  }

  /** Makes one bounded step. Words and mark are written in one transaction, so that a crash does not repeat it. */
  step(head: number): void {
    const end = Math.min(head, this.mark + stepMax)
    this.#storage.transactionSync(() => {
      let through = this.mark
      const again = this.#again
      for (let characters = 0; through < end && characters < stepCharactersMax;) {
        const rows = this.#storage.sql.exec<LoggedText>(loggedTexts, through, end, rowsPerStatement).toArray()
        const words = new WordRows(this.#storage.sql)
        for (const row of rows) {
          const indexed = this.#index(row, again)
          if (indexed !== undefined) words.add(indexed)
          characters += row.data.length + (row.changes?.length ?? 0)
        }
        words.insert()
        through = rows.length < rowsPerStatement ? end : (rows.at(-1)?.seq ?? end)
      }
      this.#meta.set('text', String(through))
      if (this.#again.length > 0 && through >= this.#logEnd()) this.#meta.set('wordsAgain', '[]')
    })
  }

  /**
   * Restarts if a definition made other fields searchable, since all versions of its Noun then have other words, or if the
   * words are those of an earlier tokenizer.
   */
  #followDefinitions(): void {
    // No Noun has a name in lower case.
    const searchable: Record<string, string> = { tokenizer: String(tokenizerVersion) }
    for (const noun of this.#state.nounsWithTables()) {
      const table = this.#state.table(noun)
      if (table !== undefined) searchable[noun] = table.schema.searchable.join(',')
    }
    const text = JSON.stringify(searchable)
    const before = this.#meta.get('words')
    if (before === text) return
    const known = parseJson(before ?? '{}', (error) => error) as Readonly<Record<string, string>> // written below
    const { tokenizer, ...nouns } = searchable
    const hasOtherWords = this.mark > 0 && known['tokenizer'] !== tokenizer
    const changed = Object.keys(nouns).filter((noun) => known[noun] !== undefined && known[noun] !== nouns[noun])
    this.#storage.transactionSync(() => {
      this.#meta.set('words', text)
      if (changed.length === 0 && !hasOtherWords) return
      this.clear(this.#state.nounsWithTables())
      if (changed.length > 0) this.#meta.set('wordsAgain', JSON.stringify([...new Set([...this.#again, ...changed])]))
    })
  }

  /** The Nouns whose versions get their `$text` again, until the index reaches the log's end. */
  get #again(): readonly string[] {
    return parseJson(this.#meta.get('wordsAgain') ?? '[]', (error) => error) as readonly string[] // written above
  }

  #logEnd(): number {
    return this.#storage.sql.exec<{ seq: number | null }>('SELECT max(seq) AS seq FROM log').one().seq ?? 0
  }

  /** Deletes all words of these Nouns and restarts indexing at the log's beginning. Call it inside a transaction. */
  clear(nouns: readonly string[]): void {
    for (const noun of nouns) {
      const table = this.#state.table(noun)
      if (table !== undefined) this.#storage.sql.exec(`INSERT INTO ${table.text} (${table.text}) VALUES ('delete-all')`)
    }
    this.#meta.set('text', '0')
    this.#meta.set('wordsGeneration', String(this.generation + 1))
  }

  /**
   * Replaces the words of a version whose fields were changed in place. Call it in the transaction of that. A version that is not
   * indexed yet gets its words later.
   */
  replaceWords(
    table: NounTable,
    { seq, was, is }: { readonly seq: number; readonly was?: EntityFields; readonly is?: EntityFields },
  ): void {
    if (seq > this.mark) return
    const { sql } = this.#storage
    const [old, next] = [was, is].map((fields) => (fields === undefined ? undefined : toWordRow(table, seq, fields)))
    if (old?.words === next?.words) return
    if (old !== undefined)
      sql.exec(`INSERT INTO ${old.into} (${old.into}, rowid, words) VALUES ('delete', ?, ?)`, seq, old.words)
    if (next !== undefined) sql.exec(`INSERT INTO ${next.into} (rowid, words) VALUES (?, ?)`, seq, next.words)
  }

  /** Writes the index of a Noun again, so that it does not contain words that were deleted from it. */
  purge(noun: string): void {
    const table = this.#state.hasTable(noun) ? this.#state.table(noun) : undefined
    if (table !== undefined) this.#storage.sql.exec(`INSERT INTO ${table.text} (${table.text}) VALUES ('optimize')`)
  }

  /** Increases each time that the index is made again. */
  get generation(): number {
    return Number(this.#meta.get('wordsGeneration') ?? 0)
  }

  /** Returns the words of the event's version, if it needs a row of its own. */
  #index(row: LoggedText, again: readonly string[]): WordRow | undefined {
    const table = this.#state.table(row.type.slice(0, row.type.indexOf('.')))
    if (table === undefined || row.type.endsWith('.Deleted')) return undefined
    const { searchable } = table.schema
    if (again.includes(table.schema.name)) return this.#indexAgain(table, row)
    // A creation has its fields in the log.
    if (row.data !== '' && row.changes === null) return toWordRow(table, row.seq, JSON.parse(row.data) as EntityFields) // written by the log
    // Only an event that changed a searchable field needs new words; `$text` of its version points to their row.
    if (row.data === '' && row.changes !== null && !patchesAny(row.changes, searchable)) return undefined
    const version = this.#state.getAsOf(table, row.target, row.seq)
    return version?.textSeq === row.seq ? toWordRow(table, row.seq, version.fields) : undefined
  }

  /** Indexes a version by the current definition, as a write would. */
  #indexAgain(table: NounTable, { target, seq }: LoggedText): WordRow | undefined {
    const version = this.#state.getAsOf(table, target, seq)
    if (version?.seq !== seq) return undefined
    const textSeq = textSeqOf(table.schema, version, this.#state.getAsOf(table, target, seq - 1))
    if (textSeq !== version.textSeq) this.#state.setTextSeq(table, { ...version, textSeq })
    return textSeq === seq ? toWordRow(table, seq, version.fields) : undefined
  }
}

interface WordRow {
  /** The quoted table. */
  readonly into: string
  readonly seq: number
  readonly words: string
}

function toWordRow(table: NounTable, seq: number, fields: EntityFields): WordRow | undefined {
  const texts = table.schema.searchable.map((field) => fields[field]).filter((value) => typeof value === 'string')
  const words = new Set(texts.flatMap((text) => tokenize(text)))
  return words.size === 0 ? undefined : { into: table.text, seq, words: [...words].join(' ') }
}

/** Inserts the rows of one table together, because a statement costs about as much as a row. */
class WordRows {
  readonly #sql: SqlStorage
  #into = ''
  #rows: (readonly [seq: number, words: string])[] = []
  #characters = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  add({ into, seq, words }: WordRow): void {
    if (into !== this.#into || this.#characters + words.length > parameterCharactersMax) this.insert()
    this.#into = into
    this.#rows.push([seq, words])
    this.#characters += words.length
  }

  insert(): void {
    if (this.#rows.length === 0) return
    const query = `INSERT INTO ${this.#into} (rowid, words) SELECT value ->> 0, value ->> 1 FROM json_each(?)`
    this.#sql.exec(query, JSON.stringify(this.#rows))
    this.#rows = []
    this.#characters = 0
  }
}

function patchesAny(patch: string, names: readonly string[]): boolean {
  const { set, removed } = parsePatch(patch)
  return names.some((name) => Object.hasOwn(set, name) || removed.includes(name))
}

/** Returns the full-text row of a version's words, which is that of the previous version if they are equal; null without. */
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
