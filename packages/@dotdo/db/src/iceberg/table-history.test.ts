import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { FaultyObjectStore, StoreFault } from '../object-store/faulty-object-store.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { commitFiles } from './commit-files.ts'
import type { CommittedTable } from './commit-metadata.ts'
import { expireSnapshots } from './expire-snapshots.ts'
import type { DataFile } from './manifest.ts'
import { smallManifestsMax } from './plan-manifests.ts'
import { createTableMetadata, currentSnapshot } from './table-metadata.ts'
import { listDataFiles, readManifestsOf } from './table.ts'

const prefix = 'acme/events'
const location = 's3://lake/acme/events'

/** Numbers select from what exists at that point. */
type Step =
  | { readonly kind: 'append'; readonly months: readonly number[] }
  | { readonly kind: 'replace'; readonly first: number; readonly count: number }
  | { readonly kind: 'expire'; readonly keepMin: number }

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      months: fc.array(fc.integer({ min: 670, max: 675 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('replace' as const),
      first: fc.nat(100),
      count: fc.integer({ min: 1, max: 20 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('expire' as const), keepMin: fc.integer({ min: 1, max: 5 }) }),
  },
)

/** A failed call may or may not have taken effect, so the same operation is repeated until it succeeds. */
async function untilDone<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error
    }
  }
  throw new Error('the store failed too often')
}

test('after any history of a table, each remaining snapshot has its files, and no other file is left', async () => {
  const history = fc.array(steps, { minLength: 20, maxLength: 120, size: 'max' })
  await fc.assert(
    fc.asyncProperty(history, fc.nat(), async (someSteps, seed) => {
      const memory = new MemoryObjectStore()
      // A merge or an expiry makes hundreds of calls, and all of them must succeed within one attempt.
      const store: ObjectStore = new FaultyObjectStore(memory, { seed, failRate: 0.003, halfRate: 0.003 })
      const uuid = 'c0ffee00-0000-4000-8000-000000000000'
      let table: CommittedTable = {
        metadata: createTableMetadata({
          uuid,
          location,
          columns: [{ id: 1, name: 'timestamp', type: 'timestamptz', required: true }],
          nowMs: 1,
        }),
        version: 0,
      }
      let live: readonly DataFile[] = []
      const snapshots = new Map<number, readonly string[]>()
      const putFile = async (name: string, file: Pick<DataFile, 'month' | 'rows'>): Promise<DataFile> => {
        await memory.put(`${prefix}/data/${name}`, new Uint8Array([1]), { ifAbsent: false })
        return { ...file, path: `${location}/data/${name}`, bytes: 1, columns: [] }
      }
      const commit = async (
        number: number,
        added: readonly DataFile[],
        removed: readonly DataFile[],
      ): Promise<void> => {
        const paths = removed.map(({ path }) => path)
        const at = { store, prefix, ...table, nowMs: number, snapshotId: 100 + number, operationId: `op-${number}` }
        table = await untilDone(() => commitFiles({ ...at, added, removed: paths }))
        live = [...live.filter(({ path }) => !paths.includes(path)), ...added]
        snapshots.set(100 + number, live.map(({ path }) => path).toSorted())
      }

      for (const [number, step] of someSteps.entries()) {
        if (step.kind === 'append') {
          const files = step.months.map((month, part) => putFile(`${number}-${part}`, { month, rows: part + 1 }))
          await commit(number, await Promise.all(files), [])
        } else if (step.kind === 'replace' && live.length > 0) {
          const start = step.first % live.length
          const removed = live.slice(start, start + step.count)
          const rows = removed.reduce((sum, file) => sum + file.rows, 0)
          await commit(number, [await putFile(`${number}`, { month: 670, rows })], removed)
          expect(currentSnapshot(table.metadata)?.summary.operation).toBe('replace')
        } else if (step.kind === 'expire') {
          const expiry = { store, prefix, ...table, operationId: `op-${number}`, nowMs: number, keepMin: step.keepMin }
          const { unreferenced, ...rest } = await untilDone(() => expireSnapshots({ ...expiry, olderThanMs: number }))
          table = rest
          await memory.delete(unreferenced)
        }
      }
      const { metadata } = table
      for (const snapshot of metadata.snapshots) {
        const id = snapshot['snapshot-id']
        const files = await listDataFiles(memory, { prefix, metadata, snapshotId: id })
        expect(files.map(({ path }) => path).toSorted()).toEqual(snapshots.get(id))
        const manifests = await readManifestsOf({ store: memory, prefix, metadata }, snapshot)
        // A merge may write one more manifest, and deleted files another.
        expect(manifests.length).toBeLessThanOrEqual(smallManifestsMax + 2)
      }
      const rows = live.reduce((sum, file) => sum + file.rows, 0)
      expect(Number(currentSnapshot(metadata)?.summary['total-records'] ?? 0)).toBe(rows)

      const needed = new Set<string>()
      for (const snapshot of metadata.snapshots) {
        needed.add(snapshot['manifest-list'])
        for (const path of snapshots.get(snapshot['snapshot-id']) ?? []) needed.add(path)
        for (const { path } of await readManifestsOf({ store: memory, prefix, metadata }, snapshot)) needed.add(path)
      }
      for (const entry of metadata['metadata-log']) needed.add(entry['metadata-file'])
      if (table.version > 0) {
        needed.add(`${location}/metadata/v${table.version}.metadata.json`)
        needed.add(`${location}/metadata/version-hint.text`)
      }
      const { objects } = await memory.list({ prefix: `${prefix}/`, limit: 1_000 })
      expect(objects.map(({ key }) => location + key.slice(prefix.length))).toEqual([...needed].toSorted())
    }),
    { numRuns: Number(process.env['RUNS'] ?? 12) },
  )
})
