// Lists and counts that may read many rows, in slices. The result is that of one statement at the event `seq`, whatever is
// written meanwhile.

import {
  charactersOfFields,
  type Cursor,
  defaultSort,
  type Filter,
  Groups,
  ObjectError,
  parseCursor,
  type SortTerm,
} from 'digital-objects'
import type { LogReader } from '../log/log-reader.ts'
import { type AggregateOptions, rowAdder, statementsOf } from './aggregate.ts'
import { aggregateColumns } from './aggregate-columns.ts'
import { type FarLeaf, farLeaves, FarSets, linkOf } from './far-sets.ts'
import { filterToSql, matchOf, SqlParameters } from './filter-to-sql.ts'
import type { FindOptions, FindPage } from './find.ts'
import { FirstIds } from './first-ids.ts'
import { asIs, patternAdvice, scannedMax, tooManyTested } from './find.ts'
import { isDefaultSort, keysetCondition, planVersions, seesAllWords, withoutWords, wordsOf } from './find-plan.ts'
import { cutPage, pageCharactersMax } from './list-cursor.ts'
import { type Row, rowToVersion, type StoredVersion } from './row-codec.ts'
import type { NounTable } from './noun-table.ts'
import { Scan, type ScanOptions } from './scan.ts'
import type { Slices } from './slices.ts'
import { searchIndexOf, TextScan } from './text-scan.ts'

export interface SlicedFindOptions extends Omit<FindOptions, 'limit' | 'cursor' | 'list' | 'sort' | 'point'> {
  readonly log: LogReader
  readonly slices: Slices
  readonly point: ScanOptions['point']
  readonly isPastIndexed: ScanOptions['isPastIndexed']
  /** The event after which the state is read. */
  readonly seq: number
  /** The newest event when the read began. Equal to `seq` unless the read is of the past. */
  readonly startSeq: number
  readonly driver?: Filter
  /** Whether the read is of a past time. */
  readonly isPast: boolean
  readonly isBig: (noun: string) => boolean
}

/** Rows of a page that are read and tested together. */
const rowsTogether = 250
/** Rows of a ranked list that are read together: any of them may be the largest. */
const rankedTogether = 8
/** Words inside `$or` and `$not` are looked up before the scan, and all their rows are bound in each of its statements. */
const rowsOfWordsMax = 100_000
const rowsOfWordsPerSlice = 10_000

export class SlicedFind {
  readonly #options: SlicedFindOptions

  constructor(options: SlicedFindOptions) {
    this.#options = options
  }

