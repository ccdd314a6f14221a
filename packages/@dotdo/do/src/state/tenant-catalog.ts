// The tenant's Nouns, as the definitions in its state have them: now, and at any earlier `seq`. Definitions are entities
// of the system's own Noun `Schema`, so a change of one is an event, and the catalog follows from the state.

import { LruCache } from '@dotdo/db'
import {
  type Catalog,
  type CatalogEntry,
  makeCatalog,
  type NounDefinition,
  type NounLookup,
  type NounSchema,
  schemaNoun,
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

/** Catalogs of the past that are kept: a reader of the past asks for one moment again and again. */
const pastMax = 8

export class TenantCatalog {
  readonly #options: TenantCatalogOptions
  readonly #past = new LruCache<Catalog>(pastMax)
  #current: Catalog

  constructor(options: TenantCatalogOptions) {
    this.#options = options
    this.#current = makeCatalog(options.nouns, [])
  }

  /** The catalog in use. It is another value after each change of a definition. */
  get current(): Catalog {
    return this.#current
  }

  /** Every Noun that has tables, the system's own among them. */
  readonly lookup: NounLookup = (name) => (name === schemaNoun.name ? schemaNoun : this.#current.lookup(name))

  /** Reads the definitions again; to be called at start and after a rollback. */
  reload(): void {
    this.#current = makeCatalog(this.#options.nouns, this.#entries(undefined), this.#current)
  }

  /** Brings a changed definition into use, with the tables of its Noun; inside the transaction that changes it. */
  follow(): void {
    const { state } = this.#options
    const before = this.#current
    this.reload()
    for (const schema of this.#current.nouns) if (before.lookup(schema.name) !== schema) state.shape(schema)
  }

  /** The catalog at the end of an event. */
  at(seq: number): Catalog {
    const entries = this.#entries(seq)
    const key = JSON.stringify(entries)
    if (key === JSON.stringify(this.#current.entries)) return this.#current
    const catalog = this.#past.get(key) ?? makeCatalog(this.#options.nouns, entries, this.#current)
    this.#past.set(key, catalog, 1)
    // No event may have been written under it, and a rebuild drops columns in which no version has a value.
    for (const schema of catalog.nouns)
      if (schema !== this.#current.lookup(schema.name)) this.#options.state.widen(schema)
    return catalog
  }

  /** The catalog that these entries would make. */
  preview(entries: readonly CatalogEntry[]): Catalog {
    return makeCatalog(this.#options.nouns, entries, this.#current)
  }

  /** The entity that holds a Noun's definition; undefined for a name without one. */
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
