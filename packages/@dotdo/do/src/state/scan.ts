// A scan of a Noun in slices: the state after one event, although writes continue between the slices. Each version of that
// state is in exactly one of three places, which are read one after another:
// - the present table, for versions that nothing has replaced when their slice is read;
// - the table of past versions, for versions that were replaced before the scan began (only for a state of the past);
// - the table of past versions, for versions that were replaced since. The log lists their entities.
// A statement examines a limited number of rows, whatever the filter, because a subquery with LIMIT provides them, or a range of
// the primary key whose end was looked up.

import type { Cursor, Filter, SortTerm } from 'digital-objects'
import type { LogReader } from '../log/log-reader.ts'
import { filterToSql, type ReadPoint, relatedDefinitions, seqCondition, SqlParameters } from './filter-to-sql.ts'
import { isDefaultSort, keysetCondition, orderOf } from './find-plan.ts'
import { quoteName } from './column.ts'
import type { NounTable } from './noun-table.ts'
import type { Slices } from './slices.ts'

export interface ScanOptions {
  readonly sql: SqlStorage
  readonly log: LogReader
  readonly slices: Slices
  readonly table: NounTable
  /** Returns a filter that means the same for all entities in the range. */
  readonly filter: (range: IdRange) => Filter
  /** Starts after this cursor of a sorted list. */
  readonly position?: { readonly sort: readonly SortTerm[]; readonly after: Cursor }
  readonly point: Omit<ReadPoint, 'seq' | 'isSliced' | 'isPastIndexed'>
  /** Asked before each statement, since writes between slices end versions that are not in the indexes yet. */
  readonly isPastIndexed: () => boolean
  /** The event after which the state is read. */
  readonly seq: number
  /** The newest event when the scan began. Equal to `seq` unless the state is of the past. */
  readonly startSeq: number
  /** By id, or newest first. With a driver, only rows that it selects are examined, by its index; newest first only. */
  readonly order: 'id' | 'created'
  readonly driver: Filter | undefined
  /** Rows of parameters that SQLite reads in each statement, however many it examines. */
  readonly boundRows: number
}

/** The ids that a slice may contain: those from `from` to `through`, or these, or any. */
export interface IdRange {
  readonly from?: string
  readonly through?: string
  readonly only?: ReadonlySet<string>
}

/** The part of a row that a scan returns. */
export interface Selected {
  /** An expression on the row `t`; undefined to count matches. */
  readonly value: string | undefined
  /** What follows the FROM clause, such as a join with the values of a list. */
  readonly join?: string
  readonly isDistinct?: boolean
  /** Returns at most `limit` of each slice, the first in this order. */
  readonly first?: { readonly sort: readonly SortTerm[]; readonly limit: number }
}

/** The columns of a scan's statements on the row `t`, in which several rows may become one. */
export interface ScanColumns {
  readonly grouped: string
  /** The same columns for one row alone. */
  readonly single: string
  /** Starts with GROUP BY; empty if there is none. */
  readonly groupBy: string
  /** The Nouns that the columns read. */
  readonly related: ReadonlySet<string>
}

interface Selection extends Pick<Selected, 'join' | 'first'> {
  readonly columns: (at: { readonly point: ReadPoint; readonly parameters: SqlParameters }) => ScanColumns
}

interface Position {
  readonly id: string
  readonly createdAt: number
}

/** The end of a slice, undefined for the last one, and the newest event when it was read. */
interface Mark {
  readonly end: Position | undefined
  readonly head: number
}

interface StatementOf {
  readonly kind: 'present' | 'past'
  readonly selection: Selection
  readonly from: (parameters: SqlParameters) => string
  readonly range: IdRange
  readonly tail?: (parameters: SqlParameters) => string
  /** Returns each row alone, after its id and its time of creation. */
  readonly isSingle?: true
}

type Values = readonly SqlStorageValue[]
type Rows = readonly Values[]

const changesPerSlice = 1_000

export class Scan {
  readonly #options: ScanOptions
  readonly #marks: Mark[] = []

  constructor(options: ScanOptions) {
    this.#options = options
  }

  /** Scans all three places. */
  async *all(selected: Selected): AsyncGenerator<Values> {
    yield* this.present(selected)
    yield* this.replaced(selected)
  }

  /** Scans all three places for rows with these columns. Each place and slice has groups of its own. */
  async *rows(columns: Selection['columns']): AsyncGenerator<Rows> {
    yield* this.#present({ columns })
    yield* this.#replaced({ columns })
  }

