// Reads lists and counts from the tables of a Noun, by a plan.

import { charactersOfFields, type Cursor, type Filter, ObjectError, parseCursor, type SortTerm } from 'digital-objects'
import { type FindPlan, planCount, planFind, type Statement } from './find-plan.ts'
import type { ReadPoint } from './filter-to-sql.ts'
import type { NounTable } from './noun-table.ts'
import { cursorOf, type CutPage, cutPage, pageCharactersMax } from './list-cursor.ts'
import { type Row, rowToVersion, type StoredVersion } from './row-codec.ts'

export interface FindOptions {
  readonly sql: SqlStorage
  readonly table: NounTable
  readonly filter: Filter
  readonly sort?: readonly SortTerm[]
  /** Entities per page. */
  readonly limit: number
  readonly cursor?: string
  /** Identifies the list as a string. The cursor of another list is refused. */
  readonly list: string
  readonly point: ReadPoint
  /** Tests a version with the predicate, for filters that SQL cannot express. */
  readonly matches: (version: StoredVersion) => boolean
  /** Returns the version as the caller sees it; the page is limited by the size of what it returns. */
  readonly shown?: (version: StoredVersion) => StoredVersion
  readonly charactersMax?: number
}

export type FindPage = CutPage<StoredVersion>

/** Limits the rows that a filter with a residual examines. */
export const scannedMax = 10_000
export const patternAdvice =
  'add a condition without a pattern, or three plain characters in a row to a pattern on a field that $text searches'
const scanStep = 500
/** Limits the rows of the first statement of a page or a scan, which may be large. */
const firstRows = 32
/** The same for a table of which nothing was read yet. */
const firstRowsUnknown = 4
/**
 * The average characters of the rows read last, by table: only a hint. SQLite reads a row that is larger than a page of the
 * database whole for each comparison of its key, about ten times to find it. So rows of a megabyte that a page then leaves out
 * would hold the thread for most of its time.
 */
const rowCharacters = new WeakMap<NounTable, number>()
/** Limits the rows of later statements, by the size of the rows so far. */
const statementCharactersMax = 2 * 2 ** 20
/** Limits the characters of the rows that a ranked list tests, since it is one statement. */
const rankedCharactersMax = 32 * 2 ** 20

export function findVersions(options: FindOptions): FindPage {
  const { limit, list, cursor, charactersMax = pageCharactersMax } = options
  const after = cursor === undefined ? undefined : parseCursor(cursor, list)
  const plan = planFind({ ...options, limit: limit + 1, ...(after === undefined ? {} : { after }) })
  const versions = plan.hasResidual ? scan(options, plan, after) : readPage(options, plan, after)
  return cutPage(versions, { limit, sort: plan.isRanked ? undefined : plan.sort, list, charactersMax })
}

/** Reads one row more than the page holds. A ranked list, which cannot be continued, is one statement. */
function readPage(options: FindOptions, plan: FindPlan, after: Cursor | undefined): StoredVersion[] {
  const { limit, charactersMax = pageCharactersMax } = options
  const found: StoredVersion[] = []
  let characters = 0
  let from = after
  for (let left = limit + 1; left > 0 && characters <= charactersMax; left = limit + 1 - found.length) {
    const soFar = { rows: found.length, characters, charactersMax }
    const step = plan.isRanked ? left : Math.min(left, stepAfter(options.table, soFar))
    const { page } =
      step === limit + 1 ? plan : planFind({ ...options, limit: step, ...(from === undefined ? {} : { after: from }) })
    const read = run(options, page, charactersMax - characters)
    found.push(...read.versions)
    characters += read.characters
    if (found.length > 0) rowCharacters.set(options.table, characters / found.length)
    const last = read.versions.at(-1)
    if (read.rows < step || last === undefined) break
    from = cursorOf(plan.sort, last)
  }
  return found
}