  /** Returns the exact count, or null if a pattern would have to test too many entities. */
  async count(): Promise<number | null> {
    if (this.#hasResidual) return this.#countTested()
    const { driver } = this.#options
    const sets = await this.#sets()
    const scan = this.#textScan(sets) ?? this.#scan(sets, { order: driver === undefined ? 'id' : 'created' })
    let count = 0
    for await (const [found = 0] of scan.all({ value: undefined })) count += Number(found)
    return count
  }

  /** Throws an ObjectError if a pattern would have to test too many entities. */
  async aggregate({ aggregate, fold }: Pick<AggregateOptions, 'aggregate' | 'fold'>): Promise<Groups> {
    if (this.#hasResidual) return this.#aggregateTested({ aggregate, fold })
    const { driver } = this.#options
    const groups = new Groups(aggregate)
    for (const counted of statementsOf(aggregate)) {
      const add = rowAdder(aggregate, groups, counted)
      const measured = counted === undefined ? {} : { counted }
      const sets = await this.#sets()
      const scan = this.#textScan(sets) ?? this.#scan(sets, { order: driver === undefined ? 'id' : 'created' })
      const slices = scan.rows(({ point, parameters }) =>
        aggregateColumns({ aggregate, point, parameters, ...measured }),
      )
      for await (const rows of slices) for (const row of rows) add(row)
    }
    return groups
  }

  async page(of: {
    readonly sort: readonly SortTerm[] | undefined
    readonly limit: number
    readonly cursor: string | undefined
    readonly list: string
  }): Promise<FindPage> {
    const { sort = defaultSort, limit, cursor, list } = of
    const after = cursor === undefined ? undefined : parseCursor(cursor, list)
    const ranked = of.sort === undefined && after === undefined ? await this.#ranked(limit + 1) : undefined
    const { charactersMax = pageCharactersMax } = this.#options
    if (ranked !== undefined) return cutPage(ranked, { limit, sort: undefined, list, charactersMax })
    const wanted = { sort, after, limit: limit + 1 }
    const versions = this.#hasResidual ? await this.#tested(wanted) : await this.#first(wanted)
    return cutPage(versions, { limit, sort, list, charactersMax })
  }

  /** Returns the first matches in the order of the list. */
  async #first(of: Wanted): Promise<readonly StoredVersion[]> {
    const { ids } = await this.#firstIds(of)
    return this.#shownVersions(ids, of)
  }

  /** Returns ids of entities among which are the first matches. */
  async #firstIds(of: Wanted): Promise<{ readonly ids: readonly string[]; readonly isSorted: boolean }> {
    const { sort, after, limit } = of
    const { slices } = this.#options
    const sets = await this.#sets()
    const position = after === undefined ? {} : { position: { sort, after } }
    const selected = { value: 't."$id"', first: { sort, limit } }
    const ids = new FirstIds(limit, (all) => this.#sorted(all, of))
    // Dropping ids reads all of them, so it is a slice of its own.
    const dropLast = async (): Promise<void> => {
      await slices.pause()
      ids.dropLast()
      await slices.pause()
    }
    const text = this.#textScan(sets, of)
    if (text !== undefined) {
      for await (const found of text.all(selected)) {
        ids.add(found)
        if (ids.isFull) await dropLast()
      }
      return { ids: ids.all, isSorted: false }
    }
    const isNewestFirst = isDefaultSort(sort)
    // Slices come in the order of the list, or else any of them may have the first matches.
    const isInOrder = isNewestFirst && sets.far.isEmpty
    const scan = this.#scan(sets, { order: isNewestFirst ? 'created' : 'id', ...position })
    for await (const found of scan.present(selected)) {
      ids.add(found)
      if (isInOrder && ids.size >= limit) break
      if (ids.isFull) await dropLast()
    }
    const first = ids.size
    for await (const found of scan.replaced(selected)) {
      ids.add(found)
      if (ids.isFull) await dropLast()
    }
    return { ids: ids.all, isSorted: isInOrder && ids.size === first }
  }

  /** Returns the first matches by relevance; undefined if the list is not ranked. */
  async #ranked(limit: number): Promise<readonly StoredVersion[] | undefined> {
    const { table, point, isPast, charactersMax = pageCharactersMax } = this.#options
    if (isPast || this.#hasResidual || !seesAllWords(table, point)) return undefined
    const ids = await this.#textScan(await this.#sets())?.ranked(limit)
    if (ids === undefined) return undefined
    const found: StoredVersion[] = []
    for (let start = 0; start < ids.length && charactersOf(found) <= charactersMax; start += rankedTogether) {
      const some = ids.slice(start, start + rankedTogether)
      const versions = this.#shownVersions(some, { sort: defaultSort, limit })
      found.push(...some.flatMap((id) => versions.find((version) => version.id === id) ?? []))
    }
    return found
  }

  /** Tests a superset of the matches with the predicate, in order, until the page is full. */
  async #tested(of: Wanted): Promise<readonly StoredVersion[]> {
    const { matches, slices, shown = asIs, charactersMax = pageCharactersMax } = this.#options
    const { ids: superset, isSorted } = await this.#firstIds({ ...of, limit: scannedMax + 1 })
    await slices.pause()
    const ids = isSorted ? superset.slice(0, scannedMax) : this.#sorted(superset, { ...of, limit: scannedMax })
    if (!isSorted) await slices.pause()
    const found: StoredVersion[] = []
    for (let start = 0; start < ids.length; start += rowsTogether) {
      const some = ids.slice(start, start + rowsTogether)
      for (const version of this.#versions(some, { ...of, limit: rowsTogether }))
        if (matches(version)) found.push(shown(version))
      if (found.length >= of.limit || charactersOf(found) > charactersMax) return found.slice(0, of.limit)
      await slices.next({ examined: some.length, read: some.length })
    }
    if (superset.length <= scannedMax) return found
    throw new ObjectError({
      code: 'scan_limit',
      field: '$regex',
      message: `the filter examined ${scannedMax} entities and found ${found.length}; ${patternAdvice}`,
    })
  }

  async #countTested(): Promise<number | null> {
    let count = 0
    const isWhole = await this.#eachTested(() => count++)
    return isWhole ? count : null
  }

