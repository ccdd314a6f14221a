// The guarantees of the flush, in a real Durable Object with its files in memory.

import {
  FaultyObjectStore,
  manifestKey,
  MemoryObjectStore,
  type ObjectStore,
  parseManifest,
  StoreFault,
} from '@dotdo/db'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMany, type Flushed, inFlushedStore, Maker } from '../../test/flushed-store.ts'

/** Checks that log, state and files agree, and that the files hold everything. */
async function expectWhole({ store, lake }: Flushed): Promise<void> {
  const report = await store.verify()
  expect(report.faults).toEqual([])
  expect(lake.state.manifest?.seq ?? 0).toBe(store.events.head)
  expect(lake.archive.state.position.throughSeq).toBe(store.events.head)
}

const runs = Number(process.env['RUNS'] ?? 2)
/** So small that a test runs every kind of step. */
const small = { eventsMax: 40, sealedEvents: 20, keptEvents: 10, graceMs: 1_000 }

describe('a flush', () => {
  test('writes everything to files: entities, changes, deletions and restored entities', () =>
    inFlushedStore(async (flushed) => {
      const { create, update, remove, restore, lake, store } = flushed
      const maker = (await create({ name: 'Ada' }, Maker)).row.target
      const ids = []
      for (const name of ['a', 'b', 'c']) ids.push((await create({ name, serial: name, maker })).row.target)
      const [a = '', b = '', c = ''] = ids
      await flushed.drain()
      await expectWhole(flushed)
      await update(a, { power: 3, notes: { deep: [1, null] } })
      await remove(b)
      await remove(c)
      await flushed.drain()
      await expectWhole(flushed)
      await restore(c)
      await flushed.drain()
      await expectWhole(flushed)
      expect(lake.state.manifest?.nouns['Robot']?.entities).toBe(2)
      expect((await store.verify()).entities).toBe(3)
    }))

  test('publishes the recorded manifest after the files that it names', () =>
    inFlushedStore(async (flushed) => {
      const { files, lake } = flushed
      await createMany(flushed, 3)
      await flushed.drain()
      const manifest = await published(files)
      expect(manifest).toEqual(lake.state.manifest)
      expect(manifest).toMatchObject({ tenant: 'acme', epoch: 'e1', seq: 3, events: { throughSeq: 3 } })
    }))

  test('that is due waits for at most three steps of other jobs, although writes never pause', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, clock } = flushed
        const waits: number[] = []
        let others = 0
        let bases = 0
        for (let step = 0; step < 60; step++) {
          await createMany(flushed, 10)
          clock.ms += 500
          const { seq = 0, nouns } = lake.state.manifest ?? {}
          await flushed.run()
          const after = lake.state.manifest
          if (after?.nouns['Robot']?.base !== nouns?.['Robot']?.base) bases++
          if (after?.seq === seq) others++
          else {
            waits.push(others)
            others = 0
          }
        }
        expect(Math.max(...waits)).toBeLessThanOrEqual(3)
        // The other jobs had work, and did it.
        expect(bases).toBeGreaterThan(0)
        expect(waits.filter((steps) => steps > 0).length).toBeGreaterThan(3)
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: { ...small, tablesMs: 86_400_000, eventsMax: 10, deltaRowsMin: 30, rowsPerStep: 25 } },
    ))

  test('does not wait for a whole step of a rewrite', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, clock, create } = flushed
        for (let round = 0; round < 6; round++) await createMany(flushed, 1_000)
        clock.ms += 5_000
        await flushed.run()
        const before = lake.state.manifest
        expect(before).toMatchObject({ seq: 6_000, nouns: { Robot: { base: [] } } })
        const rewriting = flushed.run()
        await create({ name: 'late' })
        clock.ms += 5_000
        await rewriting
        // The step would have had room for all rows.
        expect(lake.state.read('compaction')?.rows).toBe(5_000)
        expect(lake.state.manifest).toEqual(before)
        await flushed.run()
        expect(lake.state.manifest?.seq).toBe(6_001)
        await flushed.drain()
        await expectWhole(flushed)
      },
      { settings: { deltaRowsMin: 1, rowsPerStep: 30_000 } },
    ))

  test('waits for the interval, but not once there are enough events', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, clock, create } = flushed
        await create({ name: 'a' })
        clock.ms += 4_000
        await flushed.run()
        expect(lake.state.manifest).toBeUndefined()
        clock.ms += 1_000
        await flushed.run()
        expect(lake.state.manifest?.seq).toBe(1)
        await createMany(flushed, 40)
        await flushed.run()
        expect(lake.state.manifest?.seq).toBe(41)
      },
      { settings: { eventsMax: 40 } },
    ))

  test('continues in bounded steps if there is more than one step takes', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, clock } = flushed
        await createMany(flushed, 130)
        clock.ms += 5_000
        await flushed.run()
        expect(lake.state.manifest?.seq).toBe(40)
        await flushed.drain()
        await expectWhole(flushed)
      },
      { settings: small },
    ))

  test('and a rewrite of a base take a bounded amount of text per step', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, clock } = flushed
        const text = 'x'.repeat(900_000)
        await Promise.all(Array.from({ length: 80 }, () => flushed.create({ name: text })))
        clock.ms += 5_000
        const seqs: number[] = []
        let steps = 0
        for (; lake.layers.due(lake.manifests.current) !== undefined || lake.manifests.current.seq < 80; steps++) {
          await flushed.run()
          if (lake.manifests.current.seq !== seqs.at(-1)) seqs.push(lake.manifests.current.seq)
          expect(steps).toBeLessThan(10)
        }
        expect(seqs).toEqual([36, 72, 80])
        const [base, ...more] = lake.manifests.current.nouns['Robot']?.base ?? []
        expect([base?.rows, ...more.map(({ rows }) => rows)]).toEqual([72, 8])
      },
      { settings: { deltaRowsMin: 60 } },
    ))

  test('leaves few files after many rounds, with each event in one of them, and deletes old files', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, files, clock, update } = flushed
        const ids = await createMany(flushed, 5)
        for (let round = 0; round < 60; round++) {
          await update(ids[round % 5] ?? '', { power: round })
          clock.ms += 5_000
          await flushed.drain()
        }
        await expectWhole(flushed)
        clock.ms += 10_000
        await flushed.drain()
        clock.ms += 10_000
        await flushed.drain()
        const { objects } = await files.list({ prefix: 'acme/', limit: 1_000 })
        const ending = (suffix: string): number =>
          objects.filter(({ key }) => !key.startsWith('acme/robot/metadata/') && key.endsWith(suffix)).length
        expect(objects.filter(({ key }) => key.startsWith('acme/robot/metadata/')).length).toBeLessThan(40)
        expect(lake.archive.state.segments().length).toBeLessThan(12)
        expect(ending('.parquet')).toBeLessThan(40)
        expect(ending('.avro')).toBeLessThan(80)
        expect(ending('.metadata.json')).toBeLessThan(30)
        await expectWhole(flushed)
      },
      { settings: { ...small, sealedEvents: 1_000, keptEvents: 10_000 } },
    ))
})

