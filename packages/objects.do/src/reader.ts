// Reading a tenant's entities at one moment: now, or the end of some `seq`. All reads of a call go through one of
// these, so that they see the same state.

import {
  compileRegex,
  countVersions,
  type FindOptions,
  type FindPage,
  findVersions,
  type NounTable,
  type StoredVersion,
  type TenantStore,
  totalMax,
} from '@dotdo/do'
import {
  type Entity,
  type Filter,
  type MatchContext,
  matches,
  type NounLookup,
  type NounSchema,
  type SortTerm,
} from 'digital-objects'

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

  /** One page. `total` is exact to 10,000, null beyond unless asked for exactly. */
  find(schema: NounSchema, request: FindRequest): FindPage & { readonly total: number | null } {
    const { filter, sort, limit, cursor, isCountExact, tenant } = request
    const table = this.#table(schema)
    if (!this.#store.state.hasTable(schema.name)) return { versions: [], hasMore: false, cursor: null, total: 0 }
    this.#followText(filter)
    const options = { ...this.#options(table, filter), ...(sort === undefined ? {} : { sort }) }
    const list = JSON.stringify([tenant, schema.name, filter, sort ?? null, this.#seq ?? null])
    const page = findVersions({ ...options, limit, list, ...(cursor === undefined ? {} : { cursor }) })
    const isWhole = cursor === undefined && !page.hasMore
    const total = isWhole
      ? page.versions.length
      : countVersions({ ...options, limit: isCountExact ? Number.MAX_SAFE_INTEGER : totalMax })
    return { ...page, total }
  }

  /** The first that match, newest first, without a count. */
  findAll(schema: NounSchema, request: { readonly filter: Filter; readonly limit: number }): readonly StoredVersion[] {
    if (!this.#store.state.hasTable(schema.name)) return []
    return findVersions({ ...this.#options(this.#table(schema), request.filter), limit: request.limit, list: '' })
      .versions
  }

  /** Exact, however many; null when a pattern would have to look at too many. */
  count(schema: NounSchema, filter: Filter): number | null {
    if (!this.#store.state.hasTable(schema.name)) return 0
    this.#followText(filter)
    return countVersions({ ...this.#options(this.#table(schema), filter), limit: Number.MAX_SAFE_INTEGER })
  }

  #options(table: NounTable, filter: Filter): Pick<FindOptions, 'sql' | 'table' | 'filter' | 'moment' | 'matches'> {
    const { state } = this.#store
    const moment = { seq: this.#seq, table: (noun: string) => (state.hasTable(noun) ? state.table(noun) : undefined) }
    const context = this.#matchContext(table.schema)
    return {
      sql: this.#store.sql,
      table,
      filter,
      moment,
      matches: (version) => matches(filter, this.toEntity(table.schema, version), context),
    }
  }

  #matchContext(schema: NounSchema): MatchContext {
    return {
      searchable: schema.searchable,
      regex: compileRegex,
      related: (entity, step) => {
        const to = this.#lookup(step.to)
        if (to === undefined) return []
        const { field } = step
        if (field.kind === 'reference') {
          const version = this.get(to, String(entity[field.name] ?? ''))
          return version === undefined ? [] : [this.toEntity(to, version)]
        }
        const filter: Filter = {
          kind: 'compare',
          path: { steps: [], field: field.by, storage: 'text', keys: [] },
          op: 'eq',
          value: entity.$id,
        }
        return this.findAll(to, { filter, limit: relatedMax }).map((version) => this.toEntity(to, version))
      },
    }
  }

  /** Words are indexed when somebody looks for some. */
  #followText(filter: Filter): void {
    if (hasText(filter)) this.#store.text.catchUp(this.#store.events.head)
  }

  #table(schema: NounSchema): NounTable {
    const table = this.#store.state.table(schema.name)
    if (table === undefined) throw new Error(`no table shape for ${schema.name}`)
    return table
  }
}

/** Entities on the other side of a relation that a pattern looks at. */
const relatedMax = 1_000

function hasText(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.some(hasText)
  return filter.kind === 'not' ? hasText(filter.of) : filter.kind === 'text'
}
