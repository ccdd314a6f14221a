// The log: the tenant's events in order of `seq`, which starts at 1 and has no gaps. Events are only appended.

import { assert, type EventPattern, matchesEventPattern } from 'digital-objects'
import { ActorBlocks, blockEvents } from './actor-blocks.ts'
import { ArchivedEvents, type ArchivedTexts } from './archived-events.ts'
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

/** An event that is ready to be sent. */
export interface LiveEvent {
  readonly seq: number
  readonly type: string
  readonly target: string
  readonly actor: string
  /** The event as JSON, made once for all receivers. */
  readonly text: string
}

/** The end of the log at the start of a nested transaction. */
export interface LogMark {
  readonly head: number
  readonly headAtMs: number
  readonly wordCount: number
}

/** The part of an event that decides whether a caller sees it. */
export interface EventHead {
  readonly seq: number
  readonly type: string
  readonly target: string
}

/** The part of an event that patterns and filters by actor compare. */
interface Head extends EventHead {
  readonly actor: string
}

type StoredHead = [seq: number, format: number, type: string, target: string, actor: string]

const headColumns = 'seq, format, type, target, actor'

/** Limits the rows that one read examines for a pattern or an actor. */
export const rowsScannedMax = 5_000

/**
 * Limits the rows of one statement, which is always read to its end: an unfinished cursor keeps its statement open, and then
 * no table can be dropped. Pages have a size limit, so rows with texts are read in small groups.
 */
const textsPerStatement = 16
const headsPerStatement = 500
const blocksPerStep = Math.floor(headsPerStatement / blockEvents)

/** Limits a page, because a hundred events of 1 MB would fill an object's memory. */
const pageCharactersMax = 4_000_000

export class EventsStore {
  readonly #sql: SqlStorage
  readonly #texts: EventTexts
  readonly #actors: ActorBlocks
  readonly #words: Words
  readonly #insert = logInsert()
  #head = 0
  #headAtMs = 0

  /** Every read may throw ArchivedEvents, unless `texts` contains the texts that have left the log. */
  constructor(options: { readonly sql: SqlStorage; readonly texts: ArchivedTexts }) {
    this.#sql = options.sql
    this.#texts = new EventTexts({ ...options, archived: options.texts, stored: (seq) => this.#stored(seq) })
    this.#actors = new ActorBlocks(options.sql)
    this.#words = new Words(options.sql)
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
    const where = 'seq IN (SELECT value FROM json_each(?))'
    return this.#rows({ where, bindings: [JSON.stringify(seqs)], after: 0, limit: seqs.length })
  }