/** The rows that the next statement may read, by the average size of those so far, or of those of the last page. */
function stepAfter(
  table: NounTable,
  { rows, characters, charactersMax }: { rows: number; characters: number; charactersMax: number },
): number {
  const average = rows === 0 ? rowCharacters.get(table) : characters / rows
  if (average === undefined) return firstRowsUnknown
  const wanted = Math.min(statementCharactersMax, charactersMax - characters)
  const step = Math.floor(wanted / Math.max(1, average)) + 1
  return rows === 0 ? Math.min(firstRows, step) : step
}

/** Returns the exact count, or null if a residual filter would have to scan too far. */
export function countVersions(options: Omit<FindOptions, 'limit' | 'cursor' | 'list' | 'sort'>): number | null {
  const plan = planFind({ ...options, sort: [], limit: scannedMax + 1 })
  if (plan.hasResidual) return testedVersions(options, plan.page)?.length ?? null
  const statement = planCount(options)
  return options.sql.exec<{ count: number }>(statement.text, ...statement.parameters).one().count
}

export function tooManyTested(): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: '$regex',
    message: `the filter would test more than ${scannedMax} entities with a pattern; ${patternAdvice}`,
  })
}

/** Tests the rows of a statement with the predicate. Returns undefined if there are more than `scannedMax`. */
export function testedVersions(
  options: Pick<FindOptions, 'sql' | 'table' | 'matches'>,
  statement: Statement,
): readonly StoredVersion[] | undefined {
  const rows = run(options, statement, Number.POSITIVE_INFINITY).versions
  return rows.length > scannedMax ? undefined : rows.filter((version) => options.matches(version))
}

/**
 * Returns the rows of a statement, up to the one with which they have more characters than allowed. The statement is
 * read to its end, since an open one prevents the removal of tables, but the rest is not kept.
 */
function run(
  { sql, table, shown = asIs }: Pick<FindOptions, 'sql' | 'table' | 'shown'>,
  statement: Statement,
  charactersMax: number,
): { readonly versions: StoredVersion[]; readonly rows: number; readonly characters: number } {
  const versions: StoredVersion[] = []
  let [rows, characters] = [0, 0]
  for (const row of sql.exec(statement.text, ...statement.parameters).raw<SqlStorageValue[]>()) {
    rows++
    if (characters > charactersMax) continue
    const version = shown(rowToVersion(table, row as Row))
    versions.push(version)
    characters += charactersOfFields(version.fields)
  }
  return { versions, rows, characters }
}

/** Shows all of a version. */
export function asIs(version: StoredVersion): StoredVersion {
  return version
}

/** Reads the superset step by step and keeps matches, until the page is full or the limit is reached. */
function scan(options: FindOptions, plan: FindPlan, after: Cursor | undefined): StoredVersion[] {
  const { limit, shown = asIs, charactersMax = pageCharactersMax } = options
  const whole = { ...options, shown: asIs }
  const found: StoredVersion[] = []
  let [foundCharacters, scanned, characters] = [0, 0, 0]
  let from = after
  while (scanned < scannedMax) {
    const soFar = { rows: scanned, characters, charactersMax: Number.POSITIVE_INFINITY }
    const step = plan.isRanked ? scannedMax : Math.min(scanStep, stepAfter(options.table, soFar))
    const { page } = planFind({ ...options, limit: step, ...(from === undefined ? {} : { after: from }) })
    const read = run(whole, page, plan.isRanked ? rankedCharactersMax : Number.POSITIVE_INFINITY)
    scanned += read.rows
    characters += read.characters
    for (const version of read.versions) {
      if (!options.matches(version)) continue
      const match = shown(version)
      found.push(match)
      foundCharacters += charactersOfFields(match.fields)
      if (found.length > limit || (foundCharacters > charactersMax && found.length > 1)) return found
    }
    const last = read.versions.at(-1)
    const isEnd = read.rows < step && read.versions.length === read.rows
    if (isEnd || last === undefined) return found
    if (plan.isRanked) break
    from = cursorOf(plan.sort, last)
  }
  throw new ObjectError({
    code: 'scan_limit',
    field: '$regex',
    message: `the filter examined ${scannedMax} entities and found ${found.length}; ${patternAdvice}`,
  })
}
