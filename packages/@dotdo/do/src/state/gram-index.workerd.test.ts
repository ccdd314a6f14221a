// `$regex` by the index of substrings finds what the predicate finds, now and then, whatever was written, rebuilt or redefined.

import { type Filter, matches, Noun, type NounSchema, parseFilter } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import { planFind } from './find-plan.ts'
import { findVersions } from './find.ts'
import { compileRegex } from './regex-engine.ts'
import { versionToEntity } from './version-to-entity.ts'

const Thing = Noun('Thing', { name: 'string!', note: 'text', code: 'string' }).$schema
const Wider = Noun('Thing', { name: 'string!', note: 'text', code: 'text' }).$schema
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))

const text = fc.array(fc.constantFrom('abc', 'Abd', 'a b', '.', '東京都庁', 'ſk\u212A', 'x', ' '), { maxLength: 5 })
const fields = fc.record(
  {
    name: text.map((parts) => `n${parts.join('')}`),
    note: text.map((parts) => parts.join('')),
    code: fc.constantFrom('abcd', 'x.y'),
  },
  { requiredKeys: ['name'] },
)
const pattern = fc.record(
  {
    $regex: fc.constantFrom(
      'abc',
      'ABD',
      'a ba',
      'abc.*abd',
      '京都庁',
      'skk',
      'b[cd]a',
      'x\\.ya?',
      '(abc|x)abc',
      '.',
      'nabc$',
    ),
    $options: fc.constant('i'),
  },
  { requiredKeys: ['$regex'] },
)
const filter = fc.oneof(
  fc.tuple(fc.constantFrom('name', 'note', 'code'), pattern).map(([field, condition]) => ({ [field]: condition })),
  fc.tuple(pattern, pattern).map(([name, note]) => ({ name, note })),
  fc.tuple(pattern, pattern).map(([name, note]) => ({ $or: [{ name }, { note }] })),
  pattern.map((note) => ({ name: { $ne: 'n' }, $not: { note } })),
)

/** Changes the tenant in a generated way, and returns the `seq` after each change. */
async function change({ create, update, remove, store }: Flushed, schema: NounSchema, salt: number): Promise<number[]> {
  const ids: string[] = []
  const seqs: number[] = []
  for (const [at, given] of fc.sample(fields, { seed: seed + salt, numRuns: 40 }).entries()) {
    const target = ids[(at * 7) % Math.max(1, ids.length)]
    if (target === undefined || at % 3 === 0) ids.push((await create(given, schema)).row.target)
    else if (at % 11 === 10) {
      await remove(target, schema)
      ids.splice(ids.indexOf(target), 1)
    } else await update(target, given, schema)
    seqs.push(store.events.head)
  }
  return seqs
}

/** Returns the names that the index and the predicate find, and those of the predicate alone. */
function found({ store }: Flushed, schema: NounSchema, of: { filter: Filter; seq?: number }): [string[], string[]] {
  const { state, sql } = store
  if (of.seq !== undefined) store.past.require(store.events.head)
  store.grams.require(schema.name, store.events.head)
  const table = state.tableOf(schema)
  const context = { related: () => [], regex: compileRegex, searchable: schema.searchable }
  const by = (filter: Filter): string[] =>
    findVersions({
      sql,
      table,
      filter,
      limit: 1_000,
      list: '',
      point: { seq: of.seq, isPastIndexed: true, table: () => table, hasList: () => true, hasGrams: () => true },
      matches: (version) => matches(of.filter, versionToEntity(schema.name, version, ''), context),
    }).versions.map(({ id }) => id)
  // A pattern inside `$not` is not looked up, so that all rows are tested.
  return [
    by(of.filter),
    by({ kind: 'not', of: { kind: 'not', of: { kind: 'or', of: [of.filter, { kind: 'not', of: of.filter }] } } }),
  ]
}

function check(flushed: Flushed, schema: NounSchema, seqs: readonly number[]): number {
  let matched = 0
  for (const [at, written] of fc.sample(filter, { seed, numRuns: 60 }).entries()) {
    const parsed = parseFilter(written, { schema, lookup: () => schema })
    for (const seq of [undefined, seqs[(at * 5) % seqs.length]]) {
      const [indexed, all] = found(flushed, schema, { filter: parsed, ...(seq === undefined ? {} : { seq }) })
      expect(indexed, `${JSON.stringify(written)} at ${seq ?? 'present'}`).toEqual(all)
      matched += all.length
    }
  }
  return matched
}

test(`a pattern finds the same with the index and without (seed ${seed})`, () =>
  inFlushedStore(
    async (first) => {
      expect(first.parts.grams.mark).toBe(undefined)
      const seqs = await change(first, Thing, 0)
      expect(check(first, Thing, seqs)).toBeGreaterThan(20)
      // Another definition makes another field searchable, and later writes follow.
      const wider = first.restart({ schemas: [Wider] })
      seqs.push(...(await change(wider, Wider, 1)))
      expect(check(wider, Wider, seqs)).toBeGreaterThan(20)
      expect((await wider.store.verify()).faults).toEqual([])
      await wider.store.rebuild()
      expect(check(wider, Wider, seqs)).toBeGreaterThan(20)
    },
    { schemas: [Thing] },
  ))

test('a plain part of a pattern is looked up, and one on a field without an index is not', () =>
  inFlushedStore(
    async (flushed) => {
      for (let at = 0; at < 30; at++) await flushed.create({ name: `thing ${at}`, code: `thing ${at}` }, Thing)
      const { store, storage } = flushed
      store.grams.require('Thing', store.events.head)
      const rows = (written: object): number => {
        const table = store.state.tableOf(Thing)
        const { page } = planFind({
          table,
          filter: parseFilter(written, { schema: Thing, lookup: () => Thing }),
          limit: 100,
          point: { seq: undefined, table: () => table, hasList: () => true, hasGrams: () => true },
        })
        return storage.sql.exec(page.text, ...page.parameters).toArray().length
      }
      expect(rows({ name: { $regex: 'ing 17$' } })).toBe(1)
      expect(rows({ name: { $regex: 'ING 2', $options: 'i' } })).toBe(11)
      expect(rows({ code: { $regex: 'ing 17$' } })).toBe(30)
      expect(rows({ name: { $regex: '17' } })).toBe(30)
    },
    { schemas: [Thing] },
  ))

test('the index follows in steps, a restart continues it, and writes alone never make it', () =>
  inFlushedStore(
    async (flushed) => {
      await Promise.all(Array.from({ length: 700 }, (_, at) => flushed.create({ name: `thing ${at}` }, Thing)))
      const { events } = flushed.store
      await flushed.parts.text.follow(events.head)
      expect(flushed.parts.grams.mark).toBe(undefined)
      flushed.parts.grams.step(events.head)
      expect(flushed.parts.grams.mark).toBe(250)
      const again = flushed.restart()
      expect(again.parts.grams.mark).toBe(250)
      again.parts.grams.step(events.head)
      expect(again.parts.grams.mark).toBe(500)
      const filterOf = parseFilter({ name: { $regex: 'ing 69' } }, { schema: Thing, lookup: () => Thing })
      expect(found(again, Thing, { filter: filterOf })[0]).toHaveLength(11)
    },
    { schemas: [Thing] },
  ))
