// Whether one statement can answer a list or a count without reading many rows. It can for a small Noun, and for a condition
// on an index that few entities match, or that needs no more than a page of its matches. Other reads run in slices.

import { type Filter, isListStorage, type SortTerm } from 'digital-objects'
import type { SliceSettings } from '../base/slice-settings.ts'
import { farLeaves } from './far-sets.ts'
import type { ReadPoint } from './filter-to-sql.ts'
import { isDefaultSort, planCount } from './find-plan.ts'
import type { NounTable } from './noun-table.ts'
import type { StateReader } from './state-reader.ts'

/** A condition that at most this many entities match is answered by one statement, in a few milliseconds. */
const candidatesMax = 2_000
/** Conditions with more matches are all alike to the choice of a driver. */
const comparedMax = 20_000

export interface BoundsOptions {
  readonly sql: SqlStorage
  readonly state: StateReader
  /** The newest event, of which there are at least as many as versions. */
  readonly head: number
  readonly settings: Pick<SliceSettings, 'smallRowsMax'>
  readonly table: NounTable
  readonly filter: Filter
  readonly point: ReadPoint
}

export interface Bounds {
  /** Whether one statement is enough. */
  readonly isBounded: boolean
  /** For a scan: the condition of an index by which it reads fewer rows. */
  readonly driver?: Filter
}

const bounded: Bounds = { isBounded: true }

/** The needs of the read: a page in this order, a count, or an aggregate, which reads all rows. */
export type Need =
  | { readonly kind: 'page'; readonly sort: readonly SortTerm[] | undefined }
  | { readonly kind: 'count' }
  /** `rowWork` is the work of one row, of which a row without references is 1. */
  | { readonly kind: 'aggregate'; readonly rowWork: number }

export function boundsOf(given: BoundsOptions, need: Need): Bounds {
  const rowWork = need.kind === 'aggregate' ? need.rowWork : 1
  const options = { ...given, settings: { smallRowsMax: Math.floor(given.settings.smallRowsMax / rowWork) } }
  const { head, settings, table, filter, point } = options
  if (head <= settings.smallRowsMax) return bounded
  const rule = point.visibility?.rows(table.schema.name)
  const whole: Filter = rule === undefined ? filter : { kind: 'and', of: [filter, rule] }
  const isFar = farLeaves(whole, (noun) => isBig(options, noun)).length > 0
  if (!isFar && !isBig(options, table.schema.name)) return bounded
  const conjuncts = conjunctsOf(whole)
  const indexed = conjuncts.filter((part) => isIndexed(part, table))
  if (!isFar && isPrefixOfIndex(need, { conjuncts, indexed, point })) return bounded
  const counted = indexed.map((part) => ({ part, count: countUpTo(options, part, comparedMax) }))
  const counts = counted.map(({ count }) => count)
  // SQLite may use any of the indexes.
  if (!isFar && counts.length > 0 && Math.max(...counts) <= candidatesMax) return bounded
  const driver = counted
    .filter(({ part }) => isDriver(part))
    .toSorted((a, b) => a.count - b.count)
    .at(0)
  return { isBounded: false, ...(driver === undefined || isFar ? {} : { driver: driver.part }) }
}

/** Whether a Noun has many rows, in the present or, for a read of the past, in the past. */
export function isBig(
  { sql, state, settings, point }: Pick<BoundsOptions, 'sql' | 'state' | 'settings' | 'point'>,
  noun: string,
): boolean {
  const table = point.table(noun)
  if (table === undefined) return false
  const { smallRowsMax } = settings
  if (state.countPresent(table) > smallRowsMax) return true
  if (point.seq === undefined) return false
  const query = `SELECT 1 FROM ${table.past} LIMIT 1 OFFSET ?`
  return sql.exec(query, smallRowsMax).toArray().length > 0
}

/** Whether an index has the rows one after another, so that a statement reads no more of them than it needs. */
function isPrefixOfIndex(
  need: Need,
  of: { readonly conjuncts: readonly Filter[]; readonly indexed: readonly Filter[]; readonly point: ReadPoint },
): boolean {
  const { conjuncts, indexed, point } = of
  const isWhole = conjuncts.length === 0
  const isOneIndex = conjuncts.length === 1 && indexed.length === 1 && conjuncts.some(isDriver)
  if (need.kind === 'page') return (isWhole || isOneIndex) && isDefaultSort(need.sort)
  if (need.kind === 'aggregate') return false
  // A count in the present reads only the index: a tenth of a microsecond per entity.
  return (isWhole || isOneIndex) && point.seq === undefined
}

function conjunctsOf(filter: Filter): readonly Filter[] {
  return filter.kind === 'and' ? filter.of.flatMap(conjunctsOf) : [filter]
}

/** Whether the condition is on a field of the Noun itself that has an index. */
function isIndexed(part: Filter, { schema }: NounTable): boolean {
  if (part.kind !== 'compare' && part.kind !== 'in') return false
  const { steps, field, storage } = part.path
  if (steps.length > 0) return false
  if (field === '$id') return true
  const own = schema.fields[field]
  return own !== undefined && own.kind !== 'reverse' && own.indexed && storage !== 'json' && !isListStorage(storage)
}

/** Whether an index has the matches newest first. */
function isDriver(part: Filter): boolean {
  return part.kind === 'compare' && part.op === 'eq' && part.path.field !== '$id'
}

function countUpTo({ sql, table, point }: BoundsOptions, filter: Filter, limit: number): number {
  const { visibility: _, ...whole } = point
  const statement = planCount({ table, filter, point: whole, limit })
  return sql.exec<{ count: number }>(statement.text, ...statement.parameters).one().count
}
