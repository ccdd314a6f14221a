// Faults of the object store and the platform that outlast a failed call: late effects, hanging calls and permanent
// failures.

import {
  filesOf,
  formatManifest,
  manifestKey,
  MemoryObjectStore,
  parseManifest,
  type ObjectStore,
  StoreFault,
} from '@dotdo/db'
import { describe, expect, test } from 'vitest'
import { createMany, type Flushed, inFlushedStore } from '../../test/flushed-store.ts'

const small = { tablesMs: 86_400_000, eventsMax: 40, sealedEvents: 20, keptEvents: 10, graceMs: 1_000 }

async function expectWhole({ store, lake }: Flushed): Promise<void> {
  expect((await store.verify()).faults).toEqual([])
  expect(lake.state.manifest?.seq).toBe(store.events.head)
}

/** Fails puts of some keys, and lets them arrive later. */
class LateStore extends MemoryObjectStore {
  isLate: (key: string) => boolean = () => false
  readonly #late: (() => Promise<boolean>)[] = []

  override async put(...of: Parameters<MemoryObjectStore['put']>): Promise<boolean> {
    const [key, bytes, options] = of
    if (!this.isLate(key)) return super.put(...of)
    const kept = bytes.slice()
    this.#late.push(() => super.put(key, kept, options))
    throw new StoreFault('put: no answer in time')
  }

  async arrive(): Promise<number> {
    for (const put of this.#late) await put()
    return this.#late.length
  }
}

describe('a late put', () => {
  test('changes no file in use, whichever step it belongs to', async () => {
    const files = new LateStore()
    await inFlushedStore(
      async (flushed) => {
        const { clock } = flushed
        let late = 0
        for (let round = 0; round < 13; round++) {
          await createMany(flushed, 3)
          clock.ms += 5_000
          await flushed.run()
          files.isLate = (key) => key.includes('/events/data/')
          for (let step = 0; step < 3; step++) await flushed.run()
          files.isLate = () => false
          await createMany(flushed, 2)
          clock.ms += 5_000
          await flushed.run()
          late = await files.arrive()
          await expectWhole(flushed)
        }
        expect(late).toBeGreaterThan(3)
      },
      { files, settings: { ...small, sealedEvents: 1_000, keptEvents: 10_000 } },
    )
  })

  test('of an old manifest is replaced before the files that it names are deleted', async () => {
    const files = new LateStore()
    await inFlushedStore(
      async (flushed) => {
        const { clock } = flushed
        await createMany(flushed, 3)
        files.isLate = (key) => key === manifestKey('acme')
        await expect(flushed.drain()).rejects.toThrow('no answer in time')
        files.isLate = () => false
        for (let round = 0; round < 4; round++) {
          await createMany(flushed, 3)
          await flushed.drain()
        }
        await files.arrive()
        expect((await flushed.store.verify()).faults.join()).toContain('is revision 1')
        clock.ms += 3_600_000
        await flushed.drain()
        await expectWhole(flushed)
      },
      { files, settings: small },
    )
  })
})

test('verify says that a database is older than its files', async () => {
  const files = new MemoryObjectStore()
  await inFlushedStore(
    async (flushed) => {
      await createMany(flushed, 3)
      await flushed.drain()
      const key = manifestKey('acme')
      const stored = new TextDecoder().decode(await files.get(key))
      const manifest = parseManifest(stored, key)
      const later = formatManifest({ ...manifest, revision: manifest.revision + 5 })
      await files.put(key, new TextEncoder().encode(later), { ifAbsent: false })
      const { faults } = await flushed.store.verify()
      expect(faults.join()).toMatch(/is revision \d+, not \d+: the database is older than its files/)
    },
    { files, settings: small },
  )
})

test('files of the last published manifest stay for the grace period after a later one is published, however late', async () => {
  const files = new LateStore()
  await inFlushedStore(
    async (flushed) => {
      const { lake, clock } = flushed
      for (let round = 0; round < 4; round++) {
        await createMany(flushed, 3)
        clock.ms += 5_000
        await flushed.run()
      }
      const told = filesOf(lake.manifests.current)
      // Four deltas become one, and the manifest is not published for an hour.
      files.isLate = (key) => key === manifestKey('acme')
      await flushed.run()
      expect(filesOf(lake.manifests.current).length).toBeLessThan(told.length)
      clock.ms += 3_600_000
      await flushed.run()
      files.isLate = () => false
      const expectTold = async (isThere: boolean): Promise<void> => {
        const there = await Promise.all(told.map(async (key) => (await files.head(key)) !== undefined))
        expect(there.every((is) => is)).toBe(isThere)
      }
      await flushed.drain()
      await expectTold(true)
      clock.ms += 70_000
      await flushed.drain()
      await expectTold(false)
      await expectWhole(flushed)
    },
    { files, settings: { ...small, graceMs: 60_000 } },
  )
})

describe('a call that never returns', () => {
  test('times out, whichever it is, and the flush continues', async () => {
    const files = new MemoryObjectStore()
    let call = 0
    let hungCall = 0
    const never = new Promise<never>(() => {})
    /** The n-th call of a round hangs. */
    const passed = <Result>(run: () => Promise<Result>): Promise<Result> => (++call === hungCall ? never : run())
    const hanging: ObjectStore = {
      get: (...of) => passed(() => files.get(...of)),
      head: (...of) => passed(() => files.head(...of)),
      stat: (...of) => passed(() => files.stat(...of)),
      put: (...of) => passed(() => files.put(...of)),
      delete: (...of) => passed(() => files.delete(...of)),
      list: (...of) => passed(() => files.list(...of)),
      sync: () => passed(() => files.sync()),
    }
    await inFlushedStore(
      async (flushed) => {
        for (hungCall = 1; hungCall <= 24; hungCall++) {
          await createMany(flushed, 1)
          call = 0
          flushed.clock.ms += 60_000
          await flushed.run()
        }
        hungCall = 0
        await flushed.drain()
        await expectWhole(flushed)
      },
      { files: hanging, settings: small, callMsMax: 20 },
    )
  })
})
