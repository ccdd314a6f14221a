// The entities of a tenant as a manifest's files hold them: lists, counts and single entities, read by the same filter
// language as in the tenant's object. Newer layers hide older ones; what is not needed is not read.

import {
  type Entity,
  type Filter,
  type JsonValue,
  matches,
  type MatchContext,
  type NounLookup,
  type NounSchema,
  type SortTerm,
  type SortValue,
} from 'digital-objects'
import type { LruCache } from '../lru-cache.ts'
import { type LayerFile, type Manifest, noLayers, type NounLayers } from '../manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { bloomFilterMayContain } from '../parquet/bloom-filter.ts'
import { columnValueToHash, readValueToComparable, readValueToJson } from '../parquet/column-value.ts'
import { type Column, nounToColumns } from '../parquet/columns.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import { type OpenFile, openFile, type OpenRowGroup } from '../parquet/open-file.ts'
import { planScan, pruneByBloomFilters } from '../parquet/scan-plan.ts'
import { compareOrdered, compareSortValues, FirstOf, type Ordered } from './candidate-order.ts'
import { fieldsOf, localizeFilter } from './local-filter.ts'
import { type ReadColumns, readColumns, rowAt } from './read-columns.ts'

/** What stays in memory between reads; keys name immutable things only. */
export interface FileCache {
  readonly files: LruCache<Promise<OpenFile>>
  /** The ids that a delta file has rows of. */
  readonly ids: LruCache<Promise<ReadonlySet<string>>>
}

export interface SnapshotOptions {
  readonly store: ObjectStore
  readonly manifest: Manifest
  readonly cache: FileCache
  readonly lookup: NounLookup
  readonly regex: MatchContext['regex']
}

export interface FindInFiles {
  readonly filter: Filter
  readonly sort: readonly SortTerm[]
  readonly limit: number
  /** Begin after this one. */
  readonly after?: Ordered
  /** How far to count what matches, whatever comes `after`; 0 counts nothing. */
  readonly countMax: number
}

export interface FoundInFiles {
  readonly rows: readonly EntityRow[]
  /** How many match; null when there are more than `countMax`. */
  readonly count: number | null
}

/** A relation that leads to more entities than this is the object's to follow. */
const relatedMax = 10_000
/** Row groups that are read at one time: bounds memory, and requests under way. */
const groupsAtOnce = 4
/** So few row groups are read whole at once, rather than first for what matches and then for the rest. */
const eagerGroupsMax = 1
/** Rough bytes of an open file, beyond its footer and tail. */
const openFileWeight = 4_096

/** A row group that may hold something, in a layer: 0 is the newest. */
interface Unit {
  readonly layer: number
  readonly file: OpenFile
  readonly group: OpenRowGroup
  /** The best that its rows can have of the first sort value, and the worst. */
  readonly best: SortValue
  readonly worst: SortValue
}

interface Candidate extends Ordered {
  readonly unit: Unit
  readonly row: number
}

export class Snapshot {
  readonly #options: SnapshotOptions

  constructor(options: SnapshotOptions) {
    this.#options = options
  }

  get manifest(): Manifest {
    return this.#options.manifest
  }

  async get(schema: NounSchema, id: string): Promise<EntityRow | undefined> {
    const { rows } = (await this.find(schema, { filter: idIs(id), sort: [], limit: 1, countMax: 0 })) ?? { rows: [] }
    return rows[0]
  }

  /** Undefined when the filter crosses a relation to too many entities: then the object has to answer. */
  async find(schema: NounSchema, request: FindInFiles): Promise<FoundInFiles | undefined> {
    const layers = this.#layers(schema)
    const filter = await localizeFilter(request.filter, {
      ids: async (noun, beyond) => (await this.#related(noun, beyond))?.map((row) => row.id),
      references: async (noun, field, beyond) =>
        (await this.#related(noun, beyond))?.flatMap((row) => {
          const value = row.fields[field]
          return typeof value === 'string' ? [value] : []
        }),
    })
    if (filter === undefined) return undefined
    return new LayeredScan({ ...this.#options, schema, layers }).find({ ...request, filter })
  }

  #layers(schema: NounSchema): NounLayers {
    const { nouns } = this.#options.manifest
    return Object.hasOwn(nouns, schema.name) ? (nouns[schema.name] as NounLayers) : noLayers
  }

  async #related(noun: string, filter: Filter): Promise<readonly EntityRow[] | undefined> {
    const schema = this.#options.lookup(noun)
    if (schema === undefined) return []
    const found = await this.find(schema, { filter, sort: [], limit: relatedMax + 1, countMax: 0 })
    return found === undefined || found.rows.length > relatedMax ? undefined : found.rows
  }
}

