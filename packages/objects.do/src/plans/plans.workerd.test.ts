// Plans against the real object: a dry run that is executed does what it promised, ids included, or nothing.

import { env } from 'cloudflare:test'
import { type Authority, fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

const callerOf = (authority: Authority) =>
  ({ tenant: 'plans', context: 'http://localhost/~plans', authority, via: 'rest' }) as const
const ada = callerOf(fullAuthority('ada'))
const eve = callerOf(fullAuthority('eve'))

const newStub = () => env.TENANTS.get(env.TENANTS.newUniqueId())
type Stub = ReturnType<typeof newStub>
type Caller = ReturnType<typeof callerOf>

interface Sent {
  readonly verb: string
  readonly noun?: string
  readonly id?: string
  readonly body?: object
  readonly isDryRun?: true
  readonly idempotencyKey?: string
}

function send(stub: Stub, { noun = 'Contact', body, ...call }: Sent, by: Caller = ada): Promise<Answer> {
  return ask(stub, by, { kind: 'write', noun, body: body === undefined ? '' : JSON.stringify(body), ...call })
}

function bodyOf(answer: Answer): Record<string, unknown> {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Record<string, unknown>
}

async function tryOut(
  stub: Stub,
  sent: Sent,
  by?: Caller,
): Promise<Record<string, unknown> & { readonly plan: string }> {
  const tried = bodyOf(await send(stub, { ...sent, isDryRun: true }, by))
  return { ...tried, plan: String(tried['plan']) }
}

const execute = (stub: Stub, plan: string, by?: Caller, key?: string): Promise<Answer> =>
  send(stub, { verb: 'commits.plan', noun: '', id: plan, ...(key === undefined ? {} : { idempotencyKey: key }) }, by)

async function eventsOf(stub: Stub): Promise<Record<string, unknown>[]> {
  return bodyOf(await askRead(stub, ada, { read: 'events', parameters: { limit: '1000' } }))['results'] as Record<
    string,
    unknown
  >[]
}

async function contact(stub: Stub, fields: object = {}): Promise<string> {
  return String(bodyOf(await send(stub, { verb: 'create', body: { name: 'Ada', ...fields } }))['$id'])
}

const timeless = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/"\d{4}-[\d-]+T[\d:.]+Z"/g, '"time"')
      .replaceAll(/"(seq|commit)":\d+/g, '"$1":0'),
  )

const batchOfTwo: Sent = {
  verb: 'batch',
  noun: '',
  body: {
    operations: [
      { id: 'org', method: 'POST', path: '/Organization', body: { name: 'Acme' } },
      { id: 'ada', method: 'POST', path: '/Contact', body: { name: 'Ada', organization: { $ref: 'org' } } },
      { method: 'POST', path: { $ref: 'ada', path: "concat('/Contact/', $id, '/qualify')" } },
      { method: 'GET', path: '/Contact/count' },
    ],
  },
}

test('a plan does exactly what its dry run promised, ids included, once', async () => {
  const stub = newStub()
  await contact(stub)
  const tried = await tryOut(stub, batchOfTwo)
  // Commits of others that the plan does not depend on.
  await send(stub, { verb: 'create', noun: 'Deal', body: { name: 'Engine', value: 1 } })
  const before = (await eventsOf(stub)).length
  const executed = await execute(stub, tried.plan)
  expect(timeless(bodyOf(executed))).toEqual(timeless(tried['result']))
  const events = (await eventsOf(stub)).slice(before)
  expect(timeless(events)).toEqual(timeless(tried['events']))
  expect(new Set(events.map(({ commit }) => commit)).size).toBe(1)
  expect(await execute(stub, tried.plan)).toMatchObject({
    ok: false,
    error: { code: 'conflict', detail: { commit: 3 } },
  })
  expect(await eventsOf(stub)).toHaveLength(before + events.length)
})

