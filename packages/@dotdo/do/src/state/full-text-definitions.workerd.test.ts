// A definition that makes other fields searchable: `$text` finds what was written before it, in the present and the past.

import { matches, Noun, type NounSchema, parseFilter } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import { planFind } from './find-plan.ts'
import { compileRegex } from './regex-engine.ts'

const Plain = Noun('Thing', { name: 'string!', note: 'string', code: 'string' }).$schema
const Searched = Noun('Thing', { name: 'string!', note: 'text', code: 'string' }).$schema
const Narrow = Noun('Thing', { name: 'string!', note: 'string', code: 'string#' }).$schema
const Other = Noun('Other', { name: 'string!' }).$schema

/** Returns the names of the entities that `$text` finds in SQL, after the index followed the log. */
async function found(
  { store, storage, parts }: Flushed,
  of: { readonly schema: NounSchema; readonly word: string; readonly seq?: number },
): Promise<string[]> {
  const { schema, word, seq } = of
  await parts.text.follow(store.events.head)
  const { state } = store
  const { page } = planFind({
    table: state.tableOf(schema),
    filter: parseFilter({ $text: word }, { schema, lookup: () => schema }),
    sort: [{ field: '$id', storage: 'text', direction: 1 }],
    limit: 100,
    point: { seq, table: (noun) => state.table(noun), hasList: () => true },
  })
  return [...storage.sql.exec<{ 'name:text': string }>(page.text, ...page.parameters)]
    .map((row) => row['name:text'])
    .toSorted()
}

test('all versions are indexed again, whatever was written before and after the definition', () =>
  inFlushedStore(
    async (first) => {
      const { target } = (await first.create({ name: 'a', note: 'red car', code: 'x1' }, Plain)).row
      await first.create({ name: 'b', note: 'blue car' }, Plain)
      await first.create({ name: 'other car' }, Other)
      await first.update(target, { note: 'green car' }, Plain)
      expect(await found(first, { schema: Plain, word: 'car' })).toEqual([])
      const searched = first.restart({ schemas: [Searched, Other] })
      await searched.update(target, { code: 'x2' }, Searched)
      await searched.create({ name: 'c', note: 'car' }, Searched)
      expect(await found(searched, { schema: Searched, word: 'car' })).toEqual(['a', 'b', 'c'])
      expect(await found(searched, { schema: Searched, word: 'green' })).toEqual(['a'])
      expect(await found(searched, { schema: Searched, word: 'red' })).toEqual([])
      expect(await found(searched, { schema: Searched, word: 'red', seq: 1 })).toEqual(['a'])
      expect(await found(searched, { schema: Other, word: 'car' })).toEqual(['other car'])
      const narrow = searched.restart({ schemas: [Narrow, Other] })
      expect(await found(narrow, { schema: Narrow, word: 'car' })).toEqual([])
      expect(await found(narrow, { schema: Narrow, word: 'x2' })).toEqual(['a'])
      expect(await found(narrow, { schema: Narrow, word: 'x1', seq: 4 })).toEqual(['a'])
      expect((await narrow.store.verify()).faults).toEqual([])
    },
    { schemas: [Plain, Other] },
  ))

test('writes that come while it is indexed again have their words too', () =>
  inFlushedStore(
    async (first) => {
      const made = Array.from({ length: 1_200 }, (_, at) => first.create({ name: `t${at}`, note: 'car' }, Plain))
      const ids = (await Promise.all(made)).map(({ row }) => row.target)
      expect(await found(first, { schema: Plain, word: 'car' })).toEqual([])
      const again = first.restart({ schemas: [Searched, Other] })
      const { head } = again.store.events
      const following = again.parts.text.follow(head)
      // The last entity is not indexed again yet.
      await again.update(ids[1_199] ?? '', { code: 'y' }, Searched)
      await following
      expect(await found(again, { schema: Searched, word: 'car' })).toHaveLength(100)
      expect(await found(again.restart(), { schema: Searched, word: 'car' })).toHaveLength(100)
      const { row } = await again.create({ name: 'last', note: 'bus' }, Searched)
      expect(await found(again, { schema: Searched, word: 'bus' })).toEqual(['last'])
      const last = again.store.state.get(again.store.state.tableOf(Searched), ids[1_199] ?? '')
      expect(last?.textSeq).toBe(1_200)
      expect(row.seq).toBe(1_202)
    },
    { schemas: [Plain, Other] },
  ))

test('words of an earlier tokenizer are made again', () =>
  inFlushedStore(
    async (first) => {
      await first.create({ name: '東京都庁', note: 'a b' }, Searched)
      await first.create({ name: 'plain' }, Searched)
      expect(await found(first, { schema: Searched, word: 'a' })).toEqual(['東京都庁'])
      // The index as version 1 of the tokenizer left it.
      const { text } = first.store.state.tableOf(Searched)
      const { sql } = first.storage
      sql.exec(`INSERT INTO ${text} (${text}) VALUES ('delete-all')`)
      sql.exec(`INSERT INTO ${text} (rowid, words) VALUES (1, '東京都庁 a b'), (2, 'plain')`)
      sql.exec(`UPDATE meta SET value = '{"Thing":"name,note"}' WHERE key = 'words'`)
      const again = first.restart()
      expect(await found(again, { schema: Searched, word: '京都' })).toEqual(['東京都庁'])
      expect(await found(again, { schema: Searched, word: 'plain' })).toEqual(['plain'])
      expect(again.parts.meta.get('words')).toContain('"tokenizer":"2"')
    },
    { schemas: [Searched] },
  ))

test('the predicate says the same', () => {
  const at = '2026-01-01T00:00:00.000Z'
  const meta = { $context: '', $version: 1, $createdAt: at, $createdBy: 'ada', $updatedAt: at }
  const entity = { $type: 'Thing', $id: 'thing_000000000000', ...meta, name: 'a', note: 'red car' }
  const context = { related: () => [], regex: compileRegex }
  const filter = parseFilter({ $text: 'car' }, { schema: Searched, lookup: () => Searched })
  expect([Plain, Searched].map(({ searchable }) => matches(filter, entity, { ...context, searchable }))).toEqual([
    false,
    true,
  ])
})
