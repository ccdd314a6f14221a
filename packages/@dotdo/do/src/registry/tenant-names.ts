// The table of the tenants' names, in the registry's own SQLite. `docs/storage-schema.md` describes it.

export interface RegisteredTenant {
  readonly name: string
  /** When the name was registered, in ms; the upgrade registers tenants that are older. */
  readonly createdAtMs: number
  readonly isBeingDeleted: boolean
}

export type Registration = 'present' | 'being-deleted' | 'absent'

interface Row extends Record<string, SqlStorageValue> {
  readonly name: string
  readonly created_at: number
  readonly deleting_since: number | null
}

/** Steps of the registry's tables; a change is a new step. */
const upgrades: readonly (readonly string[])[] = [
  [
    'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
    'CREATE TABLE tenants (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL, deleting_since INTEGER) WITHOUT ROWID',
    'CREATE INDEX tenants_deleting ON tenants (deleting_since) WHERE deleting_since IS NOT NULL',
  ],
]

export class TenantNames {
  readonly #sql: SqlStorage

  /** Creates or upgrades the tables. Throws if they have a later version. */
  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql
    storage.transactionSync(() => this.#upgrade())
  }

  #upgrade(): void {
    const hasMeta = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'meta'").toArray().length > 0
    const version = hasMeta ? Number(this.getMeta('schema')) : 0
    if (version > upgrades.length)
      throw new Error(
        `the registry has schema version ${version}; this program knows versions up to ${upgrades.length}`,
      )
    if (version === upgrades.length) return
    for (const statement of upgrades.slice(version).flat()) this.#sql.exec(statement)
    this.setMeta('schema', String(upgrades.length))
  }

  /** `import` is the position of the import of earlier tenants. */
  getMeta(key: 'schema' | 'import'): string | undefined {
    return this.#sql.exec<{ value: string }>('SELECT value FROM meta WHERE key = ?', key).toArray()[0]?.value
  }

  setMeta(key: 'schema' | 'import', value: string): void {
    this.#sql.exec('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', key, value)
  }

  find(name: string): RegisteredTenant | undefined {
    const [row] = this.#sql.exec<Row>('SELECT * FROM tenants WHERE name = ?', name).toArray()
    return row === undefined ? undefined : rowToTenant(row)
  }

  /** Registers a name. A registered one stays as it is. */
  add(name: string, nowMs: number): void {
    this.#sql.exec('INSERT INTO tenants VALUES (?, ?, NULL) ON CONFLICT DO NOTHING', name, nowMs)
  }

  markDeleting(name: string, nowMs: number): void {
    this.#sql.exec('UPDATE tenants SET deleting_since = ? WHERE name = ? AND deleting_since IS NULL', nowMs, name)
  }

  remove(name: string): void {
    this.#sql.exec('DELETE FROM tenants WHERE name = ?', name)
  }

  /** By name, after `after`. */
  list(after: string, limit: number): readonly RegisteredTenant[] {
    return [...this.#sql.exec<Row>('SELECT * FROM tenants WHERE name > ? ORDER BY name LIMIT ?', after, limit)].map(
      rowToTenant,
    )
  }

  /** The tenants that are being deleted, the longest first. */
  deleting(limit: number): readonly string[] {
    const query = 'SELECT * FROM tenants WHERE deleting_since IS NOT NULL ORDER BY deleting_since LIMIT ?'
    return [...this.#sql.exec<Row>(query, limit)].map(({ name }) => name)
  }
}

function rowToTenant({ name, created_at, deleting_since }: Row): RegisteredTenant {
  return { name, createdAtMs: created_at, isBeingDeleted: deleting_since !== null }
}
