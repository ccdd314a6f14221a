// The tenant's Nouns, from the definitions in its state: the current ones, and those at any earlier `seq`. Definitions are
// entities of the system's own Noun `Schema`, so a change of one is an event, and the catalog is derived from the state.

import { LruCache } from '@dotdo/db'
import {
  type Catalog,
  type CatalogEntry,
  makeCatalog,
  type NounDefinition,
  type NounLookup,
  type NounSchema,
  schemaNoun,
  systemNoun,
} from 'digital-objects'
import type { StorageHandler } from './storage-handler.ts'

export interface StoredDefinition {
  readonly id: string
  /** Increases with each change of the definition. */
  readonly version: number
  readonly definition: NounDefinition
}

export interface TenantCatalogOptions {
  readonly sql: SqlStorage
  readonly state: StorageHandler
  /** The built-in Nouns. */
  readonly nouns: readonly NounSchema[]
}

/** Limits the cached catalogs of the past. A reader of the past often reads the same time again. */
const pastMax = 8

export class TenantCatalog {
  readonly #options: TenantCatalogOptions
  readonly #past = new LruCache<Catalog>(pastMax)
  #current: Catalog

  constructor(options: TenantCatalogOptions) {
    this.#options = options
    this.#current = makeCatalog(options.nouns, [])
  }

  /** The current catalog. Each change of a definition replaces it by a new value. */
  get current(): Catalog {
    return this.#current
  }

  /** Finds any Noun that can have tables, including the system's own. */
  readonly lookup: NounLookup = (name) => systemNoun(name) ?? this.#current.lookup(name)

  /** Reads the definitions again. Call it at start and after a rollback. */
  reload(): void {
    this.#current = makeCatalog(this.#options.nouns, this.#entries(undefined), this.#current)
  }

  /** Brings changed definitions into use and adapts their tables. Call it inside the transaction of the change. */
  follow(): void {
    const { state } = this.#options
    const before = this.#current
    this.reload()
    for (const schema of this.#current.nouns) if (before.lookup(schema.name) !== schema) state.shape(schema)
  }

  /** Returns the catalog after an event. */
  at(seq: number): Catalog {
    const entries = this.#entries(seq)
    const key = JSON.stringify(entries)
    if (key === JSON.stringify(this.#current.entries)) return this.#current
    const catalog = this.#past.get(key) ?? makeCatalog(this.#options.nouns, entries, this.#current)
    this.#past.set(key, catalog, 1)
    // Tables may lack columns of this catalog: no event was written under it, or a rebuild dropped empty columns.
    for (const schema of catalog.nouns)
      if (schema !== this.#current.lookup(schema.name)) this.#options.state.widen(schema)
    return catalog
  }

  /** Returns the catalog that these entries would give. */
  preview(entries: readonly CatalogEntry[]): Catalog {
    return makeCatalog(this.#options.nouns, entries, this.#current)
  }

  /** Returns a Noun's stored definition and its entity, or undefined if there is none. */
  stored(name: string): StoredDefinition | undefined {
    const { sql, state } = this.#options
    if (!state.hasTable(schemaNoun.name)) return undefined
    const { present } = state.tableOf(schemaNoun)
    const query = `SELECT "$id" AS id, "$version" AS version, "definition:json" AS definition FROM ${present} WHERE "name:text" = ?`
    const [row] = sql.exec<{ id: string; version: number; definition: string }>(query, name).toArray()
    if (row === undefined) return undefined
    return { ...row, definition: JSON.parse(row.definition) as NounDefinition } // checked before it was written
  }

  #entries(seq: number | undefined): readonly CatalogEntry[] {
    const { sql, state } = this.#options
    if (!state.hasTable(schemaNoun.name)) return []
    const { present, past } = state.tableOf(schemaNoun)
    const columns = '"name:text" AS name, "definition:json" AS definition'
    const rows =
      seq === undefined
        ? sql.exec<EntryRow>(`SELECT ${columns} FROM ${present} ORDER BY name`)
        : sql.exec<EntryRow>(
            `SELECT ${columns} FROM ${present} WHERE "$seq" <= ?1
             UNION ALL SELECT ${columns} FROM ${past} WHERE "$seq" <= ?1 AND "$until" > ?1 ORDER BY name`,
            seq,
          )
    return [...rows].map(({ name, definition }) => ({
      name,
      definition: JSON.parse(definition) as NounDefinition, // checked before it was written
    }))
  }
}

interface EntryRow extends Record<string, SqlStorageValue> {
  readonly name: string
  readonly definition: string
}
