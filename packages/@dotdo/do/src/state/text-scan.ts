// A scan, in slices, of the entities that contain words or grams. Their index gives the events that brought them, the log
// their entities, and one statement tests the versions that these entities had at `seq`, wherever they are by then.

import type { Filter } from 'digital-objects'
import {
  filterToSql,
  matchOf,
  type ReadPoint,
  relatedDefinitions,
  seqCondition,
  SqlParameters,
} from './filter-to-sql.ts'
import { armsOf, orderOf, patternMatchOf, wordsOf } from './find-plan.ts'
import { gramsTable } from './gram-index.ts'
import type { IdRange, ScanColumns, ScanOptions, Selected } from './scan.ts'

export interface TextScanOptions extends Pick<
  ScanOptions,
  'sql' | 'log' | 'slices' | 'table' | 'point' | 'seq' | 'isPastIndexed'
> {
  /** The quoted table of words or of grams, and the query that all matches meet. */
  readonly index: string
  readonly match: string
  /** The other conditions, for a slice of ids. */
  readonly filter: (range: IdRange) => Filter
  /** A condition on the position in a list, starting with AND. */
  readonly position: (parameters: SqlParameters) => string
}

/** Returns the index of the words or grams that every match has; undefined without such. */
export function searchIndexOf({
  filter,
  table,
  point,
}: Pick<ScanOptions, 'table' | 'point'> & { readonly filter: Filter }):
  | Pick<TextScanOptions, 'index' | 'match'>
  | undefined {
  const words = wordsOf(filter)
  if (words !== undefined) return { index: table.text, match: matchOf(words) }
  const noun = table.schema.name
  const match = point.hasGrams?.(noun) === true ? patternMatchOf(filter, table) : undefined
  return match === undefined ? undefined : { index: gramsTable(noun), match }
}

/** Limits the entities that one slice tests. */
const testedMax = 1_000
/**
 * Events that are looked up together: few at first. The full-text index merges all words with the same beginning for each
 * lookup, however few of their events it returns.
 */
const firstLookup = 5_000
const lookupGrowth = 4
const lookupMax = 200_000
/** Entities with the words are ranked up to this many. */
const rankedMax = 5_000

type Rows = readonly (readonly SqlStorageValue[])[]

interface Selection {
  readonly columns: (at: { readonly point: ReadPoint; readonly parameters: SqlParameters }) => ScanColumns
  /** Starts with ORDER BY; empty for any order. */
  readonly order: string
}

const byPlace = ' ORDER BY place'

export class TextScan {
  readonly #options: TextScanOptions

  constructor(options: TextScanOptions) {
    this.#options = options
  }

  async *all({ value, first }: Selected): AsyncGenerator<readonly SqlStorageValue[]> {
    const columns = columnsOf(value)
    const order = first === undefined ? '' : ` ORDER BY ${orderOf(first.sort)} LIMIT ${first.limit}`
    const placed = value === undefined || first !== undefined ? order : byPlace
    for await (const rows of this.#scan({ columns: () => columns, order: placed }))
      yield rows.map(([one = null]) => one)
  }

  /** Returns rows with these columns. Each slice has groups of its own. */
  rows(columns: Selection['columns']): AsyncGenerator<Rows> {
    return this.#scan({ columns, order: '' })
  }

  async *#scan(selection: Selection): AsyncGenerator<Rows> {
    const { sql, slices, index, match } = this.#options
    const query = `SELECT rowid FROM ${index} WHERE ${index} MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?`
    let after = 0
    for (let limit = firstLookup; ; limit = Math.min(limit * lookupGrowth, lookupMax)) {
      const found = [...sql.exec(query, match, after, limit).raw<[number]>()].map(([seq]) => seq)
      await slices.next({ examined: found.length, read: found.length })
      for (const some of this.#parts(found)) {
        yield this.#test(some, selection)
        await slices.next({ examined: some.length, read: some.length })
      }
      if (found.length < limit) return
      after = found.at(-1) ?? after
    }
  }

  /** Returns the first ids by relevance; undefined if too many entities have the words to be ranked. */
  async ranked(limit: number): Promise<readonly string[] | undefined> {
    const { slices, sql, index, match } = this.#options
    const count = `SELECT count(*) AS count FROM (SELECT 1 FROM ${index} WHERE ${index} MATCH ? LIMIT ?)`
    if (sql.exec<{ count: number }>(count, match, rankedMax + 1).one().count > rankedMax) return undefined
    const query =
      `SELECT f.rowid FROM ${index} AS f CROSS JOIN log ON log.seq = f.rowid ` +
      `WHERE ${index} MATCH ? ORDER BY f.rank, log.target`
    const found = [...sql.exec(query, match).raw<[number]>()].map(([seq]) => seq)
    const ids: string[] = []
    for (const some of this.#parts(found)) {
      // The order of the rank is that of the events.
      ids.push(...this.#test(some, { columns: () => columnsOf('t."$id"'), order: byPlace }).map(([id]) => String(id)))
      if (ids.length >= limit) break
      await slices.next({ examined: some.length, read: some.length })
    }
    return ids.slice(0, limit)
  }

  *#parts(found: readonly number[]): Generator<readonly number[]> {
    for (let start = 0; start < found.length; start += testedMax) yield found.slice(start, start + testedMax)
  }

  /** Tests the versions whose words came with these events, if they were true at `seq`. Keeps the order of the events. */
  #test(found: readonly number[], { columns, order }: Selection): Rows {
    const { sql, log, table, filter, position, seq } = this.#options
    const parameters = new SqlParameters()
    const given = parameters.add(JSON.stringify(found))
    const isPresent = seq === log.head
    const state = isPresent ? { seq: undefined } : { seq, isPastIndexed: this.#options.isPastIndexed() }
    const point: ReadPoint = { ...this.#options.point, ...state, isSliced: true }
    const condition = filterToSql({ filter: filter({}), noun: table.schema.name, alias: 't', point, parameters })
    const arms = armsOf(table, point).map(
      (arm) =>
        `SELECT found.key AS place, ${table.columnList} FROM json_each(${given}) AS found ` +
        `CROSS JOIN log ON log.seq = found.value CROSS JOIN ${arm.table} AS t ` +
        `ON t."$id" = log.target AND t."$text" = found.value ` +
        `WHERE ${condition.text}${seqCondition({ alias: 't', table: arm.kind }, point, parameters)}${position(parameters)}`,
    )
    const { grouped, groupBy, related } = columns({ point, parameters })
    const definitions = relatedDefinitions(new Set([...condition.related, ...related]), point, parameters)
    const text = `${definitions}SELECT ${grouped} FROM (${arms.join(' UNION ALL ')}) AS t${groupBy}${order}`
    return [...sql.exec(text, ...parameters.values).raw<SqlStorageValue[]>()]
  }
}

function columnsOf(value: string | undefined): ScanColumns {
  return { grouped: value ?? 'count(*)', single: value ?? '1', groupBy: '', related: new Set() }
}
