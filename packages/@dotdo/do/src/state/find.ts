// Reads lists and counts from the tables of a Noun, by a plan.

import { type Cursor, type Filter, ObjectError, parseCursor, type SortTerm } from 'digital-objects'
import { type FindPlan, planCount, planFind, type Statement } from './find-plan.ts'
import type { ReadPoint } from './filter-to-sql.ts'
import type { NounTable } from './noun-table.ts'
import { cursorOf, cutPage } from './list-cursor.ts'
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
}

export interface FindPage {
  readonly versions: readonly StoredVersion[]
  readonly hasMore: boolean
  /** The cursor of the next page; null if there is none, or if the list is ranked. */
  readonly cursor: string | null
}

/** Limits the rows that a filter with a residual examines. */
export const scannedMax = 10_000
const scanStep = 500
/** Totals are exact up to this number. */
export const totalMax = 10_000

export function findVersions(options: FindOptions): FindPage {
  const { table, limit, list, cursor } = options
  const after = cursor === undefined ? undefined : parseCursor(cursor, list)
  const plan = planFind({ ...options, limit: limit + 1, ...(after === undefined ? {} : { after }) })
  const versions = plan.hasResidual ? scan(options, plan, after) : run(options.sql, table, plan.page)
  return cutPage(versions, { limit, sort: plan.isRanked ? undefined : plan.sort, list })
}

/** Returns the exact count up to `limit`, or null if there are more, or if a residual filter would have to scan too far. */
export function countVersions(
  options: Omit<FindOptions, 'limit' | 'cursor' | 'list' | 'sort'> & { readonly limit: number },
): number | null {
  const { sql, limit } = options
  const plan = planFind({ ...options, sort: [], limit: scannedMax + 1 })
  if (plan.hasResidual) {
    const rows = run(sql, options.table, plan.page)
    return rows.length > scannedMax ? null : rows.filter((version) => options.matches(version)).length
  }
  const statement = planCount({ ...options, limit: limit + 1 })
  const { count } = sql.exec<{ count: number }>(statement.text, ...statement.parameters).one()
  return count > limit ? null : count
}

function run(sql: SqlStorage, table: NounTable, statement: Statement): StoredVersion[] {
  const rows = sql.exec(statement.text, ...statement.parameters).raw<SqlStorageValue[]>()
  return [...rows].map((row) => rowToVersion(table, row as Row))
}

/** Reads the superset step by step and keeps matches, until the page is full or the limit is reached. */
function scan(options: FindOptions, plan: FindPlan, after: Cursor | undefined): StoredVersion[] {
  const { sql, table, limit } = options
  const found: StoredVersion[] = []
  let from = after
  for (let scanned = 0; scanned < scannedMax; scanned += scanStep) {
    const step = plan.isRanked ? scannedMax : scanStep
    const { page } = planFind({ ...options, limit: step, ...(from === undefined ? {} : { after: from }) })
    const rows = run(sql, table, page)
    for (const version of rows) {
      if (options.matches(version)) found.push(version)
      if (found.length > limit) return found
    }
    const last = rows.at(-1)
    if (rows.length < step || last === undefined) return found
    if (plan.isRanked) break
    from = cursorOf(plan.sort, last)
  }
  throw new ObjectError({
    code: 'scan_limit',
    field: '$regex',
    message: `the filter examined ${scannedMax} entities and found ${found.length}; add a condition without a pattern`,
  })
}
