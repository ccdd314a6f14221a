import { describe, expect, test } from 'vitest'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { ByteRange, ObjectStore } from '../object-store/object-store.ts'
import { commitFiles } from './commit-files.ts'
import { commitMetadata, type CommittedTable, IcebergConflict } from './commit-metadata.ts'
import { expireSnapshots } from './expire-snapshots.ts'
import type { DataFile } from './manifest.ts'
import type { ManifestFile } from './manifest-list.ts'
import { smallManifestsMax } from './plan-manifests.ts'
import { type Column, createTableMetadata, currentSnapshot, withColumns } from './table-metadata.ts'
import { listDataFiles, readCurrentTable, readEntriesOf, readManifestsOf } from './table.ts'

const prefix = 'acme/events'
const location = 's3://lake/acme/events'
const startMs = Date.UTC(2026, 0, 1)
const columns: readonly Column[] = [
  { id: 1, name: 'id', type: 'string', required: true },
  { id: 2, name: 'timestamp', type: 'timestamptz', required: true },
]

function newTable(): CommittedTable {
  const uuid = 'c0ffee00-0000-4000-8000-000000000000'
  return { metadata: createTableMetadata({ uuid, location, columns, nowMs: startMs }), version: 0 }
}

/** Data files need not exist: tables never open them. */
function makeFile(number: number, options: { readonly month?: number; readonly rows?: number } = {}): DataFile {
  const { month = 672, rows = 10 } = options
  return {
    path: `${location}/data/${number}.parquet`,
    bytes: 1_000 + number,
    rows,
    month,
    columns: [
      { id: 1, values: rows, nulls: 0, lower: `evt_${number}`, upper: `evt_${number}~` },
      { id: 2, values: rows, nulls: 0, lower: startMs * 1_000 + number, upper: startMs * 1_000 + number },
    ],
  }
}

/** Returns the n-th commit of a table, always the same. */
function commit(
  store: ObjectStore,
  table: CommittedTable,
  change: { readonly number: number; readonly added?: readonly DataFile[]; readonly removed?: readonly DataFile[] },
): Promise<CommittedTable> {
  const { number, added = [], removed = [] } = change
  return commitFiles({
    store,
    prefix,
    ...table,
    added,
    removed: removed.map(({ path }) => path),
    nowMs: startMs + number * 1_000,
    snapshotId: 9_000 + number,
    operationId: `op-${number}`,
  })
}

async function appendSome(store: ObjectStore, count: number, table = newTable()): Promise<CommittedTable> {
  let last = table
  for (let at = 0; at < count; at++) {
    const number = last.version + 1
    last = await commit(store, last, { number, added: [makeFile(number)] })
  }
  return last
}

async function manifestsOf(store: ObjectStore, { metadata }: CommittedTable): Promise<readonly ManifestFile[]> {
  const snapshot = currentSnapshot(metadata)
  return snapshot === undefined ? [] : readManifestsOf({ store, prefix, metadata }, snapshot)
}

async function pathsOf(store: ObjectStore, { metadata }: CommittedTable, snapshotId?: number): Promise<string[]> {
  const files = await listDataFiles(store, { prefix, metadata, ...(snapshotId === undefined ? {} : { snapshotId }) })
  return files.map(({ path }) => path).toSorted()
}

/** Returns every key with its bytes in hexadecimal, to compare. */
async function dump(store: ObjectStore): Promise<ReadonlyMap<string, string>> {
  const { objects, hasMore } = await store.list({ prefix: '', limit: 1_000 })
  expect(hasMore).toBe(false)
  const content = new Map<string, string>()
  for (const { key } of objects) {
    content.set(key, Buffer.from((await store.get(key)) ?? []).toString('hex'))
  }
  return content
}