describe('a base', () => {
  test('is rewritten in steps while flushes continue, and replaces the deltas included in it', () =>
    inFlushedStore(
      async (first) => {
        let flushed = first
        const ids: string[] = []
        const seen = new Set<string>()
        for (let round = 0; round < 40; round++) {
          ids.push(...(await createMany(flushed, 4)))
          await flushed.update(ids[(round * 7) % ids.length] ?? '', { power: round })
          if (round % 3 === 0) await flushed.remove(ids.splice((round * 5) % ids.length, 1)[0] ?? '')
          if (round % 9 === 0) {
            const id = ids[0] ?? ''
            await flushed.remove(id)
            await flushed.restore(id)
          }
          flushed.clock.ms += 5_000
          await flushed.run()
          flushed.clock.ms += 10
          // One more step, which continues a rewrite if one is in progress.
          await flushed.run()
          const layers = flushed.lake.state.manifest?.nouns['Robot']
          if ((layers?.base.length ?? 0) > 0) seen.add('base')
          if (flushed.lake.state.read('compaction') !== undefined) seen.add('under way')
          if (round % 10 === 9) {
            flushed = flushed.restart()
            expect((await flushed.store.verify()).faults).toEqual([])
          }
        }
        await flushed.drain()
        await expectWhole(flushed)
        expect([...seen].toSorted()).toEqual(['base', 'under way'])
      },
      { settings: { ...small, deltaRowsMin: 30, rowsPerStep: 25 } },
    ))
})

