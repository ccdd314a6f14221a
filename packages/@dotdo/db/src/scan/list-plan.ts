// A list as data, before any row is read: which row groups it reads, in which order, and which columns of each.

import { matchesAll, type Filter, type NounSchema, type SortTerm, type SortValue } from 'digital-objects'
import { type Column, metaColumns } from '../parquet/columns.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import type { OpenFile, OpenRowGroup } from '../parquet/open-file.ts'
import { compareSortValues, type Ordered } from './candidate-order.ts'
import type { FilePlan } from './layer-plan.ts'
import { fieldsOf } from './local-filter.ts'

export interface FindInFiles {
  readonly filter: Filter
  /** An empty list sorts by id. */
  readonly sort: readonly SortTerm[]
  readonly limit: number
  /** Returns rows after this one. */
  readonly after?: Ordered
  /** Counts all matches, wherever `after` stands. */
  readonly isCounted: boolean
  /** Ends the list after the row with which its rows have more characters. */
  readonly charactersMax?: number
  /** Own fields to return beside the meta-fields; all of them if absent. */
  readonly fields?: readonly string[]
}

export interface FoundInFiles {
  readonly rows: readonly EntityRow[]
  /** Number of matches; null if they are not counted. */
  readonly count: number | null
  /** Whether the list ended early because of `charactersMax`. */
  readonly isCut: boolean
}

/** A row group that may hold matches. */
export interface ScanUnit {
  readonly layer: number
  readonly file: OpenFile
  readonly group: OpenRowGroup
  readonly candidates: FilePlan['candidates']
  /** The least and greatest first sort value, in list order, that a row of the group can have. */
  readonly best: SortValue
  readonly worst: SortValue
}

export interface ListPlan {
  /** Sorted by `best`: a unit that can hold the first row of the list comes first. */
  readonly units: readonly ScanUnit[]
  /** Columns to read from each unit while looking for matches. */
  readonly scanColumns: readonly Column[]
  /** Columns of the rows to return. */
  readonly resultColumns: readonly Column[]
  /** Few rows can match, so `scanColumns` includes `resultColumns` and no unit is read twice. */
  readonly isEager: boolean
  /** The first sort term, or the id. */
  readonly firstTerm: SortTerm
  /** Every row matches, unless a newer layer hides it. */
  readonly matchesAll: boolean
  /** Matches have to be counted while scanning. */
  readonly isCounted: boolean
  /** The number of matches known before the scan. */
  readonly countStart: number
}

export interface ListPlanOptions {
  readonly schema: NounSchema
  readonly columns: ReadonlyMap<string, Column>
  /** Live entities of the Noun. */
  readonly entities: number
}

/** An eager list keeps at most this many whole rows of a unit before it knows which of them it returns. */
export const eagerRowsMax = 1_000

const byId: SortTerm = { field: '$id', storage: 'text', direction: 1 }

/** Whether the list has to read any row at all. */
export function needsRows(request: FindInFiles): boolean {
  return request.limit > 0 || mustCount(request)
}

export function planList(files: readonly FilePlan[], request: FindInFiles, options: ListPlanOptions): ListPlan {
  const { sort, limit } = request
  const { columns, entities } = options
  const firstTerm = sort[0] ?? byId
  const units = orderUnits(files, firstTerm, columns)
  const resultColumns = resultColumnsOf(request, columns)
  const matchColumns = matchColumnsOf(request, options)
  const isEager = limit > 0 && (units.length === 1 || candidatesMax(files) <= Math.min(limit, eagerRowsMax))
  return {
    units,
    scanColumns: isEager ? [...new Set([...matchColumns, ...resultColumns])] : matchColumns,
    resultColumns,
    isEager,
    firstTerm,
    matchesAll: matchesAll(request.filter),
    isCounted: mustCount(request),
    countStart: matchesAll(request.filter) ? entities : 0,
  }
}

