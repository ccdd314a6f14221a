// Plans which row groups of a file can hold matches: by statistics first, which are free, then by bloom filters that
// are worth a request. A plan is data. An omitted row group certainly holds no match.

import { compareText, type Filter, type FilterPath, type FilterValue, unreachable } from 'digital-objects'
import { bloomFilterMayContain } from './bloom-filter.ts'
import { columnValueToHash, type ColumnValue, dateToDays, msToMicros } from './column-value.ts'
import type { Column } from './columns.ts'
import type { ColumnStatistics, OpenFile, OpenRowGroup } from './open-file.ts'
import { hashPathValue } from './path-values.ts'

export interface ScanPlan {
  readonly file: OpenFile
  /** Groups that statistics do not rule out, in file order. */
  readonly groups: readonly OpenRowGroup[]
  /** Names of columns whose bloom filters may rule out more groups. */
  readonly bloomColumns: readonly string[]
}

/** `columns` are those that the filter uses. Paths never cross relations here. */
export interface ScanOptions {
  readonly filter: Filter
  readonly columns: ReadonlyMap<string, Column>
}

/** A `$in` with more values than this is not looked up in bloom filters. */
const probedValuesMax = 64

export function planScan(file: OpenFile, options: ScanOptions): ScanPlan {
  const { filter, columns } = options
  const groups = file.groups.filter((group) =>
    mayMatch(filter, {
      columns,
      statistics: (column) => file.statistics(column, group.index),
      contains: () => true,
      containsAt: () => true,
      file,
    }),
  )
  const probed = groups.length === 0 ? [] : probedColumns(filter, columns)
  const bloomColumns = probed.filter((name) => {
    const column = columns.get(name)
    return column !== undefined && groups.some((group) => file.hasBloomFilter(column.id, group.index))
  })
  return { file, groups, bloomColumns }
}

/** Completes a plan: reads the bloom filters, all in one tick, and returns the remaining groups. */
export async function pruneByBloomFilters(plan: ScanPlan, options: ScanOptions): Promise<readonly OpenRowGroup[]> {
  const { file, groups, bloomColumns } = plan
  if (bloomColumns.length === 0) return groups
  const left = await Promise.all(
    groups.map(async (group) => {
      const filters = new Map<string, Uint32Array | undefined>()
      const reads = bloomColumns.map(async (name) => {
        const column = options.columns.get(name)
        if (column !== undefined) filters.set(name, await file.bloomFilter(column.id, group.index))
      })
      await Promise.all(reads)
      return mayMatch(options.filter, {
        columns: options.columns,
        statistics: (column) => file.statistics(column, group.index),
        contains: (column, value) => {
          const words = filters.get(column.name)
          const hash = columnValueToHash(filterToColumnValue(value, column), column.storage)
          return words === undefined || hash === undefined || bloomFilterMayContain(words, hash)
        },
        containsAt: (column, keys, value) => {
          const words = filters.get(column.name)
          if (words === undefined || !file.hasPathValues(column.id, keys)) return true
          return bloomFilterMayContain(words, hashPathValue(keys, value))
        },
        file,
      })
    }),
  )
  return groups.filter((_, at) => left[at])
}

interface GroupFacts {
  readonly columns: ReadonlyMap<string, Column>
  readonly statistics: (column: Column) => ColumnStatistics | undefined
  readonly contains: (column: Column, value: FilterValue) => boolean
  /** The same for a path inside a `json` column. */
  readonly containsAt: (column: Column, keys: readonly string[], value: FilterValue) => boolean
  readonly file: OpenFile
}

function mayMatch(filter: Filter, facts: GroupFacts): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((part) => mayMatch(part, facts))
    case 'or':
      return filter.of.some((part) => mayMatch(part, facts))
    case 'compare':
      if (filter.path.keys.length > 0) return filter.op !== 'eq' || mayHoldAt(filter.path, [filter.value], facts)
      return mayHold(filter.path, facts, (column, statistics) =>
        filter.op === 'eq'
          ? isWithin(filter.value, statistics) && facts.contains(column, filter.value)
          : isBeyond(filter.op, filter.value, statistics),
      )
    case 'compareFields':
      return mayCompare(filter, facts)
    case 'in':
      if (filter.path.keys.length > 0) return mayHoldAt(filter.path, filter.values, facts)
      return mayHold(filter.path, facts, (column, statistics) =>
        filter.values.some(
          (value) =>
            isWithin(value, statistics) && (filter.values.length > probedValuesMax || facts.contains(column, value)),
        ),
      )
    case 'exists':
    case 'regex':
      return mayHold(
        { field: filter.path.field, keys: [] },
        facts,
        (_, statistics) => statistics === undefined || statistics.min !== null,
      )
    case 'not':
    case 'text':
      return true
    default:
      return unreachable(filter)
  }
}

