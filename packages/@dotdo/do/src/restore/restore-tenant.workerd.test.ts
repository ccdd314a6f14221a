// The guarantees of a restore: the lake alone gives back log, definitions, state and files, wherever it is cut off.

import { MemoryObjectStore, type ObjectStore, StoreFault } from '@dotdo/db'
import fc from 'fast-check'
import { schemaNoun } from 'digital-objects'
import { expect, test } from 'vitest'
import { commitTogether } from '../../test/commit-together.ts'
import { type Flushed, inFlushedStore, Maker } from '../../test/flushed-store.ts'
import type { ArchiveMember, ArchivePage } from './archive-members.ts'

const settings = { eventsMax: 40, sealedEvents: 20, keptEvents: 10, graceMs: 1_000 }
const place = { name: 'acme', context: 'http://localhost/~acme' }

/** The whole of a tenant: its log, and all versions of its entities. */
function contentOf({ store, storage }: Flushed, through = Infinity): unknown {
  const rows = store.state.nounsWithTables().map((noun) => {
    const columns = [...storage.sql.exec<{ name: string }>('SELECT name FROM pragma_table_info(?)', noun)]
    const names = columns.map(({ name }) => `"${name}"`).filter((name) => name !== '"$text"')
    const query = (table: string): string =>
      `SELECT ${names.toSorted().join()} FROM "${table}" WHERE "$seq" <= ${Math.min(through, 1e9)} ORDER BY "$id", "$seq"`
    return [noun, [...storage.sql.exec(query(noun)).raw()], [...storage.sql.exec(query(`${noun}/past`)).raw()]]
  })
  return rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

async function eventsOf({ store, lake }: Flushed): Promise<unknown> {
  const seqs = Array.from({ length: store.events.head }, (_, at) => at + 1)
  for (let start = 0; start < seqs.length; start += 20)
    await lake.fetchArchived(seqs.slice(start, start + 20)).catch(() => {})
  return store.reading(() => store.events.many(seqs))
}

/** A tenant with own definitions, commits of several events, deletions, restorations, and texts that only the lake has. */
async function populate(flushed: Flushed, steps: readonly number[]): Promise<void> {
  const { create, update, remove, restore, lake } = flushed
  const schema = await create(
    { name: 'Ship', definition: { fields: { name: 'string!', crew: 'number?#' } } },
    schemaNoun,
  )
  const ship = (crew: number | string): Promise<unknown> => {
    const Ship = flushed.store.catalog.current.lookup('Ship')
    return Ship === undefined ? Promise.reject(new Error('no Ship')) : create({ name: 'Argo', crew }, Ship)
  }
  await ship(12)
  // A changed definition makes another column, and `crew` of the first ship a value of before.
  const changed = { fields: { name: 'string!', crew: 'string?#', tags: 'string[]#' } }
  await update(schema.row.target, { name: 'Ship', definition: changed }, schemaNoun)
  await ship('many')
  const maker = (await create({ name: 'Ada' }, Maker)).row.target
  const ids: string[] = []
  for (const [at, step] of steps.entries()) {
    ids.push((await create({ name: `robot ${at}`, serial: `s${at}`, power: step, maker })).row.target)
    const id = ids[step % ids.length] ?? ''
    const isThere = flushed.store.state.table('Robot')
    const lives = isThere !== undefined && flushed.store.state.exists(isThere, id)
    if (step % 3 === 0 && lives)
      await update(id, { name: `Renamed ${at}`, notes: { at, text: 'a\u2028\u0000'.slice(0, 2) } })
    if (step % 7 === 0 && lives) await remove(id)
    if (step % 7 === 1 && !lives) await restore(id)
    if (step % 11 === 0) await commitTogether(flushed, [{ fields: { name: `a${at}` } }, { fields: { name: `b${at}` } }])
  }
  await flushed.drain()
  expect(lake.archive.state.position.trimmedSeq).toBeGreaterThan(0)
}

test('generated tenants are the same after a restore from their lake, wherever it is cut off', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(100), { minLength: 45, maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
      async (steps, cuts) => {
        const files = new MemoryObjectStore()
        const before = await inFlushedStore(
          async (flushed) => {
            await populate(flushed, steps)
            return { content: contentOf(flushed), events: await eventsOf(flushed), epoch: flushed.store.bookmark }
          },
          { files, settings },
        )
        const failing = failingAfter(files)
        await inFlushedStore(
          async (first) => {
            let flushed = first
            for (const cut of cuts) {
              failing.left = cut
              const failed = await flushed.store.loss.restore(place, {}).then(
                () => false,
                () => true,
              )
              failing.left = Infinity
              flushed = flushed.restart()
              if (!failed) break
              expect(await flushed.store.loss.describe('acme')).toBeDefined()
            }
            if (!flushed.store.isReady) await flushed.store.loss.restore(place, {})
            for (const now of [flushed, flushed.restart()]) {
              expect(contentOf(now)).toEqual(before.content)
              expect(await eventsOf(now)).toEqual(before.events)
            }
            expect(flushed.store.bookmark).not.toBe(before.epoch)
            await flushed.create({ name: 'later' })
            await flushed.drain()
            flushed.clock.ms += 5_000
            await flushed.drain()
            expect((await flushed.store.verify()).faults).toEqual([])
            const { objects } = await files.list({ prefix: 'acme/', limit: 1_000 })
            const old = objects.filter(({ key }) => key.includes('/data/') && /[-/]e1-/.test(key))
            expect(old.filter(({ key }) => !key.startsWith('acme/events/'))).toEqual([])
          },
          { files: failing.store, settings, epoch: 'e2' },
        )
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 4), endOnFailure: true },
  )
}, 300_000)