  async *present(selected: Selected): AsyncGenerator<Values> {
    for await (const rows of this.#present(selectionOf(selected))) yield valuesOf(selected, rows)
  }

  /** Scans versions that were replaced, before the scan began or since. Call it after `present`. */
  async *replaced(selected: Selected): AsyncGenerator<Values> {
    for await (const rows of this.#replaced(selectionOf(selected))) yield valuesOf(selected, rows)
  }

  async *#present(selection: Selection): AsyncGenerator<Rows> {
    const { slices, log } = this.#options
    for (let after = this.#start(); ;) {
      const { rows } = slices
      const end = this.#endOf(after, rows)
      const found = this.#statement({ kind: 'present', selection, ...this.#slice(after, end, rows) })
      this.#marks.push({ end, head: log.head })
      yield found.rows
      await slices.next({ examined: rows, read: found.read })
      if (end === undefined) return
      after = end
    }
  }

  /** The rows of a slice of the present. A range takes four fifths of the time of a subquery, whose rows are copied. */
  #slice(
    after: Position | undefined,
    end: Position | undefined,
    rows: number,
  ): Pick<StatementOf, 'from' | 'range' | 'tail'> {
    const { table, order } = this.#options
    const from = (p: SqlParameters): string => `(SELECT * ${this.#presentFrom(p, after)} LIMIT ${p.add(rows)}) AS t`
    if (order !== 'id') return { from, range: {} }
    const range = rangeOf(after?.id, end?.id)
    if (after === undefined && end === undefined) return { from, range }
    // By another index, SQLite would examine rows of all slices.
    const ranged = (): string =>
      `${table.present} AS t INDEXED BY ${quoteName(`sqlite_autoindex_${table.schema.name}_1`)}`
    const tail = (p: SqlParameters): string =>
      `${after === undefined ? '' : ` AND t."$id" > ${p.add(after.id)}`}${end === undefined ? '' : ` AND t."$id" <= ${p.add(end.id)}`}`
    return { from: ranged, range, tail }
  }