describe('the archive', () => {
  test('removes the texts of old events from the object, and every read returns the same answers', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, store, storage, update } = flushed
        const ids = await createMany(flushed, 60)
        for (const id of ids.slice(0, 20)) await update(id, { power: 1_000 })
        const before = store.events.read({ after: 0, limit: 1_000 }).rows
        await flushed.drain()
        const { trimmedSeq } = lake.archive.state.position
        expect(trimmedSeq).toBeGreaterThanOrEqual(40)
        expect(storage.sql.exec("SELECT count(*) AS n FROM log WHERE data = '' AND changes IS NULL").one()).toEqual({
          n: trimmedSeq,
        })
        expect(await store.reading(() => store.events.read({ after: 0, limit: 1_000 }).rows)).toEqual(before)
        const after = flushed.restart()
        expect(await after.store.reading(() => after.store.events.many([1, 70, 33]))).toEqual(
          before.filter(({ seq }) => [1, 33, 70].includes(seq)),
        )
        await expectWhole(after)
      },
      { settings: small },
    ))

  test('keeps the texts of the newest events, and of events for which work is owed', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, storage } = flushed
        await createMany(flushed, 60)
        storage.sql.exec("INSERT INTO outbox (handler, target, seq, due) VALUES ('h', 't', 5, ?)", Date.UTC(2030, 0))
        await flushed.drain()
        expect(lake.archive.state.position.trimmedSeq).toBe(0)
        storage.sql.exec('DELETE FROM outbox')
        await flushed.drain()
        expect(lake.archive.state.position.trimmedSeq).toBeGreaterThan(0)
        expect(lake.archive.state.position.trimmedSeq).toBeLessThanOrEqual(50)
      },
      { settings: small },
    ))

  test('keeps files that are the only copy when the sealed size grows, and trims later ones', () =>
    inFlushedStore(
      async (first) => {
        for (let round = 0; round < 12; round++) {
          await createMany(first, 10)
          await first.drain()
        }
        const before = first.lake.archive.state.position.trimmedSeq
        expect(before).toBeGreaterThanOrEqual(110)
        const only = first.lake.archive.state.segments().filter(({ throughSeq }) => throughSeq <= before)
        expect(only.length).toBeGreaterThan(8)
        const flushed = first.restart({ settings: { ...small, sealedEvents: 50, keptEvents: 0 } })
        for (let round = 0; round < 10; round++) {
          await createMany(flushed, 7)
          await flushed.drain()
        }
        await expectWhole(flushed)
        expect(flushed.lake.archive.state.segments().slice(0, only.length)).toEqual(only)
        expect(flushed.lake.archive.state.position.trimmedSeq).toBeGreaterThan(120)
      },
      { settings: { ...small, sealedEvents: 10, keptEvents: 0 } },
    ))

  test('never makes a damaged file the only copy', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, files, clock } = flushed
        await createMany(flushed, 30)
        clock.ms += 5_000
        await flushed.run()
        const [segment] = lake.archive.state.segments()
        const bytes = await files.get(segment?.key ?? '')
        if (bytes === undefined) throw new Error('expected the file to exist')
        bytes[100] = (bytes[100] ?? 0) ^ 1
        await files.put(segment?.key ?? '', bytes, { ifAbsent: false })
        await createMany(flushed, 30)
        await expect(flushed.drain()).rejects.toThrow('is damaged')
        expect(lake.archive.state.position.trimmedSeq).toBe(0)
        expect((await flushed.store.verify()).faults.join()).toContain(segment?.key)
      },
      { settings: small },
    ))

  test('reads a file again from the store before it becomes the only copy', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake, files, clock } = flushed
        await createMany(flushed, 30)
        clock.ms += 5_000
        await flushed.run()
        await expectWhole(flushed)
        const [segment] = lake.archive.state.segments()
        await files.delete([segment?.key ?? ''])
        await createMany(flushed, 30)
        await expect(flushed.drain()).rejects.toThrow('is missing')
        expect(lake.archive.state.position.trimmedSeq).toBe(0)
      },
      { settings: small },
    ))

  test('has few snapshots however long they are to be kept, even if only flushes run', () =>
    inFlushedStore(
      async (flushed) => {
        const { lake } = flushed
        await createMany(flushed, 260)
        for (let seq = 1; seq <= 260; seq++) await lake.archive.append(seq)
        expect((await lake.archive.table()).snapshots.length).toBeLessThan(255)
        await flushed.drain()
        expect((await lake.archive.table()).snapshots.length).toBe(200)
        await expectWhole(flushed)
      },
      { settings: { ...small, graceMs: 86_400_000, sealedEvents: 1_000, keptEvents: 10_000 } },
    ))

  test('ends a file with its month', () =>
    inFlushedStore(async (flushed) => {
      const { lake, clock } = flushed
      await createMany(flushed, 3)
      clock.ms = Date.UTC(2026, 11, 1)
      await createMany(flushed, 2)
      await flushed.drain()
      const segments = lake.archive.state.segments()
      expect(segments.map(({ afterSeq, throughSeq }) => [afterSeq, throughSeq])).toEqual([
        [0, 3],
        [3, 5],
      ])
      expect(segments.map(({ key }) => key.split('/')[3])).toEqual(['2026-10', '2026-12'])
      await expectWhole(flushed)
    }))
})

