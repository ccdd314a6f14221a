// Reads of the log by pattern and by actor, in pages, also of archived events.

import { parseEventPattern } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { type Flushed, inFlushedStore, Maker, Robot } from '../../test/flushed-store.ts'
import { ArchivedTexts } from './archived-events.ts'
import { EventsStore } from './events-store.ts'
import { type LogRow } from './log-row.ts'

const tenantName = { name: 'acme', context: 'http://localhost/~acme' }
const actors = ['user_1', 'user_2', 'user_3', 'agent "é"'] as const

/** Writes as one actor. */
async function createBy(flushed: Flushed, actor: string, schema = Robot): Promise<string> {
  const verb = schema.verbs['create']
  if (verb === undefined) throw new Error('no create')
  const name = `by ${actor}`
  const change = { schema, verb, kind: 'create', actor, via: 'rest', decide: () => ({ name }) } as const
  return (await flushed.store.write(change, tenantName)).row.target
}

/** Reads all pages, and counts them. */
async function readAll(
  { store }: Pick<Flushed, 'store'>,
  of: { readonly actor?: string; readonly type?: string; readonly limit: number },
): Promise<{ readonly rows: LogRow[]; readonly pages: number }> {
  const { actor, type, limit } = of
  const choice = {
    ...(actor === undefined ? {} : { actor }),
    ...(type === undefined ? {} : { pattern: parseEventPattern(type) }),
  }
  const rows: LogRow[] = []
  let pages = 0
  for (let after = 0; after < store.events.head; pages++) {
    const page = await store.reading(() => store.events.read({ after, limit, ...choice }))
    expect(page.readThrough).toBeGreaterThan(after)
    expect(page.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...page.rows)
    after = page.readThrough
  }
  return { rows, pages }
}

/** Returns the number of rows that SQLite read. */
function countRowsRead(sql: SqlStorage, read: (events: EventsStore) => void): number {
  const cursors: { readonly rowsRead: number }[] = []
  const counting = new Proxy(sql, {
    get: (target, name) =>
      name === 'exec'
        ? (query: string, ...bindings: unknown[]) => {
            const cursor = target.exec(query, ...bindings)
            cursors.push(cursor)
            return cursor
          }
        : Reflect.get(target, name),
  })
  const events = new EventsStore({ sql: counting, texts: new ArchivedTexts() })
  events.reload()
  cursors.length = 0
  read(events)
  return cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0)
}

