// The entities of a tenant as a manifest's files hold them: lists, counts and single entities, read by the same filter
// language as in the tenant's object. Newer layers hide older ones; what is not needed is not read.

import { type Filter, type MatchContext, type NounLookup, type NounSchema } from 'digital-objects'
import { type Manifest, noLayers, type NounLayers } from '../manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import { type FileCache, LayerFiles } from './layer-files.ts'
import type { FilePlan } from './layer-plan.ts'
import { type FindInFiles, type FoundInFiles, LayeredScan } from './layered-scan.ts'
import { localizeFilter } from './local-filter.ts'

export interface SnapshotOptions {
  readonly store: ObjectStore
  readonly manifest: Manifest
  readonly cache: FileCache
  readonly lookup: NounLookup
  readonly regex: MatchContext['regex']
}

/** A relation that leads to more entities than this is the object's to follow. */
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

  /** Undefined when the filter crosses a relation to too many entities: then the object has to answer. */
  async find(schema: NounSchema, request: FindInFiles): Promise<FoundInFiles | undefined> {
    const filter = await this.#localize(request.filter)
    return filter === undefined ? undefined : this.#scan(schema).find({ ...request, filter })
  }

  /** What `find` would read for that filter, if it had to count all that matches. */
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
