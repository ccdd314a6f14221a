// Files of events are read as they were written, also those of before columns were added.

import { expect, test } from 'vitest'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { FileWriter } from '../parquet/file-writer.ts'
import { openFile } from '../parquet/open-file.ts'
import { eventColumns, type EventRow, eventRowToValue } from './event-columns.ts'
import { readEventRows } from './read-events.ts'

const addedIds: readonly number[] = [16, 17, 18, 19, 20]
const rows: readonly EventRow[] = Array.from({ length: 40 }, (_, at) => ({
  seq: at + 1,
  commit: at + 1,
  format: 1,
  id: `evt_${at}`,
  type: 'Robot.Updated',
  target: 'robot_1',
  version: at + 1,
  atMs: 1_000 * at,
  actor: 'user_1',
  onBehalfOf: null,
  key: at % 6 === 1 ? `apikey_${at}` : null,
  via: 'rest',
  causedBy: at % 3 === 0 ? 'evt_0' : null,
  undoes: at % 5 === 1 ? at : null,
  approvedBy: at % 7 === 1 ? 'user_2' : null,
  effectiveMs: at % 4 === 1 ? 1_000 * at - 86_400_001 : null,
  reason: at % 5 === 2 ? `because ${at}` : null,
  noun: 'v1',
  data: `{"at":${at}}`,
  changes: at === 0 ? null : '{}',
}))

/** The values of events of before the columns were added. */
const none = { undoes: null, approvedBy: null, effectiveMs: null, reason: null, key: null } as const

async function writeAndRead(
  written: readonly EventRow[],
  columns: typeof eventColumns | readonly (typeof eventColumns)[number][],
) {
  const store = new MemoryObjectStore()
  const writer = new FileWriter({ columns, toValue: eventRowToValue, facts: {} })
  writer.addGroup(written)
  const { content, ...layout } = writer.finish()
  await store.put('events.parquet', content, { ifAbsent: true })
  const read: EventRow[] = []
  for await (const group of readEventRows(await openFile(store, { key: 'events.parquet', ...layout })))
    read.push(...group)
  return read
}

test('every event is read as it was written', async () => {
  expect(await writeAndRead(rows, eventColumns)).toEqual(rows)
})

test('a file in which no event has a value of an added column is read as it was written', async () => {
  const plain = rows.map((row) => ({ ...row, ...none }))
  expect(await writeAndRead(plain, eventColumns)).toEqual(plain)
})

test('events of a file without the added columns have no value there', async () => {
  const before = eventColumns.filter(({ id }) => !addedIds.includes(id))
  expect(before).toHaveLength(15)
  expect(await writeAndRead(rows, before)).toEqual(rows.map((row) => ({ ...row, ...none })))
})
