// A table that is copied and relocated: its files, and the rows that are deleted in them, are the same under the new paths.

import { parquetReadObjects } from 'hyparquet'
import { expect, test } from 'vitest'
import type { ObjectStore } from '../object-store/object-store.ts'
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
  await store.put('acme/contact/data/a.parquet', new Uint8Array(100), { ifAbsent: false })
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
  expect(await relocateTable({ ...to, store })).toEqual({ isChanged: true, skipped: 0 })
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
  expect(await relocateTable({ ...to, store, operationId: 'again' })).toEqual({ isChanged: false, skipped: 0 })
  const next = { ...to, store, location: 's3://other/acme/contact', operationId: 'next', snapshotId: 10 }
  expect(await relocateTable(next)).toMatchObject({ isChanged: true })
  const files = await listDataFiles(store, { prefix: 'acme/contact', metadata: await current(store, 3) })
  expect(files.map(({ path }) => path.startsWith('s3://other/acme/contact/data/'))).toEqual([true, true])
})

test('a folder without a table is refused', async () => {
  await expect(relocateTable({ ...to, store: new MemoryObjectStore() })).rejects.toThrow('v1.metadata.json')
})

/** A store whose process dies at this call; what was done before stays. */
function dyingAt(store: MemoryObjectStore, call: number): ObjectStore {
  let calls = 0
  const step = <Result>(run: () => Promise<Result>): Promise<Result> =>
    calls++ < call ? run() : Promise.reject(new Error('died'))
  return {
    get: (...given) => step(() => store.get(...given)),
    head: (...given) => step(() => store.head(...given)),
    stat: (...given) => step(() => store.stat(...given)),
    put: (...given) => step(() => store.put(...given)),
    delete: (...given) => step(() => store.delete(...given)),
    list: (...given) => step(() => store.list(...given)),
    sync: () => step(() => store.sync()),
  }
}

/** The rows' files and the hidden positions by path, as the version that the hint names has them. */
async function contentByHint(store: MemoryObjectStore): Promise<unknown> {
  const version = Number(new TextDecoder().decode(await store.get('acme/contact/metadata/version-hint.text')))
  const metadata = await current(store, version)
  const files = await listDataFiles(store, { prefix: 'acme/contact', metadata })
  const content: unknown[] = []
  for (const { path, content: kind } of files) {
    const bytes = await store.get(`acme/contact${path.slice(metadata.location.length)}`)
    if (kind !== 'deletes') content.push([path.slice(metadata.location.length), bytes?.length])
    else
      for (const { file_path, pos } of await parquetReadObjects({ file: bytes?.buffer ?? new ArrayBuffer(0) }))
        content.push([String(file_path).slice(metadata.location.length), Number(pos)])
  }
  return content
}

test('a relocation that is killed at any call leaves a whole table, and another run completes it', async () => {
  const whole = [
    ['/data/a.parquet', 100],
    ['/data/a.parquet', 1],
    ['/data/a.parquet', 3],
  ]
  for (let call = 0; ; call++) {
    const store = new MemoryObjectStore()
    await tableWithDeletes(store)
    const end = await relocateTable({ ...to, store: dyingAt(store, call) }).catch((error: unknown) => String(error))
    expect(await contentByHint(store), `killed at call ${call}`).toEqual(whole)
    if (typeof end === 'object') {
      expect(call).toBeGreaterThan(10)
      return
    }
    await relocateTable({ ...to, store, operationId: 'again', snapshotId: 10 })
    expect(await contentByHint(store), `completed after call ${call}`).toEqual(whole)
    const hint = Number(new TextDecoder().decode(await store.get('acme/contact/metadata/version-hint.text')))
    expect((await current(store, hint)).location).toBe(to.location)
  }
})

test('a copy that lacks files of its newest version becomes the newest whole one, and one without any is refused', async () => {
  const store = new MemoryObjectStore()
  await tableWithDeletes(store)
  const before = await contentByHint(store)
  const added = { path: 's3://lake/acme/contact/data/late.parquet', bytes: 7, rows: 1, columns: [] }
  const metadata = await current(store, 1)
  const commit = { store, prefix: 'acme/contact', version: 1, metadata, operationId: 'late', snapshotId: 8, nowMs: 3 }
  await commitFiles({ ...commit, added: [added], removed: [], facts: { 'headlessly.seq': '13' } })
  expect(await relocateTable({ ...to, store })).toEqual({ isChanged: true, skipped: 1 })
  expect(await contentByHint(store)).toEqual(before)
  expect(currentSnapshot(await current(store, 3))?.summary).toMatchObject({ 'headlessly.seq': '12' })

  const empty = new MemoryObjectStore()
  await tableWithDeletes(empty)
  await empty.put('acme/contact/data/a.parquet', new Uint8Array(99), { ifAbsent: false })
  await expect(relocateTable({ ...to, store: empty })).rejects.toThrow("'acme/contact/data/a.parquet'")
})