describe('a commit', () => {
  test('on version 0 creates the table, which then lists the added files', async () => {
    const store = new MemoryObjectStore()
    const files = [makeFile(1), makeFile(2, { month: 673 })]
    const table = await commit(store, newTable(), { number: 1, added: files })
    expect(table.version).toBe(1)
    expect(await readCurrentTable(store, { prefix, version: 1 })).toEqual(table.metadata)
    expect(await readCurrentTable(store, { prefix, version: 2 })).toBeUndefined()
    expect(await listDataFiles(store, { prefix, metadata: table.metadata })).toEqual(files)
    expect(new TextDecoder().decode(await store.get('acme/events/metadata/version-hint.text'))).toBe('1')
    expect(table.metadata['metadata-log']).toEqual([])
    expect(currentSnapshot(table.metadata)).toEqual({
      'snapshot-id': 9_001,
      'sequence-number': 1,
      'timestamp-ms': startMs + 1_000,
      'manifest-list': `${location}/metadata/snap-9001-1-op-1.avro`,
      'schema-id': 0,
      summary: {
        operation: 'append',
        'headlessly.operation': 'op-1',
        'added-data-files': '2',
        'added-records': '20',
        'added-files-size': '2003',
        'deleted-data-files': '0',
        'deleted-records': '0',
        'removed-files-size': '0',
        'changed-partition-count': '2',
        'total-data-files': '2',
        'total-records': '20',
        'total-files-size': '2003',
        'total-delete-files': '0',
        'total-position-deletes': '0',
        'total-equality-deletes': '0',
      },
    })
  })

  test('that appends keeps the existing manifests, byte for byte', async () => {
    const store = new MemoryObjectStore()
    const first = await appendSome(store, 3)
    const before = await manifestsOf(store, first)
    const second = await appendSome(store, 1, first)
    const after = await manifestsOf(store, second)
    expect(after.slice(1)).toEqual(before)
    expect(after[0]).toMatchObject({
      sequenceNumber: 4,
      minSequenceNumber: 4,
      addedSnapshotId: 9_004,
      added: { files: 1, rows: 10 },
      existing: { files: 0, rows: 0 },
      months: { min: 672, max: 672 },
    })
    expect(second.metadata['metadata-log'].map((entry) => entry['metadata-file'])).toEqual(
      [1, 2, 3].map((version) => `${location}/metadata/v${version}.metadata.json`),
    )
  })

  test('that replaces files rewrites only the manifests that hold them, and records the deleted ones', async () => {
    const store = new MemoryObjectStore()
    const before = await appendSome(store, 4)
    const merged = makeFile(23, { rows: 20 })
    const table = await commit(store, before, { number: 5, added: [merged], removed: [makeFile(2), makeFile(3)] })
    expect(await pathsOf(store, table)).toEqual([makeFile(1).path, merged.path, makeFile(4).path].toSorted())
    expect(await pathsOf(store, table, 9_004)).toEqual([1, 2, 3, 4].map((number) => makeFile(number).path))
    expect(currentSnapshot(table.metadata)?.summary).toMatchObject({
      operation: 'replace',
      'deleted-data-files': '2',
      'total-data-files': '3',
      'total-records': '40',
    })
    const [written, deleted, ...kept] = await manifestsOf(store, table)
    expect(kept).toEqual((await manifestsOf(store, before)).filter((manifest) => /op-[14]-/.test(manifest.path)))
    expect(written).toMatchObject({ added: { files: 1 }, existing: { files: 0 }, deleted: { files: 0 } })
    expect(deleted).toMatchObject({ added: { files: 0 }, deleted: { files: 2, rows: 20 }, minSequenceNumber: 5 })
    const entries = deleted === undefined ? [] : await readEntriesOf({ store, prefix, ...table }, deleted)
    expect(entries.map((entry) => ({ ...entry, file: entry.file.path }))).toEqual(
      [3, 2].map((number) => ({
        status: 'deleted',
        snapshotId: 9_005,
        sequenceNumber: number,
        fileSequenceNumber: number,
        file: makeFile(number).path,
      })),
    )
    const next = await commit(store, table, { number: 6, added: [makeFile(6)] })
    expect((await manifestsOf(store, next)).filter((manifest) => manifest.deleted.files > 0)).toEqual([])
  })

  test('that changes rows is not recorded as a replace', async () => {
    const store = new MemoryObjectStore()
    const table = await appendSome(store, 2)
    const fewer = await commit(store, table, { number: 3, added: [makeFile(3, { rows: 1 })], removed: [makeFile(1)] })
    expect(currentSnapshot(fewer.metadata)?.summary.operation).toBe('overwrite')
    const none = await commit(store, fewer, { number: 4, removed: [makeFile(2), makeFile(3)] })
    expect(currentSnapshot(none.metadata)?.summary).toMatchObject({ operation: 'delete', 'total-records': '0' })
    expect(await pathsOf(store, none)).toEqual([])
    const again = await commit(store, none, { number: 5, added: [makeFile(5)] })
    expect(await pathsOf(store, again)).toEqual([makeFile(5).path])
  })

  test('sequence of 200 appends leaves few manifests, and each file keeps the number of its own commit', async () => {
    const store = new MemoryObjectStore()
    let table = newTable()
    for (let number = 1; number <= 200; number++) {
      table = await commit(store, table, { number, added: [makeFile(number, { month: 672 + (number % 3) })] })
      expect((await manifestsOf(store, table)).length).toBeLessThanOrEqual(smallManifestsMax)
    }
    const manifests = await manifestsOf(store, table)
    const entries = await Promise.all(manifests.map((manifest) => readEntriesOf({ store, prefix, ...table }, manifest)))
    for (const entry of entries.flat()) {
      expect(makeFile(entry.sequenceNumber ?? 0).path).toBe(entry.file.path)
      expect(entry).toMatchObject({
        fileSequenceNumber: entry.sequenceNumber,
        snapshotId: 9_000 + (entry.sequenceNumber ?? 0),
      })
    }
    for (const [at, manifest] of manifests.entries()) {
      expect(manifest.minSequenceNumber).toBe(
        Math.min(...(entries[at] ?? []).map((entry) => entry.sequenceNumber ?? 0)),
      )
    }
    expect((await pathsOf(store, table)).length).toBe(200)
    expect(currentSnapshot(table.metadata)?.summary['total-records']).toBe('2000')
  })

  test('can add columns', async () => {
    const store = new MemoryObjectStore()
    const table = await appendSome(store, 1)
    const wider = withColumns(table.metadata, [...columns, { id: 3, name: 'tag', type: 'string', required: false }], 0)
    const tagged = { ...makeFile(2), columns: [{ id: 3, values: 10, nulls: 9, lower: 'a', upper: 'b' }] }
    const next = await commit(store, { ...table, metadata: wider }, { number: 2, added: [tagged] })
    expect(next.metadata.snapshots.map((snapshot) => snapshot['schema-id'])).toEqual([0, 1])
    expect(await listDataFiles(store, { prefix, metadata: next.metadata })).toEqual([tagged, makeFile(1)])
  })

  test('of columns only, or of no change, makes a version as well', async () => {
    const store = new MemoryObjectStore()
    const { metadata } = newTable()
    const create = { store, prefix, metadata, previous: metadata, version: 0, operationId: 'create' }
    const empty = await commitMetadata(create)
    expect(await commitMetadata(create)).toEqual(empty)
    expect(await pathsOf(store, empty)).toEqual([])
    await expect(commitMetadata({ ...create, operationId: 'other' })).rejects.toThrow(IcebergConflict)
    const table = await commit(store, empty, { number: 2, added: [makeFile(2)] })
    const wider = withColumns(table.metadata, [...columns, { id: 3, name: 'tag', type: 'string', required: false }], 0)
    const widen = { store, prefix, metadata: wider, previous: table.metadata, version: 2, operationId: 'widen' }
    expect((await commitMetadata(widen)).version).toBe(3)
    expect((await readCurrentTable(store, { prefix, version: 3 }))?.['current-schema-id']).toBe(1)
  })

  test('on a version that another writer has built on is a conflict, and leaves that table unchanged', async () => {
    const store = new MemoryObjectStore()
    const table = await appendSome(store, 1)
    const mine = await commit(store, table, { number: 2, added: [makeFile(2)] })
    const before = await dump(store)
    const late = commit(store, table, { number: 3, added: [makeFile(3)] })
    await expect(late).rejects.toThrow(IcebergConflict)
    await expect(late).rejects.toThrow("version 2 of the Iceberg table 'acme/events' was made by another writer")
    expect(await dump(store)).toEqual(before)
    const retried = await commit(store, mine, { number: 3, added: [makeFile(3)] })
    expect(await pathsOf(store, retried)).toEqual([1, 2, 3].map((number) => makeFile(number).path))
  })

  test('by two concurrent writers succeeds for one and is a conflict for the other', async () => {
    const store = new MemoryObjectStore()
    const table = await appendSome(store, 1)
    const both = [2, 3].map((number) => commit(store, table, { number, added: [makeFile(number)] }))
    const results = await Promise.allSettled(both)
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')?.reason).toBeInstanceOf(IcebergConflict)
    // The loser deleted its files.
    const winner = results[0]?.status === 'fulfilled' ? 'op-2' : 'op-3'
    const keys = [...(await dump(store)).keys()].filter((key) => /op-[23]/.test(key))
    expect(keys.length).toBe(2)
    for (const key of keys) expect(key).toContain(winner)
  })

  test('that is repeated, on the previous version or its own, changes nothing', async () => {
    const store = new MemoryObjectStore()
    const table = await appendSome(store, 1)
    const change = { number: 2, added: [makeFile(2)] }
    const done = await commit(store, table, change)
    const later = await commit(store, done, { number: 3, added: [makeFile(3)] })
    const before = await dump(store)
    expect(await commit(store, table, change)).toEqual(done)
    expect(await commit(store, done, change)).toEqual(done)
    expect(await commit(store, later, change)).toEqual(later)
    // It writes no files either, even if the caller passes another snapshot id.
    const other = { store, prefix, ...table, added: [makeFile(2)], removed: [], nowMs: startMs * 2, snapshotId: 1 }
    expect(await commitFiles({ ...other, operationId: 'op-2' })).toEqual(done)
    expect(await dump(store)).toEqual(before)
  })

  test('with invalid arguments is refused before anything is written', async () => {
    const store = new MemoryObjectStore()
    const table = await appendSome(store, 1)
    const before = await dump(store)
    const refuse = (change: Parameters<typeof commit>[2]) => expect(commit(store, table, change)).rejects
    await refuse({ number: 2 }).toThrow('neither adds nor removes a file')
    await refuse({ number: 2, added: [makeFile(2), makeFile(2)] }).toThrow('names a file twice')
    await refuse({ number: 2, removed: [makeFile(9)] }).toThrow('cannot remove')
    await refuse({ number: 2, added: [{ ...makeFile(2), path: 's3://lake/other/2' }] }).toThrow('is outside')
    await refuse({ number: 2, added: [{ ...makeFile(2), rows: Number.NaN }] }).toThrow('without a valid size')
    await refuse({ number: Number.NaN, added: [makeFile(2)] }).toThrow(
      'expected a positive integer as the snapshot id, got NaN',
    )
    const twice = commitFiles({
      store,
      prefix,
      ...table,
      removed: [],
      added: [makeFile(2)],
      nowMs: 1,
      operationId: 'other',
      snapshotId: 9_001,
    })
    await expect(twice).rejects.toThrow('snapshot 9001 already exists')
    expect(await dump(store)).toEqual(before)
  })

  test('detects a truncated manifest', async () => {
    const store = new MemoryObjectStore()
    const table = await appendSome(store, 1)
    const key = 'acme/events/metadata/op-1-1-9001-m0.avro'
    const whole = await store.get(key)
    await store.put(key, whole?.slice(0, -300) ?? new Uint8Array(), { ifAbsent: false })
    await expect(pathsOf(store, table)).rejects.toThrow('but its manifest list says')
  })
})