  async *#replaced(selection: Selection): AsyncGenerator<Rows> {
    const { seq, startSeq } = this.#options
    if (seq < startSeq) yield* this.#past(selection)
    yield* this.#changed(selection)
  }

  async *#past(selection: Selection): AsyncGenerator<Rows> {
    const { sql, slices, table, startSeq } = this.#options
    for (let after = { id: '', seq: 0 }; ;) {
      const { rows } = slices
      const query = `SELECT "$id" AS id, "$seq" AS seq FROM ${table.past} WHERE ("$id", "$seq") > (?, ?) ORDER BY "$id", "$seq" LIMIT 1 OFFSET ?`
      const [end] = sql.exec<{ id: string; seq: number }>(query, after.id, after.seq, rows - 1).toArray()
      const from = (p: SqlParameters): string => {
        const start = `("$id", "$seq") > (${p.add(after.id)}, ${p.add(after.seq)})`
        return `(SELECT * FROM ${table.past} WHERE ${start} ORDER BY "$id", "$seq" LIMIT ${p.add(rows)}) AS t`
      }
      const tail = (p: SqlParameters): string => ` AND t."$until" <= ${p.add(startSeq)}`
      const found = this.#statement({ kind: 'past', selection, from, range: rangeOf(after.id, end?.id), tail })
      yield found.rows
      await slices.next({ examined: rows, read: found.read })
      if (end === undefined) return
      after = end
    }
  }

  /** Reads versions that were replaced since the scan began, unless their slice of the present had them. */
  async *#changed(selection: Selection): AsyncGenerator<Rows> {
    const { log, slices, table, startSeq } = this.#options
    const through = this.#marks.at(-1)?.head ?? startSeq
    const seen = new Set<string>()
    for (let after = startSeq; after < through;) {
      const page = log.read({ after, limit: changesPerSlice, through, isHeadOnly: true })
      const firsts = new Map<string, number>()
      for (const { seq, target, type } of page.rows) {
        if (seen.has(target) || !type.startsWith(`${table.schema.name}.`)) continue
        seen.add(target)
        firsts.set(target, seq)
      }
      const { rows, read } = this.#readChanged(selection, firsts)
      yield rows
      await slices.next({ examined: Math.max(1, firsts.size), read })
      after = page.readThrough
    }
  }

  #readChanged(selection: Selection, firsts: ReadonlyMap<string, number>): { rows: Rows; read: number } {
    if (firsts.size === 0) return { rows: [], read: 0 }
    const { table, startSeq } = this.#options
    const ids = JSON.stringify([...firsts.keys()])
    const from = (p: SqlParameters): string =>
      `json_each(${p.add(ids)}) AS changed CROSS JOIN ${table.past} AS t ON t."$id" = changed.value`
    const tail = (p: SqlParameters): string => ` AND t."$until" > ${p.add(startSeq)}`
    const range = { only: new Set(firsts.keys()) }
    const { rows, read } = this.#statement({ kind: 'past', selection, from, range, tail, isSingle: true })
    const missed = rows.filter(([id, createdAt]) => {
      const mark = this.#markOf({ id: String(id), createdAt: Number(createdAt) })
      return mark !== undefined && (firsts.get(String(id)) ?? Infinity) <= mark.head
    })
    return { rows: missed.map((row) => row.slice(2)), read }
  }

  /** Returns the slice of the present that an entity belongs to; undefined if the scan ended before it. */
  #markOf(position: Position): Mark | undefined {
    const marks = this.#marks
    let [low, high] = [0, marks.length]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const end = marks[middle]?.end
      if (end === undefined || !this.#isAfter(position, end)) high = middle
      else low = middle + 1
    }
    return marks[low]
  }

  #isAfter(position: Position, end: Position): boolean {
    if (this.#options.order === 'id' || position.createdAt === end.createdAt) return position.id > end.id
    return position.createdAt < end.createdAt
  }

  /** A page of the newest entities starts at its cursor. Others start at the first entity, and test the cursor. */
  #start(): Position | undefined {
    const { order, position } = this.#options
    if (order === 'id' || position === undefined || !isDefaultSort(position.sort)) return undefined
    return { id: position.after.id, createdAt: Number(position.after.values[0]) }
  }

  /** Finds the last of the next rows of the present; undefined if there are fewer. */
  #endOf(after: Position | undefined, rows: number): Position | undefined {
    const parameters = new SqlParameters()
    const text = `SELECT "$id" AS id, "$createdAt" AS createdAt ${this.#presentFrom(parameters, after)} LIMIT 1 OFFSET ${parameters.add(rows - 1)}`
    const [end] = this.#options.sql.exec<{ id: string; createdAt: number }>(text, ...parameters.values).toArray()
    return end
  }

  #presentFrom(parameters: SqlParameters, after: Position | undefined): string {
    const { table, order } = this.#options
    const bounds = [...(after === undefined ? [] : [beyond(order, after, parameters)]), ...this.#driver(parameters)]
    const where = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`
    return `FROM ${table.present} AS s${where} ORDER BY ${order === 'id' ? '"$id"' : '"$createdAt" DESC, "$id"'}`
  }

  #driver(parameters: SqlParameters): string[] {
    const { driver, point, table } = this.#options
    if (driver === undefined) return []
    const { visibility: _, ...whole } = point
    const options = { filter: driver, noun: table.schema.name, alias: 's', parameters }
    return [filterToSql({ ...options, point: { ...whole, seq: undefined } }).text]
  }

  #statement(of: StatementOf): { rows: SqlStorageValue[][]; read: number } {
    const { sql, log, table, filter, position, seq, boundRows } = this.#options
    const { join = '', first, columns } = of.selection
    const parameters = new SqlParameters()
    const from = of.from(parameters)
    // Without a write since the scan began, the present is the state that it reads.
    const isPresent = of.kind === 'present' && seq === log.head
    const state = isPresent ? { seq: undefined } : { seq, isPastIndexed: this.#options.isPastIndexed() }
    const point: ReadPoint = { ...this.#options.point, ...state, isSliced: true }
    const condition = filterToSql({ filter: filter(of.range), noun: table.schema.name, alias: 't', point, parameters })
    const { grouped, single, groupBy, related } = columns({ point, parameters })
    const where = [
      condition.text,
      seqCondition({ alias: 't', table: of.kind }, point, parameters),
      position === undefined ? '' : ` AND ${keysetCondition(position.sort, position.after, parameters)}`,
      of.tail?.(parameters) ?? '',
      of.isSingle === true ? '' : groupBy,
      of.isSingle === true || first === undefined ? '' : ` ORDER BY ${orderOf(first.sort)} LIMIT ${first.limit}`,
    ].join('')
    const definitions = relatedDefinitions(new Set([...condition.related, ...related]), point, parameters)
    const selected = of.isSingle === true ? `t."$id", t."$createdAt", ${single}` : grouped
    const text = `${definitions}SELECT ${selected} FROM ${from}${join} WHERE ${where}`
    const cursor = sql.exec(text, ...parameters.values)
    const rows = [...cursor.raw<SqlStorageValue[]>()]
    return { rows, read: Math.max(0, cursor.rowsRead - boundRows) }
  }
}

function selectionOf({ value, join = '', isDistinct = false, first }: Selected): Selection {
  const grouped = value === undefined ? 'count(*)' : `${isDistinct ? 'DISTINCT ' : ''}${value}`
  const columns = { grouped, single: value ?? '1', groupBy: '', related: new Set<string>() }
  return { columns: () => columns, join, ...(first === undefined ? {} : { first }) }
}

function valuesOf({ value }: Selected, rows: Rows): Values {
  if (value !== undefined) return rows.map(([one = null]) => one)
  return [rows.reduce((sum, [count = 0]) => sum + Number(count), 0)]
}

function rangeOf(from: string | undefined, through: string | undefined): IdRange {
  return { ...(from === undefined ? {} : { from }), ...(through === undefined ? {} : { through }) }
}

/** The condition for rows after a position. */
function beyond(order: 'id' | 'created', { id, createdAt }: Position, parameters: SqlParameters): string {
  if (order === 'id') return `"$id" > ${parameters.add(id)}`
  const at = parameters.add(createdAt)
  return `("$createdAt" <= ${at} AND ("$createdAt" < ${at} OR "$id" > ${parameters.add(id)}))`
}
