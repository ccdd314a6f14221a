// The current entity as JSON. It is usually the text of the entity's last event, so that no row has to be decoded.

import type { EventsStore } from '../log/events-store.ts'
import type { NounTable } from '../state/noun-table.ts'
import type { StateReader } from '../state/state-reader.ts'
import { versionToText } from './perform-change.ts'

/** Returns undefined if there is no such entity. A text that is archived or of another definition is made from the row. */
export function presentText(
  { events, state }: { readonly events: Pick<EventsStore, 'presentText'>; readonly state: StateReader },
  table: NounTable,
  id: string,
): { readonly text: string; readonly version: number } | undefined {
  if (!state.hasTable(table.schema.name)) return undefined
  const event = events.presentText(table.present, { noun: table.schema.name, id })
  if (event?.noun === table.schema.version) return event
  const version = state.get(table, id)
  return version && { text: versionToText(table.schema.name, version), version: version.version }
}
