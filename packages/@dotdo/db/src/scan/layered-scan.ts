// Reads one Noun's layers: a single entity, or a list by its plan. A list first reads the columns that decide which rows
// match and how they sort, then the remaining columns of the rows it returns.

import { charactersOfFields, type Filter, type MatchContext, type NounSchema, type SortTerm } from 'digital-objects'
import { type NounLayers } from '../layers/manifest.ts'
import { readValueToComparable } from '../parquet/column-value.ts'
import { type Column, nounToColumns } from '../parquet/columns.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import { type ReadColumns, rowAt } from '../parquet/read-columns.ts'
import { compareOrdered, firstIndex, FirstOf, type Ordered, sortRows } from './candidate-order.ts'
import type { DecodedGroup } from './column-values.ts'
import type { LayerFiles } from './layer-files.ts'
import { type FilePlan, planLayers } from './layer-plan.ts'
import {
  eagerRowsMax,
  type FindInFiles,
  type FoundInFiles,
  isReadTogether,
  isUsefulUnit,
  type ListPlan,
  mustCount,
  needsRows,
  planList,
  type ScanUnit,
} from './list-plan.ts'
import { fieldsOf } from './local-filter.ts'
import { filterToRowTest, type RowTest } from './row-test.ts'

export interface LayeredScanOptions {
  readonly files: LayerFiles
  readonly schema: NounSchema
  readonly layers: NounLayers
  readonly regex: MatchContext['regex']
  /** Returns the row of a list as the caller sees it. */
  readonly shown: (row: EntityRow) => EntityRow
}

interface EachOptions {
  readonly filter: Filter
  readonly fields: ReadonlySet<string>
}

/** Row groups read at one time: bounds memory and concurrent requests. */
const groupsAtOnce = 4
/** Row groups whose columns stay in memory until the list is complete. */
const cachedGroupsMax = 16

interface Candidate extends Ordered {
  readonly unit: ScanUnit
  readonly row: number
  /** The whole row, if all of its columns were read with the unit. */
  readonly whole?: EntityRow
}

interface UnitScan {
  readonly plan: ListPlan
  readonly request: FindInFiles
  readonly cache: ColumnCache
  /** The last row of a list that is already full. */
  readonly last: Ordered | undefined
}

