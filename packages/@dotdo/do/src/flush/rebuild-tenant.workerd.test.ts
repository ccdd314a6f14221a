// The guarantees of a rebuild: whatever has become of state, files and table, the log restores them.

import { manifestKey, MemoryObjectStore, StoreFault } from '@dotdo/db'
import { Noun } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { type Flushed, inFlushedStore, Maker, Robot } from '../../test/flushed-store.ts'

const small = { eventsMax: 40, sealedEvents: 20, keptEvents: 10, graceMs: 1_000 }

/** Fills a tenant with a history, part of which is archived. */
async function populate(flushed: Flushed): Promise<string[]> {
  const { create, update, remove, restore, lake } = flushed
  const maker = (await create({ name: 'Ada' }, Maker)).row.target
  const ids: string[] = []
  for (let at = 0; at < 50; at++) {
    ids.push((await create({ name: `robot ${at}`, serial: `s${at}`, power: at, maker })).row.target)
    if (at % 5 === 0) await update(ids[at] ?? '', { name: `Renamed ${at}`, notes: { at } })
    if (at % 7 === 0) await remove(ids[at] ?? '')
    if (at % 14 === 0) await restore(ids[at] ?? '')
  }
  await flushed.drain()
  expect(lake.archive.state.position.trimmedSeq).toBeGreaterThan(0)
  return ids
}

function tables({ storage }: Flushed): unknown {
  return ['Robot', 'Robot/past', 'Maker', 'Maker/past'].map((name) => [
    ...storage.sql.exec(`SELECT * FROM "${name}" ORDER BY "$id", "$seq"`).raw(),
  ])
}

const words = ({ storage }: Flushed, word: string): unknown =>
  [...storage.sql.exec('SELECT rowid FROM "Robot/text" WHERE "Robot/text" MATCH ? ORDER BY rowid', word).raw()].flat()

test('verify reports a log that ends before its files, and a rebuild ends the files there too', () =>
  inFlushedStore(
    async (first) => {
      await populate(first)
      const end = first.lake.archive.state.position.trimmedSeq + 3
      first.storage.sql.exec('DELETE FROM log WHERE seq > ?', end)
      const flushed = first.restart()
      expect((await flushed.store.verify()).faults.join()).toContain(`after event ${end}, where the log ends`)
      await flushed.store.rebuild()
      expect((await flushed.store.verify()).faults).toEqual([])
      await flushed.create({ name: 'later' })
      await flushed.drain()
      expect((await flushed.store.verify()).faults).toEqual([])
    },
    { settings: small },
  ))