/** A store that fails after so many calls. */
function failingAfter(store: ObjectStore): { left: number; readonly store: ObjectStore } {
  const state = { left: Infinity }
  const counted =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (state.left-- <= 0) throw new StoreFault('cut off')
      return call(...args)
    }
  const failing = {
    get: counted(store.get.bind(store)),
    head: counted(store.head.bind(store)),
    stat: counted(store.stat.bind(store)),
    put: counted(store.put.bind(store)),
    delete: counted(store.delete.bind(store)),
    list: counted(store.list.bind(store)),
    sync: counted(store.sync.bind(store)),
  }
  return Object.assign(state, { store: failing })
}

test('a copy of a tenant is as it was at a time, and its original stays', async () => {
  const files = new MemoryObjectStore()
  const at = await inFlushedStore(
    async (flushed) => {
      const { row } = await flushed.create({ name: 'kept' })
      flushed.clock.ms += 1_000
      await flushed.update(row.target, { name: 'changed' })
      await flushed.create({ name: 'late' })
      await flushed.drain()
      return row.atMs + 500
    },
    { files, settings },
  )
  const keys = async (): Promise<readonly string[]> =>
    (await files.list({ prefix: 'acme/', limit: 1_000 })).objects.map(({ key }) => key)
  const original = await keys()
  await inFlushedStore(
    async ({ store }) => {
      const copy = { name: 'acme-2', context: 'http://localhost/~acme-2' }
      expect(await store.loss.restore(copy, { from: 'acme', throughMs: at })).toMatchObject({ seq: 1, entities: 1 })
      const table = store.state.table('Robot')
      const names = [...store.sql.exec(`SELECT "name:text" AS name FROM ${table?.present ?? ''}`)]
      expect(names).toEqual([{ name: 'kept' }])
      expect((await store.verify()).faults).toEqual([])
    },
    { files, settings, epoch: 'e2' },
  )
  expect(await keys()).toEqual(original)
})

test('verify names a database and a lake that do not belong together', async () => {
  const [one, two] = [new MemoryObjectStore(), new MemoryObjectStore()]
  const fill = (files: ObjectStore, epoch: string): Promise<void> =>
    inFlushedStore(
      async ({ create, drain }) => {
        await create({ name: 'a' })
        await drain()
      },
      { files, epoch },
    )
  await fill(two, 'e2')
  await inFlushedStore(
    async (flushed) => {
      await flushed.create({ name: 'a' })
      for (const { key } of (await two.list({ prefix: 'acme/', limit: 1_000 })).objects)
        await one.put(key, (await two.get(key)) ?? new Uint8Array(), { ifAbsent: false })
      expect((await flushed.store.verify()).faults.join()).toContain('is of another database')
    },
    { files: one, epoch: 'e1' },
  )
})