test.each<[string, (id: string) => Sent, (id: string) => Sent]>([
  [
    'the entity that it changes',
    (id) => ({ verb: 'update', id, body: { title: 'x' } }),
    (id) => ({ verb: 'update', id, body: { phone: '1' } }),
  ],
  [
    'an entity that it deletes',
    (id) => ({ verb: 'delete', id }),
    (id) => ({ verb: 'update', id, body: { title: 'y' } }),
  ],
  [
    'a value that it takes',
    () => ({ verb: 'create', body: { name: 'B', email: 'b@example.com' } }),
    () => ({ verb: 'create', body: { name: 'C', email: 'b@example.com' } }),
  ],
  [
    'the choice of its filter',
    () => ({ verb: 'updateMany', body: { filter: { name: 'Ada' }, set: { title: 'x' } } }),
    () => ({ verb: 'create', body: { name: 'Ada' } }),
  ],
  ['a count that it reads', () => batchOfTwo, () => ({ verb: 'create', body: { name: 'Other' } })],
])('a plan is refused after a change of %s, and shows the dry run of now', async (_, toPlan, toChange) => {
  const stub = newStub()
  const id = await contact(stub)
  const tried = await tryOut(stub, toPlan(id))
  await send(stub, toChange(id))
  const before = await eventsOf(stub)
  const refused = await execute(stub, tried.plan)
  expect(refused).toMatchObject({ ok: false, error: { code: 'plan_outdated', detail: { dryRun: { dryRun: true } } } })
  expect(await eventsOf(stub)).toEqual(before)
  const now = refused.ok ? undefined : (refused.error.detail?.['dryRun'] as { readonly plan: string | null })
  if (now?.plan != null) expect(await execute(stub, now.plan)).toMatchObject({ ok: true })
})

test('a plan that is executed by another one is performed as its caller and names who approved it', async () => {
  const stub = newStub()
  await contact(stub)
  const tried = await tryOut(stub, { verb: 'create', body: { name: 'Grace' } })
  expect(await execute(stub, tried.plan, eve)).toMatchObject({ ok: true })
  expect((await eventsOf(stub)).at(-1)).toMatchObject({ actor: 'ada', approvedBy: 'eve', data: { name: 'Grace' } })
  const own = await tryOut(stub, { verb: 'create', body: { name: 'Hedy' } })
  await execute(stub, own.plan)
  expect((await eventsOf(stub)).at(-1)).not.toHaveProperty('approvedBy')
})

test('a caller who may not do everything cannot execute the plan of another one', async () => {
  const stub = newStub()
  await contact(stub)
  const tried = await tryOut(stub, { verb: 'create', body: { name: 'Grace' } })
  const all = fullAuthority('mallory')
  const mallory = callerOf({ ...all, nouns: { Contact: { ...all.others, verbs: [] } } })
  const refused = await execute(stub, tried.plan, mallory)
  expect(refused).toMatchObject({ ok: false, error: { code: 'not_found', field: 'id' } })
  expect(await eventsOf(stub)).toHaveLength(1)
})

test('a key makes the execution repeatable', async () => {
  const stub = newStub()
  await contact(stub)
  const { plan } = await tryOut(stub, { verb: 'create', body: { name: 'Grace' } })
  const first = await execute(stub, plan, ada, 'k')
  expect(await execute(stub, plan, ada, 'k')).toMatchObject({
    ok: true,
    isReplay: true,
    body: first.ok ? first.body : '',
  })
})

test('there is no plan of a refusal, of nothing, of separate commits, and of a tenant without data', async () => {
  const stub = newStub()
  const plan = async (sent: Sent): Promise<unknown> => (await tryOut(stub, sent)).plan
  expect(await plan({ verb: 'create', body: { name: 'Ada' } })).toBe('null')
  const id = await contact(stub)
  expect(await plan({ verb: 'create', body: { nam: 'Ada' } })).toBe('null')
  expect(await plan({ verb: 'update', id, body: { name: 'Ada' } })).toBe('null')
  const create = { method: 'POST', path: '/Contact', body: { name: 'B' } }
  expect(await plan({ verb: 'batch', noun: '', body: { atomic: false, operations: [create] } })).toBe('null')
  expect(await plan({ verb: 'create', body: { name: 'B' } })).toMatch(/^plan_/)
})

test('the oldest plans make room for new ones', async () => {
  const stub = newStub()
  await contact(stub)
  const first = await tryOut(stub, { verb: 'create', body: { name: 'Grace' } })
  const second = await tryOut(stub, { verb: 'create', body: { name: 'Hedy' } })
  for (let at = 0; at < 299; at++) await tryOut(stub, { verb: 'create', body: { name: 'x' } })
  expect(await execute(stub, first.plan)).toMatchObject({ ok: false, error: { code: 'not_found' } })
  expect(await execute(stub, second.plan)).toMatchObject({ ok: true })
})