describe('an expiry', () => {
  test('returns files that no snapshot has, and no others', async () => {
    const store = new MemoryObjectStore()
    const four = await appendSome(store, 4)
    const merged = makeFile(12, { rows: 20 })
    const table = await commit(store, four, { number: 5, added: [merged], removed: [makeFile(1), makeFile(2)] })
    const expiry = { store, prefix, ...table, nowMs: startMs + 6_000, operationId: 'expire-1' }
    const first = await expireSnapshots({ ...expiry, olderThanMs: startMs + 4_000, keepMin: 1 })
    expect(first.version).toBe(6)
    expect(first.metadata.snapshots.map((snapshot) => snapshot['snapshot-id'])).toEqual([9_004, 9_005])
    expect(first.metadata['snapshot-log'].map((entry) => entry['snapshot-id'])).toEqual([9_004, 9_005])
    // Snapshot 4 holds all files and manifests of the earlier ones.
    expect(first.unreferenced).toEqual(
      [1, 2, 3].map((number) => `${prefix}/metadata/snap-900${number}-${number}-op-${number}.avro`),
    )
    const second = await expireSnapshots({
      ...expiry,
      metadata: first.metadata,
      version: first.version,
      operationId: 'expire-2',
      olderThanMs: startMs + 100_000,
      keepMin: 1,
    })
    expect(second.unreferenced).toEqual([
      ...['data/2.parquet', 'data/1.parquet'].map((name) => `${prefix}/${name}`),
      ...['op-2-2-9002-m0', 'op-1-1-9001-m0', 'snap-9004-4-op-4'].map((name) => `${prefix}/metadata/${name}.avro`),
    ])
    await store.delete([...first.unreferenced, ...second.unreferenced])
    expect(await pathsOf(store, second)).toEqual(await pathsOf(store, table))
    expect(await readCurrentTable(store, { prefix, version: 7 })).toEqual(second.metadata)
    const next = await commit(store, second, { number: 8, added: [makeFile(8)] })
    expect((await pathsOf(store, next)).length).toBe(4)
  })

  test('keeps the newest snapshots, however old they are', async () => {
    const ids = async (keepMin: number): Promise<readonly number[]> => {
      const store = new MemoryObjectStore()
      const table = await appendSome(store, 5)
      const expiry = { store, prefix, ...table, nowMs: startMs, operationId: 'expire', olderThanMs: Infinity }
      const { metadata } = await expireSnapshots({ ...expiry, keepMin })
      return metadata.snapshots.map((snapshot) => snapshot['snapshot-id'])
    }
    expect(await ids(3)).toEqual([9_003, 9_004, 9_005])
    expect(await ids(0)).toEqual([9_005])
    expect((await ids(50)).length).toBe(5)
  })

  test('without old snapshots commits nothing', async () => {
    const store = new MemoryObjectStore()
    const table = await appendSome(store, 3)
    const before = await dump(store)
    const expiry = { store, prefix, ...table, nowMs: startMs, operationId: 'expire', olderThanMs: 0, keepMin: 1 }
    expect(await expireSnapshots(expiry)).toEqual({ ...table, unreferenced: [] })
    expect(await dump(store)).toEqual(before)
  })

  test('after every append keeps a table small and leaves no unneeded file', async () => {
    const store = new MemoryObjectStore()
    let table = newTable()
    for (let round = 1; round <= 120; round++) {
      const number = table.version + 1
      table = await commit(store, table, { number, added: [makeFile(number)] })
      const { unreferenced, ...rest } = await expireSnapshots({
        store,
        prefix,
        ...table,
        operationId: `expire-${round}`,
        olderThanMs: Infinity,
        keepMin: 5,
        nowMs: startMs + number * 1_000,
      })
      table = rest
      expect(unreferenced.filter((key) => key.includes('/data/'))).toEqual([])
      await store.delete(unreferenced)
    }
    expect((await pathsOf(store, table)).length).toBe(120)
    const keys = [...(await dump(store)).keys()]
    expect(keys.filter((key) => key.includes('/snap-')).length).toBe(5)
    expect(keys.filter((key) => key.endsWith('.metadata.json')).length).toBe(21)
    // Manifests of the remaining snapshots, one of which may be older than a merge.
    expect(keys.filter((key) => key.includes('-m0.avro')).length).toBeLessThanOrEqual(2 * smallManifestsMax)
  })

  test('that is repeated while its files are being deleted returns the remaining ones', async () => {
    const store = new MemoryObjectStore()
    const two = await appendSome(store, 2)
    const table = await commit(store, two, {
      number: 3,
      added: [makeFile(3, { rows: 20 })],
      removed: [makeFile(1), makeFile(2)],
    })
    const expiry = { store, prefix, ...table, nowMs: startMs, operationId: 'expire', olderThanMs: Infinity, keepMin: 1 }
    const first = await expireSnapshots(expiry)
    expect(first.unreferenced.length).toBe(6)
    for (let deleted = 1; deleted <= first.unreferenced.length; deleted++) {
      await store.delete(first.unreferenced.slice(deleted - 1, deleted))
      const again = await expireSnapshots(expiry)
      expect(again.metadata).toEqual(first.metadata)
      expect(again.version).toBe(first.version)
      const left = first.unreferenced.slice(deleted)
      for (const key of left) expect(again.unreferenced).toContain(key)
      for (const key of again.unreferenced) expect(first.unreferenced).toContain(key)
    }
  })
})

