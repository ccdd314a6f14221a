// A nested transaction: an error leaves nothing written, and nothing of it in the caches that were derived from the tables.

import type { EventsStore } from '../log/events-store.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { ScheduleRows } from '../state/schedule-rows.ts'
import type { SettingsState } from '../state/settings-state.ts'
import type { Origins } from '../state/origins.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import type { Consent } from './consent.ts'

export interface AloneParts {
  readonly storage: DurableObjectStorage
  readonly catalog: TenantCatalog
  readonly settings: SettingsState
  readonly schedules: ScheduleRows
  readonly events: EventsStore
  readonly state: StorageHandler
  readonly meta: Pick<TenantMeta, 'reload'>
  readonly consent: Consent
  readonly origins: Origins
}

export function performAlone<Result>(parts: AloneParts, perform: () => Result): Result {
  const { storage, catalog, settings, schedules, events, state, meta, consent, origins } = parts
  const before = { log: events.mark(), state: state.mark(), catalog: catalog.current, settings: settings.current }
  try {
    return storage.transactionSync(perform)
  } catch (error) {
    events.rollBack(before.log)
    state.rollBack(before.state)
    if (catalog.current !== before.catalog) catalog.reload()
    if (settings.current !== before.settings) settings.reload()
    schedules.reload()
    meta.reload()
    consent.forget()
    origins.forget()
    throw error
  }
}
