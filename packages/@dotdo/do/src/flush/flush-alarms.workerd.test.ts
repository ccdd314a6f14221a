// The alarms of the jobs on files: set as soon as readers wait, no more often than the store can take, and not at all
// once nothing is left to do.

import { filesOf, MemoryObjectStore, StoreFault } from '@dotdo/db'
import { describe, expect, test } from 'vitest'
import { createMany, type Flushed, futureMs, inFlushedStore } from '../../test/flushed-store.ts'
import type { Hooks } from '../write/hooks.ts'

const small = { eventsMax: 40, sealedEvents: 20, keptEvents: 10, graceMs: 1_000 }
const startMs = futureMs

async function expectWhole({ store, lake }: Flushed): Promise<void> {
  expect((await store.verify()).faults).toEqual([])
  expect(lake.state.manifest?.seq).toBe(store.events.head)
}

/** Rings alarms until none is set; returns their number. */
async function rest(flushed: Flushed, ringsMax: number): Promise<number> {
  for (let rings = 0; rings < ringsMax; rings++) if ((await flushed.ring()) === undefined) return rings
  throw new Error(`${ringsMax} alarms rang, and another one is set for ${await flushed.storage.getAlarm()}`)
}

/** The most alarms that a quiet tenant may ring after its work. */
const quietRingsMax = 100

class BrokenStore extends MemoryObjectStore {
  isBroken: (key: string) => boolean = () => false
  isSyncBroken = false
  puts = 0

  override sync(): Promise<void> {
    return this.isSyncBroken ? Promise.reject(new StoreFault('sync: broken')) : super.sync()
  }

  override put(...of: Parameters<MemoryObjectStore['put']>): Promise<boolean> {
    this.puts++
    return this.isBroken(of[0]) ? Promise.reject(new StoreFault('put: broken')) : super.put(...of)
  }
}

describe('a tenant becomes idle', () => {
  test('after a quiet period no alarm is set, everything is in a few files, and no file waits for deletion', () =>
    inFlushedStore(
      async (flushed) => {
        const ids = await createMany(flushed, 90)
        for (let round = 0; round < 30; round++) {
          await flushed.update(ids[round] ?? '', { power: round })
          await flushed.ring()
        }
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
        expect(flushed.storage.sql.exec('SELECT key FROM garbage').toArray()).toEqual([])
        const named = new Set(flushed.lake.archive.state.segments().map(({ key }) => key))
        const { objects } = await flushed.files.list({ prefix: 'acme/events/data/', limit: 1_000 })
        // The newest ten snapshots need them.
        expect(objects.map(({ key }) => key).filter((key) => !named.has(key)).length).toBeLessThanOrEqual(20)
        // The state that set alarms in between is over as well.
        const again = flushed.restart()
        expect(await rest(again, quietRingsMax)).toBe(0)
      },
      { settings: small, startMs },
    ))

  test('also after the store failed for a while', async () => {
    const files = new BrokenStore()
    await inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 90)
        files.isBroken = (key) => key.endsWith('.avro')
        for (let ring = 0; ring < 8; ring++) expect(await flushed.ring()).toBeDefined()
        files.isBroken = () => false
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
        expect(flushed.storage.sql.exec('SELECT key FROM garbage').toArray()).toEqual([])
      },
      { files, settings: small, startMs },
    )
  })

  test('that was restored to before its alarm publishes the recorded manifest', async () => {
    const files = new BrokenStore()
    await inFlushedStore(
      async (first) => {
        await createMany(first, 3)
        files.isBroken = (key) => key.endsWith('manifest.json')
        await expect(first.drain()).rejects.toThrow('broken')
        files.isBroken = () => false
        await first.storage.deleteAlarm()
        const flushed = first.restart()
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
      },
      { files, settings: small, startMs },
    )
  })
})

