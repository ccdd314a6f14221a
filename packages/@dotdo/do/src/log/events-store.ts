// The log: the tenant's events in order of `seq`, from 1 without a gap. It only ever appends.

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

/** A log row: an event with its entity still as text, since most readers only pass it on. */
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
  /** The whole entity as JSON, but for `$context`, which belongs to the place where it is served. */
  readonly data: string
  /** Null at version 1, where every field changed from nothing: see `changesOf`. */
  readonly changes: string | null
}

/** An event ready to be sent. */
export interface LiveEvent {
  readonly seq: number
  readonly type: string
  readonly target: string
  /** The event as JSON, made once for all who get it. */
  readonly text: string
}

/** Enough of an event to say whether a caller sees it. */
export interface EventHead {
  readonly seq: number
  readonly type: string
  readonly target: string
}

/** What a pattern and an actor are held against. */
interface Head extends Record<string, SqlStorageValue> {
  readonly seq: number
  readonly type: string
  readonly target: string
  readonly actor: string
}

const headColumns = 'seq, type, target, actor'

/** How many rows one read may look at when a pattern, or an entity's actor, makes it skip some. */
export const rowsScannedMax = 5_000

/**
 * Rows that one statement reads, always to its end: whoever leaves a cursor before its end keeps its statement open, and
 * no table can be dropped then. A page has bounds of size, so it is read by a few rows.
 */
const textsPerStatement = 16
const headsPerStatement = 500
const blocksPerStep = Math.floor(headsPerStatement / blockEvents)

/** A page of a hundred events of 1 MB each would be all of an object's memory. */
const pageCharactersMax = 4_000_000

const columns =
  'seq, coalesce("commit", seq), format, id, type, target, version, at, actor, on_behalf_of, via, caused_by, noun, data, changes'

export class EventsStore {
  readonly #sql: SqlStorage
  readonly #texts: ArchivedTexts
  readonly #actors: ActorBlocks
  #head = 0
  #headAtMs = 0

  /** Every read may throw ArchivedEvents, unless `texts` has what the log has not any more. */
  constructor(options: { readonly sql: SqlStorage; readonly texts: ArchivedTexts }) {
    this.#sql = options.sql
    this.#texts = options.texts
    this.#actors = new ActorBlocks(options.sql)
  }

  /** Reads the end of the log again; to be called at start and after a rollback. */
  reload(): void {
    const last = this.#sql
      .exec<{ seq: number; at: number }>('SELECT seq, at FROM log ORDER BY seq DESC LIMIT 1')
      .toArray()[0]
    this.#head = last?.seq ?? 0
    this.#headAtMs = last?.at ?? 0
    this.#actors.reload()
  }

  /** The newest `seq`; 0 when nothing ever happened. */
  get head(): number {
    return this.#head
  }

  /** The moment of the newest event, in milliseconds; 0 when there is none. */
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

  /** The rows of these `seq`s, in order; what is not there is left out. */
  many(seqs: readonly number[]): LogRow[] {
    const where = 'seq IN (SELECT value FROM json_each(?))'
    return this.#rows({ where, bindings: [JSON.stringify(seqs)], after: 0, limit: seqs.length })
  }

  /**
   * Oldest first. With a pattern it looks at a bounded stretch of the log, and with an actor at as much of those stretches
   * where the actor is: `readThrough` tells how far it got, and reading on from there misses nothing. With `isHeadOnly`
   * texts that are archived stay away, as empty ones.
   */
  read(options: {
    readonly after: number
    readonly limit: number
    readonly pattern?: EventPattern
    readonly actor?: string
    /** Events for which it says no are left out as if no pattern matched them. */
    readonly isVisible?: (head: EventHead) => boolean
    readonly through?: number
    readonly isHeadOnly?: boolean
  }): { rows: LogRow[]; readThrough: number } {
    const { after, limit, pattern, actor, isVisible, through = this.#head, isHeadOnly = false } = options
    if (pattern === undefined && actor === undefined && isVisible === undefined) {
      const rows = this.#rows({ where: 'seq <= ?', bindings: [through], after, limit, isHeadOnly })
      return { rows, readThrough: rows.at(-1)?.seq ?? Math.max(after, 0) }
    }
    // Types and targets first: they are small, and the entity's text is read only of those that match.
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

  /** What is enough to tell a pattern, of the next few events; none of them, or of the actor, is missing up to `end`. */
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

  /** Those of these `seq`s, in order, whose events are of the pattern, by the actor and visible. */
  matching(seqs: readonly number[], of: EventChoice & { readonly actor?: string }): number[] {
    const { actor, ...choice } = of
    if (actor === undefined && choice.pattern === undefined && choice.isVisible === undefined) return [...seqs]
    const query = `SELECT ${headColumns} FROM log WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq`
    // Whether one is visible may be asked of the tables, so the statement has to end first.
    const heads = this.#sql.exec<Head>(query, JSON.stringify(seqs)).toArray()
    return heads
      .filter((head) => (actor === undefined || head.actor === actor) && isChosen(head, choice))
      .map(({ seq }) => seq)
  }

  /** The last of at most `limit` events after `after`, with about as much text and no more; at least one, if there is one. */
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

  /** The last event of the commit that this one belongs to. */
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

  /** When an event was; undefined when there is none yet. */
  momentOf(seq: number): number | undefined {
    return this.#sql.exec<{ at: number }>('SELECT at FROM log WHERE seq = ?', seq).toArray()[0]?.at
  }

  /** The newest `seq` whose moment is not after this one; 0 when all are. Moments never step back, so it halves its way. */
  seqAt(momentMs: number): number {
    if (momentMs >= this.#headAtMs) return this.#head
    let [low, high] = [0, this.#head] // the answer is in [low, high)
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      const at = this.#sql.exec<{ at: number }>('SELECT at FROM log WHERE seq = ?', middle).one().at
      if (at <= momentMs) low = middle
      else high = middle
    }
    return low
  }

  /** One event by its id, whose first characters tell its second. */
  byId(id: string, secondMs: number): LogRow | undefined {
    const [after, through] = [this.seqAt(secondMs - 1), this.seqAt(secondMs + 999)]
    return this.#rows({ where: 'seq <= ? AND id = ?', bindings: [through, id], after, limit: 1 })[0]
  }

  /** At most `limit` rows after `after` and, unless it is the first, none that would take the page over its size. */
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
        // How large those are that have to be fetched, nobody knows yet.
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

  /** An event always says something, so one that does not has its texts elsewhere. */
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

/** What is null is left out: most events are of a commit of their own, and every value that is bound costs. */
function insertOf(row: LogRow): { readonly statement: string; readonly values: readonly (string | number)[] } {
  assert(row.format === eventFormat, 'events are written in the present format')
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
  } as LogRow // the table's own types; only `append` writes it
}

/** The event as JSON text, with the entity at home in its tenant's URL. */
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

/** The entity of an event as JSON text, with `$context` in its place. */
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

/** The event as a value, for handlers. */
export function logRowToEvent(row: LogRow, context: string): ObjectEvent {
  return JSON.parse(logRowToText(row, context)) as ObjectEvent
}
