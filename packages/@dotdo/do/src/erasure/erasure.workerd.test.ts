// Erasures of persons: planted values are in every place before, and in none after, while order, versions and amounts stay.

import { MemoryObjectStore } from '@dotdo/db'
import { Noun, type NounSchema } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import { placesWith } from '../../test/stored-texts.ts'

const Person = Noun('Person', {
  name: 'string! personal',
  email: 'email?## personal',
  words: 'string[]# personal',
  notes: 'json? personal',
  city: 'string?',
  paid: 'number?',
  visits: '<- Visit.person[]',
  seen: '<- Visit.nurse[]',
}).$schema
const Visit = Noun('Visit', {
  findings: 'text? personal',
  fee: 'number?',
  person: '-> Person.visits personal',
  nurse: '-> Person.seen',
}).$schema
const Remark = Noun('Remark', { body: 'text! personal', of: 'id? personal', mood: 'Calm | Angry' }).$schema
const schemas: readonly NounSchema[] = [Person, Visit, Remark]

const settings = { keptEvents: 5, sealedEvents: 3, graceMs: 3_600_000 } as const
const secret = 'qzvplanted'

async function populate(
  flushed: Flushed,
): Promise<{ readonly jane: string; readonly joan: string; readonly visit: string }> {
  const { create, update, remove, drain } = flushed
  const jane = (
    await create(
      {
        name: `${secret} one`,
        email: `${secret}@x.org`,
        words: [secret, 'b'],
        notes: { a: secret },
        city: 'Ulm',
        paid: 5,
      },
      Person,
    )
  ).row.target
  const joan = (await create({ name: 'Joan', email: 'joan@x.org', words: ['b'], city: 'Ulm' }, Person)).row.target
  const visit = (await create({ findings: `${secret} two`, fee: 7, person: jane, nurse: joan }, Visit)).row.target
  await create({ body: `${secret} three`, of: visit }, Remark)
  const gone = (await create({ body: `${secret} gone`, of: jane }, Remark)).row.target
  await remove(gone, Remark)
  await drain()
  await update(jane, { name: `${secret} four`, city: 'Bonn' }, Person)
  await update(visit, { findings: `${secret} five`, fee: 8 }, Visit)
  await update(visit, { person: joan }, Visit)
  for (let n = 0; n < 40; n++)
    await update(n % 2 === 0 ? jane : joan, { words: [`${n % 2 === 0 ? secret : 'w'}${n}`] }, Person)
  await drain()
  await update(jane, { paid: 6, notes: { b: [secret] } }, Person)
  return { jane, joan, visit }
}

test('planted values are in state, log, past versions, words and files, and after the erasure in none of them', async () => {
  const files = new MemoryObjectStore()
  await inFlushedStore(
    async (flushed) => {
      const { store, drain, storage, lake } = flushed
      const { jane, joan, visit } = await populate(flushed)
      await store.reading(() => store.text.require(store.events.head))
      const before = await placesWith(secret, { sql: storage.sql, files })
      for (const place of ['table log', 'table Person', 'table Person/past', 'table Visit/past', 'table Remark/past'])
        expect(before).toContain(place)
      expect(before.filter((place) => place.startsWith('file'))).toSatisfy(
        (found: string[]) =>
          found.some((key) => key.includes('/events/data/')) && found.some((key) => key.includes('/entities/')),
      )
      expect(before.some((place) => place.includes('/text_data'))).toBe(true)
      expect(lake.archive.state.position.trimmedSeq).toBeGreaterThan(0)
      const { head } = store.events
      const [versions, heads] = [count(flushed), headsOf(flushed, head)]

      expect(store.erasures.preview([jane])).toMatchObject({
        Person: { entities: 1 },
        Visit: { entities: 1 },
        Remark: { entities: 2 },
      })
      const asked = store.erasures.ask({ ids: [jane], actor: 'user_1', reason: undefined })
      await drain()
      expect(await placesWith(secret, { sql: storage.sql, files })).toEqual([])
      expect(store.erasures.find(asked.id)).toMatchObject({
        stage: 'done',
        report: {
          nouns: { Person: { entities: 1, fields: ['email', 'name', 'notes', 'words'] }, Remark: { entities: 2 } },
        },
      })

      expect(headsOf(flushed, head)).toEqual(heads)
      // Each living entity has one version more, by its event.
      expect(count(flushed)).toBe(versions + 3)
      expect(store.events.read({ after: head, limit: 10 }).rows.map(({ type, changes }) => [type, changes])).toEqual(
        expect.arrayContaining([
          ['Person.Erased', '{}'],
          ['Visit.Erased', '{}'],
          ['Remark.Erased', '{}'],
        ]),
      )
      const tables = Object.fromEntries(schemas.map(({ name }) => [name, store.state.table(name)]))
      const [person, visits] = [tables['Person'], tables['Visit']]
      if (person === undefined || visits === undefined) throw new Error('the tables exist')
      expect(store.state.get(person, jane)?.fields).toEqual({ name: 'erased', city: 'Bonn', paid: 6 })
      expect(store.state.get(person, joan)?.fields).toMatchObject({ name: 'Joan', email: 'joan@x.org' })
      expect(store.state.get(visits, visit)?.fields).toEqual({ fee: 8, person: joan, nurse: joan })
      expect(store.state.getAsOf(person, jane, 1)?.fields).toEqual({ name: 'erased', city: 'Ulm', paid: 5 })
      expect(await store.verify()).toMatchObject({ isWhole: true, faults: [] })
      await store.rebuild()
      expect(await placesWith(secret, { sql: storage.sql, files })).toEqual([])
      expect(await store.verify()).toMatchObject({ isWhole: true, faults: [] })
    },
    { schemas, settings, files },
  )
}, 60_000)

function count({ storage }: Flushed): number {
  return schemas.reduce((sum, { name }) => {
    const of = (table: string): number =>
      storage.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM "${table}"`).one().n
    return sum + of(name) + of(`${name}/past`)
  }, 0)
}

function headsOf({ storage }: Flushed, through: number): unknown {
  return storage.sql
    .exec('SELECT seq, "commit", id, type, target, version, at, actor FROM log WHERE seq <= ?', through)
    .toArray()
}
