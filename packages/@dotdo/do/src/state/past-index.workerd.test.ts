// The indexes of past versions: writes leave versions out, a read of the past brings them in, in steps that resume.

import { parseFilter } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, futureMs, inFlushedStore, lookup, Robot } from '../../test/flushed-store.ts'
import { Unfinished } from '../base/unfinished.ts'
import { countVersions } from './find.ts'

/** Counts robots with this power after an event. */
function countAsOf({ store, storage }: Flushed, power: number, seq: number): number | null {
  const { state } = store
  return countVersions({
    sql: storage.sql,
    table: state.tableOf(Robot),
    filter: parseFilter({ power }, { schema: Robot, lookup }),
    point: { seq, isPastIndexed: true, table: (noun) => state.table(noun), hasList: () => true },
    matches: () => true,
  })
}

function countIndexed({ storage }: Flushed): number {
  return storage.sql.exec<{ count: number }>('SELECT count(*) AS count FROM "Robot/past" WHERE "$indexed" = 1').one()
    .count
}

/** Writes `changes` versions of each of two robots, whose power is the version. */
async function fill(flushed: Flushed, changes: number): Promise<void> {
  const ids: string[] = []
  for (let robot = 0; robot < 2; robot++) ids.push((await flushed.create({ name: 'a', power: 1 })).row.target)
  for (let change = 0; change < changes; change++)
    await Promise.all(ids.map((id) => flushed.update(id, { power: change + 2 })))
}

test('a change adds nothing to them, and the first read of the past adds all of it', () =>
  inFlushedStore(async (flushed) => {
    await fill(flushed, 20)
    const { row } = await flushed.create({ name: 'b', power: 1 })
    await flushed.remove(row.target)
    await flushed.restore(row.target)
    expect(countIndexed(flushed)).toBe(0)
    flushed.store.past.require(flushed.store.events.head)
    expect(countIndexed(flushed)).toBe(41)
    expect([1, 2, 3, 42].map((seq) => countAsOf(flushed, 1, seq))).toEqual([1, 2, 1, 0])
    expect([43, 44, 45].map((seq) => countAsOf(flushed, 1, seq))).toEqual([1, 0, 0])
  }))

test('more than a query may do at once is done in slices, and a restart continues where they were', () =>
  inFlushedStore(async (flushed) => {
    await fill(flushed, 550)
    let unfinished: unknown
    try {
      flushed.store.past.require(flushed.store.events.head)
    } catch (error) {
      unfinished = error
    }
    expect(unfinished).toBeInstanceOf(Unfinished)
    const before = countIndexed(flushed)
    expect(before).toBeGreaterThan(100)
    expect(before).toBeLessThan(1_100)
    const after = flushed.restart()
    expect(after.parts.past.mark).toBe(flushed.parts.past.mark)
    await after.store.reading(() => after.store.past.require(after.store.events.head))
    expect(countIndexed(after)).toBe(1_100)
    expect(countAsOf(after, 500, 1_000)).toBe(2)
  }))

test('a tenant whose past was read keeps them up to date in the background, and no other does', () =>
  inFlushedStore(
    async (flushed) => {
      await fill(flushed, 510)
      while ((await flushed.ring()) !== undefined);
      expect(countIndexed(flushed)).toBe(0)
      await flushed.store.reading(() => flushed.store.past.require(flushed.store.events.head))
      expect(countIndexed(flushed)).toBe(1_020)
      await fill(flushed, 510)
      expect(countIndexed(flushed)).toBe(1_020)
      while ((await flushed.ring()) !== undefined);
      expect(countIndexed(flushed)).toBe(2_040)
      await flushed.store.rebuild()
      expect(flushed.parts.past.mark).toBe(0)
      await flushed.store.reading(() => flushed.store.past.require(flushed.store.events.head))
      expect(countIndexed(flushed)).toBe(2_040)
    },
    { startMs: futureMs },
  ))
