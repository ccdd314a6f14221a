import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { icebergRead } from 'icebird'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { askClickHouse as queryClickHouse, clickHousePath } from '../../test/clickhouse.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { commitFiles } from './commit-files.ts'
import type { CommittedTable } from './commit-metadata.ts'
import { expireSnapshots } from './expire-snapshots.ts'
import type { DataFile } from './manifest.ts'
import {
  type Column,
  type ColumnType,
  createTableMetadata,
  currentSchema,
  msToMonth,
  withColumns,
} from './table-metadata.ts'

const prefix = 'acme/events'
const location = 's3://lake/acme/events'
const columns: readonly Column[] = [
  { id: 1, name: 'id', type: 'string', required: true },
  { id: 2, name: 'timestamp', type: 'timestamptz', required: true },
  { id: 3, name: 'seq', type: 'long', required: true },
  { id: 4, name: 'note', type: 'string', required: false },
]
const tag: Column = { id: 5, name: 'tag', type: 'string', required: false }

/** A table of events with its files, as a flush would write them. */
class EventTable {
  readonly store = new MemoryObjectStore()
  table: CommittedTable = {
    metadata: createTableMetadata({
      uuid: 'c0ffee00-0000-4000-8000-000000000000',
      location,
      columns,
      nowMs: Date.UTC(2026, 0, 1),
    }),
    version: 0,
  }
  #commits = 0
  #events = 0

  async append(month: number, rows: number): Promise<DataFile> {
    const file = await this.#write(month, this.#events, rows)
    this.#events += rows
    await this.#commit([file], [])
    return file
  }

  /** Writes the events from `seq` on again, to another file. */
  async replace(removed: readonly DataFile[], again: { month: number; seq: number; rows: number }): Promise<DataFile> {
    const file = await this.#write(again.month, again.seq, again.rows)
    await this.#commit([file], removed)
    return file
  }

  async expire(keepMin: number): Promise<readonly string[]> {
    const { store } = this
    const expiry = { store, prefix, ...this.table, operationId: `expire-${this.#commits}`, nowMs: Date.UTC(2027, 0) }
    const { unreferenced, ...table } = await expireSnapshots({ ...expiry, olderThanMs: Infinity, keepMin })
    this.table = table
    await this.store.delete(unreferenced)
    return unreferenced
  }

  async #commit(added: readonly DataFile[], removed: readonly DataFile[]): Promise<void> {
    const number = ++this.#commits
    this.table = await commitFiles({
      store: this.store,
      prefix,
      ...this.table,
      added,
      removed: removed.map(({ path }) => path),
      nowMs: Date.UTC(2026, 0, 2) + number * 1_000,
      snapshotId: 9_000 + number,
      operationId: `op-${number}`,
    })
  }

  async #write(month: number, seqStart: number, rows: number): Promise<DataFile> {
    const startMs = Date.UTC(2026, month, 1)
    const events = Array.from({ length: rows }, (_, at): Readonly<Record<string, string | number | null>> => ({
      id: `evt_${seqStart + at}`,
      timestamp: (startMs + at * 1_000) * 1_000,
      seq: seqStart + at,
      note: at % 2 === 0 ? null : 'odd',
      tag: 'new',
    }))
    const schema = currentSchema(this.table.metadata)
    const isWhole = (type: Column['type']): boolean => type === 'long' || type === 'timestamptz'
    const content = new Uint8Array(
      parquetWriteBuffer({
        columnData: schema.fields.map(({ name, type }) => ({
          name,
          data: events.map((event) => (isWhole(type) ? BigInt(event[name] ?? 0) : (event[name] ?? null))),
        })),
        schema: [{ name: 'event', num_children: schema.fields.length }, ...schema.fields.map(columnToElement)],
        kvMetadata: [{ key: 'iceberg.schema', value: JSON.stringify(schema) }],
      }),
    )
    const name = `data/${this.#commits + 1}-${seqStart}.parquet`
    await this.store.put(`${prefix}/${name}`, content, { ifAbsent: true })
    return {
      path: `${location}/${name}`,
      bytes: content.length,
      rows,
      month: msToMonth(startMs),
      columns: [
        { id: 2, values: rows, nulls: 0, lower: startMs * 1_000, upper: (startMs + (rows - 1) * 1_000) * 1_000 },
        { id: 3, values: rows, nulls: 0, lower: seqStart, upper: seqStart + rows - 1 },
      ],
    }
  }
}

