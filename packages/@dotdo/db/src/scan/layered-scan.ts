// One list of one Noun's layers: row groups in the order in which the list may need them, first the columns that tell
// what matches and where it comes, then the rest of the rows that made it into the list.

import {
  type Entity,
  type Filter,
  type JsonValue,
  type MatchContext,
  type NounSchema,
  type SortTerm,
  type SortValue,
} from 'digital-objects'
import { type NounLayers } from '../manifest.ts'
import { readValueToComparable, readValueToJson } from '../parquet/column-value.ts'
import { type Column, metaColumns, nounToColumns } from '../parquet/columns.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import type { OpenFile, OpenRowGroup } from '../parquet/open-file.ts'
import { compareOrdered, compareSortValues, FirstOf, type Ordered } from './candidate-order.ts'
import type { LayerFiles } from './layer-files.ts'
import { type FilePlan, planLayers } from './layer-plan.ts'
import { fieldsOf } from './local-filter.ts'
import { type ReadColumns, readColumns, rowAt } from './read-columns.ts'
import { filterToRowTest } from './row-test.ts'

export interface FindInFiles {
  readonly filter: Filter
  /** Empty: by id. */
  readonly sort: readonly SortTerm[]
  readonly limit: number
  /** Begin after this one. */
  readonly after?: Ordered
  /** How far to count what matches, whatever comes `after`; 0 counts nothing. */
  readonly countMax: number
  /** Own fields that rows carry, beside the meta-fields; without it all of them. */
  readonly fields?: readonly string[]
}

export interface FoundInFiles {
  readonly rows: readonly EntityRow[]
  /** How many match; null when there are more than `countMax`, and when that is 0. */
  readonly count: number | null
}

export interface LayeredScanOptions {
  readonly files: LayerFiles
  readonly schema: NounSchema
  readonly layers: NounLayers
  readonly regex: MatchContext['regex']
}

/** Row groups that are read at one time: bounds memory, and requests under way. */
const groupsAtOnce = 4
/** At most so many rows are kept whole before it is known whether they make it into the list. */
const eagerRowsMax = 1_000
/** Row groups whose first columns are kept until the rest of their rows is read. */
const keptGroupsMax = 16
const byId: SortTerm = { field: '$id', storage: 'text', direction: 1 }

/** A row group that may hold something. */
interface Unit {
  readonly layer: number
  readonly file: OpenFile
  readonly group: OpenRowGroup
  readonly candidates: FilePlan['candidates']
  /** The best that its rows can have of the first sort value, and the worst. */
  readonly best: SortValue
  readonly worst: SortValue
}

interface Candidate extends Ordered {
  readonly unit: Unit
  readonly row: number
  /** When all of its columns were read at once. */
  readonly whole?: EntityRow
}

export class LayeredScan {
  readonly #options: LayeredScanOptions
  readonly #columns: ReadonlyMap<string, Column>

  constructor(options: LayeredScanOptions) {
    const { schema, layers } = options
    this.#options = options
    this.#columns = new Map(nounToColumns(schema, layers.fields).map((column) => [column.name, column]))
  }

