// Reads a tenant's entities from the files that a manifest names: lists, counts and single entities, with the same
// filter language as the tenant's object. Newer layers hide older ones, and files that cannot hold matches are not
// read.

import { type Filter, type MatchContext, type NounLookup, type NounSchema } from 'digital-objects'
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

  get(schema: NounSchema, id: string): Promise<EntityRow | undefined> {
    return this.#scan(schema).get(id)
  }

  /**
   * Returns undefined if the filter crosses a relation to too many entities; the tenant's object has to answer then.
   */
  async find(schema: NounSchema, request: FindInFiles): Promise<FoundInFiles | undefined> {
    const filter = await this.#localize(request.filter)
    return filter === undefined ? undefined : this.#scan(schema).find({ ...request, filter })
  }

  /** Returns the row groups that `find` would read for the filter to count all matches. */
  async plan(schema: NounSchema, request: Pick<FindInFiles, 'filter'>): Promise<readonly FilePlan[] | undefined> {
    const filter = await this.#localize(request.filter)
    return filter === undefined ? undefined : this.#scan(schema).plan(filter)
  }

  #scan(schema: NounSchema): LayeredScan {
    const { nouns } = this.#options.manifest
    const layers = Object.hasOwn(nouns, schema.name) ? (nouns[schema.name] as NounLayers) : noLayers
    return new LayeredScan({ files: this.#files, schema, layers, regex: this.#options.regex })
  }

  #localize(filter: Filter): Promise<Filter | undefined> {
    return localizeFilter(filter, {
      ids: async (noun, beyond) => (await this.#related(noun, beyond, []))?.map((row) => row.id),
      references: async (noun, field, beyond) =>
        (await this.#related(noun, beyond, [field]))?.flatMap((row) => {
          const value = row.fields[field]
          return typeof value === 'string' ? [value] : []
        }),
    })
  }

  async #related(noun: string, filter: Filter, fields: readonly string[]): Promise<readonly EntityRow[] | undefined> {
    const schema = this.#options.lookup(noun)
    if (schema === undefined) return []
    const found = await this.find(schema, { filter, sort: [], limit: relatedMax + 1, countMax: 0, fields })
    return found === undefined || found.rows.length > relatedMax ? undefined : found.rows
  }
}
