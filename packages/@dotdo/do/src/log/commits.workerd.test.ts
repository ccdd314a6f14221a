// Nothing splits a commit: generated logs of commits of any size, in pages, files and handlers.

import { compileAuthority, parseEventPattern } from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commitTogether, type TestChange } from '../../test/commit-together.ts'
import { type Flushed, inFlushedStore, lookup, Maker, Robot } from '../../test/flushed-store.ts'
import type { EventChoice } from './event-heads.ts'
import type { LogRow } from './log-row.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const runs = Number(process.env['RUNS'] ?? 3)
const actors = ['user_1', 'user_2', 'agent "é"'] as const
const settings = { eventsMax: 7, sealedEvents: 10, keptEvents: 0 }

const anyChange = fc.record({
  kind: fc.constantFrom('create', 'create', 'update', 'update', 'delete'),
  at: fc.nat(1_000),
  isMaker: fc.boolean(),
})
const anyLog = fc.array(
  fc.record({
    changes: fc.oneof(
      { weight: 3, arbitrary: fc.array(anyChange, { minLength: 1, maxLength: 3 }) },
      { weight: 2, arbitrary: fc.array(anyChange, { minLength: 1, maxLength: 20 }) },
    ),
    actor: fc.constantFrom(...actors),
  }),
  { minLength: 1, maxLength: 12 },
)
type AnyLog = typeof anyLog extends fc.Arbitrary<infer Log> ? Log : never

/** Writes the commits. Returns the `seq`s at which they end. */
async function writeLog(flushed: Flushed, log: AnyLog): Promise<number[]> {
  const ends = [flushed.store.events.head]
  const living = new Set<string>()
  for (const { changes, actor } of log) {
    const before = [...living]
    const made = changes.map(({ kind, at, isMaker }): TestChange => {
      const id = before[at % Math.max(1, before.length)]
      if (kind === 'create' || id === undefined || !living.has(id))
        return { schema: isMaker ? Maker : Robot, fields: { name: `${at}` } }
      const schema = id.startsWith('maker') ? Maker : Robot
      if (kind === 'update') return { id, schema, fields: { name: `${at} ${Math.random()}` } }
      living.delete(id)
      return { id, schema, fields: null }
    })
    const rows = await commitTogether(flushed, made, actor)
    for (const { type, target } of rows) if (type.endsWith('.Created')) living.add(target)
    ends.push(rows.at(-1)?.seq ?? 0)
  }
  return ends
}

const choices: readonly [EventChoice, (row: LogRow) => boolean][] = [
  [{}, () => true],
  [{ actor: 'user_2' }, ({ actor }) => actor === 'user_2'],
  [{ pattern: parseEventPattern('Maker.*,*.Deleted') }, ({ type }) => /^Maker|Deleted$/.test(type)],
  [{ isVisible: ({ seq }) => seq % 3 > 0 }, ({ seq }) => seq % 3 > 0],
  [{ actor: 'user_1', isVisible: ({ seq }) => seq % 2 > 0 }, ({ actor, seq }) => actor === 'user_1' && seq % 2 > 0],
]

async function checkPages(
  { store }: Pick<Flushed, 'store'>,
  all: readonly LogRow[],
  ends: readonly number[],
): Promise<void> {
  for (const [choice, isChosen] of choices)
    for (const limit of [1, 4, 1_000])
      for (const start of [0, Math.floor(all.length / 2)]) {
        const found: LogRow[] = []
        for (let after = start; after < store.events.head;) {
          const from = after
          const page = await store.reading(() => store.events.read({ after: from, limit, isWhole: true, ...choice }))
          expect(ends).toContain(page.readThrough)
          // Without the last commit, it is below the limit.
          const last = page.rows.at(-1)?.commit
          expect(page.rows.filter(({ commit }) => commit !== last).length).toBeLessThan(limit)
          found.push(...page.rows)
          after = page.readThrough
        }
        expect(found).toEqual(all.filter((row) => row.seq > start && isChosen(row)))
      }
}

