// Reads in slices: whatever is written between two slices, the answer is that of one state, the one its bookmark names.

import { env } from 'cloudflare:test'
import { compileRegex } from '@dotdo/do'
import { type Entity, matches, nouns, parseFilter } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askRead, askWrite } from '../../test/ask-tenant.ts'
import { caller, filterOf, lookup } from '../../test/generated-tenant.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const runs = Number(process.env['RUNS'] ?? 10)
const kinds = ['Contact', 'Organization'] as const
type Stub = DurableObjectStub<import('../../test/worker.ts').SlicedObject>
type World = ReadonlyMap<string, Entity>

function seqOf(bookmark: string): number {
  return Number(bookmark.split('.').at(-1))
}

/** A tenant whose state after each event is known. */
class Tenant {
  readonly stub: Stub = env.SLICED.get(env.SLICED.newUniqueId())
  readonly worlds = new Map<number, World>([[0, new Map()]])
  #last = 0

  async write(call: { noun: string; verb: string; id?: string }, body: object): Promise<Entity> {
    const answer = await askWrite(this.stub, caller, { ...call, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    const seq = seqOf(answer.bookmark)
    const world = new Map(this.worlds.get(this.#last))
    const entity = (answer.body === '' ? {} : JSON.parse(answer.body)) as Entity
    if (call.verb === 'delete') world.delete(call.id ?? '')
    else world.set(entity.$id, entity)
    for (let at = this.#last + 1; at <= seq; at++) this.worlds.set(at, world)
    this.#last = seq
    return entity
  }

  get now(): World {
    return this.worlds.get(this.#last) ?? new Map()
  }

  /** Creates, changes and deletes entities. */
  async change(random: (max: number) => number, count: number): Promise<void> {
    for (let at = 0; at < count; at++) {
      const existing = [...this.now.values()]
      const target = existing[random(existing.length)]
      const organizations = existing.filter(({ $type }) => $type === 'Organization')
      const fields = {
        name: ['a', 'B', 'é', 'Ada Lovelace', '東京都庁の建物'][random(5)],
        leadScore: [0, 1, 42, -1.5][random(4)],
      }
      const organization = organizations[random(organizations.length)]?.$id
      const kind = random(4)
      if (target !== undefined && kind === 0)
        await this.write({ noun: target.$type, verb: 'delete', id: target.$id }, {})
      else if (target?.$type === 'Contact' && kind <= 2)
        await this.write({ noun: 'Contact', verb: 'update', id: target.$id }, { ...fields, organization })
      else if (kind === 3 && random(3) === 0)
        await this.write({ noun: 'Organization', verb: 'create' }, { name: fields.name, industry: 'a' })
      else await this.write({ noun: 'Contact', verb: 'create' }, { ...fields, ...(organization && { organization }) })
    }
  }
}

function expected(kind: (typeof kinds)[number], filter: unknown, world: World): string[] {
  const schema = nouns[kind].$schema
  const parsed = parseFilter(filter, { schema, lookup })
  return [...world.values()]
    .filter(
      (entity) =>
        entity.$type === kind &&
        matches(parsed, entity, {
          related: (of, { field, to }) =>
            [...world.values()].filter(
              (other) =>
                other.$type === to &&
                (field.kind === 'reference' ? other.$id === of[field.name] : other[field.by] === of.$id),
            ),
          regex: compileRegex,
          searchable: schema.searchable,
        }),
    )
    .map(({ $id }) => $id)
}

test(`a read in slices reflects the state of its bookmark, whatever is written between them (seed ${seed})`, async () => {
  const tenant = new Tenant()
  const random = (max: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return max === 0 ? 0 : state % max
  }
  let state = seed + 1
  await tenant.change(random, 60)
  let behind = 0
  let matched = 0
  for (let run = 0; run < runs; run++) {
    const kind = kinds[run % kinds.length] ?? 'Contact'
    const [filter] = fc.sample(filterOf(kind), { seed: seed + run, numRuns: 1 })
    const sort = ['-$createdAt', 'name', '$id'][run % 3] ?? 'name'
    const parameters = { filter: JSON.stringify(filter), sort, limit: '100', count: 'exact' }
    const page = askRead(tenant.stub, caller, { read: 'find', noun: kind, parameters })
    const count = askRead(tenant.stub, caller, { read: 'count', noun: kind, parameters: { filter: parameters.filter } })
    await tenant.change(random, 8)
    const after = Math.max(...tenant.worlds.keys())
    for (const answer of await Promise.all([page, count])) {
      if (!answer.ok) throw new Error(JSON.stringify(answer.error))
      const seq = seqOf(answer.bookmark)
      const wanted = expected(kind, filter, tenant.worlds.get(seq) ?? new Map())
      const body = JSON.parse(answer.body) as { results?: readonly Entity[]; total?: number; count?: number }
      const about = `${kind} ${parameters.filter} by ${sort} at ${seq}`
      if (body.results !== undefined && wanted.length <= 100)
        expect(body.results.map(({ $id }) => $id).toSorted(), about).toEqual(wanted.toSorted())
      expect(body.total ?? body.count, about).toBe(wanted.length)
      if (seq < after) behind++
      matched += wanted.length
    }
  }
  expect(await tenant.stub.slices()).toBeGreaterThan(runs)
  expect(behind).toBeGreaterThan(0)
  expect(matched).toBeGreaterThan(0)
})

test('words are ranked as in one statement, and their list has no cursor', async () => {
  const results: (readonly [string[], string | null])[] = []
  for (const stub of [env.TENANTS.get(env.TENANTS.newUniqueId()), env.SLICED.get(env.SLICED.newUniqueId())]) {
    for (let at = 0; at < 40; at++) {
      // The fewer words, the better the rank. No two are equal.
      const name = `ada ${Array.from({ length: (at * 17) % 40 }, (_, word) => `w${word}`).join(' ')}`
      const title = at % 3 === 0 ? 'ada' : 'other'
      await askWrite(stub, caller, { noun: 'Contact', verb: 'create', body: JSON.stringify({ name, title }) })
    }
    const answer = await askRead(stub, caller, {
      read: 'find',
      noun: 'Contact',
      parameters: { filter: '{"$text":"ada","title":"other"}', limit: '15' },
    })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    const page = JSON.parse(answer.body) as { results: readonly { name: string }[]; cursor: string | null }
    results.push([page.results.map(({ name }) => name), page.cursor])
  }
  expect(results[0]?.[0]).toHaveLength(15)
  expect(results[1]).toEqual(results[0])
  expect(results[1]?.[1]).toBeNull()
})

test('a negated pattern across a relation excludes only entities with a related one that matches', async () => {
  const stub = env.SLICED.get(env.SLICED.newUniqueId())
  const create = async (noun: string, body: object): Promise<string> => {
    const answer = await askWrite(stub, caller, { noun, verb: 'create', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    return (JSON.parse(answer.body) as Entity).$id
  }
  for (const name of ['ada', 'bob', 'none']) {
    const organization = await create('Organization', { name })
    if (name === 'none') continue
    for (let at = 0; at < 10; at++) await create('Contact', { name: 'c', title: `${name} ${at}`, organization })
  }
  const pattern = { 'contacts.title': { $regex: '^ada' } }
  const cases = [
    { filter: pattern, names: ['ada'] },
    { filter: { $not: pattern }, names: ['bob', 'none'] },
    { filter: { $not: { $not: pattern } }, names: ['ada'] },
    { filter: { $not: { $and: [pattern, { 'contacts.title': 'ada 3' }] } }, names: ['bob', 'none'] },
    { filter: { $not: { $or: [pattern, { name: 'none' }] } }, names: ['bob'] },
  ]
  for (const { filter, names } of cases) {
    const parameters = { filter: JSON.stringify(filter), sort: 'name' }
    const answer = await askRead(stub, caller, { read: 'find', noun: 'Organization', parameters })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    const { results, total } = JSON.parse(answer.body) as { results: readonly { name: string }[]; total: number }
    expect({ names: results.map(({ name }) => name), total }, parameters.filter).toEqual({ names, total: names.length })
  }
  expect(await stub.slices()).toBeGreaterThan(cases.length)
})

test('a related entity that is changed between two slices is read as it was', async () => {
  const tenant = new Tenant()
  const organization = await tenant.write({ noun: 'Organization', verb: 'create' }, { name: 'a', industry: 'before' })
  const contacts = 120
  for (let at = 0; at < contacts; at++)
    await tenant.write({ noun: 'Contact', verb: 'create' }, { name: 'c', title: 'ada', organization: organization.$id })
  for (const filter of [{}, { $text: 'ada' }].map((more) => ({ ...more, 'organization.industry': 'before' }))) {
    const read = askRead(tenant.stub, caller, {
      read: 'count',
      noun: 'Contact',
      parameters: { filter: JSON.stringify(filter) },
    })
    const target = { noun: 'Organization', id: organization.$id, verb: 'update' }
    await tenant.write(target, { industry: 'after' })
    const answer = await read
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    expect(seqOf(answer.bookmark), 'the read began before the write').toBeLessThan(Math.max(...tenant.worlds.keys()))
    expect(JSON.parse(answer.body), JSON.stringify(filter)).toMatchObject({ count: contacts })
    await tenant.write(target, { industry: 'before' })
  }
})

test('words that were written while a read waited for another are found', async () => {
  const tenant = new Tenant()
  for (let at = 0; at < 120; at++) await tenant.write({ noun: 'Contact', verb: 'create' }, { name: 'bob' })
  const count = (filter: object): ReturnType<typeof askRead> =>
    askRead(tenant.stub, caller, { read: 'count', noun: 'Contact', parameters: { filter: JSON.stringify(filter) } })
  for (const filter of [{ $text: 'ada' }, { $or: [{ $text: 'ada' }, { name: 'none' }] }]) {
    const first = count({ name: { $ne: 'none' } })
    const second = count(filter)
    for (let at = 0; at < 10; at++) await tenant.write({ noun: 'Contact', verb: 'create' }, { name: 'ada' })
    await first
    const answer = await second
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    const wanted = expected('Contact', filter, tenant.worlds.get(seqOf(answer.bookmark)) ?? new Map()).length
    expect(JSON.parse(answer.body), JSON.stringify(filter)).toMatchObject({ count: wanted })
  }
})
