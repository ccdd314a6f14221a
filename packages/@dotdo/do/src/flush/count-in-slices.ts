// Counts of all versions of a Noun, in slices, while writes continue.

import { matchAll } from 'digital-objects'
import { defaultSliceSettings } from '../base/slice-settings.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { NounTable } from '../state/noun-table.ts'
import { Scan } from '../state/scan.ts'
import { Slices } from '../state/slices.ts'
import type { StateReader } from '../state/state-reader.ts'

export interface CountParts {
  /** Resolves when the next slice may begin. */
  readonly pause: () => Promise<void>
  readonly sql: SqlStorage
  readonly events: LogReader
  readonly state: Pick<StateReader, 'hasTable' | 'hasList'>
}

/** Counts the entities that were alive after an event. */
export async function countLiving(
  { sql, events, state, pause }: CountParts,
  table: NounTable,
  seq: number,
): Promise<number> {
  if (!state.hasTable(table.schema.name)) return 0
  const settings = { ...defaultSliceSettings, readMs: Infinity }
  const scan = new Scan({
    sql,
    log: events,
    slices: new Slices({ settings, now: () => 0, startMs: 0, check: () => {}, pause }),
    table,
    filter: () => matchAll,
    point: { table: () => table, hasList: (quoted) => state.hasList(quoted) },
    isPastIndexed: () => false,
    seq,
    startSeq: events.head,
    order: 'id',
    driver: undefined,
    boundRows: 0,
  })
  let count = 0
  for await (const [found = 0] of scan.all({ value: undefined })) count += Number(found)
  return count
}

/** Counts the versions that events up to this one have made: those alive after it, and those that ended by then. */
export async function countVersions(parts: CountParts, table: NounTable, seq: number): Promise<number> {
  const { sql, pause } = parts
  const rows = defaultSliceSettings.rowsPerSlice
  const next = `SELECT "$id" AS id, "$seq" AS seq FROM ${table.past} WHERE ("$id", "$seq") > (?, ?) ORDER BY "$id", "$seq" LIMIT 1 OFFSET ?`
  const ended = `SELECT count(*) AS count FROM (SELECT "$until" FROM ${table.past} WHERE ("$id", "$seq") > (?, ?) ORDER BY "$id", "$seq" LIMIT ?) WHERE "$until" <= ?`
  let count = await countLiving(parts, table, seq)
  for (let after: Place | undefined = { id: '', seq: 0 }; after !== undefined;) {
    count += sql.exec<{ count: number }>(ended, after.id, after.seq, rows, seq).one().count
    after = sql.exec<Place>(next, after.id, after.seq, rows - 1).toArray()[0]
    await pause()
  }
  return count
}

interface Place extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly seq: number
}
