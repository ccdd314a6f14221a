// Reading a tenant's entities at one moment: now, or the end of some `seq`. All reads of a call go through one of
// these, so that they see the same state.

import { countVersions, type FindPage, findVersions, type NounTable, type StoredVersion, type TenantStore } from '@dotdo/do'
import type { Entity, Filter, NounLookup, NounSchema, SortTerm } from 'digital-objects'

export interface FindRequest {
  readonly filter: Filter
  readonly limit: number
  readonly tenant: string
  readonly sort?: readonly SortTerm[]
  readonly cursor?: string
  /** Count beyond 10,000. */
  readonly isCountExact: boolean
}

export class Reader {
  readonly #store: TenantStore
  readonly #lookup: NounLookup
  readonly #context: string
  readonly #seq: number | undefined

  /** `seq` reads as of the end of that event; none reads what is true now. */
  constructor(options: { store: TenantStore; lookup: NounLookup; context: string; seq?: number }) {
    this.#store = options.store
    this.#lookup = options.lookup
    this.#context = options.context
    this.#seq = options.seq
  }

  get source(): 'object' | 'log' {
    return this.#seq === undefined ? 'object' : 'log'
  }

  get(schema: NounSchema, id: string): StoredVersion | undefined {
    const table = this.#table(schema)
    return this.#seq === undefined ? this.#store.state.get(table, id) : this.#store.state.getAsOf(table, id, this.#seq)
  }

  toEntity(schema: NounSchema, version: StoredVersion): Entity {
    return {
      $type: schema.name,
      $id: version.id,
      $context: this.#context,
      $version: version.version,
      $createdAt: new Date(version.createdAtMs).toISOString(),
      $createdBy: version.createdBy,
      $updatedAt: new Date(version.updatedAtMs).toISOString(),
      ...version.fields,
    }
  }

  #table(schema: NounSchema): NounTable {
    const table = this.#store.state.table(schema.name)
    if (table === undefined) throw new Error(`no table shape for ${schema.name}`)
    return table
  }
}
