// Bounds of columns in manifests: no value lies outside of them, whatever it is, and engines skip files by them.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compareText } from 'digital-objects'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { askClickHouse, clickHousePath } from '../../test/clickhouse.ts'
import { columnsOf, everyType, putEntityFile } from '../../test/entity-files.ts'
import { anyRows } from '../../test/generated-entities.ts'
import { commitFiles } from '../iceberg/commit-files.ts'
import type { DataFile } from '../iceberg/manifest.ts'
import { createTableMetadata } from '../iceberg/table-metadata.ts'
import { listDataFiles } from '../iceberg/table.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { Column } from '../parquet/columns.ts'
import { entityRowToValue, type EntityRow } from '../parquet/entity-row.ts'
import { describeFile } from './describe-file.ts'
import { columnsToIceberg } from './noun-table.ts'

const prefix = 'acme/thing'
const location = 's3://lake/acme/thing'
const columns = columnsOf(everyType)
const bounded = new Set(columns.map(({ name }) => name))
const dayMs = 86_400_000

let store: MemoryObjectStore

beforeEach(() => {
  store = new MemoryObjectStore()
})

/** Commits one file for each list of rows, and returns the files as the manifest has them. */
async function commit(lists: readonly (readonly EntityRow[])[], groupRows: number): Promise<readonly DataFile[]> {
  const added: DataFile[] = []
  for (const [at, rows] of lists.entries()) {
    const ref = await putEntityFile({ store, columns, rows, groupRows, key: `${prefix}/data/${at}.parquet` })
    added.push(await describeFile(store, { ref, path: `${location}/data/${at}.parquet`, columns, bounded }))
  }
  const made = { uuid: 'c0ffee00-0000-4000-8000-000000000000', location, columns: columnsToIceberg(columns), nowMs: 1 }
  const metadata = createTableMetadata({ ...made, partition: 'none' })
  const at = { store, prefix, version: 0, metadata, operationId: 'first', snapshotId: 7, nowMs: 2 }
  const committed = await commitFiles({ ...at, added, removed: [] })
  return listDataFiles(store, { prefix, metadata: committed.metadata })
}

/** The value as a bound of the column has it. */
function boundOf(row: EntityRow, column: Column): string | number | boolean | undefined {
  const value = entityRowToValue(row, column)
  if (value === null || value === undefined) return undefined
  if (column.storage === 'date' && typeof value === 'string') return Date.parse(value) / dayMs
  return typeof value === 'bigint' ? Number(value) : (value as string | number | boolean) // no column here is a list
}

function isBefore(a: string | number | boolean, b: string | number | boolean): boolean {
  return typeof a === 'string' && typeof b === 'string' ? compareText(a, b) < 0 : a < b
}

test('no value of any type is outside of the bounds of its column, and nulls are counted', async () => {
  let bounds = 0
  await fc.assert(
    fc.asyncProperty(
      anyRows(everyType, { min: 1, max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (rows, groupRows) => {
        store = new MemoryObjectStore()
        const [file] = await commit([rows], groupRows)
        for (const column of columns) {
          const statistics = file?.columns.find(({ id }) => id === column.id)
          const values = rows.map((row) => boundOf(row, column)).filter((value) => value !== undefined)
          // Nobody counts the nulls of JSON, and a wrong number would hide rows.
          const nulls = column.storage === 'json' ? undefined : rows.length - values.length
          expect([statistics?.values, statistics?.nulls], column.name).toEqual([rows.length, nulls])
          expect(statistics?.bytes, column.name).toBeGreaterThan(0)
          for (const value of values) {
            if (statistics?.lower !== undefined) expect(isBefore(value, statistics.lower), column.name).toBe(false)
            if (statistics?.upper !== undefined) expect(isBefore(statistics.upper, value), column.name).toBe(false)
          }
          if (statistics?.lower !== undefined) bounds++
        }
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 30) },
  )
  expect(bounds).toBeGreaterThan(300)
})

describe.skipIf(clickHousePath === undefined)('ClickHouse', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bounds-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('reads only the files that a filter needs, by ids, times, numbers, strings and days', async () => {
    const lists = [0, 1, 2, 3].map((file) => Array.from({ length: 10 }, (_, at) => rowOf(file * 10 + at)))
    await commit(lists, 5)
    for (const { key } of (await store.list({ prefix: '', limit: 1_000 })).objects) {
      await mkdir(dirname(join(folder, key)), { recursive: true })
      await writeFile(join(folder, key), (await store.get(key)) ?? new Uint8Array())
    }
    const filters = [
      "`$id` = 'thing_000000000035'",
      "`$updatedAt` >= '2026-01-31'",
      'numberIndexed >= 25',
      "stringIndexed < 'ä 10'",
      "dateIndexed > '2026-01-15' AND dateIndexed < '2026-01-18'",
      "datetimeIndexed < '2026-01-05'",
    ]
    const pruned = "SELECT sum(value) AS value FROM system.events WHERE event = 'IcebergMinMaxIndexPrunedFiles'"
    const queries = filters.flatMap((filter) => [
      `SELECT count(name) AS rows FROM (SELECT \`$id\` AS name FROM icebergLocal('${prefix}') WHERE ${filter})`,
      pruned,
    ])
    const answers = askClickHouse(folder, queries).map(
      ([row]) => Object.values(row as Readonly<Record<string, unknown>>).map(Number)[0] ?? 0,
    )
    const skipped = answers.filter((_, at) => at % 2 === 1).map((total, at, all) => total - (all[at - 1] ?? 0))
    expect(answers.filter((_, at) => at % 2 === 0)).toEqual([1, 10, 15, 10, 2, 4])
    expect(skipped).toEqual([3, 3, 2, 3, 3, 3])
  })
})

function rowOf(at: number): EntityRow {
  const number = String(at).padStart(2, '0')
  const ms = Date.UTC(2026, 0, 1) + at * dayMs
  const fields = {
    numberIndexed: at,
    stringIndexed: `ä ${number}`,
    dateIndexed: new Date(ms).toISOString().slice(0, 10),
    datetimeIndexed: new Date(ms).toISOString(),
  }
  const meta = { version: 1, createdAtMs: ms, createdBy: 'owner', updatedAtMs: ms, seq: at + 1, isDeleted: false }
  return { id: `thing_${String(at).padStart(12, '0')}`, ...meta, fields }
}