/** All members of the archive. */
async function membersOf({ store }: Flushed): Promise<readonly ArchiveMember[]> {
  const members: ArchiveMember[] = []
  for (let at: string | null = ''; at !== null;) {
    const page: ArchivePage = await store.archive.read(at)
    members.push(...page.members)
    at = page.next
  }
  return members
}

test('archives of generated tenants load into tenants whose archives are the same, wherever a load is cut off', async () => {
  const steps = fc.array(fc.nat(100), { minLength: 45, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(3), async (changes, cut) => {
      const before = await inFlushedStore(
        async (flushed) => {
          await populate(flushed, changes)
          return { members: await membersOf(flushed), content: contentOf(flushed) }
        },
        { settings },
      )
      const other = { name: 'other', context: 'http://localhost/~other' }
      await inFlushedStore(
        async (first) => {
          const load = async ({ store }: Flushed, members: readonly ArchiveMember[]): Promise<void> => {
            for (const { name, text } of members)
              if (name === 'archive.json') await store.archive.begin(other, text, async () => true)
              else await store.archive.load({ name, text })
          }
          await load(first, before.members.slice(0, cut))
          const flushed = first.restart()
          await load(flushed, before.members)
          await flushed.store.archive.finish()
          expect(await membersOf(flushed)).toEqual(before.members)
          expect(contentOf(flushed)).toEqual(before.content)
          expect((await flushed.store.verify()).faults).toEqual([])
        },
        { settings, epoch: 'e3' },
      )
    }),
    { numRuns: Number(process.env['RUNS'] ?? 2), endOnFailure: true },
  )
}, 300_000)

test('an archive has nothing of later writes, and is not finished after a person was erased', async () => {
  await inFlushedStore(
    async (flushed) => {
      const { store, storage } = flushed
      await flushed.create({ name: 'a' })
      const { next } = await store.archive.read('')
      const { next: last } = await store.archive.read(next ?? '')
      await flushed.create({ name: 'b' })
      storage.sql.exec("INSERT INTO text_origins VALUES ('robot_1', 'name', 2, 'mail')")
      const page = await store.archive.read(last ?? '')
      expect([page.next, page.members.map(({ name }) => name)]).toEqual([null, ['definitions.ndjson']])
      const erase = (finished: number | null): unknown =>
        storage.sql.exec(
          "INSERT OR REPLACE INTO erasure_requests (id, roots, actor, asked, stage, finished) VALUES ('erasure_1', '[]', 'ada', 1, 'entities', ?)",
          finished,
        )
      for (const finished of [null, 2]) {
        erase(finished)
        await expect(store.archive.read(last ?? '')).rejects.toMatchObject({ code: 'conflict' })
      }
    },
    { settings },
  )
})

test('a load goes on only with the archive that has begun it', async () => {
  const archiveOf = (name: string): Promise<readonly ArchiveMember[]> =>
    inFlushedStore(
      async (flushed) => {
        await flushed.create({ name })
        return membersOf(flushed)
      },
      { settings },
    )
  const [first, second] = [await archiveOf('first'), await archiveOf('second')]
  await inFlushedStore(
    async ({ store }) => {
      const [head, events] = first
      await store.archive.begin(
        { name: 'other', context: 'http://localhost/~other' },
        head?.text ?? '',
        async () => true,
      )
      for (const member of [events, events]) if (member !== undefined) await store.archive.load(member)
      const other = second[1]
      if (other === undefined) throw new Error('an archive has events')
      await expect(store.archive.load(other)).rejects.toMatchObject({ code: 'invalid_body', field: 'archive' })
    },
    { settings, epoch: 'e3' },
  )
})
