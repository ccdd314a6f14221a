// The index of substrings, for `$regex`: the grams of the fields that `$text` searches, of every version. Nothing is indexed
// before the first pattern in a large Noun needs it; then it follows the index of words, whose rows it shares: `$text` of a
// version is also the row of its grams.

import { withDeadline } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import type { Pausing } from '../base/pausing.ts'
import type { SliceSettings } from '../base/slice-settings.ts'
import { Unfinished } from '../base/unfinished.ts'
import { typeOfRow } from '../log/stored-event.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import { quoteName } from './column.ts'
import type { FullText } from './full-text.ts'
import { gramsOf } from './grams.ts'
import type { NounTable } from './noun-table.ts'
import type { StorageHandler } from './storage-handler.ts'

/** Increases when a string gets other grams, so that the index is made again. */
const gramsVersion = 1
/** Limits the events of one step, to about 10 ms of work. */
const stepMax = 250
/** Limits the characters of one step, because an event may have a million. */
const stepCharactersMax = 300_000
/** A query makes this many steps itself, among them those for the changes of its own commit. */
const stepsOfQueryMax = 8

const loggedEvents = `SELECT seq, ${typeOfRow} AS type, target FROM log WHERE seq > ? AND seq <= ? ORDER BY seq`

interface LoggedEvent extends Record<string, SqlStorageValue> {
  readonly seq: number
  readonly type: string
  readonly target: string
}

export interface GramIndexOptions {
  /** Makes the pauses between steps. */
  readonly pausing: Pausing
  readonly storage: DurableObjectStorage
  readonly state: StorageHandler
  readonly meta: TenantMeta
  readonly text: FullText
  readonly slices: Pick<SliceSettings, 'wordsMs'>
}

/** Returns the quoted table of a Noun's grams. */
export function gramsTable(noun: string): string {
  return quoteName(`${noun}/grams`)
}

export class GramIndex {
  readonly #options: GramIndexOptions
  #target = 0
  #following: Promise<void> | undefined

  constructor(options: GramIndexOptions) {
    this.#options = options
  }

  /** The `seq` up to which grams are indexed; undefined until a query needs them. */
  get mark(): number | undefined {
    const mark = this.#options.meta.get('grams')
    return mark === undefined ? undefined : Number(mark)
  }

  /**
   * Call it before a query of this Noun in the state after the event `through`. Throws Unfinished if the index is too far behind
   * to catch up at once.
   */
  require(noun: string, through: number): void {
    const { meta, storage, text } = this.#options
    if (this.mark === undefined) meta.set('grams', '0')
    // Inside a commit, its own changes have no words yet.
    text.requireOwn(through)
    text.require(through)
    this.#followWords()
    for (let steps = 0; steps < stepsOfQueryMax && this.#isBehind(through); steps++) this.step(through)
    if (this.#isBehind(through)) throw new Unfinished(() => this.#wait(through))
    createTable(storage.sql, noun)
  }

  /** Makes one bounded step. Grams and mark are written in one transaction, so that a crash does not repeat it. */
  step(head: number): void {
    const { storage, meta, text } = this.#options
    const from = this.mark ?? 0
    // A version that has no row of words yet may get one.
    if (text.mark <= from) return text.step(head)
    const end = Math.min(head, text.mark, from + stepMax)
    storage.transactionSync(() => {
      let through = end
      let characters = 0
      for (const { seq, type, target } of storage.sql.exec<LoggedEvent>(loggedEvents, from, end).toArray()) {
        const table = this.#options.state.table(type.slice(0, type.indexOf('.')))
        characters += table === undefined ? 0 : this.#index(table, { seq, target })
        through = seq
        if (characters > stepCharactersMax) break
      }
      meta.set('grams', String(characters > stepCharactersMax ? through : end))
    })
  }

  /** Adds the grams of the version that an event made, if it has a row of its own. Returns the characters of its strings. */
  #index(table: NounTable, { seq, target }: Pick<LoggedEvent, 'seq' | 'target'>): number {
    const { state, storage } = this.#options
    const version = state.getAsOf(table, target, seq)
    if (version?.textSeq !== seq) return 0
    const texts = table.schema.searchable.flatMap((field) => {
      const value = version.fields[field]
      return typeof value === 'string' ? [value] : []
    })
    const grams = [...gramsOf(texts)].join(' ')
    if (grams !== '') {
      createTable(storage.sql, table.schema.name)
      storage.sql.exec(`INSERT INTO ${gramsTable(table.schema.name)} (rowid, grams) VALUES (?, ?)`, seq, grams)
    }
    return texts.reduce((sum, text) => sum + text.length, 0)
  }

  /** Restarts after the index of words did, or if the grams are those of an earlier version. */
  #followWords(): void {
    const { meta, storage, state, text } = this.#options
    const basis = `${gramsVersion}.${text.generation}`
    if (meta.get('gramsBasis') === basis) return
    storage.transactionSync(() => {
      for (const noun of state.nounsWithTables()) storage.sql.exec(`DROP TABLE IF EXISTS ${gramsTable(noun)}`)
      meta.set('grams', '0')
      meta.set('gramsBasis', basis)
    })
  }

  /** Deletes all grams, after versions have changed in place. The index is made again. */
  restart(): void {
    if (this.mark === undefined) return
    const { meta, storage, state } = this.#options
    for (const noun of state.nounsWithTables()) storage.sql.exec(`DROP TABLE IF EXISTS ${gramsTable(noun)}`)
    meta.set('grams', '0')
  }

  /** Waits for a limited time. Throws an ObjectError `overloaded` that says how far the index is, which then continues. */
  #wait(through: number): Promise<void> {
    const timeoutError = (): ObjectError =>
      new ObjectError({
        code: 'overloaded',
        field: '$regex',
        message: `the substrings of ${this.mark ?? 0} of ${through} events are indexed, and the pattern needs all of them; try again shortly`,
        detail: { indexed: this.mark ?? 0, of: through },
      })
    return withDeadline(this.#follow(through), { ms: this.#options.slices.wordsMs, timeoutError })
  }

  /** Yields after each step. Concurrent callers share the steps. */
  async #follow(seq: number): Promise<void> {
    const { storage, text } = this.#options
    // The events after the log's end were those of a commit that was rolled back.
    const end = storage.sql.exec<{ seq: number | null }>('SELECT max(seq) AS seq FROM log').one().seq ?? 0
    const through = Math.min(seq, end)
    this.#target = Math.max(this.#target, through)
    await text.follow(through)
    while (this.#isBehind(through)) {
      this.#following ??= this.#stepToTarget().finally(() => {
        this.#following = undefined
      })
      await this.#following
    }
  }

  async #stepToTarget(): Promise<void> {
    const pause = this.#options.pausing()
    while (this.#isBehind(this.#target)) {
      this.step(this.#target)
      await pause()
    }
  }

  #isBehind(through: number): boolean {
    return (this.mark ?? 0) < through
  }
}

function createTable(sql: SqlStorage, noun: string): void {
  const table = gramsTable(noun)
  sql.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS ${table} USING fts5(grams, content='', tokenize='ascii', detail=none)`)
}