/** Columns of units that were scanned, for the rows that the list returns. */
type ColumnCache = Map<ScanUnit, ReadColumns>

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

  /** The newest layer that holds the id decides: it has the entity's row, or a tombstone. */
  async get(id: string): Promise<EntityRow | undefined> {
    const columns = [...this.#columns.values()]
    const plans = await this.plan(idIs(id))
    for (const { file, groups } of plans.toSorted((a, b) => a.layer - b.layer)) {
      for (const group of groups) {
        const read = await this.#options.files.read(file, group, columns)
        const row = (read.get('$id') ?? []).findIndex((candidate) => candidate === id)
        if (row < 0) continue // the bloom filter was wrong
        const found = rowAt(read, columns, row)
        return found.isDeleted ? undefined : found
      }
    }
    return undefined
  }

  /** Calls back for each row group with its matching rows, in any order. The columns of the named fields are decoded. */
  async each(
    { filter, fields }: EachOptions,
    found: (group: DecodedGroup, rows: readonly number[]) => void,
  ): Promise<void> {
    const { schema, layers, files } = this.#options
    const request = { filter, sort: [], limit: 0, isCounted: true }
    const plan = planList(await this.plan(filter), request, { schema, columns: this.#columns, ...layers })
    const own = [...this.#columns.values()].filter(({ name }) => fields.has(name))
    const all = [...new Set([...plan.scanColumns, ...own])]
    // Ids are the largest column, and needed only to compare them with others.
    const named = new Set([...fields, ...fieldsOf(filter, schema.searchable)])
    const withoutIds = named.has('$id') ? all : all.filter(({ name }) => name !== '$id')
    const columnsOf = ({ layer, candidates }: ScanUnit): readonly Column[] =>
      layer > 0 || candidates !== undefined ? all : withoutIds
    for (let at = 0; at < plan.units.length; at += groupsAtOnce) {
      const batch = plan.units.slice(at, at + groupsAtOnce)
      const reads = await Promise.all(batch.map((unit) => files.read(unit.file, unit.group, columnsOf(unit))))
      for (const [index, unit] of batch.entries()) {
        const read = reads[index] ?? new Map<string, never>()
        found({ columns: this.#columns, read }, await this.#rowsOf(unit, read, filter))
      }
    }
  }

  /** The matching rows of a unit that no newer layer hides. */
  async #rowsOf(unit: ScanUnit, read: ReadColumns, filter: Filter): Promise<readonly number[]> {
    const isMatch = this.#rowTest(unit, read, filter)
    const rows: number[] = []
    for (let row = 0; row < unit.group.rowEnd - unit.group.rowStart; row++) if (isMatch(row)) rows.push(row)
    if (unit.layer === 0) return rows
    const ids = read.get('$id') ?? []
    const candidates = rows.map((row) => ({ id: String(ids[row]), row }))
    return (await this.#withoutHidden(unit.layer, candidates)).map(({ row }) => row)
  }

  /** All pages of a list have one total, so only the first one counts. */
  async find(request: FindInFiles): Promise<FoundInFiles> {
    if (!mustCount(request)) return this.#find(request)
    const { files } = this.#options
    const name = this.#totalName(request)
    const total = files.total(name)
    if (total !== undefined) return { ...(await this.#find({ ...request, isCounted: false })), ...total }
    const found = await this.#find(request)
    if (found.count !== null) files.keepTotal(name, { count: found.count })
    return found
  }

  /** Everything that a total depends on. Each change of the layers gives the base or the deltas another last file. */
  #totalName({ filter }: FindInFiles): string {
    const { schema, layers } = this.#options
    const { base, deltas } = layers
    const files = [base.at(-1)?.key, base.length, deltas.at(-1)?.key, deltas.length]
    return JSON.stringify([schema.name, schema.version, ...files, filter])
  }

  async #find(request: FindInFiles): Promise<FoundInFiles> {
    const { schema, layers } = this.#options
    const files = needsRows(request) ? await this.plan(request.filter) : []
    const plan = planList(files, request, { schema, columns: this.#columns, entities: layers.entities })
    return this.#run(plan, request)
  }

  async #run(plan: ListPlan, request: FindInFiles): Promise<FoundInFiles> {
    const { sort, limit, after, isCounted, charactersMax = Number.POSITIVE_INFINITY } = request
    const { units, resultColumns } = plan
    const first = new FirstOf<Candidate>(sort, limit)
    const cache: ColumnCache = new Map()
    let count = plan.countStart
    for (let at = 0; at < units.length;) {
      const list = { plan, limit, last: first.last(), after }
      const batch: ScanUnit[] = []
      for (let next = units[at]; next !== undefined && batch.length < groupsAtOnce; next = units[++at]) {
        if (!plan.isCounted && !isUsefulUnit(next, list)) continue
        if (batch.length > 0 && !isReadTogether(batch, next, list)) break
        batch.push(next)
      }
      const scan = { plan, request, cache, last: list.last }
      const scanned = await Promise.all(
        batch.map((unit) =>
          after === undefined || plan.isCounted ? this.#scan(unit, scan) : this.#scanAfter(unit, { ...scan, after }),
        ),
      )
      for (const candidate of scanned.flat()) {
        if (plan.isCounted) count++
        if (limit > 0 && (after === undefined || compareOrdered(sort, candidate, after) > 0)) first.add(candidate)
      }
      keepListed(cache, first)
    }
    const candidates = first.items()
    const rows = await this.#rows(candidates, { resultColumns, cache, charactersMax })
    const isCut = rows.length < candidates.length
    return { rows, count: isCounted ? count : null, isCut }
  }

  /** The matches of one unit that no newer layer hides. */
  async #scan(unit: ScanUnit, { plan, request, cache }: UnitScan): Promise<readonly Candidate[]> {
    const read = await this.#readUnit(unit, plan, cache)
    const left = await this.#withoutHidden(unit.layer, this.#matches(unit, read, request))
    // The columns of a single unit stay in memory, so that rows outside of the list need not be built.
    return plan.isEager && plan.units.length > 1 && left.length <= eagerRowsMax
      ? left.map((candidate) => ({ ...candidate, whole: rowAt(read, plan.resultColumns, candidate.row) }))
      : left
  }

  #matches(unit: ScanUnit, read: ReadColumns, request: FindInFiles): readonly Candidate[] {
    const candidateAt = this.#matching(unit, read, request)
    const candidates: Candidate[] = []
    for (let row = 0; row < unit.group.rowEnd - unit.group.rowStart; row++) {
      const candidate = candidateAt(row)
      if (candidate !== undefined) candidates.push(candidate)
    }
    return candidates
  }

  /** Like `scan`, but only the first matches after a row, as many as the list can take. */
  async #scanAfter(unit: ScanUnit, list: UnitScan & { readonly after: Ordered }): Promise<readonly Candidate[]> {
    const { plan, request, cache, after, last } = list
    const { sort, limit } = request
    const read = await this.#readUnit(unit, plan, cache)
    const orderedAt = this.#orderedAt(read, sort)
    const order = await this.#options.files.rowOrder(unit.file, unit.group, {
      name: sort.map(({ field, direction }) => `${this.#columns.get(field)?.id ?? ''}:${direction}`).join(),
      sort: () => sortRows(unit.group.rowEnd - unit.group.rowStart, orderedAt, sort),
    })
    const rowAfter = (at: number): number => Number(order[at])
    const candidateAt = this.#matching(unit, read, request)
    const found: Candidate[] = []
    let at = firstIndex(order.length, (index) => compareOrdered(sort, orderedAt(rowAfter(index)), after) > 0)
    while (at < order.length && found.length < limit) {
      const some: Candidate[] = []
      for (; at < order.length && some.length < limit; at++) {
        const candidate = candidateAt(rowAfter(at))
        if (candidate === undefined) continue
        if (last !== undefined && compareOrdered(sort, candidate, last) > 0) at = order.length
        else some.push(candidate)
      }
      found.push(...(await this.#withoutHidden(unit.layer, some)))
    }
    return found
  }

  async #readUnit(unit: ScanUnit, plan: ListPlan, cache: ColumnCache): Promise<ReadColumns> {
    const read = await this.#options.files.read(unit.file, unit.group, plan.scanColumns)
    if (cache.size < cachedGroupsMax) cache.set(unit, read)
    return read
  }

  /** Returns a function that returns the candidate in a row, or undefined if the row does not match. */
  #matching(unit: ScanUnit, read: ReadColumns, { filter, sort }: FindInFiles): (row: number) => Candidate | undefined {
    const isMatch = this.#rowTest(unit, read, filter)
    const orderedAt = this.#orderedAt(read, sort)
    return (row) => (isMatch(row) ? { unit, row, ...orderedAt(row) } : undefined)
  }

  /** Tests whether a row is no tombstone, allowed by the plan, and matches. */
  #rowTest(unit: ScanUnit, read: ReadColumns, filter: Filter): RowTest {
    const { schema, regex } = this.#options
    const { searchable } = schema
    const test = filterToRowTest(filter, { searchable, regex, group: { columns: this.#columns, read } })
    const [ids, deleted] = [read.get('$id') ?? [], read.get('$deleted')]
    return (row) => deleted?.[row] !== true && isCandidate(unit, row, ids[row]) && test(row)
  }

  #orderedAt(read: ReadColumns, sort: readonly SortTerm[]): (row: number) => Ordered {
    const ids = read.get('$id') ?? []
    const sorted = sort.map(({ field }) => {
      const column = this.#columns.get(field)
      return column === undefined ? undefined : { storage: column.storage, values: read.get(column.name) }
    })
    return (row) => ({
      id: String(ids[row]),
      values: sorted.map((column) =>
        column === undefined ? null : readValueToComparable(column.values?.[row], column.storage),
      ),
    })
  }

  /** Drops candidates that a newer layer has changed or deleted. */
  async #withoutHidden<Item extends { readonly id: string }>(
    layer: number,
    candidates: readonly Item[],
  ): Promise<readonly Item[]> {
    const { layers, files } = this.#options
    let left = candidates
    for (const ref of layers.deltas.toReversed().slice(0, layer)) left = await files.withoutIdsIn(ref, left)
    return left
  }

  /**
   * Completes the rows of the list: reads the result columns that the scan did not, for some row groups at a time, until
   * the rows have too many characters.
   */
  async #rows(candidates: readonly Candidate[], options: RowsOptions): Promise<readonly EntityRow[]> {
    const { charactersMax } = options
    const partial = candidates.filter(({ whole }) => whole === undefined)
    const units = [...new Set(partial.map(({ unit }) => unit))]
    const read = new Map<Candidate, EntityRow>()
    const rows: EntityRow[] = []
    let characters = 0
    for (let at = 0; ;) {
      for (let next = candidates[rows.length]; next !== undefined; next = candidates[rows.length]) {
        const row = next.whole ?? read.get(next)
        if (row === undefined) break
        if (characters > charactersMax) return rows
        const seen = this.#options.shown(row)
        rows.push(seen)
        read.delete(next)
        characters += charactersOfFields(seen.fields)
      }
      const batch = nextGroups(units.slice(at, at + groupsAtOnce), options)
      if (batch.length === 0) return rows
      at += batch.length
      const completed = await Promise.all(batch.map((unit) => this.#completeRows(unit, partial, options)))
      for (const [candidate, row] of completed.flat()) read.set(candidate, row)
    }
  }

  /** Reads the rows of those candidates that are in the unit. */
  async #completeRows(
    unit: ScanUnit,
    candidates: readonly Candidate[],
    { resultColumns, cache }: RowsOptions,
  ): Promise<readonly (readonly [Candidate, EntityRow])[]> {
    const cached = cache.get(unit) ?? new Map<string, never>()
    const missing = resultColumns.filter(({ name }) => !cached.has(name))
    const read: ReadColumns = new Map([...cached, ...(await this.#options.files.read(unit.file, unit.group, missing))])
    return candidates
      .filter((candidate) => candidate.unit === unit)
      .map((candidate) => [candidate, rowAt(read, resultColumns, candidate.row)])
  }
}

interface RowsOptions {
  readonly resultColumns: readonly Column[]
  readonly cache: ColumnCache
  readonly charactersMax: number
}

/** The first units, at least one, whose columns have about as many bytes as the list may have characters. */
function nextGroups(units: readonly ScanUnit[], { resultColumns, charactersMax }: RowsOptions): readonly ScanUnit[] {
  let bytes = 0
  const after = units.findIndex(({ file, group }) => {
    for (const { id } of resultColumns) bytes += file.columnBytes(id, group.index)
    return bytes > charactersMax
  })
  return after < 0 ? units : units.slice(0, Math.max(1, after))
}

/** Whether the plan allows the row to match. */
function isCandidate({ candidates, group }: ScanUnit, row: number, id: unknown): boolean {
  return candidates === undefined || candidates.rows.has(group.rowStart + row) || candidates.ids.has(String(id))
}

/** Evicts the columns of units that have no row in the list. */
function keepListed(cache: ColumnCache, first: FirstOf<Candidate>): void {
  const listed = new Set(first.items().flatMap(({ unit, whole }) => (whole === undefined ? unit : [])))
  for (const unit of cache.keys()) if (!listed.has(unit)) cache.delete(unit)
}

function idIs(id: string): Filter {
  return { kind: 'compare', path: { steps: [], field: '$id', storage: 'text', keys: [] }, op: 'eq', value: id }
}