test(`pages, flushes and the archive end at commits, before and after texts are archived and all is rebuilt (seed ${seed})`, () =>
  fc.assert(
    fc.asyncProperty(anyLog, (log) =>
      inFlushedStore(
        async (flushed) => {
          await flushed.create({ name: 'first' })
          const ends = await writeLog(flushed, log)
          const { store, lake } = flushed
          const all = store.events.read({ after: 0, limit: 10_000 }).rows
          for (const { seq, commit } of all) {
            const end = ends.find((last) => last >= seq)
            expect([store.events.commitEnd(seq), store.events.commitOf(seq)]).toEqual([end, commit])
          }
          for (const { atMs } of all) expect(ends).toContain(store.events.seqAt(atMs))
          await checkPages(flushed, all, ends)
          for (let steps = 0; steps < 60; steps++) {
            await flushed.run()
            expect([0, ...ends]).toContain(lake.position.seq)
            expect([0, ...ends]).toContain(lake.archive.state.position.throughSeq)
          }
          await flushed.drain()
          expect(lake.position.seq).toBe(all.length)
          expect((await store.verify()).faults).toEqual([])
          await checkPages(flushed.restart(), all, ends)
          await store.rebuild()
          expect((await store.verify()).faults).toEqual([])
          await checkPages(flushed.restart(), all, ends)
        },
        { settings },
      ),
    ),
    { seed, numRuns: runs },
  ))

test('a commit larger than a page is a page of its own, also from the archive', () =>
  inFlushedStore(
    async (flushed) => {
      const large = Array.from({ length: 8 }, () => ({ fields: { name: 'x', notes: 'y'.repeat(900_000) } }))
      const small = Array.from({ length: 3 }, () => ({ fields: { name: 'x' } }))
      for (const changes of [small, large, small, small]) await commitTogether(flushed, changes)
      const pagesOf = async ({ store }: Pick<Flushed, 'store'>, choice: EventChoice): Promise<number[][]> => {
        const pages: number[][] = []
        for (let after = 0; after < store.events.head;) {
          const from = after
          const page = await store.reading(() =>
            store.events.read({ after: from, limit: 100, isWhole: true, ...choice }),
          )
          pages.push(page.rows.map(({ seq }) => seq))
          after = page.readThrough
        }
        return pages
      }
      const range = (first: number, last: number): number[] =>
        Array.from({ length: last - first + 1 }, (_, at) => first + at)
      const expected = [range(1, 3), range(4, 11), range(12, 17)]
      const isChosen = { isVisible: () => true }
      expect([await pagesOf(flushed, {}), await pagesOf(flushed, isChosen)]).toEqual([expected, expected])
      await flushed.drain()
      expect(flushed.lake.archive.state.position.trimmedSeq).toBe(17)
      expect(await pagesOf(flushed.restart(), {})).toEqual(expected)
      expect(await pagesOf(flushed.restart(), isChosen)).toEqual(expected)
    },
    { settings: { ...settings, sealedEvents: 3 } },
  ))

test('verify reports events that are not of one commit with their neighbours, and files that end inside a commit', () =>
  inFlushedStore(
    async (flushed) => {
      for (let count = 0; count < 3; count++)
        await commitTogether(flushed, [{ fields: { name: 'a' } }, { fields: { name: 'b' } }, { fields: { name: 'c' } }])
      await flushed.drain()
      const { sql } = flushed.storage
      sql.exec('UPDATE log SET "commit" = 7 WHERE seq = 9')
      sql.exec('UPDATE log SET "commit" = 2 WHERE seq = 6')
      sql.exec('UPDATE log SET at = at + 1 WHERE seq = 3')
      const { faults } = await flushed.store.verify()
      expect(faults).toContain('event 6 is of commit 2, and the event before it is not')
      expect(faults).toContain('event 3 has another timestamp than its commit')
      sql.exec(
        "INSERT INTO log SELECT 10, 7, format, 'x', type, target, 9, at, actor, on_behalf_of, via, caused_by, noun, data, changes, previous, size, undoes, approved_by, effective, reason, key FROM log WHERE seq = 9",
      )
      const again = flushed.restart()
      expect((await again.store.verify()).faults).toContain('the files of the log end inside a commit, at event 9')
    },
    { settings: { keptEvents: 100 } },
  ))