describe('events by actor', () => {
  test('are returned in order, page by page, before and after their texts are archived', () =>
    inFlushedStore(
      async (flushed) => {
        for (let at = 0; at < 60; at++) {
          const actor = actors[(at * at) % actors.length] ?? ''
          const id = await createBy(flushed, actor, at % 3 === 0 ? Maker : Robot)
          if (at % 4 === 0 && at % 3 !== 0) await flushed.update(id, { power: at })
        }
        const { store, lake } = flushed
        const all = store.events.read({ after: 0, limit: 1_000 }).rows
        const check = async (of: Pick<Flushed, 'store'>): Promise<void> => {
          for (const actor of [...actors, 'nobody'])
            for (const [type, isOf] of [
              [undefined, () => true],
              ['Robot.*', (row: LogRow) => row.type.startsWith('Robot.')],
              ['*.Updated', (row: LogRow) => row.type.endsWith('.Updated')],
              [all[7]?.target ?? '', (row: LogRow) => row.target === all[7]?.target],
            ] as const)
              for (const limit of [1, 7, 1_000]) {
                const { rows } = await readAll(of, { actor, limit, ...(type === undefined ? {} : { type }) })
                expect(rows).toEqual(all.filter((row) => row.actor === actor && isOf(row)))
              }
        }
        await check(flushed)
        await flushed.drain()
        expect(lake.archive.state.position.trimmedSeq).toBe(all.length)
        await check(flushed.restart())
        expect((await store.verify()).faults).toEqual([])
        flushed.storage.sql.exec('DELETE FROM actors WHERE actor = ?', actors[1])
        expect((await store.verify()).faults).toContain('event 2 is not found by its actor')
        await store.rebuild()
        expect((await store.verify()).faults).toEqual([])
        await check(flushed.restart())
      },
      { settings: { eventsMax: 40, sealedEvents: 10, keptEvents: 0 } },
    ))

  test('cost in proportion to their number, not to the size of the log', () =>
    inFlushedStore(async (flushed) => {
      const { storage } = flushed
      await createBy(flushed, 'rare')
      // 20,000 rows of other actors. Their texts do not matter, because they are not read.
      storage.sql.exec(
        `WITH RECURSIVE n(seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM n WHERE seq < 20001)
         INSERT INTO log (seq, id, type, target, version, at, actor, via, noun, data)
         SELECT n.seq, log.id, log.type, log.target, 1, log.at, 'user_' || (n.seq % 5), log.via, log.noun, log.data
         FROM n, log WHERE log.seq = 1`,
      )
      storage.sql.exec('INSERT OR IGNORE INTO actors SELECT DISTINCT actor, seq / 64 FROM log')
      const { store } = flushed.restart()
      await createBy({ ...flushed, store }, 'rare')
      let found: readonly number[] = []
      const cost = countRowsRead(storage.sql, (events) => {
        const page = events.read({ after: 0, limit: 100, actor: 'rare' })
        found = page.rows.map(({ seq }) => seq)
        expect(page.readThrough).toBe(20_002)
      })
      expect(found).toEqual([1, 20_002])
      expect(cost).toBeLessThan(200)
      const frequent = countRowsRead(storage.sql, (events) =>
        expect(events.read({ after: 15_000, limit: 10, actor: 'user_3' }).rows).toHaveLength(10),
      )
      expect(frequent).toBeLessThan(1_200)
    }))

  test('do not include those of a write that was rolled back', () =>
    inFlushedStore(async (flushed) => {
      await createBy(flushed, 'user_1')
      const { storage } = flushed
      const undone = (): void =>
        storage.transactionSync(() => {
          flushed.parts.events.append({ ...(flushed.store.events.at(1) as LogRow), seq: 2, commit: 2, actor: 'user_2' })
          throw new Error('undone')
        })
      expect(undone).toThrow('undone')
      flushed.parts.events.reload()
      await createBy(flushed, 'user_2')
      expect(flushed.store.events.read({ after: 0, limit: 9, actor: 'user_2' }).rows).toHaveLength(1)
      expect((await flushed.store.verify()).faults).toEqual([])
    }))

  test('that do not match the pattern are examined in bounded numbers, and the next read misses nothing', () =>
    inFlushedStore(async (flushed) => {
      await createBy(flushed, 'busy')
      flushed.storage.sql.exec(
        `WITH RECURSIVE n(seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM n WHERE seq < 12001)
         INSERT INTO log (seq, id, type, target, version, at, actor, via, noun, data)
         SELECT n.seq, log.id, log.type, log.target, 1, log.at, 'busy', log.via, log.noun, log.data
         FROM n, log WHERE log.seq = 1`,
      )
      flushed.storage.sql.exec('INSERT OR IGNORE INTO actors SELECT DISTINCT actor, seq / 64 FROM log')
      const { store } = flushed.restart()
      const id = await createBy({ ...flushed, store }, 'busy', Maker)
      const first = store.events.read({ after: 0, limit: 10, actor: 'busy', pattern: parseEventPattern('Maker.*') })
      expect(first.rows).toEqual([])
      expect(first.readThrough).toBeGreaterThan(4_000)
      expect(first.readThrough).toBeLessThan(5_000)
      const { rows, pages } = await readAll({ store }, { actor: 'busy', type: 'Maker.*', limit: 10 })
      expect(rows.map(({ target }) => target)).toEqual([id])
      expect(pages).toBe(3)
    }))
})
