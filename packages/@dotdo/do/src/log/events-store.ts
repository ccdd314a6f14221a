// The log: the tenant's events in order of `seq`, which starts at 1 and has no gaps. Events are only appended.

import {
  assert,
  type EventPattern,
  eventFormat,
  type JsonValue,
  matchesEventPattern,
  type ObjectEvent,
  type Via,
} from 'digital-objects'
import { ActorBlocks, blockEvents } from './actor-blocks.ts'
import { ArchivedEvents, type ArchivedTexts } from './archived-events.ts'

/** A row of the log: an event with its entity as JSON, because most readers only forward it. */
export interface LogRow {
  readonly seq: number
  readonly commit: number
  readonly format: number
  readonly id: string
  readonly type: string
  readonly target: string
  readonly version: number
  readonly atMs: number
  readonly actor: string
  readonly onBehalfOf: string | null
  readonly via: Via
  readonly causedBy: string | null
  readonly noun: string
  /** The whole entity as JSON without `$context`, which depends on the URL that serves it. */
  readonly data: string
  /** The changes as JSON; null at version 1, where `changesFromNothing` derives them from the entity. */
  readonly changes: string | null
}

/** An event that is ready to be sent. */
export interface LiveEvent {
  readonly seq: number
  readonly type: string
  readonly target: string
  readonly actor: string
  /** The event as JSON, made once for all receivers. */
  readonly text: string
}

/** The part of an event that decides whether a caller sees it. */
export interface EventHead {
  readonly seq: number
  readonly type: string
  readonly target: string
}

/** The part of an event that patterns and filters by actor compare. */
interface Head extends Record<string, SqlStorageValue> {
  readonly seq: number
  readonly type: string
  readonly target: string
  readonly actor: string
}

const headColumns = 'seq, type, target, actor'

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

const columns =
  'seq, coalesce("commit", seq), format, id, type, target, version, at, actor, on_behalf_of, via, caused_by, noun, data, changes'

export class EventsStore {
  readonly #sql: SqlStorage
  readonly #texts: ArchivedTexts
  readonly #actors: ActorBlocks
  #head = 0
  #headAtMs = 0

  /** Every read may throw ArchivedEvents, unless `texts` contains the texts that have left the log. */
  constructor(options: { readonly sql: SqlStorage; readonly texts: ArchivedTexts }) {
    this.#sql = options.sql
    this.#texts = options.texts
    this.#actors = new ActorBlocks(options.sql)
  }

  /** Reads the end of the log again. Call it at start and after a rollback. */
  reload(): void {
    const last = this.#sql
      .exec<{ seq: number; at: number }>('SELECT seq, at FROM log ORDER BY seq DESC LIMIT 1')
      .toArray()[0]
    this.#head = last?.seq ?? 0
    this.#headAtMs = last?.at ?? 0
    this.#actors.reload()
  }

  /** The newest `seq`; 0 if the log is empty. */
  get head(): number {
    return this.#head
  }

  /** The timestamp of the newest event in milliseconds; 0 if the log is empty. */
  get headAtMs(): number {
    return this.#headAtMs
  }