/** A store that dies at one of its calls, before or after the call takes effect. */
class DyingStore implements ObjectStore {
  calls = 0
  readonly #store: ObjectStore
  readonly #dyingCall: number
  readonly #isDoneFirst: boolean

  constructor(store: ObjectStore, dyingCall: number, isDoneFirst: boolean) {
    this.#store = store
    this.#dyingCall = dyingCall
    this.#isDoneFirst = isDoneFirst
  }

  get(key: string, range?: ByteRange): ReturnType<ObjectStore['get']> {
    return this.#call(() => this.#store.get(key, range))
  }

  head(key: string): ReturnType<ObjectStore['head']> {
    return this.#call(() => this.#store.head(key))
  }

  stat(key: string): ReturnType<ObjectStore['stat']> {
    return this.#call(() => this.#store.stat(key))
  }

  put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): ReturnType<ObjectStore['put']> {
    return this.#call(() => this.#store.put(key, bytes, options))
  }

  delete(keys: readonly string[]): ReturnType<ObjectStore['delete']> {
    return this.#call(() => this.#store.delete(keys))
  }

  list(options: Parameters<ObjectStore['list']>[0]): ReturnType<ObjectStore['list']> {
    return this.#call(() => this.#store.list(options))
  }

  sync(keys: readonly string[]): ReturnType<ObjectStore['sync']> {
    return this.#call(() => this.#store.sync(keys))
  }

  async #call<Result>(run: () => Promise<Result>): Promise<Result> {
    const call = this.calls++
    // Nothing takes effect after its death.
    if (call > this.#dyingCall || (call === this.#dyingCall && !this.#isDoneFirst)) throw new Error('died')
    const result = await run()
    if (call === this.#dyingCall) throw new Error('died')
    return result
  }
}