describe('a permanently failing store', () => {
  test('is not called at every write, however many events wait to be flushed', async () => {
    const files = new BrokenStore()
    await inFlushedStore(
      async (flushed) => {
        files.isBroken = () => true
        const endMs = flushed.clock.ms + 120_000
        while (flushed.clock.ms < endMs) {
          await createMany(flushed, 1)
          flushed.clock.ms += 1_000
          if (((await flushed.storage.getAlarm()) ?? endMs) <= flushed.clock.ms) await flushed.ring()
        }
        // Retries after 1, 2, 4 … 32 seconds, and then each minute.
        expect(files.puts).toBeLessThanOrEqual(8)
        files.isBroken = () => false
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
      },
      { files, settings: { ...small, eventsMax: 10 }, startMs },
    )
  })

  test("does not lose the progress of a base's rewrite, however long it fails", async () => {
    const files = new BrokenStore()
    await inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 12)
        while (flushed.lake.state.read('compaction') === undefined) await flushed.ring()
        files.isSyncBroken = true
        for (let hour = 0; hour < 3; hour++) {
          for (let ring = 0; ring < 4; ring++) await flushed.ring()
          flushed.clock.ms += 3_600_000
        }
        files.isSyncBroken = false
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
        // When a rebuild abandons the rewrite, its files are found as well.
        await createMany(flushed, 12)
        while (flushed.lake.state.read('compaction') === undefined) await flushed.ring()
        await flushed.store.rebuild()
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
        const inTables = flushed.storage.sql.exec<{ key: string }>('SELECT key FROM lake_table_files').toArray()
        const named = new Set([...filesOf(flushed.lake.manifests.current), ...inTables.map(({ key }) => key)])
        for (const folder of ['data', 'index']) {
          const { objects } = await files.list({ prefix: `acme/robot/${folder}/`, limit: 1_000 })
          expect(objects.map(({ key }) => key).filter((key) => !named.has(key))).toEqual([])
        }
      },
      { files, settings: { ...small, deltaRowsMin: 5, rowsPerStep: 4 }, startMs },
    )
  })

  test('for one kind of step does not block the others', async () => {
    const files = new BrokenStore()
    await inFlushedStore(
      async (flushed) => {
        files.isBroken = (key) => key.includes('/base-')
        for (let round = 0; round < 30; round++) {
          await createMany(flushed, 8)
          const endMs = flushed.clock.ms + 6_000
          while (((await flushed.storage.getAlarm()) ?? Infinity) <= endMs) await flushed.ring()
          flushed.clock.ms = Math.max(flushed.clock.ms, endMs)
          expect(flushed.lake.state.manifest?.seq).toBe(flushed.store.events.head)
        }
        expect(flushed.lake.archive.state.segments().length).toBeLessThan(20)
        expect(flushed.lake.archive.state.position.trimmedSeq).toBeGreaterThan(150)
        const overdue = flushed.storage.sql.exec('SELECT key FROM garbage WHERE due < ?', flushed.clock.ms - 60_000)
        expect(overdue.toArray()).toEqual([])
        expect(flushed.logged.join()).toContain("job 'compaction' failed 1 times in a row: put: broken")
        files.isBroken = () => false
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
      },
      { files, settings: { ...small, deltaRowsMin: 30 }, startMs },
    )
  })
})

describe('an alarm', () => {
  const owing: Hooks = {
    before: [],
    after: [{ id: 'note', handles: () => true, run: () => Promise.reject(new Error('cannot')) }],
  }

  test('that wakes the object is not postponed by it, however often the object sleeps in between', () =>
    inFlushedStore(
      async (first) => {
        let flushed = first
        await createMany(flushed, 3)
        const writtenMs = flushed.clock.ms
        for (let wakes = 0; flushed.lake.manifests.current.seq < 3; wakes++) {
          expect(wakes).toBeLessThan(3)
          flushed.clock.ms = Math.max(flushed.clock.ms, (await flushed.storage.getAlarm()) ?? 0)
          flushed = flushed.restart()
          // The platform runs the ringing alarm only if no later one has replaced it by then.
          if (((await flushed.storage.getAlarm()) ?? Infinity) <= flushed.clock.ms) await flushed.ring()
        }
        expect(flushed.clock.ms - writtenMs).toBeLessThanOrEqual(3_600_000)
      },
      { settings: { ...small, intervalMs: 3_600_000 }, startMs },
    ))

  test('for owed work is set again at start, whatever the flush needs', () =>
    inFlushedStore(
      async (first) => {
        await createMany(first, 1)
        await first.store.runOutbox()
        const flushed = first.restart()
        await flushed.drain()
        expect(await flushed.storage.getAlarm()).toBe(flushed.clock.ms + 500)
      },
      { hooks: owing, settings: small, startMs },
    ))

  test('does not wait for a command, after which an alarm is set for the remaining work', async () => {
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    let isClosed = false
    class GatedStore extends MemoryObjectStore {
      override async get(...of: Parameters<MemoryObjectStore['get']>): ReturnType<MemoryObjectStore['get']> {
        if (isClosed) await gate
        return super.get(...of)
      }
    }
    await inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 3)
        await flushed.drain()
        await createMany(flushed, 3)
        isClosed = true
        const verifying = flushed.store.verify()
        await flushed.ring()
        expect(flushed.lake.manifests.current.seq).toBe(3)
        expect(await flushed.storage.getAlarm()).toBeGreaterThan(flushed.clock.ms)
        open()
        expect((await verifying).faults).toEqual([])
        expect(await flushed.storage.getAlarm()).toBeLessThanOrEqual(flushed.clock.ms)
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
      },
      { files: new GatedStore(), settings: small, startMs },
    )
  })

  test('is set at most one interval ahead, also after the clock was set back', () =>
    inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 1)
        flushed.clock.ms -= 3_600_000
        await createMany(flushed, 1)
        expect(await flushed.storage.getAlarm()).toBe(flushed.clock.ms + 5_000)
      },
      { settings: small, startMs },
    ))

  test('is set by the first write after a rebuild that left nothing to flush', () =>
    inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 1)
        await flushed.store.rebuild()
        await createMany(flushed, 1)
        expect(await flushed.storage.getAlarm()).toBe(flushed.clock.ms + 5_000)
      },
      { settings: small, startMs },
    ))

  test('of a rolled back write stays, or is set by the next write', () =>
    inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 1)
        await rest(flushed, quietRingsMax)
        flushed.storage.sql.exec(
          `CREATE TRIGGER broken BEFORE INSERT ON "Robot" WHEN new."name:text" = 'poison' BEGIN SELECT raise(ABORT, 'disk'); END`,
        )
        await expect(flushed.create({ name: 'poison' })).rejects.toThrow()
        await createMany(flushed, 1)
        expect(await flushed.storage.getAlarm()).not.toBeNull()
        await rest(flushed, quietRingsMax)
        await expectWhole(flushed)
      },
      { settings: small, startMs },
    ))
})
