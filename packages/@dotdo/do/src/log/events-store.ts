// The log: the tenant's events in order of `seq`, which starts at 1 and has no gaps. Events are only appended.

import { assert } from 'digital-objects'
import { ActorBlocks } from './actor-blocks.ts'
import { ArchivedEvents, type ArchivedTexts } from './archived-events.ts'
import { type EventChoice, type EventHead, EventHeads } from './event-heads.ts'
import { EventTexts } from './event-texts.ts'
import type { LogRow } from './log-row.ts'
import {
  creationText,
  entityColumns,
  logInsert,
  type PreviousEvent,
  rowToEntityEvent,
  rowToStoredEvent,
  storedColumns,
  storedIds,
  storedRow,
  type StoredEntityRow,
  type StoredEvent,
} from './stored-event.ts'
import { Words } from './words.ts'

export interface LogRead extends EventChoice {
  readonly after: number
  readonly limit: number
  readonly through?: number
  /** Returns archived texts as empty strings. */
  readonly isHeadOnly?: boolean
  /**
   * Ends the page at the end of a commit: it may exceed `limit` by the rest of one commit, and has at least one, whatever
   * its size. Without it, a page may end anywhere, for readers whose own result is not split by that.
   */
  readonly isWhole?: boolean
}

/** The end of the log at the start of a nested transaction. */
export interface LogMark {
  readonly head: number
  readonly headAtMs: number
  readonly wordCount: number
}

export interface LogPage {
  readonly rows: LogRow[]
  /** Reading on from here misses nothing. */
  readonly readThrough: number
}

/**
 * Limits the rows of one statement, which is always read to its end: an unfinished cursor keeps its statement open, and then
 * no table can be dropped. Pages have a size limit, so rows with texts are read in small groups.
 */
const textsPerStatement = 16
const lengthsPerStatement = 500

/** Limits a page, because a hundred events of 1 MB would fill an object's memory. A larger commit is a page of its own. */
const pageCharactersMax = 4_000_000

export class EventsStore {
  readonly #sql: SqlStorage
  readonly #texts: EventTexts
  readonly #archived: ArchivedTexts
  readonly #actors: ActorBlocks
  readonly #words: Words
  readonly #heads: EventHeads
  readonly #insert = logInsert()
  #head = 0
  #headAtMs = 0

  /** Every read may throw ArchivedEvents, unless `texts` contains the texts that have left the log. */
  constructor(options: { readonly sql: SqlStorage; readonly texts: ArchivedTexts }) {
    this.#sql = options.sql
    this.#archived = options.texts
    this.#texts = new EventTexts({ ...options, archived: options.texts, stored: (seq) => this.#stored(seq) })
    this.#actors = new ActorBlocks(options.sql)
    this.#words = new Words(options.sql)
    this.#heads = new EventHeads({ sql: options.sql, actors: this.#actors, words: this.#words, log: this })
  }

  /** Reads the end of the log again. Call it at start and after a rollback. */
  reload(): void {
    const last = this.#sql
      .exec<{ seq: number; at: number }>('SELECT seq, at FROM log ORDER BY seq DESC LIMIT 1')
      .toArray()[0]
    this.#head = last?.seq ?? 0
    this.#headAtMs = last?.at ?? 0
    this.#actors.reload()
    this.#words.reload()
    this.#texts.reload()
  }

  /** Forgets the texts in memory, after rows have changed in place. */
  forgetTexts(): void {
    this.#texts.reload()
    this.#archived.clear()
  }