  plan(filter: Filter): Promise<readonly FilePlan[]> {
    return planLayers({ ...this.#options, columns: this.#columns, filter })
  }

  /** The first layer that says something of an entity, the newest first, says what it is, or that it is gone. */
  async get(id: string): Promise<EntityRow | undefined> {
    const columns = [...this.#columns.values()]
    const plans = await this.plan(idIs(id))
    for (const { file, groups } of plans.toSorted((a, b) => a.layer - b.layer)) {
      for (const group of groups) {
        const read = await readColumns(file, group, columns)
        const row = (read.get('$id') ?? []).findIndex((candidate) => candidate === id)
        if (row < 0) continue // a bloom filter may say yes wrongly
        const found = rowAt(read, columns, row)
        return found.isDeleted ? undefined : found
      }
    }
    return undefined
  }

  async find(request: FindInFiles): Promise<FoundInFiles> {
    const { filter, sort, limit, after, countMax } = request
    const isAll = filter.kind === 'and' && filter.of.length === 0
    const counts = countMax > 0 && !isAll
    let count = isAll ? this.#options.layers.entities : 0
    const first = new FirstOf<Candidate>(sort, limit)
    const plans = limit === 0 && !counts ? [] : await this.plan(filter)
    const units = inOrder(plans, sort[0] ?? byId, this.#columns)
    const wanted = this.#wanted(request.fields)
    const needed = this.#needed(filter, sort)
    const isEager = limit > 0 && (units.length === 1 || candidatesOf(plans) <= Math.min(limit, eagerRowsMax))
    const columns = isEager ? [...new Set([...needed, ...wanted])] : needed
    const kept = new Map<Unit, ReadColumns>()
    for (let at = 0; at < units.length; at += groupsAtOnce) {
      const list = { term: sort[0] ?? byId, limit, last: first.last(), after }
      const isCounting = counts && count <= countMax
      const batch = units.slice(at, at + groupsAtOnce).filter((unit) => isCounting || isUsefulUnit(unit, list))
      const scanned = await Promise.all(
        batch.map(async (unit) => {
          const read = await readColumns(unit.file, unit.group, columns)
          if (kept.size < keptGroupsMax) kept.set(unit, read)
          const candidates = await this.#matching(unit, read, { filter, sort })
          return isEager && candidates.length <= eagerRowsMax
            ? candidates.map((candidate) => ({ ...candidate, whole: rowAt(read, wanted, candidate.row) }))
            : candidates
        }),
      )
      for (const candidate of scanned.flat()) {
        if (counts) count++
        if (limit > 0 && (after === undefined || compareOrdered(sort, candidate, after) > 0)) first.add(candidate)
      }
      keepOnly(kept, first)
    }
    const rows = await this.#rows(first.items(), { wanted, kept })
    return { rows, count: countMax === 0 || count > countMax ? null : count }
  }

  /** The columns of the rows that are returned. */
  #wanted(fields: readonly string[] | undefined): readonly Column[] {
    const columns = [...this.#columns.values()]
    return fields === undefined
      ? columns
      : columns.filter(({ id, name }) => metaColumns.some((meta) => meta.id === id) || fields.includes(name))
  }

  /** The columns that tell whether a row matches, and where it comes in the list. */
  #needed(filter: Filter, sort: readonly SortTerm[]): readonly Column[] {
    const names = new Set(['$id', '$deleted', ...fieldsOf(filter, this.#options.schema.searchable)])
    for (const term of sort) names.add(term.field)
    return [...this.#columns.values()].filter((column) => names.has(column.name))
  }

  async #matching(
    unit: Unit,
    read: ReadColumns,
    request: { readonly filter: Filter; readonly sort: readonly SortTerm[] },
  ): Promise<readonly Candidate[]> {
    const { schema, regex } = this.#options
    const { filter, sort } = request
    const { searchable } = schema
    const fields = [...new Set(fieldsOf(filter, searchable))].flatMap((name) => this.#columns.get(name) ?? [])
    const sorted = sort.map((term) => this.#columns.get(term.field))
    const test = filterToRowTest(filter, { searchable, regex, related: noRelations })
    const [ids, deleted] = [read.get('$id') ?? [], read.get('$deleted')]
    const candidates: Candidate[] = []
    for (let row = 0; row < ids.length; row++) {
      if (deleted?.[row] === true || !isCandidate(unit, row, ids[row])) continue
      const entity: Record<string, JsonValue> = { $type: schema.name }
      for (const column of fields) {
        const value = readValueToJson(read.get(column.name)?.[row], column.storage)
        if (value !== undefined) entity[column.name] = value
      }
      if (!test(entity as Entity)) continue // only the fields that the filter looks at
      const values = sorted.map((column) =>
        column === undefined ? null : readValueToComparable(read.get(column.name)?.[row], column.storage),
      )
      candidates.push({ unit, row, values, id: String(ids[row]) })
    }
    return this.#withoutHidden(unit.layer, candidates)
  }

  /** Without those of which a newer layer says something. */
  async #withoutHidden(layer: number, candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
    const { layers, files } = this.#options
    let left = candidates
    for (const ref of layers.deltas.toReversed().slice(0, layer)) left = await files.withoutThoseIn(ref, left)
    return left
  }

  /** The rest of the rows that made it into the list. */
  async #rows(
    candidates: readonly Candidate[],
    columns: { readonly wanted: readonly Column[]; readonly kept: ReadonlyMap<Unit, ReadColumns> },
  ): Promise<readonly EntityRow[]> {
    const { wanted, kept } = columns
    const partial = candidates.filter(({ whole }) => whole === undefined)
    const units = [...new Set(partial.map(({ unit }) => unit))]
    const rows = new Map<Candidate, EntityRow>()
    for (let at = 0; at < units.length; at += groupsAtOnce) {
      const batch = units.slice(at, at + groupsAtOnce)
      await Promise.all(
        batch.map(async (unit) => {
          const known = kept.get(unit) ?? new Map<string, never>()
          const missing = wanted.filter(({ name }) => !known.has(name))
          const read: ReadColumns = new Map([...known, ...(await readColumns(unit.file, unit.group, missing))])
          for (const candidate of partial)
            if (candidate.unit === unit) rows.set(candidate, rowAt(read, wanted, candidate.row))
        }),
      )
    }
    return candidates.flatMap((candidate) => candidate.whole ?? rows.get(candidate) ?? [])
  }
}

/** Whether the row is among those that may match, as far as the plan tells. */
function isCandidate({ candidates, group }: Unit, row: number, id: unknown): boolean {
  return candidates === undefined || candidates.rows.has(group.rowStart + row) || candidates.ids.has(String(id))
}

/**
 * How many rows can match, as far as ids and references tell; a few more where an entity is in several layers. The one
 * row group that is left of a file, which nobody then asked an index about, does not count where others are known.
 */
function candidatesOf(plans: readonly FilePlan[]): number {
  const known = plans.flatMap(({ candidates }) => candidates ?? [])
  if (known.length === 0 || plans.some(({ candidates, groups }) => candidates === undefined && groups.length > 1))
    return Infinity
  // The ids of a filter are the same for each file.
  return Math.max(...known.map(({ ids }) => ids.size)) + known.reduce((sum, { rows }) => sum + rows.size, 0)
}

/** Those row groups first that may hold what comes first. */
function inOrder(plans: readonly FilePlan[], term: SortTerm, columns: ReadonlyMap<string, Column>): readonly Unit[] {
  const column = columns.get(term.field)
  const units = plans.flatMap(({ layer, file, groups, candidates }) =>
    groups.map((group): Unit => {
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

/** Whether the unit's rows can still come into the list. */
function isUsefulUnit(
  unit: Unit,
  list: {
    readonly term: SortTerm
    readonly limit: number
    readonly last: Ordered | undefined
    readonly after: Ordered | undefined
  },
): boolean {
  const { term, limit, last, after } = list
  const valueOf = (ordered: Ordered): SortValue => (term.field === '$id' ? ordered.id : (ordered.values[0] ?? null))
  const isTooLate = last !== undefined && compareSortValues(unit.best, valueOf(last), term.direction) > 0
  const isBefore = after !== undefined && compareSortValues(unit.worst, valueOf(after), term.direction) < 0
  return limit > 0 && !isTooLate && !isBefore
}

/** Forgets the columns of units that have no row in the list. */
function keepOnly(kept: Map<Unit, ReadColumns>, first: FirstOf<Candidate>): void {
  const listed = new Set(first.items().flatMap(({ unit, whole }) => (whole === undefined ? unit : [])))
  for (const unit of kept.keys()) if (!listed.has(unit)) kept.delete(unit)
}

function idIs(id: string): Filter {
  return { kind: 'compare', path: { steps: [], field: '$id', storage: 'text', keys: [] }, op: 'eq', value: id }
}

function noRelations(): never {
  throw new Error('a filter on files crosses no relation: localizeFilter sees to that')
}
