// What a rebuild promises: whatever became of state, files and table, the log brings them back.

import { manifestKey } from '@dotdo/db'
import { describe, expect, test } from 'vitest'
import { type Flushed, inFlushedStore, Maker } from '../../test/flushed-store.ts'

const small = { eventsMax: 40, sealedEvents: 20, keptEvents: 10, graceMs: 1_000 }

/** A tenant with a past, part of which is in the archive. */
async function populate(flushed: Flushed): Promise<string[]> {
  const { create, update, remove, restore, flusher } = flushed
  const maker = (await create({ name: 'Ada' }, Maker)).row.target
  const ids: string[] = []
  for (let at = 0; at < 50; at++) {
    ids.push((await create({ name: `robot ${at}`, serial: `s${at}`, power: at, maker })).row.target)
    if (at % 5 === 0) await update(ids[at] ?? '', { name: `Renamed ${at}`, notes: { at } })
    if (at % 7 === 0) await remove(ids[at] ?? '')
    if (at % 14 === 0) await restore(ids[at] ?? '')
  }
  await flusher.drain()
  expect(flusher.archive.state.position.trimmedSeq).toBeGreaterThan(0)
  return ids
}

function tables({ storage }: Flushed): unknown {
  return ['Robot', 'Robot/past', 'Maker', 'Maker/past'].map((name) => [
    ...storage.sql.exec(`SELECT * FROM "${name}" ORDER BY "$id", "$seq"`).raw(),
  ])
}

const words = ({ storage }: Flushed, word: string): unknown =>
  [...storage.sql.exec('SELECT rowid FROM "Robot/text" WHERE "Robot/text" MATCH ? ORDER BY rowid', word).raw()].flat()

describe('a rebuild', () => {
  test('of a whole tenant changes nothing in it', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        flushed.store.text.catchUp(flushed.store.events.head)
        const before = [tables(flushed), words(flushed, 'renamed'), words(flushed, 'robot')]
        const report = await flushed.store.rebuild()
        expect(report.events).toBe(flushed.store.events.head)
        expect([tables(flushed), words(flushed, 'renamed'), words(flushed, 'robot')]).toEqual(before)
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small },
    ))

  test('mends a state that says something else than the log', () =>
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

  test('brings back files and a table that are gone or damaged, but for texts that only they had', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        const { files, flusher, store } = flushed
        const { trimmedSeq } = flusher.archive.state.position
        const only = flusher.archive.state.segments().filter(({ throughSeq }) => throughSeq <= trimmedSeq)
        const kept = new Set(only.map(({ key }) => key))
        const { objects } = await files.list({ prefix: 'acme/', limit: 1_000 })
        await files.delete(objects.map(({ key }) => key).filter((key) => !kept.has(key)))
        const { faults } = await store.verify()
        expect(faults.join()).toContain(manifestKey('acme'))
        expect(faults.length).toBeGreaterThan(2)
        await store.rebuild()
        expect((await store.verify()).faults).toEqual([])
        await flushed.create({ name: 'later' })
        await flusher.drain()
        expect((await store.verify()).faults).toEqual([])
        expect(kept.size).toBeGreaterThan(0)
      },
      { settings: small },
    ))

  test('goes on beside writers, and what they write is in it', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        const rebuilding = flushed.store.rebuild()
        for (let at = 0; at < 20; at++) await flushed.create({ name: `meanwhile ${at}` })
        await rebuilding
        await flushed.flusher.drain()
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: small },
    ))

  test('of events that are too large for one page', () =>
    inFlushedStore(
      async (flushed) => {
        await flushed.create({ name: 'Ada' }, Maker)
        for (let at = 0; at < 12; at++) await flushed.create({ name: String(at).repeat(400_000), power: at })
        await flushed.flusher.drain()
        const before = tables(flushed)
        await flushed.store.rebuild()
        expect(tables(flushed)).toEqual(before)
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { settings: { ...small, sealedEvents: 10, keptEvents: 0 } },
    ))

  test('leaves no table of its own behind, also after one that was killed', () =>
    inFlushedStore(
      async (flushed) => {
        await populate(flushed)
        flushed.storage.sql.exec('CREATE TABLE "Robot/rebuilt" (x)')
        await flushed.store.rebuild()
        const names = [...flushed.storage.sql.exec("SELECT name FROM sqlite_master WHERE name LIKE '%rebuilt%'")]
        expect(names).toEqual([])
      },
      { settings: small },
    ))
})
