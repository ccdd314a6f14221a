// Writes that say when they happened.

import { env } from 'cloudflare:test'
import { type CallOf, fullAuthority, nouns, type NounSchema, type ObjectEvent, type StoredField } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'

type Body = Readonly<Record<string, unknown>>
type Given = Partial<Omit<CallOf<'write'>, 'body'>> & { readonly body?: object }

const pastMs = Date.parse('2024-03-01T09:00:00Z')
const presentMs = Date.parse('2026-05-01T12:00:00Z')
const past = new Date(pastMs).toISOString()

function bodyOf(answer: Answer): Body {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
  return answer.body === '' ? {} : (JSON.parse(answer.body) as Body)
}

/** A test tenant, whose clock begins at this time. */
async function openTenant(nowMs: number) {
  const name = `t${crypto.randomUUID().slice(0, 8)}`
  const authority = fullAuthority('ada')
  const caller: Caller = { tenant: name, context: `http://localhost/~${name}`, authority, via: 'rest' }
  const stub = env.TENANTS.getByName(name)
  const send = ({ body = {}, ...given }: Given): Promise<Answer> =>
    ask(stub, caller, { kind: 'write', noun: '', verb: '', ...given, body: JSON.stringify(body) })
  const write = async (given: Given): Promise<Body> => bodyOf(await send(given))
  const events = async (after = 0): Promise<readonly ObjectEvent[]> => {
    const found: ObjectEvent[] = []
    for (let isMore = true; isMore;) {
      const parameters = { after: String(after + found.length), limit: '1000' }
      const page = bodyOf(await askRead(stub, caller, { read: 'events', parameters }))
      found.push(...(page['results'] as readonly ObjectEvent[]))
      isMore = page['hasMore'] === true
    }
    return found
  }
  const get = async (noun: string, id: unknown, parameters: Readonly<Record<string, string>> = {}): Promise<Body> =>
    bodyOf(await askRead(stub, caller, { read: 'get', noun, id: String(id), parameters }))
  await write({ verb: 'clock.set', body: { now: new Date(nowMs).toISOString() } })
  return { send, write, events, get }
}

type Tenant = Awaited<ReturnType<typeof openTenant>>

const samples: Readonly<Record<string, unknown>> = { url: 'https://example.com', email: 'ada@example.com' }

/** The fields that a creation needs. */
function sampleOf({ fields }: NounSchema): Body {
  const sampled = (field: StoredField): unknown => {
    if (field.kind === 'enum') return field.values[0]
    if (field.kind === 'reference') return undefined
    return samples[field.type] ?? (['string', 'text', 'id'].includes(field.type) ? 'a' : 1)
  }
  const stored = Object.values(fields).filter((field) => field.kind !== 'reverse')
  return Object.fromEntries(stored.filter(({ required }) => required).map((field) => [field.name, sampled(field)]))
}

/** What an event says of its change, with ids of the tenant replaced by their order. */
function tellsOf(events: readonly ObjectEvent[]): readonly unknown[] {
  const ids = new Map<string, number>()
  const text = JSON.stringify(
    events.map(({ type, target, data, timestamp, effective }) => {
      const fields = Object.entries(data).filter(([name]) => !name.startsWith('$'))
      return { type, target, happened: effective ?? timestamp, fields: Object.fromEntries(fields) }
    }),
  )
  // The secret of a key is random, and so is its beginning.
  const plain = text.replaceAll(/hly_sk_\w+/g, 'hly_sk')
  const told = plain.replaceAll(/[a-z]+_[0-9A-Za-z]{12}\b/g, (id) => {
    const known = ids.get(id) ?? ids.size
    ids.set(id, known)
    return `id ${known}`
  })
  return JSON.parse(told) as readonly unknown[]
}