describe('a rebuild', () => {
  test('of a consistent tenant changes nothing', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        await flushed.parts.text.follow(flushed.store.events.head)
        const before = [tables(flushed), words(flushed, 'renamed'), words(flushed, 'robot')]
        const report = await flushed.store.rebuild()
        expect(report.events).toBe(flushed.store.events.head)
        expect([tables(flushed), words(flushed, 'renamed'), words(flushed, 'robot')]).toEqual(before)
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small },
    ))

  test('repairs a state that differs from the log', () =>
    inFlushedStore(
      async (flushed) => {
        const ids = await populate(flushed)
        const before = tables(flushed)
        const { sql } = flushed.storage
        sql.exec('UPDATE "Robot" SET "power:real" = 1e6 WHERE "$id" = ?', ids[1])
        sql.exec('DELETE FROM "Robot" WHERE "$id" = ?', ids[2])
        sql.exec('DELETE FROM "Robot/past" WHERE "$id" = ?', ids[5])
        const { faults } = await flushed.store.verify()
        for (const id of [ids[1], ids[2], ids[5]]) expect(faults.join()).toContain(id)
        await flushed.store.rebuild()
        expect(tables(flushed)).toEqual(before)
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small },
    ))

  test('restores missing or damaged files and tables, except for texts that only they held', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        const { files, lake, store } = flushed
        const { trimmedSeq } = lake.archive.state.position
        const only = lake.archive.state.segments().filter(({ throughSeq }) => throughSeq <= trimmedSeq)
        const kept = new Set(only.map(({ key }) => key))
        const { objects } = await files.list({ prefix: 'acme/', limit: 1_000 })
        await files.delete(objects.map(({ key }) => key).filter((key) => !kept.has(key)))
        const { faults } = await store.verify()
        expect(faults.join()).toContain(manifestKey('acme'))
        expect(faults.length).toBeGreaterThan(2)
        await store.rebuild()
        expect((await store.verify()).faults).toEqual([])
        await flushed.create({ name: 'later' })
        await flushed.drain()
        expect((await store.verify()).faults).toEqual([])
        expect(kept.size).toBeGreaterThan(0)
      },
      { settings: small },
    ))

  test('runs beside writers and includes their writes', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        const rebuilding = flushed.store.rebuild()
        for (let at = 0; at < 20; at++) await flushed.create({ name: `meanwhile ${at}` })
        await rebuilding
        await flushed.drain()
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small },
    ))

  test('leaves a column empty that a read of an old definition adds meanwhile', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        const { sql } = flushed.storage
        const rebuilding = flushed.store.rebuild()
        while (sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'Robot/rebuilt'`).toArray().length === 0)
          await new Promise((resolve) => setTimeout(resolve, 1))
        flushed.parts.state.widen(Noun('Robot', { name: 'string!', former: 'string?' }).$schema)
        await rebuilding
        // A rebuild drops empty columns.
        expect(sql.exec(`SELECT name FROM pragma_table_info('Robot') WHERE name LIKE 'former%'`).toArray()).toEqual([])
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small },
    ))

  test('handles events that are too large for one page', () =>
    inFlushedStore(
      async (flushed) => {
        await flushed.create({ name: 'Ada' }, Maker)
        for (let at = 0; at < 12; at++) await flushed.create({ name: String(at).repeat(400_000), power: at })
        await flushed.drain()
        const before = tables(flushed)
        await flushed.store.rebuild()
        expect(tables(flushed)).toEqual(before)
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: { ...small, sealedEvents: 10, keptEvents: 0 } },
    ))

  test('leaves no tables of its own behind, not even after it is killed and the object restarts', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        const made = (): unknown[] => [
          ...flushed.storage.sql.exec("SELECT name FROM sqlite_master WHERE name LIKE '%rebuilt%'"),
        ]
        await flushed.store.rebuild()
        expect(made()).toEqual([])
        flushed.storage.sql.exec('CREATE TABLE "Robot/rebuilt" ("$id" TEXT PRIMARY KEY) WITHOUT ROWID')
        flushed.storage.sql.exec('CREATE TABLE "Gone/rebuilt past" ("$id" TEXT PRIMARY KEY) WITHOUT ROWID')
        const many = `WITH RECURSIVE n(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at < 12000) SELECT 'robot_' || at FROM n`
        flushed.storage.sql.exec(`INSERT INTO "Robot/rebuilt" ${many}`)
        const again = flushed.restart()
        // They are dropped in slices.
        expect(made()).not.toEqual([])
        await again.drain()
        expect(made()).toEqual([])
      },
      { settings: small },
    ))

  test('replaces the state in slices, while entities before and after the present slice are written', () =>
    inFlushedStore(
      async (flushed) => {
        const made = Array.from({ length: 1_300 }, (_, at) => flushed.create({ name: `r${at}`, serial: `s${at}` }))
        const ids = (await Promise.all(made)).map(({ row }) => row.target)
        await Promise.all(ids.filter((_, at) => at % 3 === 0).map((id, at) => flushed.update(id, { power: at })))
        const { sql } = flushed.storage
        // Rows that are missing, superfluous and wrong; two have each other's unique value.
        sql.exec('DELETE FROM "Robot" WHERE "$id" IN (?, ?)', ids[5] ?? '', ids[1_200] ?? '')
        sql.exec('DELETE FROM "Robot/past" WHERE "$id" = ?', ids[600] ?? '')
        sql.exec('UPDATE "Robot" SET "power:real" = 7 WHERE "$id" > ?', ids[1_000] ?? '')
        const [first, last] = [ids[10] ?? '', ids[1_290] ?? '']
        sql.exec('UPDATE "Robot" SET "serial:text" = NULL WHERE "$id" = ?', first)
        sql.exec('UPDATE "Robot" SET "serial:text" = ? WHERE "$id" = ?', 's10', last)
        sql.exec('UPDATE "Robot" SET "serial:text" = ? WHERE "$id" = ?', 's1290', first)
        let isRebuilding = true
        const rebuilding = flushed.store.rebuild().finally(() => {
          isRebuilding = false
        })
        let writes = 0
        for (let at = 20; isRebuilding; at = (at + 211) % 1_200, writes++) {
          const id = ids[at] ?? ''
          if (flushed.store.state.get(flushed.store.state.tableOf(Robot), id) === undefined) await flushed.restore(id)
          else if (writes % 5 === 0) await flushed.remove(id)
          else await flushed.update(id, { power: writes })
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        await rebuilding
        expect(writes).toBeGreaterThan(10)
        await flushed.drain()
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small },
    ))

  test('replaces the table of another log and keeps its event files', () =>
    inFlushedStore(
      async (first) => {
        await populate(first)
        const { files } = first
        const { objects } = await files.list({ prefix: 'acme/events/data/', limit: 1_000 })
        await inFlushedStore(
          async (flushed) => {
            await flushed.create({ name: 'new' })
            await expect(flushed.drain()).rejects.toThrow('rebuild it from the log')
            await flushed.store.rebuild()
            expect((await flushed.store.verify()).faults).toEqual([])
            for (let at = 0; at < 20; at++) await flushed.create({ name: 'later' })
            flushed.clock.ms += 3_600_000
            await flushed.drain()
            expect((await flushed.store.verify()).faults).toEqual([])
            for (const { key, bytes } of objects) expect(await files.head(key)).toBe(bytes)
            expect((await files.list({ prefix: 'acme/events/metadata/', limit: 1_000 })).objects.length).toBeLessThan(
              30,
            )
          },
          { files, settings: small, epoch: 'e2' },
        )
      },
      { settings: small },
    ))

  test('repairs an object that was restored to an older state than its files', () =>
    inFlushedStore(
      async (first) => {
        await populate(first)
        const saved = save(first)
        for (let round = 0; round < 30; round++) {
          await first.create({ name: `lost ${round}` })
          first.clock.ms += 10_000
          await first.drain()
        }
        restore(first, saved)
        const flushed = first.restart()
        await flushed.create({ name: 'after' })
        await expect(flushed.drain()).rejects.toThrow()
        await flushed.store.rebuild()
        expect((await flushed.store.verify()).faults).toEqual([])
        for (let round = 0; round < 30; round++) {
          await flushed.create({ name: `later ${round}` })
          flushed.clock.ms += 10_000
          await flushed.drain()
        }
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small },
    ))

  test('that fails right after a commit whose answer was lost leaves no foreign file in the table', () => {
    const files = new MortalStore()
    return inFlushedStore(
      async (flushed) => {
        await flushed.create({ name: 'a' })
        // The commit is made, but its answer is lost.
        files.isLost = (key) => key.endsWith('/v1.metadata.json')
        await expect(flushed.drain()).rejects.toThrow('lost')
        files.isLost = (key) => key.endsWith('.parquet')
        await expect(flushed.store.rebuild()).rejects.toThrow('lost')
        files.isLost = (key) => key.endsWith('.avro')
        await expect(flushed.store.rebuild()).rejects.toThrow('lost')
        files.isLost = () => false
        expect((await flushed.store.verify()).faults).toEqual([])
        await flushed.drain()
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small, files },
    )
  })

  test('that is killed at any call of the store changes nothing and completes when repeated', () =>
    inFlushedStore(
      async (first) => {
        await populate(first)
        const before = tables(first)
        const mortal = first.files as MortalStore
        let flushed = first
        for (let call = 1, isDone = false; !isDone; call += 3) {
          mortal.callsLeft = call
          isDone = await flushed.store.rebuild().then(
            () => true,
            () => false,
          )
          mortal.callsLeft = Infinity
          flushed = flushed.restart()
          expect(tables(flushed)).toEqual(before)
          await flushed.drain()
          expect((await flushed.store.verify()).faults).toEqual([])
        }
      },
      { settings: small, files: new MortalStore() },
    ))
})

/** Works for a number of calls and then fails. */
class MortalStore extends MemoryObjectStore {
  callsLeft = Infinity
  /** Puts of these keys take effect, but their answers are lost. */
  isLost: (key: string) => boolean = () => false

  override get(...of: Parameters<MemoryObjectStore['get']>): ReturnType<MemoryObjectStore['get']> {
    return this.#spend(() => super.get(...of))
  }
  override put(...of: Parameters<MemoryObjectStore['put']>): ReturnType<MemoryObjectStore['put']> {
    return this.#spend(async () => {
      const isPut = await super.put(...of)
      if (this.isLost(of[0])) throw new StoreFault('lost')
      return isPut
    })
  }
  override list(...of: Parameters<MemoryObjectStore['list']>): ReturnType<MemoryObjectStore['list']> {
    return this.#spend(() => super.list(...of))
  }

  async #spend<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.callsLeft-- <= 0) throw new StoreFault('dead')
    return call()
  }
}

type Saved = readonly {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly SqlStorageValue[][]
}[]

/** Returns all rows of the object, except for the word index. */
function save({ storage }: Flushed): Saved {
  const query =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*/text*' AND name NOT GLOB '_*' AND name NOT GLOB 'sqlite*'"
  return storage.sql
    .exec<{ name: string }>(query)
    .toArray()
    .map(({ name }) => {
      const cursor = storage.sql.exec(`SELECT * FROM "${name}"`)
      return { name, columns: cursor.columnNames, rows: [...cursor.raw()] }
    })
}

function restore({ storage }: Flushed, saved: Saved): void {
  for (const { name, columns, rows } of saved) {
    storage.sql.exec(`DELETE FROM "${name}"`)
    const places = columns.map(() => '?').join(', ')
    for (const row of rows) storage.sql.exec(`INSERT INTO "${name}" VALUES (${places})`, ...row)
  }
}