interface LayeredScanOptions extends SnapshotOptions {
  readonly schema: NounSchema
  readonly layers: NounLayers
}

/** One scan of one Noun's layers. */
class LayeredScan {
  readonly #options: LayeredScanOptions
  readonly #columns: ReadonlyMap<string, Column>
  /** Newest first; those of the base are one layer. */
  readonly #deltas: readonly LayerFile[]

  constructor(options: LayeredScanOptions) {
    const { schema, layers } = options
    this.#options = options
    this.#columns = new Map(nounToColumns(schema, layers.fields).map((column) => [column.name, column]))
    this.#deltas = layers.deltas.toReversed()
  }

  async find(request: FindInFiles): Promise<FoundInFiles> {
    const { filter, sort, limit, after, countMax } = request
    const units = await this.#units(filter, sort)
    const isAll = filter.kind === 'and' && filter.of.length === 0
    const first = new FirstOf<Candidate>(sort, limit)
    let count = isAll ? this.#options.layers.entities : 0
    const counts = countMax > 0 && !isAll
    const isEager = units.length <= eagerGroupsMax
    const needed = isEager ? [...this.#columns.values()] : this.#needed(filter, sort)
    const eager = new Map<Unit, ReadColumns>()
    for (let at = 0; at < units.length; at += groupsAtOnce) {
      const isCounting = counts && count <= countMax
      const last = first.last()
      const batch = units.slice(at, at + groupsAtOnce).filter((unit) => {
        const isUseful = isUsefulUnit(unit, { sort, last, after })
        return isUseful || isCounting
      })
      const scanned = await Promise.all(
        batch.map(async (unit) => {
          const read = await readColumns(unit.file, unit.group, needed)
          if (isEager) eager.set(unit, read)
          return this.#matching(unit, read, { filter, sort })
        }),
      )
      for (const candidate of scanned.flat()) {
        if (counts) count++
        if (after === undefined || compareOrdered(sort, candidate, after) > 0) first.add(candidate)
      }
    }
    return { rows: await this.#rows(first.items(), eager), count: count > countMax ? null : count }
  }

  /** Row groups that may hold matches, those first that may hold what comes first. */
  async #units(filter: Filter, sort: readonly SortTerm[]): Promise<readonly Unit[]> {
    const { layers } = this.#options
    const files = [
      ...this.#deltas.map((ref, layer) => ({ ref, layer })),
      ...layers.base.map((ref) => ({ ref, layer: this.#deltas.length })),
    ]
    const [term] = sort
    const column = term === undefined ? undefined : this.#columns.get(term.field)
    const units = await Promise.all(
      files.map(async ({ ref, layer }) => {
        const file = await this.#open(ref)
        const options = { filter, columns: this.#columns }
        const groups = await pruneByBloomFilters(planScan(file, options), options)
        return groups.map((group): Unit => {
          const statistics = column === undefined ? undefined : file.statistics(column, group.index)
          const [min, max] = [statistics?.min ?? null, statistics?.max ?? null]
          const hasNulls = statistics?.nulls !== 0
          const isAscending = term?.direction === 1
          return { layer, file, group, best: isAscending ? min : max, worst: hasNulls ? null : isAscending ? max : min }
        })
      }),
    )
    if (term === undefined) return units.flat()
    return units.flat().toSorted((a, b) => compareSortValues(a.best, b.best, term.direction))
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
  ): Promise<Candidate[]> {
    const { schema, regex } = this.#options
    const { filter, sort } = request
    const fields = fieldsOf(filter, schema.searchable).flatMap((name) => this.#columns.get(name) ?? [])
    const sorted = sort.map((term) => this.#columns.get(term.field))
    const context: MatchContext = { searchable: schema.searchable, regex, related: noRelations }
    const [ids, deleted] = [read.get('$id') ?? [], read.get('$deleted')]
    const candidates: Candidate[] = []
    for (let row = 0; row < ids.length; row++) {
      if (deleted?.[row] === true) continue
      const entity: Record<string, JsonValue> = { $type: schema.name }
      for (const column of fields) {
        const value = readValueToJson(read.get(column.name)?.[row], column.storage)
        if (value !== undefined) entity[column.name] = value
      }
      if (!matches(filter, entity as Entity, context)) continue // only the fields that the filter looks at
      const values = sorted.map((column) =>
        column === undefined ? null : readValueToComparable(read.get(column.name)?.[row], column.storage),
      )
      candidates.push({ unit, row, values, id: String(ids[row]) })
    }
    return this.#withoutHidden(unit.layer, candidates)
  }

  /** Without those of which a newer layer says something. */
  async #withoutHidden(layer: number, candidates: Candidate[]): Promise<Candidate[]> {
    let left = candidates
    for (const ref of this.#deltas.slice(0, layer)) {
      const within = left.some(({ id }) => id >= ref.idMin && id <= ref.idMax)
      if (!within || !(await this.#mayHaveAny(ref, left))) continue
      const ids = await this.#idsOf(ref)
      left = left.filter(({ id }) => !ids.has(id))
    }
    return left
  }

  /** By the bloom filters of a delta, which came with its footer; many candidates are looked up in its ids at once. */
  async #mayHaveAny(ref: LayerFile, candidates: readonly Candidate[]): Promise<boolean> {
    if (candidates.length > probedMax || this.#options.cache.ids.get(ref.key) !== undefined) return true
    const file = await this.#open(ref)
    const hashes = candidates.flatMap(({ id }) => columnValueToHash(id, 'text') ?? [])
    const idColumn = this.#columns.get('$id')?.id ?? 0
    for (const group of file.groups) {
      const words = await file.bloomFilter(idColumn, group.index)
      if (words === undefined || hashes.some((hash) => bloomFilterMayContain(words, hash))) return true
    }
    return false
  }

  #idsOf(ref: LayerFile): Promise<ReadonlySet<string>> {
    const { ids } = this.#options.cache
    const known = ids.get(ref.key)
    if (known !== undefined) return known
    const reading = this.#readIds(ref)
    ids.set(ref.key, reading, ref.rows * idWeight)
    reading.catch(() => ids.delete(ref.key))
    return reading
  }

  async #readIds(ref: LayerFile): Promise<ReadonlySet<string>> {
    const file = await this.#open(ref)
    const column = [...this.#columns.values()].filter(({ name }) => name === '$id')
    const all = new Set<string>()
    for (const group of file.groups) {
      for (const id of (await readColumns(file, group, column)).get('$id') ?? []) all.add(String(id))
    }
    return all
  }

  /** The rest of the rows that made it into the list. */
  async #rows(candidates: readonly Candidate[], read: Map<Unit, ReadColumns>): Promise<EntityRow[]> {
    const columns = [...this.#columns.values()]
    const units = [...new Set(candidates.map(({ unit }) => unit))].filter((unit) => !read.has(unit))
    const rows = new Map<Candidate, EntityRow>()
    const take = (unit: Unit, from: ReadColumns): void => {
      for (const candidate of candidates)
        if (candidate.unit === unit) rows.set(candidate, rowAt(from, columns, candidate.row))
    }
    for (const [unit, from] of read) take(unit, from)
    for (let at = 0; at < units.length; at += groupsAtOnce) {
      const batch = units.slice(at, at + groupsAtOnce)
      await Promise.all(batch.map(async (unit) => take(unit, await readColumns(unit.file, unit.group, columns))))
    }
    return candidates.flatMap((candidate) => rows.get(candidate) ?? [])
  }

  #open(ref: LayerFile): Promise<OpenFile> {
    const { store, cache } = this.#options
    const known = cache.files.get(ref.key)
    if (known !== undefined) return known
    const opening = openFile(store, ref)
    cache.files.set(ref.key, opening, 4 * (ref.bytes - ref.footerStart) + openFileWeight)
    // A failure is not kept: the store may be well again next time.
    opening.catch(() => cache.files.delete(ref.key))
    return opening
  }
}

/** So many ids are looked up in bloom filters one by one. */
const probedMax = 200
/** Rough bytes of an id in a set. */
const idWeight = 64

function idIs(id: string): Filter {
  return { kind: 'compare', path: { steps: [], field: '$id', storage: 'text', keys: [] }, op: 'eq', value: id }
}

function noRelations(): never {
  throw new Error('a filter on files crosses no relation: localizeFilter sees to that')
}

/** Whether the unit's rows can still come into the list. */
function isUsefulUnit(
  unit: Unit,
  list: { readonly sort: readonly SortTerm[]; readonly last: Ordered | undefined; readonly after: Ordered | undefined },
): boolean {
  const { last, after } = list
  const [term] = list.sort
  if (term === undefined) return last === undefined
  const isTooLate = last !== undefined && compareSortValues(unit.best, last.values[0] ?? null, term.direction) > 0
  const isBefore = after !== undefined && compareSortValues(unit.worst, after.values[0] ?? null, term.direction) < 0
  return !isTooLate && !isBefore
}