describe('the visibility of events', () => {
  const nothing = { read: 'none', write: 'none', hidden: [], verbs: [] } as const
  const { visibility } = compileAuthority(
    { who: 'user_1', nouns: { Robot: { ...nothing, read: { 'maker.name': 'mine' } } }, others: nothing },
    lookup,
  )

  test('reads related entities as they were after the commit, and for a deletion before it', () =>
    inFlushedStore(async (flushed) => {
      const visible = (rows: readonly LogRow[]): readonly string[] =>
        rows.filter((row) => flushed.store.eventVisibility(visibility).isVisible(row)).map(({ type }) => type)
      const [maker] = await commitTogether(flushed, [{ schema: Maker, fields: { name: 'theirs' } }])
      const m = { id: maker?.target ?? '', schema: Maker }
      const create = { fields: { name: 'r', maker: m.id } }
      const created = await commitTogether(flushed, [create, { ...m, fields: { name: 'mine' } }])
      const r = { id: created[0]?.target ?? '' }
      expect(visible(created)).toEqual(['Robot.Created'])
      expect(
        visible(
          await commitTogether(flushed, [
            { ...r, fields: { power: 1 } },
            { ...m, fields: { name: 'theirs' } },
          ]),
        ),
      ).toEqual([])
      expect(
        visible(
          await commitTogether(flushed, [
            { ...m, fields: { name: 'mine' } },
            { ...r, fields: { power: 2 } },
          ]),
        ),
      ).toEqual(['Robot.Updated'])
      expect(
        visible(
          await commitTogether(flushed, [
            { ...m, fields: null },
            { ...r, fields: null },
          ]),
        ),
      ).toEqual(['Robot.Deleted'])
    }))
})

describe('AFTER handlers', () => {
  const handled: number[] = []
  let failing = new Set<number>()
  const handler = {
    id: 'recorder',
    handles: () => true,
    run: async ({ seq }: { readonly seq: number }) => {
      await new Promise((resolve) => setTimeout(resolve, seq % 3))
      if (failing.delete(seq)) throw new Error('once')
      handled.push(seq)
    },
    retry: { attemptsMax: 5, firstMs: 10, factor: 1, maxMs: 10 },
  }

  test('get the events of a commit in order, also if one fails, which holds up its own commit only', () =>
    inFlushedStore(
      async (flushed) => {
        const many = (count: number): TestChange[] => Array.from({ length: count }, () => ({ fields: { name: 'r' } }))
        await commitTogether(flushed, many(40))
        await commitTogether(flushed, many(20))
        failing = new Set([5, 6, 41])
        await flushed.store.runOutbox()
        const after = (from: number, to: number): number[] => handled.filter((seq) => seq >= from && seq <= to)
        expect(after(1, 40)).toEqual([1, 2, 3, 4])
        expect(after(41, 60)).toEqual([])
        await commitTogether(flushed, many(1))
        flushed.clock.ms += 10
        await flushed.store.runOutbox()
        expect(after(1, 40)).toEqual([1, 2, 3, 4, 5])
        expect(after(41, 60)).toEqual(Array.from({ length: 20 }, (_, at) => 41 + at))
        expect(after(61, 61)).toEqual([61])
        flushed.clock.ms += 10
        await flushed.store.runOutbox()
        expect(after(1, 40)).toEqual(Array.from({ length: 40 }, (_, at) => 1 + at))
        expect(flushed.store.outboxCounts()).toEqual({ waiting: 0, parked: 0 })
      },
      { hooks: { before: [], after: [handler] } },
    ))
})