  /**
   * Reads events, oldest first. With a pattern or an actor, it examines a bounded part of the log and returns its end as
   * `readThrough`, from which the next read continues without missing an event. With `isHeadOnly`, archived texts are
   * returned as empty strings.
   */
  read(options: {
    readonly after: number
    readonly limit: number
    readonly pattern?: EventPattern
    readonly actor?: string
    /** Leaves out events for which it returns false. */
    readonly isVisible?: (head: EventHead) => boolean
    readonly through?: number
    readonly isHeadOnly?: boolean
  }): { rows: LogRow[]; readThrough: number } {
    const { after, limit, pattern, actor, isVisible, through = this.#head, isHeadOnly = false } = options
    if (pattern === undefined && actor === undefined && isVisible === undefined) {
      const rows = this.#rows({ where: 'seq <= ?', bindings: [through], after, limit, isHeadOnly })
      return { rows, readThrough: rows.at(-1)?.seq ?? Math.max(after, 0) }
    }
    // Read the small heads first, and the texts only of matching events.
    const seqs: number[] = []
    let end = after
    for (let left = rowsScannedMax; left > 0 && end < through && seqs.length < limit; left -= headsPerStatement) {
      const stretch = this.#nextHeads({ after: end, through, actor })
      for (const head of stretch.heads)
        if (seqs.length < limit && isChosen(head, { pattern, isVisible })) seqs.push(head.seq)
      end = stretch.end
    }
    const rows = seqs.length === 0 ? [] : this.many(seqs)
    const isCut = seqs.length === limit || rows.length < seqs.length
    return { rows, readThrough: isCut ? (rows.at(-1)?.seq ?? after) : end }
  }

  /** Returns the heads of the events in a range, which the caller limits. */
  heads({ after, through }: { readonly after: number; readonly through: number }): readonly EventHead[] {
    return this.#headsOf(`SELECT ${headColumns} FROM log WHERE seq > ? AND seq <= ? ORDER BY seq`, after, through)
  }

  /** Reads the heads of the next events, or of the actor's. None is missing up to `end`. */
  #nextHeads(options: { readonly after: number; readonly through: number; readonly actor: string | undefined }): {
    readonly heads: readonly Head[]
    readonly end: number
  } {
    const { after, through, actor } = options
    const select = `SELECT ${headColumns} FROM log WHERE seq > ? AND seq <= ?`
    if (actor === undefined) {
      const end = Math.min(after + headsPerStatement, through)
      return { heads: this.#headsOf(`${select} ORDER BY seq`, after, end), end }
    }
    const { stretches, end } = this.#actors.stretches({ actor, after, through, blocksMax: blocksPerStep })
    const heads = stretches.flatMap((stretch) =>
      this.#headsOf(`${select} ORDER BY seq`, stretch.after, stretch.through).filter((head) => head.actor === actor),
    )
    return { heads, end }
  }

  #headsOf(query: string, ...bindings: readonly (string | number)[]): Head[] {
    const rows = this.#sql.exec(query, ...bindings).raw<StoredHead>()
    return [...rows].map(([seq, format, type, target, actor]) => ({
      seq,
      type: this.#words.stored(type, format),
      target,
      actor: this.#words.stored(actor, format),
    }))
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
  matching(seqs: readonly number[], of: EventChoice & { readonly actor?: string }): number[] {
    const { actor, ...choice } = of
    if (actor === undefined && choice.pattern === undefined && choice.isVisible === undefined) return [...seqs]
    const query = `SELECT ${headColumns} FROM log WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq`
    // `isVisible` may read tables, so the statement has to end first.
    const heads = this.#headsOf(query, JSON.stringify(seqs))
    return heads
      .filter((head) => (actor === undefined || head.actor === actor) && isChosen(head, choice))
      .map(({ seq }) => seq)
  }

  /** Returns the `seq` up to which at most `limit` events follow `after`, with texts up to about the limit; at least one. */
  endOf(options: { readonly after: number; readonly limit: number; readonly charactersMax: number }): number {
    const { after, limit, charactersMax } = options
    const last = Math.min(after + limit, this.#head)
    let characters = 0
    let end = after
    for (let from = after; from < last && characters < charactersMax; from += headsPerStatement) {
      const lengths = this.#sql.exec<{ seq: number; length: number }>(
        'SELECT seq, coalesce(size, length(data) + coalesce(length(changes), 0)) AS length FROM log WHERE seq > ? AND seq <= ? ORDER BY seq',
        from,
        Math.min(from + headsPerStatement, last),
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
    const known = Math.min(seq, this.#head)
    const commit = this.commitOf(known)
    let end = known
    while (end < this.#head && this.commitOf(end + 1) === commit) end++
    return end
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
    readonly isHeadOnly?: boolean
  }): LogRow[] {
    const { where, bindings, limit, isHeadOnly = false } = options
    const found: LogRow[] = []
    const missing: number[] = []
    let characters = 0
    let { after } = options
    const isFull = (): boolean => found.length > 0 && characters > pageCharactersMax
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
        characters += read.data.length + (read.changes?.length ?? 0)
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

interface EventChoice {
  readonly pattern?: EventPattern | undefined
  readonly isVisible?: ((head: EventHead) => boolean) | undefined
}

function isChosen(head: EventHead, { pattern, isVisible }: EventChoice): boolean {
  return (pattern === undefined || matchesEventPattern(pattern, head)) && (isVisible === undefined || isVisible(head))
}

function toLogRow(stored: StoredEvent): LogRow {
  const { isThin: _, previous: _previous, ...row } = stored
  return row
}