test('a write with a time makes the values that it would have made at that time, for every verb of every Noun', async () => {
  const [then, now] = [await openTenant(pastMs), await openTenant(presentMs)]
  let performed = 0
  let seen = 0
  for (const { $schema: schema } of Object.values(nouns)) {
    const { name } = schema
    const ids: (string | undefined)[] = [undefined, undefined]
    const both = async (verb: string, body: object): Promise<void> => {
      const given = (id: string | undefined): Given => ({ noun: name, verb, body, ...(id === undefined ? {} : { id }) })
      const first = await then.send(given(ids[0]))
      const made = await then.events(seen)
      const at = made.at(-1)?.timestamp ?? past
      seen += made.length
      const second = await now.send({ ...given(ids[1]), at })
      expect([name, verb, second.ok ? 'made' : second.error.code]).toEqual([
        name,
        verb,
        first.ok ? 'made' : first.error.code,
      ])
      if (!first.ok) return
      performed++
      if (verb === 'create')
        for (const [index, answer] of [first, second].entries()) ids[index] = String(bodyOf(answer)['$id'])
    }
    await both('create', sampleOf(schema))
    for (const verb of Object.values(schema.verbs)) if (verb.category === 'custom') await both(verb.name, {})
  }
  expect(performed).toBeGreaterThan(Object.keys(nouns).length)
  const log = await now.events()
  expect(tellsOf(log)).toEqual(tellsOf(await then.events()))
  // The log keeps its own time.
  for (const { timestamp, effective, data } of log) {
    expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(presentMs)
    expect(data.$updatedAt).toBe(timestamp)
    expect(Date.parse(effective ?? '')).toBeLessThan(pastMs + 60_000)
  }
})

