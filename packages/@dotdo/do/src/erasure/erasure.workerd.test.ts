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
          found.some((key) => key.includes('/events/data/')) && found.some((key) => key.includes('/person/data/')),
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

test('stored answers, plans, approvals and messages of failures are emptied, once no job needs its request', async () => {
  const files = new MemoryObjectStore()
  await inFlushedStore(
    async (flushed) => {
      const { store, storage, create, run, drain } = flushed
      const { sql } = storage
      const jane = (await create({ name: 'Jane', email: 'jane@x.org' }, Person)).row.target
      const rows = [
        `INSERT INTO plans VALUES ('plan_1', 9e15, 10, '${secret}', '[]', 0, 'x', NULL)`,
        `INSERT INTO approval_requests (id, created, expires, status, actor, bytes, about, request, ids, now, outcome) VALUES ('a', 1, 9e15, 'Pending', 'user_1', 1, '${secret}', '${secret}', '[]', 0, 'x')`,
        `INSERT INTO idempotency_results VALUES (x'01', '${secret}')`,
        `INSERT INTO bulk_jobs (id, kind, noun, actor, request, total, refusals, error, created, finished) VALUES ('job_1', 'k', 'Person', 'a', '', 1, '["${secret}"]', '${secret}', 1, 9e15)`,
        `INSERT INTO bulk_jobs (id, kind, noun, actor, request, total, created) VALUES ('job_2', 'k', 'Person', 'a', '${secret}', 1, 1)`,
        `INSERT INTO outbox (handler, target, seq, due, parked, error) VALUES ('gone', 'x', 1, 9e15, 1, '${secret}')`,
        `INSERT INTO schedules (noun, target, name, rank, parked, error) VALUES ('Person', '${jane}', 's', 0, 1, '${secret}')`,
        `INSERT INTO jobs VALUES ('gone', 1, 9e15, '${secret}')`,
        `INSERT INTO external_ids VALUES ('Person', '${secret}', '${jane}')`,
        `INSERT INTO audit_entries (at, kind, about, target, reason) VALUES (9e15, 'forced', 'x', '${jane}', '${secret}')`,
      ]
      for (const row of rows) sql.exec(row)
      expect(await placesWith(secret, { sql, files })).toHaveLength(9)
      const { id } = store.erasures.ask({ ids: [jane], actor: 'user_1', reason: undefined })
      for (let step = 0; step < 10; step++) await run()
      expect(store.erasures.find(id)?.stage).toBe('requests')
      sql.exec("UPDATE bulk_jobs SET finished = 9e15, request = '' WHERE id = 'job_2'")
      await drain()
      expect(store.erasures.find(id)).toMatchObject({ stage: 'done', report: { requests: 9 } })
      expect(await placesWith(secret, { sql, files })).toEqual([])
    },
    { schemas, settings, files },
  )
})
