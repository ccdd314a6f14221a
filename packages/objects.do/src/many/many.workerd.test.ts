// Writes of many entities against the real object: generated ones against a model, and what one test each shows best.

import { env } from 'cloudflare:test'
import { fullAuthority } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const caller = {
  tenant: 'many',
  context: 'http://localhost/~many',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const

const newStub = () => env.TENANTS.get(env.TENANTS.newUniqueId())
type Stub = ReturnType<typeof newStub>

function send(stub: Stub, verb: string, body: object, more: object = {}): Promise<Answer> {
  return ask(stub, caller, { kind: 'write', verb, noun: 'Contact', body: JSON.stringify(body), ...more })
}

function bodyOf(answer: Answer): Record<string, unknown> {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Record<string, unknown>
}

async function listOf(
  stub: Stub,
  read: string,
  parameters: Record<string, string> = {},
): Promise<Record<string, unknown>[]> {
  const noun = read === 'find' ? { noun: 'Contact' } : {}
  return bodyOf(await askRead(stub, caller, { read, ...noun, parameters }))['results'] as Record<string, unknown>[]
}

const titles = ['a', 'b', 'c'] as const
type Title = (typeof titles)[number]

type Step =
  | { readonly verb: 'createMany'; readonly rows: readonly { readonly email: number; readonly title: Title }[] }
  | { readonly verb: 'updateMany' | 'deleteMany'; readonly by: Title | readonly number[]; readonly set: Title }

const choice = fc.oneof(fc.constantFrom(...titles), fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }))
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    verb: fc.constant('createMany' as const),
    rows: fc.array(fc.record({ email: fc.nat(40), title: fc.constantFrom(...titles) }), { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    verb: fc.constantFrom('updateMany' as const, 'deleteMany' as const),
    by: choice,
    set: fc.constantFrom(...titles),
  }),
)

type World = Map<string, { readonly email: number; title: Title }>

/** The number of matched and changed entities, or the status of the refusal; changes the world. */
function model(given: Step, world: World, ids: readonly string[]): { matched: number; changed: number } | string {
  if (given.verb === 'createMany') {
    const taken = new Set([...world.values()].map(({ email }) => email))
    for (const { email } of given.rows) {
      if (taken.has(email)) return 'conflict'
      taken.add(email)
    }
    return { matched: given.rows.length, changed: given.rows.length }
  }
  const { by, set } = given
  const chosen = typeof by === 'string' ? [...world.keys()].filter((id) => world.get(id)?.title === by) : ids
  if (chosen.some((id) => !world.has(id))) return 'not_found'
  let changed = 0
  for (const id of chosen) {
    const entity = world.get(id)
    if (given.verb === 'deleteMany' || entity?.title !== set) changed++
    if (given.verb === 'deleteMany') world.delete(id)
    else if (entity !== undefined) entity.title = set
  }
  return { matched: chosen.length, changed }
}

test(`generated writes of many do what a model does, all or none (seed ${seed})`, async () => {
  const stub = newStub()
  const world: World = new Map()
  const everMade: string[] = []
  let events = 0
  await fc.assert(
    fc.asyncProperty(step, async (given) => {
      const ids =
        given.verb === 'createMany' || typeof given.by === 'string'
          ? []
          : [...new Set(given.by.map((at) => everMade[at % Math.max(1, everMade.length)] ?? 'contact_000000000000'))]
      const body =
        given.verb === 'createMany'
          ? { entities: given.rows.map(({ email, title }) => ({ name: 'Ada', email: `a${email}@example.com`, title })) }
          : {
              ...(typeof given.by === 'string' ? { filter: { title: given.by } } : { ids }),
              ...(given.verb === 'updateMany' ? { set: { title: given.set } } : {}),
            }
      const tried = bodyOf(await send(stub, given.verb, body, { isDryRun: true }))
      const answer = await send(stub, given.verb, body)
      const expected = model(given, world, ids)
      const log = await listOf(stub, 'events', { after: String(events), limit: '1000' })
      if (typeof expected === 'string') {
        expect(answer).toMatchObject({ ok: false, error: { code: expected } })
        expect(tried).toMatchObject({ events: [], refusals: [{ problem: { code: expected } }] })
        expect(log).toEqual([])
        return
      }
      const result = bodyOf(answer)
      expect(result).toMatchObject({ ...expected, commit: expected.changed === 0 ? null : events + 1 })
      expect(tried['result']).toMatchObject(expected)
      expect(tried['events']).toHaveLength(expected.changed)
      expect(log).toHaveLength(expected.changed)
      expect(new Set(log.map(({ commit }) => commit)).size).toBe(Math.min(1, expected.changed))
      events += log.length
      if (given.verb === 'createMany')
        for (const [at, id] of (result['ids'] as string[]).entries()) {
          const row = given.rows[at]
          if (row !== undefined) world.set(id, { ...row })
          everMade.push(id)
        }
      const found = await listOf(stub, 'find', { limit: '100' })
      expect(new Map(found.map(({ $id, title }) => [$id, title]))).toEqual(
        new Map([...world].map(([id, { title }]) => [id, title])),
      )
    }),
    { seed, numRuns: Number(process.env['RUNS'] ?? 20), endOnFailure: true },
  )
})