/** Whether one of the values may be at a path inside a `json` column. */
function mayHoldAt(path: FilterPath, values: readonly FilterValue[], facts: GroupFacts): boolean {
  const column = facts.columns.get(path.field)
  if (column === undefined || values.length > probedValuesMax) return true
  if (facts.file.columnName(column.id) === undefined) return false
  return values.some((value) => facts.containsAt(column, path.keys, value))
}

/** Whether some value of the one column may compare so with some value of the other. */
function mayCompare({ path, op, other }: Extract<Filter, { kind: 'compareFields' }>, facts: GroupFacts): boolean {
  return mayHold(other, facts, (_, right) =>
    mayHold(path, facts, (_column, left) => {
      if (right?.min === null || right?.max === null) return false
      if (right === undefined || left === undefined) return true
      if (op !== 'eq') return isBeyond(op, op === 'gt' || op === 'gte' ? right.min : right.max, left)
      return isBeyond('lte', right.max, left) && isBeyond('gte', right.min, left)
    }),
  )
}

/** Every leaf is positive, so a row group without values in the column cannot match. */
function mayHold(
  { field, keys }: Pick<FilterPath, 'field' | 'keys'>,
  facts: GroupFacts,
  test: (column: Column, statistics: ColumnStatistics | undefined) => boolean,
): boolean {
  const column = facts.columns.get(field)
  if (column === undefined) return true
  if (facts.file.columnName(column.id) === undefined) return false
  if (column.storage === 'json' || keys.length > 0) return true
  return test(column, facts.statistics(column))
}

function isWithin(value: FilterValue, statistics: ColumnStatistics | undefined): boolean {
  if (statistics === undefined) return true
  const { min, max } = statistics
  if (min === null || max === null) return false
  const wanted = comparable(value)
  return compare(min, wanted) <= 0 && compare(wanted, max) <= 0
}

function isBeyond(
  op: 'gt' | 'gte' | 'lt' | 'lte',
  value: FilterValue,
  statistics: ColumnStatistics | undefined,
): boolean {
  if (statistics === undefined) return true
  const { min, max } = statistics
  if (min === null || max === null) return false
  // Bounds of long strings are truncated, but they remain bounds: a minimum is never above a value, a maximum never
  // below one.
  const [least, most] = [compare(min, comparable(value)), compare(max, comparable(value))]
  switch (op) {
    case 'gt':
      return most > 0
    case 'gte':
      return most >= 0
    case 'lt':
      return least < 0
    case 'lte':
      return least <= 0
    default:
      return unreachable(op)
  }
}

function comparable(value: FilterValue): string | number {
  if (typeof value === 'boolean') return value ? 1 : 0
  return value ?? 0
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  // Values of different types never match, and the parser rejects filters that compare them.
  return typeof a === 'number' && typeof b === 'number' ? a - b : 0
}

/** Converts a filter's value to the form that the column holds. */
function filterToColumnValue(value: FilterValue, column: Column): ColumnValue {
  if (column.storage === 'time' && typeof value === 'number') return msToMicros(value)
  if (column.storage === 'date' && typeof value === 'string') return dateToDays(value)
  if (column.isInteger === true && typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null
  return value
}

/** Returns the columns to probe in bloom filters. Under `not` a bloom filter cannot rule anything out. */
function probedColumns(filter: Filter, columns: ReadonlyMap<string, Column>): string[] {
  if (filter.kind === 'and' || filter.kind === 'or')
    return [...new Set(filter.of.flatMap((part) => probedColumns(part, columns)))]
  const isProbe =
    (filter.kind === 'compare' && filter.op === 'eq') ||
    (filter.kind === 'in' && filter.values.length <= probedValuesMax)
  return isProbe && hasProbe(columns.get(filter.path.field), filter.path.keys) ? [filter.path.field] : []
}

/** Whether the column's bloom filters know values of the path. */
function hasProbe(column: Column | undefined, keys: readonly string[]): boolean {
  if (column === undefined) return false
  if (keys.length === 0) return column.isIndexed
  return column.paths?.some((path) => path.join('.') === keys.join('.')) ?? false
}
