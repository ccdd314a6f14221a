// Indexed paths inside `json` columns: the bloom filters of the column know their values, and other readers stay right.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JsonValue, Noun, parseFilter } from 'digital-objects'
import { expect, test } from 'vitest'
import { hasDuckDB, openDuckDB } from '../../test/duckdb.ts'
import { columnMap, columnsOf, putEntityFile, readAllRows } from '../../test/entity-files.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { EntityRow } from './entity-row.ts'
import { openFile } from './open-file.ts'
import { planScan, pruneByBloomFilters } from './scan-plan.ts'

const fields = { metadata: 'json?', other: 'json?' } as const
const indexes = [{ path: 'metadata.externalId' }, { path: 'metadata.engine.power' }]
const Car = Noun('Car', fields, { indexes }).$schema
const Plain = Noun('Car', fields).$schema

const values: readonly (JsonValue | undefined)[] = [
  { externalId: 'a', engine: { power: 1 } },
  { externalId: 'b' },
  { externalId: 1, engine: { power: 107711449703316670 } },
  undefined,
  { externalId: null, engine: { power: true } },
  { externalId: ['a'], engine: 'a' },
  'a',
  { externalId: 'z'.repeat(5_000) },
]
const rows: readonly EntityRow[] = values.map((metadata, at) => ({
  id: `car_${String(at).padStart(12, '0')}`,
  version: 1,
  createdAtMs: 0,
  createdBy: 'ada',
  updatedAtMs: 0,
  seq: at + 1,
  isDeleted: false,
  fields: metadata === undefined ? {} : { metadata, other: metadata },
}))

async function groupsOf(filter: object, writtenBy = Car): Promise<readonly number[]> {
  const store = new MemoryObjectStore()
  const file = await openFile(store, await putEntityFile({ store, columns: columnsOf(writtenBy), rows, groupRows: 1 }))
  const options = {
    filter: parseFilter(filter, { schema: Car, lookup: () => Car }),
    columns: columnMap(columnsOf(Car)),
  }
  return (await pruneByBloomFilters(planScan(file, options), options)).map(({ index }) => index)
}

// Row 3 has no json at all: its group has no bloom filter, and no statistics say so.
test.each([
  [{ 'metadata.externalId': 'a' }, [0, 3]],
  [{ 'metadata.externalId': 1 }, [2, 3]],
  [{ 'metadata.externalId': '1' }, [3]],
  [{ 'metadata.externalId': null }, [3, 4]],
  [{ 'metadata.externalId': { $in: ['b', 1, 'x'] } }, [1, 2, 3]],
  [{ 'metadata.externalId': 'z'.repeat(5_000) }, [3, 7]],
  [{ 'metadata.engine.power': 107711449703316670 }, [2, 3]],
  [{ 'metadata.engine.power': true }, [3, 4]],
  [{ 'metadata.engine.power': 'a' }, [3]],
  [{ $or: [{ 'metadata.externalId': 'a' }, { 'metadata.engine.power': true }] }, [0, 3, 4]],
  [{ 'metadata.externalId': { $gt: 'a' } }, [0, 1, 2, 3, 4, 5, 6, 7]],
  [{ 'metadata.externalId': { $ne: 'a' } }, [0, 1, 2, 3, 4, 5, 6, 7]],
  [{ 'metadata.color': 'a' }, [0, 1, 2, 3, 4, 5, 6, 7]],
  [{ 'other.externalId': 'a' }, [0, 1, 2, 3, 4, 5, 6, 7]],
])('%j needs the row groups %j', async (filter, groups) => {
  expect(await groupsOf(filter)).toEqual(groups)
})

test('a file that is older than the index is read whole', async () => {
  expect(await groupsOf({ 'metadata.externalId': 'a' }, Plain)).toHaveLength(rows.length)
})

test.skipIf(!hasDuckDB)('a reader that looks up the whole json in its bloom filter finds it', async () => {
  const [store, folder] = [new MemoryObjectStore(), await mkdtemp(join(tmpdir(), 'parquet-'))]
  try {
    const columns = columnsOf(Car)
    const ref = await putEntityFile({ store, columns, rows, groupRows: 1 })
    expect(await readAllRows(store, { ref, columns })).toStrictEqual(rows)
    const path = join(folder, 'car.parquet')
    await writeFile(path, (await store.get(ref.key)) ?? new Uint8Array())
    const duckdb = await openDuckDB()
    for (const [at, value] of values.entries()) {
      if (value === undefined) continue
      const text = JSON.stringify(value).replaceAll("'", "''")
      const found = await duckdb.runAndReadAll(`SELECT "$id" AS id FROM '${path}' WHERE metadata = '${text}'`)
      expect(found.getRowObjectsJson()).toEqual([{ id: rows[at]?.id }])
    }
    duckdb.closeSync()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