async function openDeal(tenant: Tenant) {
  const contact = await tenant.write({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
  const deal = await tenant.write({ noun: 'Deal', verb: 'create', body: { name: 'Engine', value: 1 } })
  return { contact: String(contact['$id']), deal: String(deal['$id']) }
}

test('effects on other entities happened then too, and asOf still goes by the log', async () => {
  const tenant = await openTenant(presentMs)
  const { contact } = await openDeal(tenant)
  const before = await tenant.get('Contact', contact)
  const made = await tenant.write({
    noun: 'Activity',
    verb: 'log',
    body: { subject: 'Call', type: 'Call', contact },
    at: past,
  })
  expect(made).toMatchObject({ completedAt: past, $createdAt: new Date(presentMs + 2).toISOString() })
  expect(await tenant.get('Contact', contact)).toMatchObject({ lastEngagement: past })
  const caused = (await tenant.events()).filter(({ effective }) => effective !== undefined)
  expect(caused.map(({ type, effective }) => [type, effective])).toEqual([
    ['Activity.Logged', past],
    ['Contact.Updated', past],
  ])
  const asOf = String(before['$updatedAt'])
  expect(await tenant.get('Contact', contact, { asOf })).not.toHaveProperty('lastEngagement')
})

test.each(['2026-05-01T12:00:01Z', '2999-01-01T00:00:00+02:00'])(
  'a future time, %s, is refused, and named',
  async (at) => {
    const tenant = await openTenant(presentMs)
    const { deal } = await openDeal(tenant)
    const count = (await tenant.events()).length
    for (const given of [
      { noun: 'Deal', verb: 'update', id: deal, body: { value: 2 } },
      { noun: 'Deal', verb: 'createMany', body: { entities: [{ name: 'a', value: 1 }] } },
      { noun: 'Deal', verb: 'updateMany', body: { ids: [deal], set: { value: 2 } } },
      { noun: 'Vehicle', verb: 'schema.put', body: { fields: { name: 'string!' } } },
      { verb: 'commits.undo', id: '1' },
    ])
      expect(await tenant.send({ ...given, at })).toMatchObject({
        ok: false,
        error: { code: 'invalid_parameter', field: 'at' },
      })
    expect(await tenant.events()).toHaveLength(count)
  },
)

test.each(['yesterday', '2026-01-01', '2026-01-01T00:00:00', ''])("'%s' is no time, and is refused", async (at) => {
  const tenant = await openTenant(presentMs)
  const refused = { ok: false, error: { code: 'invalid_parameter', field: 'at' } }
  expect(await tenant.send({ noun: 'Deal', verb: 'create', body: { name: 'a', value: 1 }, at })).toMatchObject(refused)
})

test('an event has no further time if it happened when it was written', async () => {
  const tenant = await openTenant(presentMs)
  const at = new Date(presentMs).toISOString()
  await tenant.write({ noun: 'Deal', verb: 'create', body: { name: 'a', value: 1 }, at })
  const [event] = await tenant.events()
  expect(event).toMatchObject({ timestamp: at })
  expect(event).not.toHaveProperty('effective')
})

test('operations of a batch happened at their own time, or at that of the batch', async () => {
  const tenant = await openTenant(presentMs)
  const { deal } = await openDeal(tenant)
  const own = '2025-01-01T00:00:00.000Z'
  const operations = [
    { method: 'POST', path: `/Deal/${deal}/win`, at: '2025-01-01T01:00:00+01:00' },
    { method: 'POST', path: '/Deal', body: { name: 'b', value: 2 } },
    { method: 'GET', path: `/Deal/${deal}` },
  ]
  for (const atomic of [true, false]) await tenant.write({ verb: 'batch', body: { operations, atomic }, at: past })
  const happened = (await tenant.events()).map(({ type, effective }) => [type, effective]).slice(2)
  expect(happened).toEqual([
    ['Deal.Won', own],
    ['Deal.Created', past],
    ['Deal.Created', past],
  ])
  expect(await tenant.get('Deal', deal)).toMatchObject({ closedAt: own })
  const read = [{ method: 'GET', path: '/Deal', at: past }]
  expect(await tenant.send({ verb: 'batch', body: { operations: read } })).toMatchObject({
    ok: false,
    error: { field: 'operations[0].at' },
  })
})

test('each of many entities may have a time of its own', async () => {
  const tenant = await openTenant(presentMs)
  const entities = ['a', 'b', 'c'].map((name) => ({ name, value: 1 }))
  const own = '2025-01-01T00:00:00.000Z'
  await tenant.write({ noun: 'Deal', verb: 'createMany', body: { entities, at: [own, null, past] } })
  expect((await tenant.events()).map(({ effective }) => effective)).toEqual([own, undefined, past])
  const wrong = { entities, at: [own] }
  expect(await tenant.send({ noun: 'Deal', verb: 'createMany', body: wrong })).toMatchObject({
    ok: false,
    error: { field: 'at' },
  })
})

test('a job of more entities than a commit holds keeps the time', async () => {
  const tenant = await openTenant(presentMs)
  const entities = Array.from({ length: 1_001 }, (_, at) => ({ name: `n${at}`, value: 1 }))
  await tenant.write({ noun: 'Deal', verb: 'createMany', body: { entities }, at: past })
  await expect.poll(async () => (await tenant.events()).length, { timeout: 10_000 }).toBe(1_001)
  expect((await tenant.events()).every(({ effective }) => effective === past)).toBe(true)
})

test('a plan keeps the time of its dry run, and has none of its own', async () => {
  const tenant = await openTenant(presentMs)
  const { deal } = await openDeal(tenant)
  const tried = await tenant.write({ noun: 'Deal', verb: 'win', id: deal, at: past, isDryRun: true })
  expect(tried).toMatchObject({ events: [{ effective: past, data: { closedAt: past } }] })
  const plan = { verb: 'commits.plan', id: String(tried['plan']) }
  expect(await tenant.send({ ...plan, at: past })).toMatchObject({ ok: false, error: { field: 'at' } })
  // The clock has moved on since.
  await tenant.write({ noun: 'Deal', verb: 'create', body: { name: 'b', value: 2 } })
  expect(await tenant.write(plan)).toMatchObject({ closedAt: past })
  expect((await tenant.events()).at(-1)).toMatchObject({ effective: past })
})

test('a key belongs to one time', async () => {
  const tenant = await openTenant(presentMs)
  const create = (at: string): Promise<Answer> =>
    tenant.send({ noun: 'Deal', verb: 'create', body: { name: 'a', value: 1 }, idempotencyKey: 'k', at })
  const made = await create(past)
  expect(await create(past)).toMatchObject({ ok: true, isReplay: true, body: made.ok ? made.body : '' })
  expect(await create('2025-01-01T00:00:00Z')).toMatchObject({ ok: false, error: { code: 'idempotency_mismatch' } })
})

test('an undo takes back what a dated write did, and may be dated itself', async () => {
  const tenant = await openTenant(presentMs)
  const { deal } = await openDeal(tenant)
  const before = await tenant.get('Deal', deal)
  await tenant.write({ noun: 'Deal', verb: 'win', id: deal, at: past })
  const { events } = await tenant.write({ verb: 'commits.undo', id: '3', at: past })
  expect(events).toMatchObject([{ type: 'Deal.Updated', undoes: 3, effective: past }])
  const after = await tenant.get('Deal', deal)
  const fields = (of: Body): Body => Object.fromEntries(Object.entries(of).filter(([name]) => !name.startsWith('$')))
  expect(fields(after)).toEqual(fields(before))
})