function columnToElement({ id, name, type, required }: Column): SchemaElement {
  const element: Partial<Record<ColumnType, Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>>> = {
    string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
    long: { type: 'INT64' },
    timestamptz: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
  }
  return {
    name,
    field_id: id,
    repetition_type: required ? 'REQUIRED' : 'OPTIONAL',
    ...(typeof type === 'string' ? element[type] : {}),
  }
}

let events: EventTable

beforeEach(() => {
  events = new EventTable()
})

/** icebird reads files through `fetch` only. */
async function readWithIcebird(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    const content = await events.store.get(url.replace('https://lake.s3.amazonaws.com/', ''))
    if (content === undefined) return new Response('', { status: 404 })
    const range = /^bytes=(\d*)-(\d*)$/.exec(new Headers(init?.headers).get('range') ?? '')
    if (range === null) return new Response(content, { headers: { 'content-length': String(content.length) } })
    const [start, end] = range[1] === '' ? [-Number(range[2])] : [Number(range[1]), Number(range[2]) + 1]
    return new Response(content.slice(start, end), { status: 206 })
  })
  try {
    return await icebergRead({ tableUrl: location })
  } finally {
    vi.unstubAllGlobals()
  }
}

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iceberg-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/**
 * Returns the rows of each query, or a single row. One process runs all queries, so that its counters start at zero.
 */
async function askClickHouse(queries: readonly string[]): Promise<readonly unknown[]> {
  await rm(join(folder, 'acme'), { recursive: true, force: true })
  const { objects } = await events.store.list({ prefix: '', limit: 1_000 })
  for (const { key } of objects) {
    await mkdir(dirname(join(folder, key)), { recursive: true })
    await writeFile(join(folder, key), (await events.store.get(key)) ?? new Uint8Array())
  }
  return queryClickHouse(folder, queries).map((rows) => (rows.length === 1 ? rows[0] : rows))
}

/** Relative to the process's folder. Counting ids prevents ClickHouse from answering out of the snapshot's summary. */
const table = "icebergLocal('acme/events')"
const countRows = `SELECT count() AS rows, uniqExact(id) AS ids FROM ${table}`
const prunedFiles = "SELECT event, value FROM system.events WHERE event LIKE 'Iceberg%PrunedFiles' ORDER BY event"

