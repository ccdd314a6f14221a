// Reads a tenant's entities from the files that a manifest names: lists, counts and single entities, with the same
// filter language as the tenant's object. Newer layers hide older ones, and files that cannot hold matches are not
// read.

import {
  type Aggregate,
  type Entity,
  type Filter,
  Groups,
  matchAll,
  type MatchContext,
  type NounLookup,
  type NounSchema,
  pathsOfExpression,
  referredIds,
  type Visibility,
} from 'digital-objects'
import { type Manifest, noLayers, type NounLayers } from '../layers/manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import { ColumnFold } from './column-fold.ts'
import { type FileCache, LayerFiles } from './layer-files.ts'
import type { FilePlan } from './layer-plan.ts'
import { LayeredScan } from './layered-scan.ts'
import type { FindInFiles, FoundInFiles } from './list-plan.ts'
import { localizeFilter } from './local-filter.ts'

export interface SnapshotOptions {
  readonly store: ObjectStore
  readonly manifest: Manifest
  readonly cache: FileCache
  readonly lookup: NounLookup
  readonly regex: MatchContext['regex']
  /** The caller's visibility: hidden entities do not exist, and rows lack hidden fields. */
  readonly visibility?: Pick<Visibility, 'rows' | 'shown' | 'searchesAllFields'>
}

/** A relation to more entities than this is left to the tenant's object. */
const relatedMax = 10_000

export class Snapshot {
  readonly #options: SnapshotOptions
  readonly #files: LayerFiles

  constructor(options: SnapshotOptions) {
    this.#options = options
    this.#files = new LayerFiles(options)
  }

  get manifest(): Manifest {
    return this.#options.manifest
  }

  /** Returns undefined too if the tenant's object has to say whether the entity is visible. */
  async get(schema: NounSchema, id: string): Promise<EntityRow | undefined> {
    const { visibility } = this.#options
    if (visibility?.rows(schema.name) !== undefined) {
      const found = await this.find(schema, { filter: idIs(id), sort: [], limit: 1, isCounted: false })
      return found?.rows[0]
    }
    const row = await this.#scan(schema).get(id)
    return row === undefined ? undefined : this.#shown(schema, row)
  }

  /**
   * Returns undefined if the filter, or a rule of what is visible, crosses a relation to too many entities, and for words
   * where fields are hidden; the tenant's object has to answer then.
   */
  async find(schema: NounSchema, request: FindInFiles): Promise<FoundInFiles | undefined> {
    const filter = await this.#localizeVisible(schema, request.filter)
    if (filter === undefined) return undefined
    return this.#scan(schema).find({ ...request, filter })
  }

  /** Returns undefined where `find` does, and if a path of the aggregate leads to a Noun with too many entities. */
  async aggregate(
    schema: NounSchema,
    { filter, aggregate }: { readonly filter: Filter; readonly aggregate: Aggregate },
  ): Promise<Groups | undefined> {
    const local = await this.#localizeVisible(schema, filter)
    if (local === undefined) return undefined
    const { own, related } = fieldsOfAggregate(aggregate)
    const entities = new Map<string, Entity>()
    for (const [noun, fields] of related) {
      const found = await this.#related(noun, matchAll, [...fields])
      if (found === undefined) return undefined
      for (const row of found) entities.set(row.id, rowToEntity(noun, row))
    }
    const groups = new Groups(aggregate)
    const fold = new ColumnFold({ aggregate, groups, related: entities })
    await this.#scan(schema).each({ filter: local, fields: own }, (group, rows) => fold.add(group, rows))
    return groups
  }

  /** Returns the row groups that `find` would read for the filter to count all matches. */
  async plan(schema: NounSchema, request: Pick<FindInFiles, 'filter'>): Promise<readonly FilePlan[] | undefined> {
    const filter = await this.#localizeVisible(schema, request.filter)
    return filter === undefined ? undefined : this.#scan(schema).plan(filter)
  }

  #shown(schema: NounSchema, row: EntityRow): EntityRow {
    const { visibility } = this.#options
    if (visibility === undefined) return row
    const fields = visibility.shown(schema.name, row.fields)
    return fields === row.fields ? row : { ...row, fields }
  }

  /** The schema may be the one that the caller sees; rules may read fields that it does not have. */
  #scan(seen: NounSchema): LayeredScan {
    const { manifest, lookup } = this.#options
    const { nouns } = manifest
    const schema = lookup(seen.name) ?? seen
    const layers = Object.hasOwn(nouns, schema.name) ? (nouns[schema.name] as NounLayers) : noLayers
    const shown = (row: EntityRow): EntityRow => this.#shown(schema, row)
    return new LayeredScan({ files: this.#files, schema, layers, regex: this.#options.regex, shown })
  }

  /** The filter together with the rule of the Noun, which follows its relations through all entities. */
  async #localizeVisible(schema: NounSchema, filter: Filter): Promise<Filter | undefined> {
    const { visibility, ...options } = this.#options
    // The object has to leave out words of hidden fields.
    if (hasText(filter) && visibility?.searchesAllFields(schema.name) === false) return undefined
    const own = await this.#localize(filter)
    const rows = visibility?.rows(schema.name)
    if (own === undefined || rows === undefined) return own
    const rule = await new Snapshot(options).#localize(rows)
    return rule === undefined ? undefined : { kind: 'and', of: [own, rule] }
  }

  #localize(filter: Filter): Promise<Filter | undefined> {
    return localizeFilter(filter, {
      ids: async (noun, beyond) => (await this.#related(noun, beyond, []))?.map((row) => row.id),
      references: async (noun, field, beyond) =>
        (await this.#related(noun, beyond, [field]))?.flatMap((row) => referredIds(row.fields[field])),
    })
  }

  async #related(noun: string, filter: Filter, fields: readonly string[]): Promise<readonly EntityRow[] | undefined> {
    const schema = this.#options.lookup(noun)
    if (schema === undefined) return []
    const found = await this.find(schema, { filter, sort: [], limit: relatedMax + 1, isCounted: false, fields })
    return found === undefined || found.rows.length > relatedMax ? undefined : found.rows
  }
}

/** The fields that an aggregate reads: those of the entities themselves, and by Noun those of entities along its paths. */
function fieldsOfAggregate({ by, measures }: Aggregate): {
  readonly own: ReadonlySet<string>
  readonly related: ReadonlyMap<string, ReadonlySet<string>>
} {
  const own = new Set<string>()
  const related = new Map<string, Set<string>>()
  for (const { paths } of [...by, ...measures.flatMap(({ value }) => pathsOfExpression(value))]) {
    for (const { steps, field } of paths) {
      let fields = own
      for (const step of steps) {
        fields.add(step.field.name)
        fields = related.get(step.to) ?? new Set()
        related.set(step.to, fields)
      }
      fields.add(field)
    }
  }
  return { own, related }
}

function rowToEntity(noun: string, row: EntityRow): Entity {
  return {
    ...row.fields,
    $type: noun,
    $id: row.id,
    $context: '',
    $version: row.version,
    $createdAt: new Date(row.createdAtMs).toISOString(),
    $createdBy: row.createdBy,
    $updatedAt: new Date(row.updatedAtMs).toISOString(),
  }
}

function idIs(id: string): Filter {
  return { kind: 'compare', path: { steps: [], field: '$id', storage: 'text', keys: [] }, op: 'eq', value: id }
}

function hasText(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.some(hasText)
  return filter.kind === 'not' ? hasText(filter.of) : filter.kind === 'text'
}
