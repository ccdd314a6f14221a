// Indexes on paths inside `json` fields, in a real SQLite: the plan uses them, unique ones refuse, and a later definition
// fills or drops them.

import { Noun, type NounSchema, parseFilter } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import { planCount, planFind } from './find-plan.ts'

const fields = { name: 'string!', metadata: 'json?' } as const
const Car = Noun('Car', fields, {
  indexes: [{ path: 'metadata.externalId', unique: true }, { path: 'metadata.engine.power' }],
}).$schema
const Plain = Noun('Car', fields).$schema

type Kind = 'list' | 'count'

function planOf({ store, storage }: Flushed, kind: Kind, filter: object, seq?: number): string {
  const { state } = store
  const options = {
    table: state.tableOf(Car),
    filter: parseFilter(filter, { schema: Car, lookup: () => Car }),
    limit: 10,
    point: {
      seq,
      isPastIndexed: true,
      table: (noun: string) => state.table(noun),
      hasList: (name: string) => state.hasList(name),
    },
  }
  const { text, parameters } = kind === 'list' ? planFind(options).page : planCount(options)
  const steps = storage.sql.exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`, ...parameters)
  return [...steps].map(({ detail }) => detail).join('\n')
}

function countOf({ store, storage }: Flushed, schema: NounSchema, filter: object): number {
  const { state } = store
  const { text, parameters } = planCount({
    table: state.tableOf(schema),
    filter: parseFilter(filter, { schema, lookup: () => schema }),
    limit: 100,
    point: { seq: undefined, table: () => state.tableOf(schema), hasList: () => true },
  })
  return storage.sql.exec<{ count: number }>(text, ...parameters).one().count
}

const [byId, byPower] = ['Car.metadata.externalId', 'Car.metadata.engine.power']
// A list with a one-sided range uses the index of the list's order instead, as for any other indexed field.
test.each<[Kind, object, string, string]>([
  ['list', { 'metadata.externalId': 'a' }, byId, '<expr>=?'],
  ['list', { 'metadata.externalId': { $in: ['a', 'b'] } }, byId, '<expr>=?'],
  ['list', { 'metadata.engine.power': 100 }, byPower, '<expr>=?'],
  ['list', { 'metadata.engine.power': { $gte: 50, $lt: 100 } }, byPower, '<expr>>? AND <expr><?'],
  ['count', { 'metadata.engine.power': 100 }, byPower, '<expr>=?'],
  ['count', { 'metadata.engine.power': { $gt: 100 } }, byPower, '<expr>>?'],
  ['count', { 'metadata.externalId': { $lte: 'b' } }, byId, '<expr><?'],
])('the %s of %j uses the index, in the present and the past', (kind, filter, index, condition) =>
  inFlushedStore(
    async (flushed) => {
      await flushed.create({ name: 'a', metadata: { externalId: 'a' } }, Car)
      expect(planOf(flushed, kind, filter)).toContain(`SEARCH t USING INDEX ${index} (${condition})`)
      expect(planOf(flushed, kind, filter, 1)).toContain(
        `USING INDEX ${index.replace('Car.', 'Car/past.')} (${condition})`,
      )
    },
    { schemas: [Car] },
  ),
)

test('a filter by a path without an index scans the table', () =>
  inFlushedStore(
    async (flushed) => {
      await flushed.create({ name: 'a' }, Car)
      expect(planOf(flushed, 'list', { 'metadata.color': 'red' })).not.toContain('<expr>')
    },
    { schemas: [Car] },
  ))

test('a filter through the index matches only values of its own type', () =>
  inFlushedStore(
    async (flushed) => {
      const powers = [1, '1', true, null, 2 ** 53 + 2, 107711449703316670, [1], { a: 1 }, 'x', 0.5]
      for (const [at, power] of powers.entries())
        await flushed.create({ name: `${at}`, metadata: { engine: { power } } }, Car)
      const asked = [
        1,
        '1',
        true,
        null,
        { $gt: 0 },
        { $gt: '' },
        { $lte: 'x' },
        { $in: [1, 'x', 107711449703316670, true] },
        { $ne: 1 },
        { $not: { $gt: 0 } },
      ]
      expect(asked.map((power) => countOf(flushed, Car, { 'metadata.engine.power': power }))).toEqual(
        asked.map((power) => countOf(flushed, Plain, { 'metadata.engine.power': power })),
      )
      expect(asked.map((power) => countOf(flushed, Car, { 'metadata.engine.power': power }))).toEqual([
        1, 1, 1, 1, 4, 2, 2, 4, 9, 6,
      ])
    },
    { schemas: [Car] },
  ))

test('a value at a unique path is unique among live entities, except for missing values and other types', () =>
  inFlushedStore(
    async ({ create, update, remove }) => {
      const first = (await create({ name: 'a', metadata: { externalId: 'x' } }, Car)).row.target
      for (const externalId of [1, true, true, null, undefined, undefined, [1], [1]])
        await create({ name: 'b', metadata: externalId === undefined ? {} : { externalId } }, Car)
      const second = (await create({ name: 'c', metadata: { externalId: 'y' } }, Car)).row.target
      const taken = {
        code: 'conflict',
        field: 'metadata.externalId',
        message: expect.stringContaining('"x" is taken by') as string,
      }
      await expect(create({ name: 'd', metadata: { externalId: 'x' } }, Car)).rejects.toMatchObject(taken)
      await expect(update(second, { metadata: { externalId: 'x' } }, Car)).rejects.toMatchObject(taken)
      await update(second, { metadata: { externalId: 'y', more: 1 } }, Car)
      await remove(first, Car)
      await update(second, { metadata: { externalId: 'x' } }, Car)
    },
    { schemas: [Car] },
  ))

test('an added index is filled, and a unique one keeps existing duplicates and refuses new ones', () =>
  inFlushedStore(
    async (first) => {
      await first.create({ name: 'a', metadata: { externalId: 'x' } }, Plain)
      await first.create({ name: 'b', metadata: { externalId: 'x' } }, Plain)
      const gained = first.restart({ schemas: [Car] })
      expect(planOf(gained, 'list', { 'metadata.externalId': 'x' })).toContain(byId)
      expect(countOf(gained, Car, { 'metadata.externalId': 'x' })).toBe(2)
      await expect(gained.create({ name: 'c', metadata: { externalId: 'x' } }, Car)).rejects.toMatchObject({
        code: 'conflict',
      })
      const lost = gained.restart({ schemas: [Plain] })
      await lost.create({ name: 'd', metadata: { externalId: 'x' } }, Plain)
      const indexes = lost.storage.sql.exec("SELECT name FROM sqlite_master WHERE name LIKE '%externalId%'").toArray()
      expect(indexes).toEqual([])
    },
    { schemas: [Plain] },
  ))