test('an error names the entity of the list and its field', async () => {
  const stub = newStub()
  const refused = async (verb: string, body: object): Promise<unknown> => {
    const answer = await send(stub, verb, body)
    return answer.ok ? 'accepted' : [answer.error.code, answer.error.field]
  }
  const ada = { name: 'Ada', email: 'ada@example.com' }
  expect(await refused('createMany', { entities: [ada, { name: 'Eve', emial: 'x' }] })).toEqual([
    'validation_error',
    'entities[1].emial',
  ])
  expect(await refused('createMany', { entities: [ada, ada] })).toEqual(['conflict', 'entities[1].email'])
  expect(await refused('createMany', { entities: [ada, 5] })).toEqual(['invalid_body', 'entities[1]'])
  expect(await refused('createMany', { entities: [] })).toEqual(['invalid_body', 'entities'])
  expect(await refused('updateMany', { set: { title: 'x' } })).toEqual(['invalid_body', 'ids'])
  expect(await refused('updateMany', { ids: ['deal_000000000000'], set: {} })).toEqual(['invalid_id', 'ids[0].id'])
  expect(await refused('updateMany', { filter: { titel: 'x' }, set: { title: 'x' } })).toEqual([
    'invalid_filter',
    'titel',
  ])
  expect(await refused('deleteMany', { ids: ['contact_000000000000'], filter: {} })).toEqual(['invalid_body', 'filter'])
  expect(await refused('deleteMany', { fitler: {} })).toEqual(['invalid_body', 'fitler'])
})

test('a key makes many once, and a list that is posted as one entity is many', async () => {
  const stub = newStub()
  const entities = [{ name: 'a' }, { name: 'b' }]
  const first = await send(stub, 'createMany', { entities }, { idempotencyKey: 'k' })
  const again = await send(stub, 'create', entities, { idempotencyKey: 'k' })
  expect(again).toMatchObject({ ok: true, isReplay: true, body: first.ok ? first.body : '' })
  expect(await listOf(stub, 'events')).toHaveLength(2)
})

test('a choice by a filter holds for the state in which the commit is made', async () => {
  const stub = newStub()
  await send(stub, 'createMany', { entities: Array.from({ length: 20 }, () => ({ name: 'Ada', title: 'old' })) })
  // Each commit chooses what the one before it has left, however their reads and commits interleave.
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      at % 2 === 0
        ? send(stub, 'createMany', { entities: [{ name: 'Eve', title: 'old' }] })
        : send(stub, 'updateMany', { filter: { title: 'old' }, set: { title: `new${at}` } }),
    ),
  )
  const changed = answers.reduce((sum, answer) => sum + Number(bodyOf(answer)['changed']), 0)
  const found = await listOf(stub, 'find', { limit: '100' })
  const left = found.filter(({ title }) => title === 'old').length
  expect(found).toHaveLength(24)
  expect(changed).toBe(4 + 24 - left)
})

test('an entity with a key of its own is created once, whatever stands beside it, and refused ones can be left out', async () => {
  const stub = newStub()
  const many = async (body: object, more: object = {}) => bodyOf(await send(stub, 'createMany', body, more))
  const [a, b, c] = [{ name: 'a', email: 'a@example.com' }, { name: 'b' }, { name: 'c', email: 'nonsense' }]
  const first = await many({ entities: [a, c, b], keys: ['ka', 'kc', 'kb'], atomic: false })
  expect(first).toMatchObject({
    matched: 3,
    changed: 2,
    refusals: [{ field: 'entities[1]', status: 422, problem: { field: 'entities[1].email' } }],
  })
  const second = await many({
    entities: [{ name: 'd' }, a, { ...c, email: 'c@example.com' }, b],
    keys: ['kd', 'ka', 'kc', 'kb'],
    atomic: false,
  })
  expect(second).toMatchObject({ matched: 4, changed: 2, refusals: [] })
  const [firstIds, secondIds] = [first['ids'] as string[], second['ids'] as string[]]
  expect([secondIds[1], secondIds[3]]).toEqual(firstIds)
  // A write that was sent alone under the key is the same write.
  expect(await send(stub, 'create', a, { idempotencyKey: 'ka' })).toMatchObject({ ok: true, isReplay: true })
  expect(await listOf(stub, 'events')).toHaveLength(4)
  expect(await many({ entities: [a, b], keys: ['ka', 'kb'] })).toMatchObject({ changed: 0, commit: null })
  const other = await send(stub, 'createMany', { entities: [{ name: 'e' }, { name: 'z' }], keys: ['ke', 'ka'] })
  expect(other).toMatchObject({ ok: false, error: { code: 'idempotency_mismatch', field: 'keys[1]' } })
  expect(await listOf(stub, 'events')).toHaveLength(4)
  for (const [body, field] of [
    [{ entities: [a], keys: [] }, 'keys'],
    [{ entities: [a], keys: [''] }, 'keys[0]'],
    [{ entities: [a], atomic: 1 }, 'atomic'],
  ] as const)
    expect(await send(stub, 'createMany', body)).toMatchObject({ ok: false, error: { field } })
})

test('a dry run shows what would be left out, and its plan makes the others', async () => {
  const stub = newStub()
  await send(stub, 'create', { name: 'x' })
  const body = { entities: [{ name: 'a' }, { name: 'b', email: 'nonsense' }], keys: ['ka', 'kb'], atomic: false }
  const tried = bodyOf(await send(stub, 'createMany', body, { isDryRun: true }))
  expect(tried).toMatchObject({ events: [{ type: 'Contact.Created' }], refusals: [{ status: 422 }] })
  expect(await listOf(stub, 'events')).toHaveLength(1)
  const plan = { kind: 'write', noun: '', verb: 'commits.plan', id: String(tried['plan']), body: '' } as const
  expect(await ask(stub, caller, plan)).toMatchObject({ ok: true })
  expect(await send(stub, 'createMany', body)).toMatchObject({ ok: true, isUnchanged: true })
})
