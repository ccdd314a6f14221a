// Indexes of list fields in a real Durable Object: queries use them, writes update them, a changed definition fills them and
// a rebuild restores them. Lists of references are checked like single references.

import { Noun, type NounSchema, parseFilter } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, futureMs, inFlushedStore } from '../../test/flushed-store.ts'
import { planFind } from './find-plan.ts'

const Tag = Noun('Tag', { name: 'string!', things: '<- Thing.links[]' }).$schema
const Thing = Noun(
  'Thing',
  {
    name: 'string!',
    tags: 'string[]#',
    sizes: 'number[]#',
    links: '-> Tag.things[]',
  },
  { onDelete: { links: 'keep' } },
).$schema
const Plain = Noun(
  'Thing',
  { name: 'string!', tags: 'string[]', sizes: 'number[]#', links: '-> Tag.things[]' },
  { onDelete: { links: 'keep' } },
).$schema
const schemas = [Thing, Tag]
const table = '"Thing/list tags:text[]"'

const lists = ({ storage }: Flushed, name = table): unknown[] =>
  storage.sql
    .exec(`SELECT "value", "$since" AS since, "$until" AS until, "$id" AS id FROM ${name} ORDER BY 1, 2`)
    .toArray()

function planOf({ store, storage }: Flushed, schema: NounSchema, filter: object, seq?: number): string {
  const { state } = store
  const { page } = planFind({
    table: state.tableOf(schema),
    filter: parseFilter(filter, { schema, lookup: (name) => schemas.find((one) => one.name === name) }),
    limit: 10,
    point: { seq, isPastIndexed: true, table: (noun) => state.table(noun), hasList: (name) => state.hasList(name) },
  })
  const steps = storage.sql.exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${page.text}`, ...page.parameters)
  return [...steps].map(({ detail }) => detail).join('\n')
}

test.each([
  [{ tags: 'x' }, 'SEARCH item USING PRIMARY KEY (value=? AND $until=?)'],
  [{ tags: { $in: ['x', 'y'] } }, 'SEARCH item USING PRIMARY KEY (value=? AND $until=?)'],
  [{ sizes: { $gt: 1, $lt: 5 } }, 'SEARCH item USING PRIMARY KEY (value>?)'],
  [{ links: 'tag_000000000000' }, 'SEARCH item USING PRIMARY KEY (value=? AND $until=?)'],
])('%j uses the index of the list, in the present and the past', (filter, step) =>
  inFlushedStore(
    async (flushed) => {
      await flushed.create({ name: 'a', tags: ['x'] }, Thing)
      const plan = planOf(flushed, Thing, filter)
      expect(plan).toContain(step)
      expect(plan).toContain('SEARCH t USING PRIMARY KEY ($id=?)')
      expect(planOf(flushed, Thing, filter, 1)).toContain('SEARCH item USING PRIMARY KEY (value')
    },
    { schemas },
  ),
)

test('a query from the other end of a list of references uses the index', () =>
  inFlushedStore(
    async (flushed) => {
      const tag = await flushed.create({ name: 't' }, Tag)
      await flushed.create({ name: 'a', links: [tag.row.target] }, Thing)
      expect(planOf(flushed, Tag, { 'things.name': 'a' })).toMatch(
        /SEARCH txi USING PRIMARY KEY \(value=\? AND \$until=\?/,
      )
    },
    { schemas },
  ))

test('a value is in the index from the event that adds it to the event that removes it', () =>
  inFlushedStore(
    async (flushed) => {
      const { create, update, remove, restore } = flushed
      const { target } = (await create({ name: 'a', tags: ['x', 'y', 'x'] }, Thing)).row
      await update(target, { name: 'b' }, Thing)
      await update(target, { tags: ['y', 'z'] }, Thing)
      await remove(target, Thing)
      await restore(target, Thing)
      const open = Number.MAX_SAFE_INTEGER
      await update(target, { tags: ['y'] }, Thing)
      expect(lists(flushed)).toEqual([
        { value: 'x', since: 1, until: 3, id: target },
        { value: 'y', since: 1, until: 4, id: target },
        { value: 'y', since: 6, until: open, id: target },
        { value: 'z', since: 3, until: 4, id: target },
      ])
    },
    { schemas },
  ))

test('an added index also contains past values, and a removed index is dropped', () =>
  inFlushedStore(
    async (first) => {
      const { target } = (await first.create({ name: 'a', tags: ['x'], sizes: [1, 107711449703316670] }, Plain)).row
      await first.update(target, { tags: ['y'] }, Plain)
      await first.create({ name: 'b' }, Plain)
      const gained = first.restart({ schemas })
      await gained.create({ name: 'c', tags: ['y'] }, Thing)
      expect(lists(gained).map((row) => (row as { value: string }).value)).toEqual(['x', 'y', 'y'])
      const lost = gained.restart({ schemas: [Plain, Tag] })
      await lost.create({ name: 'd', tags: ['w'] }, Plain)
      expect(() => lists(lost)).toThrow(/no such table/)
      expect(lists(lost, '"Thing/list sizes:real[]"').map((row) => (row as { value: number }).value)).toEqual([
        1, 107711449703316670,
      ])
      expect(planOf(lost, Plain, { tags: 'w' })).toContain('SCAN')
    },
    { schemas: [Plain, Tag] },
  ))

test('verify reports errors in the index, and a rebuild restores it', () =>
  inFlushedStore(
    async (flushed) => {
      const { create, update, store, storage } = flushed
      const { target } = (await create({ name: 'a', tags: ['x'] }, Thing)).row
      await update(target, { tags: ['y'] }, Thing)
      const before = lists(flushed)
      expect((await store.verify()).faults).toEqual([])
      storage.sql.exec(`DELETE FROM ${table} WHERE "value" = 'x'`)
      expect((await store.verify()).faults).toEqual(['Thing.tags: its index is wrong about 1 values of lists'])
      storage.sql.exec(`UPDATE ${table} SET "value" = 'z'`)
      expect((await store.verify()).faults).toEqual(['Thing.tags: its index is wrong about 3 values of lists'])
      await store.rebuild()
      expect(lists(flushed)).toEqual(before)
      expect((await store.verify()).faults).toEqual([])
    },
    { schemas, startMs: futureMs },
  ))

test('verify compares a large index in slices, and counts each error once', () =>
  inFlushedStore(
    async (flushed) => {
      const { create, store, storage } = flushed
      const { sql } = storage
      const tags = ['', '!', '+49 1', 'a', 'ä', '~']
      const { target } = (await create({ name: 'a', tags, sizes: [1] }, Thing)).row
      const copies = JSON.stringify(Array.from({ length: 1_500 }, (_, at) => `thing_${String(at).padStart(12, '0')}`))
      const copy = (name: string): void => {
        const query = 'SELECT name FROM pragma_table_info(?) WHERE name <> ?'
        const others = sql.exec<{ name: string }>(query, name, '$id').toArray()
        const columns = (of: string): string => others.map((column) => `${of}"${column.name}"`).join(', ')
        const from = `"${name}" AS t, json_each(?) AS copy WHERE t."$id" = ?`
        const insert = `INSERT INTO "${name}" ("$id", ${columns('')}) SELECT copy.value, ${columns('t.')} FROM ${from}`
        sql.exec(insert, copies, target)
      }
      for (const name of ['Thing', 'Thing/list tags:text[]', 'Thing/list sizes:real[]']) copy(name)
      const faults = async (): Promise<string | undefined> =>
        (await store.verify()).faults.find((fault) => fault.includes('its index is wrong'))
      expect(await faults()).toBeUndefined()
      for (const at of [0, 499, 1_000, 1_499]) {
        const id = `thing_${String(at).padStart(12, '0')}`
        sql.exec(`DELETE FROM ${table} WHERE "$id" = ? AND "value" IN ('', '~')`, id)
        sql.exec(`UPDATE ${table} SET "value" = ' ' || "value" WHERE "$id" = ? AND "value" = 'ä'`, id)
      }
      // Four entities lack three values each, and have one too many.
      expect(await faults()).toBe('Thing.tags: its index is wrong about 16 values of lists')
    },
    { schemas, startMs: futureMs },
  ))

test('new references in a list must point to live entities, and existing ones may point to deleted ones', () =>
  inFlushedStore(
    async ({ create, update, remove }) => {
      const tag = (await create({ name: 't' }, Tag)).row.target
      const { target } = (await create({ name: 'a', links: [tag] }, Thing)).row
      await remove(tag, Tag)
      await update(target, { links: [tag, tag] }, Thing)
      const refused = update(target, { links: [tag, 'tag_000000000000'] }, Thing)
      await expect(refused).rejects.toMatchObject({ code: 'invalid_reference', field: 'links' })
    },
    { schemas },
  ))
