// Reads a tenant's entities from the files that a manifest names: lists, counts and single entities, with the same
// filter language as the tenant's object. Newer layers hide older ones, and files that cannot hold matches are not
// read.

import {
  type Filter,
  type MatchContext,
  type NounLookup,
  type NounSchema,
  referredIds,
  type Visibility,
} from 'digital-objects'
import { type Manifest, noLayers, type NounLayers } from '../layers/manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
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

function idIs(id: string): Filter {
  return { kind: 'compare', path: { steps: [], field: '$id', storage: 'text', keys: [] }, op: 'eq', value: id }
}

function hasText(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.some(hasText)
  return filter.kind === 'not' ? hasText(filter.of) : filter.kind === 'text'
}