  async #aggregateTested({ aggregate, fold }: Pick<AggregateOptions, 'aggregate' | 'fold'>): Promise<Groups> {
    const groups = new Groups(aggregate)
    if (await this.#eachTested(fold(groups))) return groups
    throw tooManyTested()
  }

  /** Calls back for each match. Returns false, without doing so, if there are too many entities to test. */
  async #eachTested(found: (version: StoredVersion) => void): Promise<boolean> {
    const { matches, slices } = this.#options
    const { ids } = await this.#firstIds({ sort: defaultSort, after: undefined, limit: scannedMax + 1 })
    if (ids.length > scannedMax) return false
    for (let start = 0; start < ids.length; start += rowsTogether) {
      const some = ids.slice(start, start + rowsTogether)
      for (const version of this.#versions(some, { sort: defaultSort, limit: rowsTogether }))
        if (matches(version)) found(version)
      await slices.next({ examined: some.length, read: some.length })
    }
    return true
  }

  /** Reads these entities as they were at `seq`, in order. */
  #versions(ids: readonly string[], of: Pick<Wanted, 'sort' | 'limit'>): StoredVersion[] {
    const { table } = this.#options
    return this.#candidates(ids, { ...of, columns: table.columnList }).map((row) => rowToVersion(table, row as Row))
  }

  /** The same as the caller sees them, up to the one with which they have too many characters. */
  #shownVersions(ids: readonly string[], of: Pick<Wanted, 'sort' | 'limit'>): StoredVersion[] {
    const { sql, table, seq, shown = asIs, charactersMax = pageCharactersMax } = this.#options
    const { text, parameters } = planVersions({ table, ids, seq, ...of, columns: table.columnList })
    const versions: StoredVersion[] = []
    let characters = 0
    // The statement is read to its end, since an open one prevents the removal of tables, but the rest is not kept.
    for (const row of sql.exec(text, ...parameters).raw<SqlStorageValue[]>()) {
      if (characters > charactersMax) continue
      const version = shown(rowToVersion(table, row as Row))
      versions.push(version)
      characters += charactersOfFields(version.fields)
    }
    return versions
  }

  #sorted(ids: readonly string[], of: Pick<Wanted, 'sort' | 'limit'>): string[] {
    return this.#candidates(ids, { ...of, columns: '"$id"' }).map(([id]) => String(id))
  }

  #candidates(
    ids: readonly string[],
    of: Pick<Wanted, 'sort' | 'limit'> & { readonly columns: string },
  ): SqlStorageValue[][] {
    const { sql, table, seq } = this.#options
    const { text, parameters } = planVersions({ table, ids, seq, ...of })
    return [...sql.exec(text, ...parameters).raw<SqlStorageValue[]>()]
  }

  #scan(sets: Sets, of: Pick<ScanOptions, 'order' | 'position'>): Scan {
    const { filter, driver } = this.#options
    // Sets are narrowed to the ids of a slice, which are a range only in the order of ids.
    const order = sets.far.isEmpty ? of.order : 'id'
    return new Scan({
      ...this.#options,
      ...of,
      point: sets.point,
      boundRows: sets.boundRows,
      order,
      filter: (range) => sets.far.applied(filter, range),
      driver: order === 'id' ? undefined : driver,
    })
  }

  /** Returns a scan by the words or grams that every match has; undefined without such. */
  #textScan(sets: Sets, { sort, after }: Partial<Wanted> = {}): TextScan | undefined {
    const { filter } = this.#options
    const words = wordsOf(filter)
    const index = searchIndexOf(this.#options)
    if (index === undefined) return undefined
    // A pattern is tested by the predicate too.
    const others = words === undefined ? filter : withoutWords(filter, words)
    return new TextScan({
      ...this.#options,
      ...index,
      point: sets.point,
      filter: (range) => sets.far.applied(others, range),
      position: (parameters) =>
        sort === undefined || after === undefined ? '' : ` AND ${keysetCondition(sort, after, parameters)}`,
    })
  }

  /** Looks up what conditions need that a slice could not: entities across relations, and words of which some may be missing. */
  async #sets(): Promise<Sets> {
    this.#found ??= this.#lookUp(this.#options.filter)
    return this.#found
  }

  #found: Promise<Sets> | undefined

  async #lookUp(filter: Filter): Promise<Sets> {
    const { point, table } = this.#options
    const words = wordsOf(filter)
    const others = words === undefined ? filter : withoutWords(filter, words)
    const rows = new Map<readonly string[], string>()
    let boundRows = 0
    for (const some of allWords(others)) {
      const found = await this.#textRows(table, some)
      boundRows += found.length
      rows.set(some, JSON.stringify(found))
    }
    const textRows = (of: readonly string[]): string | undefined => rows.get(of)
    return { far: await this.#farSets(filter), point: { ...point, textRows }, boundRows }
  }

  /** Returns the rows of the full-text table that have these words. */
  async #textRows({ text }: NounTable, words: readonly string[]): Promise<readonly number[]> {
    const { sql, slices } = this.#options
    const query = `SELECT rowid FROM ${text} WHERE ${text} MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?`
    const rows: number[] = []
    for (;;) {
      const found = [...sql.exec<{ rowid: number }>(query, matchOf(words), rows.at(-1) ?? 0, rowsOfWordsPerSlice)]
      for (const { rowid } of found) rows.push(rowid)
      await slices.next({ examined: found.length, read: found.length })
      if (found.length < rowsOfWordsPerSlice) return rows
      if (rows.length >= rowsOfWordsMax) throw tooManyWords(words)
    }
  }

  /** Scans the far Nouns of a filter for the ids that its conditions select. */
  async #farSets(filter: Filter): Promise<FarSets> {
    const sets = new FarSets()
    for (const leaf of farLeaves(filter, this.#options.isBig)) sets.add(leaf, await this.#farIds(leaf))
    return sets
  }

  async #farIds({ far, beyond, relation }: FarLeaf): Promise<ReadonlySet<string>> {
    const { point } = this.#options
    const ids = new Set<string>()
    const table = point.table(far)
    const field = table?.schema.fields[relation.by]
    if (table === undefined || field?.kind !== 'reference') return ids
    const sets = await this.#farSets(beyond)
    const scan = new Scan({
      ...this.#options,
      table,
      order: 'id',
      driver: undefined,
      boundRows: 0,
      filter: (range) => sets.applied(beyond, range),
    })
    for await (const found of scan.all({ ...linkOf(field), isDistinct: true })) {
      for (const id of found) if (id !== null) ids.add(String(id))
      if (ids.size > FarSets.idsMax) break
    }
    return ids
  }

  /** Whether SQL selects a superset of the matches. */
  get #hasResidual(): boolean {
    const { filter, table, point } = this.#options
    const parameters = new SqlParameters()
    const options = { filter, noun: table.schema.name, alias: 't', parameters }
    return filterToSql({ ...options, point: { ...point, seq: undefined } }).hasResidual
  }
}

function charactersOf(versions: readonly StoredVersion[]): number {
  return versions.reduce((sum, { fields }) => sum + charactersOfFields(fields), 0)
}

/** What was looked up before the scan. */
interface Sets {
  readonly far: FarSets
  readonly point: SlicedFindOptions['point']
  readonly boundRows: number
}

function allWords(filter: Filter): readonly (readonly string[])[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.flatMap(allWords)
  if (filter.kind === 'not') return allWords(filter.of)
  return filter.kind === 'text' ? [filter.words] : []
}

function tooManyWords(words: readonly string[]): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: '$text',
    message: `more than ${rowsOfWordsMax} entities contain '${words.join(' ').slice(0, 64)}', which is too many inside $or or $not; require a word of all`,
  })
}

interface Wanted {
  readonly sort: readonly SortTerm[]
  readonly after?: Cursor | undefined
  readonly limit: number
}