describe.skipIf(clickHousePath === undefined)('ClickHouse and icebird', () => {
  test('read every row of each snapshot exactly once', async () => {
    await events.append(0, 10)
    await events.append(1, 20)
    await events.append(1, 30)
    expect((await readWithIcebird()).map(({ id }) => String(id)).toSorted()).toEqual(
      Array.from({ length: 60 }, (_, seq) => `evt_${seq}`).toSorted(),
    )
    const answers = await askClickHouse([
      ...[9_001, 9_002, 9_003].map((id) => `${countRows} SETTINGS iceberg_snapshot_id = ${id}`),
      countRows,
      `SELECT count() AS rows FROM ${table}`,
      `SELECT min(timestamp) AS first, max(seq) AS last, countIf(note IS NULL) AS empty FROM ${table}`,
    ])
    expect(answers).toEqual([
      { rows: 10, ids: 10 },
      { rows: 30, ids: 30 },
      { rows: 60, ids: 60 },
      { rows: 60, ids: 60 },
      { rows: 60 },
      { first: '2026-01-01 00:00:00.000000', last: 59, empty: 30 },
    ])
  })

  test('count nothing twice after a replacement, and still read the snapshot before', async () => {
    const first = await events.append(0, 10)
    const second = await events.append(0, 20)
    await events.append(1, 5)
    await events.replace([first, second], { month: 0, seq: 0, rows: 30 })
    expect(new Set((await readWithIcebird()).map(({ id }) => id)).size).toBe(35)
    expect((await readWithIcebird()).length).toBe(35)
    expect(await askClickHouse([countRows, `${countRows} SETTINGS iceberg_snapshot_id = 9003`])).toEqual([
      { rows: 35, ids: 35 },
      { rows: 35, ids: 35 },
    ])
  })

  test('read an added column as null in older files, also after a merge and an expiry', async () => {
    const count = `SELECT count() AS rows, countIf(tag IS NULL) AS untagged, uniqExact(id) AS ids FROM ${table}`
    const untaggedRows = async (): Promise<number> =>
      (await readWithIcebird()).filter((row) => (row['tag'] ?? null) === null).length
    await events.append(0, 10)
    const metadata = withColumns(events.table.metadata, [...columns, tag], Date.UTC(2026, 0, 2))
    events.table = { ...events.table, metadata }
    await events.append(0, 20)
    expect(await untaggedRows()).toBe(10)
    // A query of an older snapshot has the columns of that snapshot's schema.
    const atFirst = `${countRows} SETTINGS iceberg_snapshot_id = 9001`
    expect(await askClickHouse([count, atFirst])).toEqual([
      { rows: 30, untagged: 10, ids: 30 },
      { rows: 10, ids: 10 },
    ])
    for (let at = 0; at < 40; at++) await events.append(at % 4, 1)
    await events.expire(2)
    expect(await untaggedRows()).toBe(10)
    expect(await askClickHouse([count])).toEqual([{ rows: 70, untagged: 10, ids: 70 }])
  })

  test('still read the table after old snapshots expire and their files are deleted', async () => {
    const first = await events.append(0, 10)
    const second = await events.append(0, 20)
    const both = await events.replace([first, second], { month: 0, seq: 0, rows: 30 })
    await events.append(2, 5)
    const deleted = await events.expire(1)
    expect(deleted).toContain(first.path.replace(location, prefix))
    expect(deleted).not.toContain(both.path.replace(location, prefix))
    expect((await readWithIcebird()).length).toBe(35)
    expect(await askClickHouse([countRows])).toEqual([{ rows: 35, ids: 35 }])
    await expect(askClickHouse([`${countRows} SETTINGS iceberg_snapshot_id = 9001`])).rejects.toThrow(/9001/)
  })

  test('ClickHouse opens only files of the months that a filter asks for', async () => {
    for (const month of [0, 1, 2, 3]) await events.append(month, 10)
    const inMarch = `${countRows} WHERE timestamp >= '2026-03-01' AND timestamp < '2026-04-01'`
    expect(await askClickHouse([countRows, prunedFiles, inMarch, prunedFiles])).toEqual([
      { rows: 40, ids: 40 },
      [],
      { rows: 10, ids: 10 },
      // To ClickHouse, the month of April's first moment may also hold earlier timestamps; the column bounds rule them
      // out.
      [
        { event: 'IcebergMinMaxIndexPrunedFiles', value: 1 },
        { event: 'IcebergPartitionPrunedFiles', value: 2 },
      ],
    ])
  })

  test('ClickHouse skips files by the bounds of their columns', async () => {
    for (let file = 0; file < 5; file++) await events.append(0, 10)
    expect(await askClickHouse([`${countRows} WHERE seq >= 35`, prunedFiles])).toEqual([
      { rows: 15, ids: 15 },
      { event: 'IcebergMinMaxIndexPrunedFiles', value: 3 },
    ])
  })

  test('ClickHouse reads a table of 100 appends', async () => {
    for (let at = 0; at < 100; at++) await events.append(at % 12, 3)
    expect(await askClickHouse([countRows])).toEqual([{ rows: 300, ids: 300 }])
  })
})