  /** The end of the log, for `rollBack`. */
  mark(): LogMark {
    return { head: this.#head, headAtMs: this.#headAtMs, wordCount: this.#words.madeCount }
  }

  /** Follows the rollback of a nested transaction to the end that the log had at its start. */
  rollBack({ head, headAtMs, wordCount }: LogMark): void {
    for (let seq = head + 1; seq <= this.#head; seq++) this.#texts.drop(seq)
    this.#head = head
    this.#headAtMs = headAtMs
    this.#actors.reload()
    if (this.#words.madeCount !== wordCount) this.#words.reload()
  }

  /** The newest `seq`; 0 if the log is empty. */
  get head(): number {
    return this.#head
  }

  /** The timestamp of the newest event in milliseconds; 0 if the log is empty. */
  get headAtMs(): number {
    return this.#headAtMs
  }

  /** `previous` is the entity's previous event, if it has the same definition: then less has to be stored. */
  append(row: LogRow, previous?: PreviousEvent): void {
    assert(row.seq === this.#head + 1, 'seq has no gap')
    assert(row.atMs >= this.#headAtMs, 'time never steps back in the log')
    const { statement, values } = this.#insert.of(storedRow(row, { words: this.#words, previous }))
    this.#sql.exec(statement, ...values)
    this.#texts.keep(row.seq, row)
    this.#actors.add(row.actor, row.seq)
    this.#head = row.seq
    this.#headAtMs = row.atMs
  }

  at(seq: number): LogRow | undefined {
    return this.#rows({ where: 'seq = ?', bindings: [seq], after: seq - 1, limit: 1 })[0]
  }

  /** Returns the rows with these `seq`s, in order. Missing ones are left out. */
  many(seqs: readonly number[]): LogRow[] {
    return this.#rows(listed(seqs))
  }

  /**
   * Reads events, oldest first. With a pattern or an actor, it examines a bounded part of the log and returns its end as
   * `readThrough`, from which the next read continues without missing an event.
   */
  read(options: LogRead): LogPage {
    const { after, limit, pattern, actor, isVisible, through = this.#head, isHeadOnly, isWhole = false } = options
    if (pattern === undefined && actor === undefined && isVisible === undefined) {
      const rows = this.#rows({ where: 'seq <= ?', bindings: [through], after, limit, isHeadOnly })
      const readThrough = rows.at(-1)?.seq ?? Math.max(after, 0)
      if (!isWhole || rows.length === 0) return { rows, readThrough }
      return this.#toCommitEnd(rows, { through, later: numbersBetween })
    }
    // Read the small heads first, and the texts only of matching events.
    const { seqs, end } = this.#heads.choose({ ...options, through, isWhole })
    const rows = seqs.length === 0 ? [] : this.many(seqs)
    if (rows.length === seqs.length) return { rows, readThrough: end }
    if (isWhole) return this.#toCommitEnd(rows, { through, later: among(seqs) })
    return { rows, readThrough: rows.at(-1)?.seq ?? after }
  }

  /** Returns the heads of the events in a range, which the caller limits. */
  heads(range: { readonly after: number; readonly through: number }): readonly EventHead[] {
    return this.#heads.between(range)
  }

  /**
   * Chooses about `limit` of the events after `after`, without their texts. None up to `end` is left out, and `end` is the end
   * of a commit.
   */
  choose(options: EventChoice & { readonly after: number; readonly through: number; readonly limit: number }): {
    readonly seqs: readonly number[]
    readonly end: number
  } {
    return this.#heads.choose({ ...options, isWhole: true })
  }

  /** Returns the rows with these `seq`s up to the end of a commit, as many as fit into a page, and at least one commit's. */
  wholeCommits(seqs: readonly number[]): LogRow[] {
    const rows = this.many(seqs)
    if (rows.length === seqs.length) return rows
    return this.#toCommitEnd(rows, { through: this.#head, later: among(seqs) }).rows
  }

  /**
   * Lets a page end at the end of a commit: adds the rest of its last commit, or if that does not fit, leaves that commit
   * to the next page. `later` lists the page's events after one event, up to another.
   */
  #toCommitEnd(
    rows: LogRow[],
    { through, later }: { readonly through: number; readonly later: (last: number, stop: number) => readonly number[] },
  ): LogPage {
    const last = rows.at(-1)
    assert(last !== undefined, 'a page without events ends where it was asked to')
    const end = Math.min(this.commitEnd(last.seq), through)
    const seqs = later(last.seq, end)
    const before = rows.slice(
      0,
      rows.findIndex(({ commit }) => commit === last.commit),
    )
    const room = pageCharactersMax - rows.reduce((sum, row) => sum + charactersOf(row), 0)
    const charactersMax = before.length === 0 ? Number.POSITIVE_INFINITY : room
    const rest = seqs.length === 0 ? [] : this.#rows({ ...listed(seqs), charactersMax })
    if (rest.length === seqs.length) return { rows: [...rows, ...rest], readThrough: end }
    return { rows: before, readThrough: this.commitEnd(before.at(-1)?.seq ?? 0) }
  }

  /** Returns an entity of the table `present` as JSON, if the row of its last event has it whole. */
  presentText(
    present: string,
    entity: { readonly noun: string; readonly id: string },
  ): { readonly text: string; readonly version: number; readonly noun: string } | undefined {
    // No column of a Noun's table has the name of one of the log's.
    const query = `SELECT ${entityColumns} FROM ${present} AS t JOIN log ON log.seq = t."$seq" WHERE t."$id" = ?`
    // An object of a few columns is cheaper than an array, which has to be iterated.
    const [found] = this.#sql.exec<StoredEntityRow>(query, entity.id).toArray()
    if (found === undefined) return undefined
    const row = rowToEntityEvent(found, entity, this.#words)
    const { version, noun } = row
    const text = this.#texts.kept(row.seq)?.data ?? (row.isThin && row.data !== '' ? creationText(row) : row.data)
    return text === '' ? undefined : { text, version, noun }
  }

  /** Returns the `seq`s whose events match the pattern and the actor and are visible, in order. */
  matching(seqs: readonly number[], of: EventChoice): number[] {
    return this.#heads.matching(seqs, of)
  }

  /** Returns the `seq` up to which at most `limit` events follow `after`, with texts up to about the limit; at least one. */
  endOf(options: { readonly after: number; readonly limit: number; readonly charactersMax: number }): number {
    const { after, limit, charactersMax } = options
    const last = Math.min(after + limit, this.#head)
    let characters = 0
    let end = after
    for (let from = after; from < last && characters < charactersMax; from += lengthsPerStatement) {
      const lengths = this.#sql.exec<{ seq: number; length: number }>(
        'SELECT seq, coalesce(size, length(data) + coalesce(length(changes), 0)) AS length FROM log WHERE seq > ? AND seq <= ? ORDER BY seq',
        from,
        Math.min(from + lengthsPerStatement, last),
      )
      for (const { seq, length } of lengths) {
        if (characters >= charactersMax) continue
        characters += length
        end = seq
      }
    }
    return end
  }

  /** Returns the number of the commit that contains this event, or undefined if there is no such event. */
  commitOf(seq: number): number | undefined {
    if (seq < 1 || seq > this.#head) return undefined
    const query = 'SELECT coalesce("commit", seq) AS "commit" FROM log WHERE seq = ?'
    return this.#sql.exec<{ commit: number }>(query, seq).one().commit
  }

  /** Returns the last `seq` of the commit that contains this event. */
  commitEnd(seq: number): number {
    const query = 'SELECT seq FROM log WHERE seq > ? AND coalesce("commit", seq) = seq ORDER BY seq LIMIT 1'
    const next = this.#sql.exec<{ seq: number }>(query, seq).toArray()[0]?.seq
    return next === undefined ? this.#head : next - 1
  }

  /** Returns the commits of these events, in order, and the commits that they undo. */
  commitsOf(
    seqs: readonly number[],
  ): readonly { readonly seq: number; readonly commit: number; readonly undoes: number | null }[] {
    const query =
      'SELECT seq, coalesce("commit", seq) AS "commit", undoes FROM log WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq'
    return this.#sql.exec<{ seq: number; commit: number; undoes: number | null }>(query, JSON.stringify(seqs)).toArray()
  }

  /** Returns the timestamp of an event in milliseconds, or undefined if it does not exist. */
  timestampOf(seq: number): number | undefined {
    return this.#sql.exec<{ at: number }>('SELECT at FROM log WHERE seq = ?', seq).toArray()[0]?.at
  }

  /** Returns the newest `seq` that is not later than a time, or 0. Timestamps never decrease, so it is a binary search. */
  seqAt(timeMs: number): number {
    if (timeMs >= this.#headAtMs) return this.#head
    let [low, high] = [0, this.#head] // the answer is in [low, high)
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      const at = this.#sql.exec<{ at: number }>('SELECT at FROM log WHERE seq = ?', middle).one().at
      if (at <= timeMs) low = middle
      else high = middle
    }
    return low
  }

  /** Returns the event of the same commit that caused this deletion; undefined if none did. */
  causeOfDeletion(seq: number): EventHead | undefined {
    return this.#heads.causeOfDeletion(seq)
  }

  /** Finds an event by its id, which encodes its second. */
  byId(id: string, secondMs: number): LogRow | undefined {
    const [after, through] = [this.seqAt(secondMs - 1), this.seqAt(secondMs + 999)]
    const [whole, random] = storedIds(id)
    const where = 'seq <= ? AND id IN (?, ?)'
    return this.#rows({ where, bindings: [through, whole, random], after, limit: through - after }).find(
      (row) => row.id === id,
    )
  }

  /** Returns at most `limit` rows after `after`, and stops before a row that exceeds the page's size, unless it is the first. */
  #rows(options: {
    readonly where: string
    readonly bindings: readonly (string | number)[]
    readonly after: number
    readonly limit: number
    readonly isHeadOnly?: boolean | undefined
    readonly charactersMax?: number
  }): LogRow[] {
    const { where, bindings, limit, isHeadOnly = false, charactersMax = pageCharactersMax } = options
    const found: LogRow[] = []
    const missing: number[] = []
    let characters = 0
    let { after } = options
    const isFull = (): boolean => found.length > 0 && characters > charactersMax
    for (let left = limit; left > 0 && !isFull(); left -= textsPerStatement) {
      const count = Math.min(left, textsPerStatement)
      const statement = `SELECT ${storedColumns} FROM log WHERE ${where} AND seq > ? ORDER BY seq LIMIT ?`
      const rows = [...this.#sql.exec(statement, ...bindings, after, count).raw()]
      for (const row of rows) {
        const stored = rowToStoredEvent(row, this.#words)
        after = stored.seq
        const read = this.#whole(stored, isHeadOnly ? undefined : missing)
        // The sizes of texts that have to be fetched are not known yet.
        if (read === undefined || missing.length > 0) continue
        characters += charactersOf(read)
        if (isFull()) break
        found.push(toLogRow(read))
      }
      if (rows.length < count) break
    }
    if (missing.length > 0) throw new ArchivedEvents([...new Set(missing)].toSorted((a, b) => a - b))
    return found
  }

  /** Adds the texts. If some have to be fetched, returns undefined and adds to `missing`, or leaves them out without it. */
  #whole(row: StoredEvent, missing: number[] | undefined): StoredEvent | undefined {
    try {
      return { ...row, ...this.#texts.of(row) }
    } catch (error) {
      if (!(error instanceof ArchivedEvents)) throw error
      if (missing === undefined) return { ...row, data: '', changes: null }
      missing.push(...error.seqs)
      return undefined
    }
  }

  #stored(seq: number): StoredEvent | undefined {
    const [row] = [...this.#sql.exec(`SELECT ${storedColumns} FROM log WHERE seq = ?`, seq).raw()]
    return row === undefined ? undefined : rowToStoredEvent(row, this.#words)
  }
}

/** The part of a statement that selects these events. */
function listed(seqs: readonly number[]): {
  readonly where: string
  readonly bindings: readonly string[]
  readonly after: number
  readonly limit: number
} {
  const where = 'seq IN (SELECT value FROM json_each(?))'
  return { where, bindings: [JSON.stringify(seqs)], after: 0, limit: seqs.length }
}

function among(seqs: readonly number[]): (last: number, stop: number) => readonly number[] {
  return (last, stop) => seqs.filter((seq) => seq > last && seq <= stop)
}

function numbersBetween(after: number, through: number): number[] {
  return Array.from({ length: through - after }, (_, at) => after + 1 + at)
}

function charactersOf({ data, changes }: Pick<LogRow, 'data' | 'changes'>): number {
  return data.length + (changes?.length ?? 0)
}

function toLogRow(stored: StoredEvent): LogRow {
  const { isThin: _, previous: _previous, ...row } = stored
  return row
}
