// Reads a tenant's entities at one point of the log: the present, or the state after a `seq`. A call uses one reader, so that
// its whole answer reflects the same state.

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
  versionToEntity,
} from '@dotdo/do'
import {
  type Entity,
  type Filter,
  type MatchContext,
  matchAll,
  matches,
  type NounLookup,
  type NounSchema,
  referredIds,
  type Visibility,
} from 'digital-objects'
import type { EntityVersion } from './entity-version.ts'
import type { RelatedReader } from './includes.ts'
import { type FindRequest, listIdentity } from './read-request.ts'
import { referenceFilter } from './reference-filter.ts'
import type { VisibleNouns } from './visible-nouns.ts'

/** Makes a reader of the present or of a past time. For a past time, later commits are guaranteed later timestamps. */
export function readerAt(parts: ReaderParts, asOfMs: number | undefined): Reader {
  if (asOfMs === undefined) return new Reader(parts)
  const { store } = parts
  return new Reader({ ...parts, seq: store.isReady ? store.sealAt(asOfMs) : 0 })
}

interface ReaderParts extends Pick<VisibleNouns, 'visibility' | 'wholeLookup'> {
  readonly store: TenantStore
  readonly context: string
}

export class Reader implements RelatedReader {
  readonly #store: TenantStore
  readonly #visibility: Visibility
  readonly #wholeLookup: NounLookup
  readonly #context: string
  readonly #seq: number | undefined

  /** Reads the state after the event `seq`, or the present if `seq` is absent. */
  constructor(options: ReaderParts & { readonly seq?: number }) {
    this.#store = options.store
    this.#visibility = options.visibility
    this.#wholeLookup = options.wholeLookup
    this.#context = options.context
    this.#seq = options.seq
  }

  get source(): 'object' | 'log' {
    return this.#seq === undefined ? 'object' : 'log'
  }

  get(schema: NounSchema, id: string): StoredVersion | undefined {
    if (this.#visibility.rows(schema.name) !== undefined)
      return this.#list(schema, referenceFilter(schema, { by: '$id', id }), 1)[0]
    const table = this.#table(schema)
    const { state } = this.#store
    const version = this.#seq === undefined ? state.get(table, id) : state.getAsOf(table, id, this.#seq)
    return version === undefined ? undefined : this.#shown(schema, version)
  }

  toEntity(schema: NounSchema, version: EntityVersion): Entity {
    return versionToEntity(schema.name, version, this.#context)
  }

  /** Reads one page. `total` is exact up to 10,000, and null beyond unless an exact count is requested. */
  find(request: FindRequest, tenant: string): FindPage & { readonly total: number | null } {
    const { noun, filter, cursor, isCountExact } = request
    const page = this.page(request, tenant)
    const isWhole = cursor === undefined ? !page.hasMore : !this.#store.state.hasTable(noun.name)
    if (isWhole) return { ...page, total: page.versions.length }
    const limit = isCountExact ? Number.MAX_SAFE_INTEGER : totalMax
    return { ...page, total: countVersions({ ...this.#options(this.#table(noun), filter), limit }) }
  }

  /** Reads one page without a total. */
  page(request: FindRequest, tenant: string): FindPage {
    const { noun, filter, sort, limit, cursor } = request
    const table = this.#table(noun)
    if (!this.#store.state.hasTable(noun.name)) return { versions: [], hasMore: false, cursor: null }
    this.#followText(filter)
    const visibility = this.#visibility
    const list = listIdentity(request, { tenant, visibility, ...(this.#seq === undefined ? {} : { seq: this.#seq }) })
    const page = findVersions({
      ...this.#options(table, filter),
      limit,
      list,
      ...(sort === undefined ? {} : { sort }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    return { ...page, versions: page.versions.map((version) => this.#shown(noun, version)) }
  }

  referring(schema: NounSchema, request: { by: string; id: string; limit: number }): readonly StoredVersion[] {
    const { by, id, limit } = request
    return this.#list(schema, referenceFilter(schema, { by, id }), limit)
  }

  /** Counts all visible entities of a Noun. */
  countAll(schema: NounSchema): number {
    if (this.#visibility.rows(schema.name) === undefined) return this.#store.state.countPresent(this.#table(schema))
    return this.count(schema, matchAll) ?? 0 // null only for a pattern
  }

  /** Counts exactly. Returns null if a pattern would have to test too many entities. */
  count(schema: NounSchema, filter: Filter): number | null {
    if (!this.#store.state.hasTable(schema.name)) return 0
    this.#followText(filter)
    return countVersions({ ...this.#options(this.#table(schema), filter), limit: Number.MAX_SAFE_INTEGER })
  }

  #list(schema: NounSchema, filter: Filter, limit: number): readonly StoredVersion[] {
    if (!this.#store.state.hasTable(schema.name)) return []
    const { versions } = findVersions({ ...this.#options(this.#table(schema), filter), limit, list: '' })
    return versions.map((version) => this.#shown(schema, version))
  }

  #shown({ name }: NounSchema, version: StoredVersion): StoredVersion {
    const fields = this.#visibility.shown(name, version.fields)
    return fields === version.fields ? version : { ...version, fields }
  }

  #options(table: NounTable, filter: Filter): Pick<FindOptions, 'sql' | 'table' | 'filter' | 'point' | 'matches'> {
    const { state } = this.#store
    const tableOf = (noun: string): NounTable | undefined => {
      const schema = state.hasTable(noun) ? this.#wholeLookup(noun) : undefined
      return schema === undefined ? undefined : state.tableOf(schema)
    }
    const visibility = this.#visibility
    const point = {
      seq: this.#seq,
      table: tableOf,
      hasList: (quoted: string) => state.hasList(quoted),
      ...(visibility.isFull ? {} : { visibility }),
    }
    const context = this.#matchContext(visibility.lookup(table.schema.name) ?? table.schema)
    return {
      sql: this.#store.sql,
      table,
      filter,
      point,
      matches: (version) => matches(filter, this.toEntity(table.schema, version), context),
    }
  }

  #matchContext(schema: NounSchema): MatchContext {
    return {
      searchable: schema.searchable,
      regex: compileRegex,
      related: (entity, step) => {
        const to = this.#visibility.lookup(step.to)
        if (to === undefined) return []
        const { field } = step
        if (field.kind === 'reference') {
          return referredIds(entity[field.name]).flatMap((id) => {
            const version = this.get(to, id)
            return version === undefined ? [] : [this.toEntity(to, version)]
          })
        }
        const versions = this.referring(to, { by: field.by, id: entity.$id, limit: relatedMax })
        return versions.map((version) => this.toEntity(to, version))
      },
    }
  }

  /** Brings the full text index up to date before a search that needs it. */
  #followText(filter: Filter): void {
    if (hasText(filter)) this.#store.requireWords(this.#store.events.head)
  }

  /** Accepts a schema as the caller sees it, and returns the table of the whole one. */
  #table(schema: NounSchema): NounTable {
    return this.#store.state.tableOf(this.#wholeLookup(schema.name) ?? schema)
  }
}

/** Limits the related entities that a pattern tests for each entity. */
const relatedMax = 1_000

function hasText(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.some(hasText)
  return filter.kind === 'not' ? hasText(filter.of) : filter.kind === 'text'
}
