// The entities of a base as of one event, while later events replace and delete them: right, and at a cost that does not grow with
// the events.

import { seededRandom } from '@dotdo/db'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore, Maker, Robot } from '../../test/flushed-store.ts'
import { readBaseGroup } from './base-rows.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))

interface Read {
  readonly names: Readonly<Record<string, unknown>>
  readonly groups: number
  readonly rowsRead: number
}

/** Reads all groups; `between` runs after each, as writes do. */
async function readAll(
  { storage, parts: { state } }: Flushed,
  { seq, limits, between }: { seq: number; limits: { rows: number; events: number }; between?: () => Promise<void> },
): Promise<Read> {
  let [rowsRead, groups] = [0, 0]
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []
  const sql = new Proxy(storage.sql, {
    get: (target, name) =>
      name === 'exec'
        ? (query: string, ...values: unknown[]) => {
            const cursor = target.exec(query, ...values)
            cursors.push(cursor)
            return cursor
          }
        : Reflect.get(target, name),
  })
  const names: Record<string, unknown> = {}
  const table = state.tableOf(Robot)
  for (let afterId = ''; ; groups++) {
    const group = readBaseGroup({ sql, state, table, seq, afterId, limits })
    if (group === undefined) break
    for (const { id, fields } of group.rows) {
      expect(id > afterId && id <= group.lastId && names[id] === undefined, `${id} comes once, in order`).toBe(true)
      names[id] = fields['name']
    }
    expect(group.lastId > afterId).toBe(true)
    afterId = group.lastId
    await between?.()
  }
  for (const cursor of cursors) rowsRead += cursor.rowsRead
  return { names, groups, rowsRead }
}

test(`a base has each entity as of its event, however many events came since and come meanwhile (seed ${seed})`, async () => {
  await inFlushedStore(async (flushed) => {
    const random = seededRandom(seed)
    const live = new Map<string, string>()
    const removed: string[] = []
    const act = async (): Promise<void> => {
      const ids = [...live.keys()]
      const id = ids[Math.floor(random() * ids.length)]
      const dice = random()
      const name = `n${Math.floor(random() * 1e6)}`
      if (id === undefined || dice < 0.3) live.set((await flushed.create({ name })).row.target, name)
      else if (dice < 0.6) {
        await flushed.update(id, { name })
        live.set(id, name)
      } else if (dice < 0.9 || removed.length === 0) {
        await flushed.remove(id)
        removed.push(id)
        live.delete(id)
      } else {
        const again = removed.splice(Math.floor(random() * removed.length), 1)[0] ?? ''
        const { row } = await flushed.restore(again)
        live.set(again, (JSON.parse(row.data) as { readonly name: string }).name)
      }
    }
    for (let made = 0; made < 60; made++) live.set((await flushed.create({ name: `n${made}` })).row.target, `n${made}`)
    for (let acts = 0; acts < 40; acts++) await act()
    const then = Object.fromEntries([...live].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const seq = flushed.store.events.head
    for (let acts = 0; acts < 150; acts++) await act()
    for (const rows of [1, 7, 32, 5_000])
      for (const events of [0, 20_000])
        expect((await readAll(flushed, { seq, limits: { rows, events }, between: act })).names).toEqual(then)
  })
})

test('what all groups of a base read does not grow with the events since, as one reading of these for each group does', async () => {
  const costs = async (updates: number): Promise<readonly Read[]> =>
    inFlushedStore(async (flushed) => {
      const ids: string[] = []
      for (let made = 0; made < 60; made++) ids.push((await flushed.create({ name: `n${made}` })).row.target)
      const seq = flushed.store.events.head
      // These say nothing of the entities of the base.
      for (let made = 0; made < updates; made++) await flushed.create({ name: 'a maker' }, Maker)
      for (const id of ids) await flushed.remove(id)
      const [bySeq, byEvents] = [
        { rows: 4, events: 0 },
        { rows: 4, events: 20_000 },
      ]
      return [await readAll(flushed, { seq, limits: bySeq }), await readAll(flushed, { seq, limits: byEvents })]
    })
  const [[few, fewOfLog], [many, manyOfLog]] = [await costs(0), await costs(300)]
  for (const read of [few, fewOfLog, many, manyOfLog]) expect(Object.keys(read?.names ?? {})).toHaveLength(60)
  expect(many?.rowsRead).toBeLessThanOrEqual((few?.rowsRead ?? 0) + (few?.groups ?? 0))
  expect(manyOfLog?.rowsRead).toBeGreaterThan((fewOfLog?.rowsRead ?? 0) + 300 * 10)
})
