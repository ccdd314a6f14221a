// The Iceberg tables of a tenant, from the list that its object puts beside them.

import type { ObjectStore } from '@dotdo/db'
import { isObject, tryParseJson } from 'digital-objects'

export interface LakeTable {
  readonly name: string
  /** The Noun whose entities it has; absent for the table of all events. */
  readonly noun?: string
  /** The key of a file with all its rows, for programs that know no Iceberg. */
  readonly current?: string
}

/** The table of all events, which is in no list. */
export const eventsTable = 'events'

/** Returns the tables of Nouns by name. */
export async function listNounTables(store: Pick<ObjectStore, 'get'>, tenant: string): Promise<readonly LakeTable[]> {
  const bytes = await store.get(`${tenant}/tables.json`)
  const list = bytes === undefined ? undefined : tryParseJson(new TextDecoder().decode(bytes))
  const tables: unknown = isObject(list) && 'tables' in list ? list['tables'] : undefined
  if (!Array.isArray(tables)) return []
  return tables.flatMap(toTable).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function toTable(item: unknown): readonly LakeTable[] {
  if (!isObject(item) || !('name' in item) || !('noun' in item)) return []
  const { name, noun } = item
  if (typeof name !== 'string' || typeof noun !== 'string' || !/^[a-z0-9_]{1,100}$/.test(name)) return []
  const current = 'current' in item && typeof item['current'] === 'string' ? { current: item['current'] } : {}
  return [{ name, noun, ...current }]
}