describe('a failing store', () => {
  test('never blocks writes and loses nothing: steps are retried, and in the end everything is in the files', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 12 }),
        (seed, rounds) =>
          inFlushedStore(
            async (flushed) => {
              const faulty = flushed.files as FaultyObjectStore
              const ids: string[] = []
              for (const [round, count] of rounds.entries()) {
                ids.push(...(await createMany(flushed, count)))
                await flushed.update(ids[0] ?? '', { power: round })
                if (round % 3 === 2) await flushed.remove(ids.pop() ?? '')
                flushed.clock.ms += 60_000
                faulty.isDown = round % 4 === 1
                await flushed.run()
              }
              faulty.isDown = false
              for (let tries = 0; tries < 2_000; tries++) {
                flushed.clock.ms += 60_000
                try {
                  await flushed.drain()
                  break
                } catch (error) {
                  if (!(error instanceof StoreFault) && !String(error).includes('damaged')) throw error
                }
              }
              faulty.heal()
              await expectWhole(flushed)
            },
            {
              files: new FaultyObjectStore(new MemoryObjectStore(), { seed, failRate: 0.05, halfRate: 0.05 }),
              settings: { ...small, eventsMax: 7, sealedEvents: 10 },
            },
          ),
      ),
      { numRuns: runs },
    ))

  test('never shows readers a manifest ahead of its files', () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), (seed) => {
        const inner = new MemoryObjectStore()
        return inFlushedStore(
          async (flushed) => {
            for (let round = 0; round < 12; round++) {
              await createMany(flushed, 4)
              flushed.clock.ms += 60_000
              await flushed.run()
              await expectFilesOf(inner)
            }
          },
          { files: new FaultyObjectStore(inner, { seed, failRate: 0.1, halfRate: 0.1 }), settings: small },
        )
      }),
      { numRuns: runs },
    ))
})

describe('an object that is killed', () => {
  test('at any call of the store continues from there: no row is lost or duplicated', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 6, maxLength: 20 }), (kills) => {
        const inner = new MemoryObjectStore()
        const dying = new DyingStore(inner)
        return inFlushedStore(
          async (first) => {
            let flushed = first
            const ids: string[] = []
            for (const [round, calls] of kills.entries()) {
              ids.push(...(await createMany(flushed, 6)))
              await flushed.update(ids[round] ?? '', { power: round })
              flushed.clock.ms += 60_000
              dying.callsLeft = calls
              await flushed.run()
              dying.callsLeft = Number.POSITIVE_INFINITY
              flushed = flushed.restart()
              await expectFilesOf(inner)
            }
            await flushed.drain()
            await expectWhole(flushed)
          },
          { files: dying, settings: { ...small, eventsMax: 9 } },
        )
      }),
      { numRuns: runs },
    ))
})

/** Stops working at some call, as with a dying process. Pending calls may or may not take effect. */
class DyingStore extends FaultyObjectStore {
  callsLeft = Number.POSITIVE_INFINITY

  constructor(store: ObjectStore) {
    super(store, { seed: 1 })
  }

  override get(...of: Parameters<ObjectStore['get']>): ReturnType<ObjectStore['get']> {
    return this.#spend(() => super.get(...of))
  }
  override put(...of: Parameters<ObjectStore['put']>): ReturnType<ObjectStore['put']> {
    return this.#spend(() => super.put(...of))
  }
  override sync(...of: Parameters<ObjectStore['sync']>): ReturnType<ObjectStore['sync']> {
    return this.#spend(() => super.sync(...of))
  }
  override delete(...of: Parameters<ObjectStore['delete']>): ReturnType<ObjectStore['delete']> {
    return this.#spend(() => super.delete(...of))
  }

  async #spend<Result>(call: () => Promise<Result>): Promise<Result> {
    this.callsLeft -= 1
    if (this.callsLeft < -1) throw new StoreFault('dead')
    const result = await call()
    // The last call takes effect, but its answer is lost.
    if (this.callsLeft < 0) throw new StoreFault('died')
    return result
  }
}

async function published(files: ObjectStore): Promise<ReturnType<typeof parseManifest> | undefined> {
  const bytes = await files.get(manifestKey('acme'))
  return bytes === undefined ? undefined : parseManifest(new TextDecoder().decode(bytes), manifestKey('acme'))
}

async function expectFilesOf(files: ObjectStore): Promise<void> {
  const manifest = await published(files)
  if (manifest === undefined) return
  for (const { base, deltas } of Object.values(manifest.nouns)) {
    for (const { key, bytes } of [...base, ...deltas]) expect(await files.head(key), key).toBe(bytes)
  }
}
