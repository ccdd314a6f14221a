// The tenant's settings, from the one entity of the system's own Noun `Settings`: the current ones, and those at any earlier
// `seq`.

import {
  completeSettings,
  defaultSettings,
  settingsNoun,
  type StoredSettings,
  type TenantSettings,
} from 'digital-objects'
import { OneEntity } from './one-entity.ts'
import type { StorageHandler } from './storage-handler.ts'

export class SettingsState extends OneEntity<StoredSettings> {
  #current: TenantSettings = defaultSettings

  constructor(parts: { readonly sql: SqlStorage; readonly state: StorageHandler }) {
    super(settingsNoun, parts)
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
}