  append(row: LogRow): void {
    assert(row.seq === this.#head + 1, 'seq has no gap')
    assert(row.atMs >= this.#headAtMs, 'time never steps back in the log')
    const { statement, values } = insertOf(row)
    this.#sql.exec(statement, ...values)
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
      const stretch = this.#heads({ after: end, through, actor })
      for (const head of stretch.heads)
        if (seqs.length < limit && isChosen(head, { pattern, isVisible })) seqs.push(head.seq)
      end = stretch.end
    }
    const rows = seqs.length === 0 ? [] : this.many(seqs)
    const isCut = seqs.length === limit || rows.length < seqs.length
    return { rows, readThrough: isCut ? (rows.at(-1)?.seq ?? after) : end }
  }

  /** Reads the heads of the next events, or of the actor's. None is missing up to `end`. */
  #heads(options: { readonly after: number; readonly through: number; readonly actor: string | undefined }): {
    readonly heads: readonly Head[]
    readonly end: number
  } {
    const { after, through, actor } = options
    const select = `SELECT ${headColumns} FROM log WHERE seq > ? AND seq <= ?`
    if (actor === undefined) {
      const end = Math.min(after + headsPerStatement, through)
      return { heads: this.#sql.exec<Head>(`${select} ORDER BY seq`, after, end).toArray(), end }
    }
    const { stretches, end } = this.#actors.stretches({ actor, after, through, blocksMax: blocksPerStep })
    const heads = stretches.flatMap((stretch) => [
      ...this.#sql.exec<Head>(`${select} AND actor = ? ORDER BY seq`, stretch.after, stretch.through, actor),
    ])
    return { heads, end }
  }

  /** Returns the `seq`s whose events match the pattern and the actor and are visible, in order. */
  matching(seqs: readonly number[], of: EventChoice & { readonly actor?: string }): number[] {
    const { actor, ...choice } = of
    if (actor === undefined && choice.pattern === undefined && choice.isVisible === undefined) return [...seqs]
    const query = `SELECT ${headColumns} FROM log WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq`
    // `isVisible` may read tables, so the statement has to end first.
    const heads = this.#sql.exec<Head>(query, JSON.stringify(seqs)).toArray()
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
        'SELECT seq, length(data) + coalesce(length(changes), 0) AS length FROM log WHERE seq > ? AND seq <= ? ORDER BY seq',
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

  /** Returns the last `seq` of the commit that contains this event. */
  commitEnd(seq: number): number {
    const known = Math.min(seq, this.#head)
    const query = 'SELECT coalesce("commit", seq) AS "commit" FROM log WHERE seq = ?'
    const commitOf = (of: number): number | undefined =>
      this.#sql.exec<{ commit: number }>(query, of).toArray()[0]?.commit
    const commit = commitOf(known)
    let end = known
    while (end < this.#head && commitOf(end + 1) === commit) end++
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
    return this.#rows({ where: 'seq <= ? AND id = ?', bindings: [through, id], after, limit: 1 })[0]
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
      const statement = `SELECT ${columns} FROM log WHERE ${where} AND seq > ? ORDER BY seq LIMIT ?`
      const rows = [...this.#sql.exec(statement, ...bindings, after, count).raw()]
      for (const row of rows) {
        const read = this.#withTexts(rowToLogRow(row))
        after = read.seq
        if (read.data === '' && !isHeadOnly) missing.push(read.seq)
        // The sizes of texts that have to be fetched are not known yet.
        if (missing.length > 0) continue
        characters += read.data.length + (read.changes?.length ?? 0)
        if (isFull()) break
        found.push(read)
      }
      if (rows.length < count) break
    }
    if (missing.length > 0) throw new ArchivedEvents(missing)
    return found
  }

  /** Adds fetched texts. An event's text is never empty, so an empty one has been archived. */
  #withTexts(row: LogRow): LogRow {
    return row.data === '' ? { ...row, ...this.#texts.get(row.seq) } : row
  }
}

interface EventChoice {
  readonly pattern?: EventPattern | undefined
  readonly isVisible?: ((head: EventHead) => boolean) | undefined
}

function isChosen(head: EventHead, { pattern, isVisible }: EventChoice): boolean {
  return (pattern === undefined || matchesEventPattern(pattern, head)) && (isVisible === undefined || isVisible(head))
}

/** Leaves out null columns, because each bound value costs time and most events need none of them. */
function insertOf(row: LogRow): { readonly statement: string; readonly values: readonly (string | number)[] } {
  assert(row.format === eventFormat, 'events are written in the current format')
  const optional: readonly (readonly [string, string | number | null])[] = [
    ['"commit"', row.commit === row.seq ? null : row.commit],
    ['on_behalf_of', row.onBehalfOf],
    ['caused_by', row.causedBy],
    ['changes', row.changes],
  ]
  const names = ['seq', 'id', 'type', 'target', 'version', 'at', 'actor', 'via', 'noun', 'data']
  const values: (string | number)[] = [
    row.seq,
    row.id,
    row.type,
    row.target,
    row.version,
    row.atMs,
    row.actor,
    row.via,
    row.noun,
    row.data,
  ]
  for (const [name, value] of optional) {
    if (value === null) continue
    names.push(name)
    values.push(value)
  }
  return { statement: `INSERT INTO log (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, values }
}

function rowToLogRow(row: unknown[]): LogRow {
  const [seq, commit, format, id, type, target, version, atMs, actor, onBehalfOf, via, causedBy, noun, data, changes] =
    row
  assert(format === eventFormat, `event format ${String(format)} is known`)
  return {
    seq,
    commit,
    format,
    id,
    type,
    target,
    version,
    atMs,
    actor,
    onBehalfOf,
    via,
    causedBy,
    noun,
    data,
    changes,
  } as LogRow // only `append` writes the table
}

/** Returns the event as JSON, with the tenant's URL as `$context`. */
export function logRowToText(row: LogRow, context: string): string {
  const optional =
    (row.onBehalfOf === null ? '' : `,"onBehalfOf":${JSON.stringify(row.onBehalfOf)}`) +
    `,"via":"${row.via}"` +
    (row.causedBy === null ? '' : `,"causedBy":"${row.causedBy}"`)
  return (
    `{"format":${row.format},"id":"${row.id}","seq":${row.seq},"commit":${row.commit},"type":"${row.type}","target":"${row.target}",` +
    `"version":${row.version},"timestamp":"${new Date(row.atMs).toISOString()}","actor":${JSON.stringify(row.actor)}${optional},` +
    `"noun":"${row.noun}","data":${withContext(row, context)},"changes":${row.changes ?? changesFromNothing(row.data)}}`
  )
}

/** Returns the entity of an event as JSON, with `$context` inserted. */
export function withContext(row: Pick<LogRow, 'type' | 'data'>, context: string): string {
  const head = `{"$type":"${row.type.slice(0, row.type.indexOf('.'))}",`
  assert(row.data.startsWith(head), 'an entity in the log begins with its type')
  return `${head}"$context":${JSON.stringify(context)},${row.data.slice(head.length)}`
}

function changesFromNothing(data: string): string {
  const entity = JSON.parse(data) as Record<string, JsonValue>
  const changes = Object.entries(entity).filter(([field]) => !field.startsWith('$'))
  return JSON.stringify(Object.fromEntries(changes.map(([field, to]) => [field, { from: null, to }])))
}

/** Returns the event as an object, for handlers. */
export function logRowToEvent(row: LogRow, context: string): ObjectEvent {
  return JSON.parse(logRowToText(row, context)) as ObjectEvent
}
