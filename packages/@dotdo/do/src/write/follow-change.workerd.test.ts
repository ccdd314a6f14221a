// Effects inside commits: limits, refusals, bugs, dry runs, and commits that go on after a refusal.

import { assert, type EntityFields, makeNoun, type NounSchema, ObjectError } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import type { Change } from './change.ts'
import type { BeforeHook } from './hooks.ts'

const tenant = { name: 'acme', context: 'http://localhost/~acme' }
const Box = makeNoun('Box', { fields: { name: 'string!', items: '<- Item.box[]' } }).$schema
const Item = makeNoun('Item', {
  fields: { name: 'string!', box: '-> Box.items', guard: '-> Box' },
  onDelete: { box: 'cascade', guard: 'restrict' },
}).$schema
const schemas = [Box, Item]

function changeOf(
  schema: NounSchema,
  verb: 'create' | 'delete',
  given: { fields?: EntityFields; target?: string },
): Change {
  const found = schema.verbs[verb]
  assert(found !== undefined, 'the Nouns of this test have every CRUD verb')
  return {
    schema,
    verb: found,
    kind: verb === 'create' ? 'create' : 'remove',
    ...(given.target === undefined ? {} : { target: given.target }),
    actor: 'user_1',
    via: 'rest',
    decide: ({ current }) => given.fields ?? current ?? {},
  }
}

const create = (schema: NounSchema, fields: EntityFields): Change => changeOf(schema, 'create', { fields })
const remove = (schema: NounSchema, target: string): Change => changeOf(schema, 'delete', { target })

/** Creates a box with this many items in one commit, and returns its id. */
async function fill({ store }: Flushed, count: number): Promise<string> {
  const { row } = await store.write(create(Box, { name: 'box' }), tenant)
  const box = row.target
  await store.commit(
    (commit) => {
      for (let at = 0; at < count; at++) commit.write(create(Item, { name: `${at}`, box }))
      return null
    },
    { tenant },
  )
  return box
}

/** Every row of every table, apart from the shadow tables of the full text. */
function dump({ storage }: Flushed): string {
  const query =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%/text%' AND name NOT LIKE '_cf%'"
  const names = [...storage.sql.exec<{ name: string }>(query)].map(({ name }) => name)
  return JSON.stringify(names.map((name) => [name, [...storage.sql.exec(`SELECT * FROM "${name}"`).raw()]]))
}

const messageOf = (error: unknown): string => (error instanceof ObjectError ? error.message : 'bug')

test('a deletion and its effects are at most 1,000 changes; one more changes nothing', () =>
  inFlushedStore(
    async (flushed) => {
      const { store } = flushed
      const [box, other] = [await fill(flushed, 1_000), await fill(flushed, 999)]
      const before = dump(flushed)
      expect(await store.write(remove(Box, box), tenant).catch(messageOf)).toContain('at most 1000 changes')
      expect(dump(flushed)).toBe(before)
      const { row } = await store.write(remove(Box, other), tenant)
      expect([row.commit, store.events.commitEnd(row.seq)]).toEqual([row.seq, row.seq + 999])
      expect(store.state.countPresent(store.state.tableOf(Item))).toBe(1_000)
    },
    { schemas },
  ))

test('a refused effect inside a commit leaves nothing of its change, and the commit may go on', () =>
  inFlushedStore(
    async (flushed) => {
      const { store } = flushed
      const box = await fill(flushed, 3)
      const [item] = store.state.hasTable('Item')
        ? [...flushed.storage.sql.exec<{ $id: string }>('SELECT "$id" FROM "Item"')]
        : []
      const { result, written } = await store.commit(
        (commit) => {
          const guarded = commit.write(create(Box, { name: 'guarded' })).row.target
          commit.write(create(Item, { name: 'in box', box, guard: guarded }))
          const inner = commit.write(create(Item, { name: 'inner', box: guarded, guard: box })).row.target
          let refusal = ''
          try {
            commit.write(remove(Box, box))
          } catch (error) {
            refusal = messageOf(error)
          }
          commit.write(create(Box, { name: 'after' }))
          return { refusal, inner }
        },
        { tenant },
      )
      expect(result.refusal).toBe(
        `Box '${box}' cannot be deleted: 1 Item refers to it by 'guard', which restricts deletion`,
      )
      expect(written.map(({ row }) => row.type)).toEqual(['Box.Created', 'Item.Created', 'Item.Created', 'Box.Created'])
      expect(store.state.exists(store.state.tableOf(Item), item?.$id ?? '')).toBe(true)
    },
    { schemas },
  ))

test('a bug in the middle of effects leaves nothing, and a dry run of them shows all and leaves nothing', () => {
  let isBroken = true
  const hook: BeforeHook = {
    id: 'broken',
    applies: (noun, verb) => noun === 'Item' && verb === 'delete',
    run: (fields) => {
      if (isBroken && fields['name'] === '1') throw new Error('bug')
    },
  }
  return inFlushedStore(
    async (flushed) => {
      const { store } = flushed
      const box = await fill(flushed, 3)
      const before = dump(flushed)
      expect(await store.write(remove(Box, box), tenant).catch(messageOf)).toBe('bug')
      expect(dump(flushed)).toBe(before)
      isBroken = false
      const work = (commit: { write: (change: Change) => unknown }): null => {
        commit.write(remove(Box, box))
        return null
      }
      const dry = await store.commit(work, { tenant, isDryRun: true })
      expect(dump(flushed)).toBe(before)
      const real = await store.commit(work, { tenant })
      const shown = ({ written }: typeof real): unknown => written.map(({ row }) => [row.seq, row.type, row.target])
      expect(shown(dry)).toEqual(shown(real))
      expect(real.written).toHaveLength(4)
    },
    { schemas, hooks: { before: [hook], after: [] } },
  )
})