/** Whether any row of the unit can still be part of the list. */
export function isUsefulUnit(
  unit: ScanUnit,
  list: {
    readonly plan: ListPlan
    readonly limit: number
    /** The last row of a list that is already full. */
    readonly last: Ordered | undefined
    readonly after: Ordered | undefined
  },
): boolean {
  const { plan, limit, last, after } = list
  const { field, direction } = plan.firstTerm
  const valueOf = (ordered: Ordered): SortValue => (field === '$id' ? ordered.id : (ordered.values[0] ?? null))
  const isPastLast = last !== undefined && compareSortValues(unit.best, valueOf(last), direction) > 0
  const isBeforeStart = after !== undefined && compareSortValues(unit.worst, valueOf(after), direction) < 0
  return limit > 0 && !isPastLast && !isBeforeStart
}

/**
 * Whether `next` should be read together with `batch`, the units before it, instead of after them: their rows may not fill
 * the list, or they may not come first. Reading together takes one round trip; reading less saves the decoding.
 */
export function isReadTogether(
  batch: readonly ScanUnit[],
  next: ScanUnit,
  list: { plan: ListPlan; limit: number },
): boolean {
  const { plan, limit } = list
  if (!plan.matchesAll || plan.isCounted) return true
  const rows = batch.reduce((sum, { group }) => sum + group.rowEnd - group.rowStart, 0)
  return rows < limit || batch.some(({ worst }) => compareSortValues(worst, next.best, plan.firstTerm.direction) >= 0)
}

/** Whether matches have to be counted by reading rows. */
export function mustCount({ filter, isCounted }: FindInFiles): boolean {
  return isCounted && !matchesAll(filter)
}

function orderUnits(
  files: readonly FilePlan[],
  term: SortTerm,
  columns: ReadonlyMap<string, Column>,
): readonly ScanUnit[] {
  const column = columns.get(term.field)
  const units = files.flatMap(({ layer, file, groups, candidates }) =>
    groups.map((group): ScanUnit => {
      const statistics = column === undefined ? undefined : file.statistics(column, group.index)
      const [min, max] = [statistics?.min ?? null, statistics?.max ?? null]
      const hasNulls = statistics?.nulls !== 0
      const isAscending = term.direction === 1
      return {
        layer,
        file,
        group,
        candidates,
        best: isAscending ? min : max,
        worst: hasNulls ? null : isAscending ? max : min,
      }
    }),
  )
  return units.toSorted((a, b) => compareSortValues(a.best, b.best, term.direction))
}

function resultColumnsOf({ fields }: FindInFiles, columns: ReadonlyMap<string, Column>): readonly Column[] {
  const all = [...columns.values()]
  return fields === undefined
    ? all
    : all.filter(({ id, name }) => metaColumns.some((meta) => meta.id === id) || fields.includes(name))
}

/** Columns that decide whether a row matches and where it stands in the list. */
function matchColumnsOf({ filter, sort }: FindInFiles, options: ListPlanOptions): readonly Column[] {
  const names = new Set(['$id', '$deleted', ...fieldsOf(filter, options.schema.searchable)])
  for (const term of sort) names.add(term.field)
  return [...options.columns.values()].filter((column) => names.has(column.name))
}

/**
 * The number of rows that can match according to ids and references: an upper bound, since an entity may be in several
 * layers. A file that has only one row group left is planned without its index, so it counts nothing if the candidates
 * of other files are known.
 */
function candidatesMax(files: readonly FilePlan[]): number {
  const known = files.flatMap(({ candidates }) => candidates ?? [])
  if (known.length === 0 || files.some(({ candidates, groups }) => candidates === undefined && groups.length > 1))
    return Infinity
  // Every file has the same ids of the filter, but rows of its own.
  return Math.max(...known.map(({ ids }) => ids.size)) + known.reduce((sum, { rows }) => sum + rows.size, 0)
}