describe('an operation killed at any store call and repeated', () => {
  const operations: Record<
    string,
    { before: number; run: (store: ObjectStore, table: CommittedTable) => Promise<CommittedTable> }
  > = {
    'makes the same table, for the first append': {
      before: 0,
      run: (store, table) => commit(store, table, { number: 1, added: [makeFile(1)] }),
    },
    'makes the same table, for an append': {
      before: 3,
      run: (store, table) => commit(store, table, { number: 4, added: [makeFile(4), makeFile(5, { month: 680 })] }),
    },
    'makes the same table, for an append that merges manifests': {
      before: smallManifestsMax,
      run: (store, table) => commit(store, table, { number: 90, added: [makeFile(90)] }),
    },
    'makes the same table, for a replacement': {
      before: 3,
      run: (store, table) =>
        commit(store, table, { number: 4, added: [makeFile(4, { rows: 20 })], removed: [makeFile(1), makeFile(3)] }),
    },
    'makes the same table and returns the same files, for an expiry': {
      before: 3,
      run: async (store, table) => {
        const replaced = await commit(store, table, { number: 4, added: [makeFile(4)], removed: [makeFile(1)] })
        return expireSnapshots({
          store,
          prefix,
          ...replaced,
          nowMs: startMs + 5_000,
          operationId: 'expire',
          olderThanMs: startMs + 4_000,
          keepMin: 1,
        })
      },
    },
  }

  for (const [claim, { before, run }] of Object.entries(operations)) {
    for (const isDoneFirst of [false, true]) {
      test(`${claim}, killed ${isDoneFirst ? 'after' : 'before'} the call takes effect`, async () => {
        const whole = new MemoryObjectStore()
        const expected = await run(whole, await appendSome(whole, before))
        const expectedContent = await dump(whole)
        const reference = new MemoryObjectStore()
        const counting = new DyingStore(reference, Infinity, false)
        await run(counting, await appendSome(reference, before))
        expect(counting.calls).toBeGreaterThan(5)
        for (let dyingCall = 0; dyingCall < counting.calls; dyingCall++) {
          const store = new MemoryObjectStore()
          const table = await appendSome(store, before)
          await expect(run(new DyingStore(store, dyingCall, isDoneFirst), table)).rejects.toThrow('died')
          expect(await run(store, table), `died at call ${dyingCall}`).toEqual(expected)
          expect(await dump(store), `died at call ${dyingCall}`).toEqual(expectedContent)
        }
      })
    }
  }
})
