// Facts of the tenant as a whole, in the table `meta`, read at start and cached.

export type MetaKey =
  | 'epoch'
  | 'tenant'
  | 'context'
  | 'sealed'
  | 'text'
  | 'words'
  | 'wordsAgain'
  | 'wordsGeneration'
  | 'grams'
  | 'gramsBasis'
  | 'clock'
  | 'keysSweep'
  | 'erasing'
  | 'past'
  | 'history'
  | 'restoring'
  | 'restored'
  | 'vectors'
  | 'vectorsBasis'
  | 'vectorsFields'

export class TenantMeta {
  readonly #sql: SqlStorage
  readonly #values = new Map<string, string>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Reads the table; call at start and after a rollback. */
  reload(): void {
    this.#values.clear()
    for (const row of this.#sql.exec<{ key: string; value: string }>('SELECT key, value FROM meta'))
      this.#values.set(row.key, row.value)
  }

  get(key: MetaKey): string | undefined {
    return this.#values.get(key)
  }

  set(key: MetaKey, value: string): void {
    if (this.#values.get(key) === value) return
    this.#sql.exec('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', key, value)
    this.#values.set(key, value)
  }

  delete(key: MetaKey): void {
    this.#sql.exec('DELETE FROM meta WHERE key = ?', key)
    this.#values.delete(key)
  }
}
