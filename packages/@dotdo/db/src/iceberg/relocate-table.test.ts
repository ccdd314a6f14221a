// A table that is copied and relocated: its files, and the rows that are deleted in them, are the same under the new paths.

import { parquetReadObjects } from 'hyparquet'
import { expect, test } from 'vitest'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { commitFiles } from './commit-files.ts'
import { writePositionDeletes } from './position-deletes.ts'
import { relocateTable } from './relocate-table.ts'
import { createTableMetadata, currentSnapshot, type TableMetadata } from './table-metadata.ts'
import { listDataFiles, readCurrentTable } from './table.ts'

const columns = [{ id: 1, name: '$id', type: 'string', required: true }] as const

async function tableWithDeletes(store: MemoryObjectStore): Promise<void> {
  const metadata = createTableMetadata({
    uuid: '0b6e0a7e-7a3c-4b3e-9a44-0a8d0e8f5a11',
    location: 's3://lake/acme/contact',
    columns,
    partition: 'none',
    nowMs: 1,
  })
  const deleted = [{ path: 's3://lake/acme/contact/data/a.parquet', positions: [1, 3] }]
  const bytes = writePositionDeletes(deleted)
  await store.put('acme/contact/data/d.parquet', bytes, { ifAbsent: false })
  const path = deleted[0]?.path ?? ''
  const columnsOf = [{ id: 1, values: 5, nulls: 0, lower: 'a', upper: 'e' }]
  await commitFiles({
    store,
    prefix: 'acme/contact',
    version: 0,
    metadata,
    operationId: 'first',
    snapshotId: 7,
    nowMs: 2,
    added: [
      { path, bytes: 100, rows: 5, columns: columnsOf },
      {
        content: 'deletes',
        path: 's3://lake/acme/contact/data/d.parquet',
        bytes: bytes.length,
        rows: 2,
        paths: { first: path, last: path },
        columns: [],
      },
    ],
    removed: [],
    facts: { 'headlessly.seq': '12' },
  })
}

async function current(store: MemoryObjectStore, version: number): Promise<TableMetadata> {
  const metadata = await readCurrentTable(store, { prefix: 'acme/contact', version })
  if (metadata === undefined) throw new Error(`no version ${version}`)
  return metadata
}

const to = {
  prefix: 'acme/contact',
  location: 'file:///backup/acme/contact',
  operationId: 'moved',
  snapshotId: 9,
  nowMs: 3,
}

test('a relocated table has one snapshot, whose files and deletes name the new place', async () => {
  const store = new MemoryObjectStore()
  await tableWithDeletes(store)
  const before = await listDataFiles(store, { prefix: 'acme/contact', metadata: await current(store, 1) })
  expect(await relocateTable({ ...to, store })).toBe(true)
  const metadata = await current(store, 2)
  expect([metadata.location, metadata.snapshots.length]).toEqual([to.location, 1])
  expect(currentSnapshot(metadata)?.summary).toMatchObject({ 'headlessly.seq': '12', 'total-position-deletes': '2' })
  const files = await listDataFiles(store, { prefix: 'acme/contact', metadata })
  const [rows, deletes] = files
  expect(rows).toEqual({ ...before[0], path: 'file:///backup/acme/contact/data/a.parquet' })
  expect(deletes).toMatchObject({ content: 'deletes', rows: 2, paths: { first: rows?.path, last: rows?.path } })
  const bytes = await store.get(`acme/contact${deletes?.path.slice(to.location.length)}`)
  expect(bytes?.length).toBe(deletes?.bytes)
  const deleted = await parquetReadObjects({ file: bytes?.buffer ?? new ArrayBuffer(0) })
  expect(deleted).toEqual([1n, 3n].map((pos) => ({ file_path: rows?.path, pos })))
  expect(new TextDecoder().decode(await store.get('acme/contact/metadata/version-hint.text'))).toBe('2')
})

test('a table that is there already stays, and one that is moved on is relocated again', async () => {
  const store = new MemoryObjectStore()
  await tableWithDeletes(store)
  await relocateTable({ ...to, store })
  expect(await relocateTable({ ...to, store, operationId: 'again' })).toBe(false)
  const next = { ...to, store, location: 's3://other/acme/contact', operationId: 'next', snapshotId: 10 }
  expect(await relocateTable(next)).toBe(true)
  const files = await listDataFiles(store, { prefix: 'acme/contact', metadata: await current(store, 3) })
  expect(files.map(({ path }) => path.startsWith('s3://other/acme/contact/data/'))).toEqual([true, true])
})

test('a folder without a table is refused', async () => {
  await expect(relocateTable({ ...to, store: new MemoryObjectStore() })).rejects.toThrow('version-hint.text')
})
