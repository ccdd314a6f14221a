// The tenant's settings, from the one entity of the system's own Noun `Settings`: the current ones, and those at any earlier
// `seq`.

import {
  completeSettings,
  defaultSettings,
  settingsNoun,
  type StoredSettings,
  type TenantSettings,
} from 'digital-objects'
import type { StorageHandler } from './storage-handler.ts'

export interface StoredSettingsEntity {
  readonly id: string
  readonly version: number
  readonly values: StoredSettings
}

export class SettingsState {
  readonly #state: StorageHandler
  readonly #sql: SqlStorage
  #current: TenantSettings = defaultSettings

  constructor({ sql, state }: { readonly sql: SqlStorage; readonly state: StorageHandler }) {
    this.#sql = sql
    this.#state = state
  }

  /** The current settings. Each change replaces them by a new value. */
  get current(): TenantSettings {
    return this.#current
  }

  /** Reads the settings again. Call it at start, after a change of them, and after a rollback. */
  reload(): void {
    const stored = this.stored()
    this.#current = stored === undefined ? defaultSettings : completeSettings(stored.values)
  }

  /** Returns the settings after an event. */
  at(seq: number): TenantSettings {
    const stored = this.storedAt(seq)
    return stored === undefined ? defaultSettings : completeSettings(stored.values)
  }

  /** Returns the values that the tenant has set, and their entity; undefined if it has set none. */
  stored(): StoredSettingsEntity | undefined {
    return this.#read('present')
  }

  storedAt(seq: number): StoredSettingsEntity | undefined {
    return this.#read('asOf', seq)
  }

  #read(kind: 'present' | 'asOf', seq = 0): StoredSettingsEntity | undefined {
    if (!this.#state.hasTable(settingsNoun.name)) return undefined
    const { present, past } = this.#state.tableOf(settingsNoun)
    const columns = '"$id" AS id, "$version" AS version, "values:json" AS "values"'
    const rows =
      kind === 'present'
        ? this.#sql.exec<Row>(`SELECT ${columns} FROM ${present} LIMIT 1`)
        : this.#sql.exec<Row>(
            `SELECT ${columns} FROM ${present} WHERE "$seq" <= ?1
             UNION ALL SELECT ${columns} FROM ${past} WHERE "$seq" <= ?1 AND "$until" > ?1 LIMIT 1`,
            seq,
          )
    const [row] = rows.toArray()
    if (row === undefined) return undefined
    return { ...row, values: JSON.parse(row.values) as StoredSettings } // checked before it was written
  }
}

interface Row extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly version: number
  readonly values: string
}
