// Forced writes and loosened tables, in a real Durable Object.

import { env } from 'cloudflare:test'
import { type CallOf, fullAuthority, type ObjectEvent } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'

type Given = Partial<Omit<CallOf<'write'>, 'body'>> & { readonly body?: object }

function openTenant() {
  const name = `t${crypto.randomUUID().slice(0, 8)}`
  const caller: Caller = {
    tenant: name,
    context: `http://localhost/~${name}`,
    authority: fullAuthority('ada'),
    via: 'rest',
  }
  const stub = env.TENANTS.getByName(name)
  const send = ({ body = {}, ...given }: Given, by = caller): Promise<Answer> =>
    ask(stub, by, { kind: 'write', noun: '', verb: '', ...given, body: JSON.stringify(body) })
  const create = async (noun: string, body: object): Promise<string> => {
    const answer = await send({ noun, verb: 'create', body })
    if (!answer.ok) throw new Error(answer.error.message)
    return answer.createdId ?? ''
  }
  const lastEvent = async (): Promise<ObjectEvent | undefined> => {
    const answer = await askRead(stub, caller, { read: 'events', parameters: { limit: '1000' } })
    return answer.ok ? (JSON.parse(answer.body) as { results: ObjectEvent[] }).results.at(-1) : undefined
  }
  const events = async (): Promise<readonly ObjectEvent[]> => {
    const answer = await askRead(stub, caller, { read: 'events', parameters: { limit: '1000' } })
    return answer.ok ? (JSON.parse(answer.body) as { results: ObjectEvent[] }).results : []
  }
  return { caller, send, create, events, lastEvent }
}

const refused = (code: string): object => ({ ok: false, error: { code } })
const stateOf = (answer: Answer): unknown =>
  answer.ok ? (JSON.parse(answer.body) as { stage?: unknown; status?: unknown }) : answer

test('an administrator forces a transition with a reason, which the event records', async () => {
  const { send, create, lastEvent } = openTenant()
  const id = await create('ApiKey', { name: 'Shop' })
  expect(await send({ noun: 'ApiKey', verb: 'revoke', id })).toMatchObject({ ok: true })
  const again = { noun: 'ApiKey', verb: 'update', id, body: { status: 'Active' } }
  expect(await send(again)).toMatchObject(refused('invalid_transition'))
  expect((await lastEvent())?.reason).toBe(undefined)
  const reason = 'revoked by mistake, ticket 42'
  expect(stateOf(await send({ ...again, force: reason }))).toMatchObject({ status: 'Active' })
  const event = await lastEvent()
  expect(event).toMatchObject({ type: 'ApiKey.Updated', reason })
  expect(event?.data).not.toHaveProperty('revokedAt')
})

test('force leads a verb from any state, and passes no check of values', async () => {
  const { send, create, lastEvent } = openTenant()
  const id = await create('Deal', { name: 'Engine', value: 5, stage: 'Lost' })
  const force = 'the customer came back'
  expect(stateOf(await send({ noun: 'Deal', verb: 'win', id, force }))).toMatchObject({
    stage: 'Won',
    probability: 100,
  })
  expect(await lastEvent()).toMatchObject({ type: 'Deal.Won', reason: force })
  const wrong = { noun: 'Deal', verb: 'update', id, body: { value: 'x' }, force }
  expect(await send(wrong)).toMatchObject(refused('validation_error'))
  const unknown = { noun: 'Deal', verb: 'update', id, body: { contact: 'contact_1VbZ0kQ3x9Ta' }, force }
  expect(await send(unknown)).toMatchObject(refused('invalid_reference'))
})

test('only a caller with all rights may force, and only a write of one entity', async () => {
  const { caller, send, create } = openTenant()
  const id = await create('Deal', { name: 'Engine', value: 5, stage: 'Lost' })
  const others = { read: 'all', write: 'all', hidden: [], verbs: ['update'] } as const
  const member: Caller = { ...caller, authority: { who: 'bob', nouns: {}, others } }
  const change = { noun: 'Deal', verb: 'update', id, body: { stage: 'Won' }, force: 'please' }
  expect(await send(change, member)).toMatchObject(refused('forbidden'))
  expect(await send({ noun: 'Deal', verb: 'schema.patch', body: { strict: false }, force: 'please' })).toMatchObject({
    ok: false,
    error: { code: 'invalid_parameter', field: 'force' },
  })
})

test('a tenant loosens a table, but not that of money, keys or publication', async () => {
  const { send, create } = openTenant()
  const id = await create('Deal', { name: 'Engine', value: 5, stage: 'Lost' })
  const win = { noun: 'Deal', verb: 'win', id }
  expect(await send(win)).toMatchObject(refused('invalid_transition'))
  expect(await send({ noun: 'Deal', verb: 'schema.patch', body: { strict: false } })).toMatchObject({ ok: true })
  expect(stateOf(await send(win))).toMatchObject({ stage: 'Won', probability: 100 })
  expect(stateOf(await send({ noun: 'Deal', verb: 'update', id, body: { stage: 'Lost' } }))).toMatchObject({
    stage: 'Lost',
    probability: 0,
  })
  expect(await send({ noun: 'Deal', verb: 'schema.patch', body: { strict: true } })).toMatchObject({ ok: true })
  expect(await send(win)).toMatchObject(refused('invalid_transition'))
  for (const noun of ['ApiKey', 'Content', 'Form', 'Site', 'Invoice', 'Payment', 'Subscription'])
    expect(await send({ noun, verb: 'schema.patch', body: { strict: false } }), noun).toMatchObject({
      ok: false,
      error: { code: 'invalid_definition', field: 'strict' },
    })
})

test('additions do not loosen what holds money, keys and publication, from whichever side', async () => {
  const { send } = openTenant()
  const transitions = [{ from: ['Open'], verb: 'update', to: 'Paid' }]
  const zap = { zap: 'Zapped' }
  const additions: readonly (readonly [string, string, object])[] = [
    ['Invoice', 'transitions', { transitions }],
    ['Payment', 'transitions', { transitions: [{ from: [], verb: 'create', to: 'Succeeded' }] }],
    ['ApiKey', 'transitions', { transitions: [{ from: ['Revoked'], verb: 'update', to: 'Active' }] }],
    ['Content', 'transitions', { transitions: [{ from: ['Archived'], verb: 'update', to: 'Published' }] }],
    ['Invoice', 'pay', { effects: { pay: { sets: {} } } }],
    ['Subscription', 'effects', { effects: { create: { sets: {} } } }],
    ['Invoice', 'effects', { fields: zap, effects: { zap: { sets: { status: { kind: 'literal', value: 'Paid' } } } } }],
    ['Invoice', 'effects', { fields: zap, effects: { zap: { sets: { amountPaid: { kind: 'literal', value: 5 } } } } }],
    ['Invoice', 'states', { states: { Paid: { holds: [] } } }],
    ['Invoice', 'fills', { fills: { amountPaid: { kind: 'literal', value: 5 } } }],
    ['Invoice', 'numbers', { numbers: { number: { pattern: 'X-{number}', by: 'create' } } }],
    ['Payment', 'status', { fields: { status: 'Succeeded | Pending | Failed | Refunded' } }],
    ['Payment', 'status', { fields: { status: 'Pending | Failed | Refunded | Succeeded = Succeeded' } }],
    ['Subscription', 'schedules', { schedules: [{ call: 'renew', at: 'endedAt' }] }],
  ]
  for (const [noun, field, body] of additions)
    expect(await send({ noun, verb: 'schema.patch', body }), `${noun} ${JSON.stringify(body)}`).toMatchObject({
      ok: false,
      error: { code: 'invalid_definition', field },
    })
  const added = {
    fields: { region: 'string', zap: 'Zapped' },
    effects: { zap: { sets: { region: { kind: 'literal', value: 'EU' } } } },
  }
  expect(await send({ noun: 'Invoice', verb: 'schema.patch', body: added })).toMatchObject({ ok: true })
  expect(
    await send({
      noun: 'Content',
      verb: 'schema.patch',
      body: { fields: { status: 'Draft | Review | Published | Scheduled | Archived' } },
    }),
  ).toMatchObject({ ok: true })
})

test('many entities, operations of a batch and lines of a history are forced, each with its reason', async () => {
  const { send, create, events, caller } = openTenant()
  const key = async (): Promise<string> => {
    const id = await create('ApiKey', { name: 'Shop' })
    await send({ noun: 'ApiKey', verb: 'revoke', id })
    return id
  }
  const [one, two] = [await key(), await key()]
  const many = { noun: 'ApiKey', verb: 'updateMany', body: { ids: [one], set: { status: 'Active' } } }
  expect(await send(many)).toMatchObject(refused('invalid_transition'))
  expect(await send({ ...many, force: 'ticket 1' })).toMatchObject({ ok: true })
  const operation = { method: 'PATCH', path: `/ApiKey/${two}`, body: { status: 'Active' } }
  const batchOf = (...operations: readonly object[]): Given => ({ verb: 'batch', body: { operations } })
  expect(await send(batchOf(operation))).toMatchObject(refused('batch_failed'))
  expect(await send(batchOf({ ...operation, force: 'ticket 2' }))).toMatchObject({ ok: true })
  expect(await send(batchOf({ ...operation, force: '' }))).toMatchObject({
    ok: false,
    error: { field: 'operations[0].force' },
  })
  expect(await send({ ...batchOf(operation), force: 'x' })).toMatchObject({ ok: false, error: { field: 'force' } })
  const read = { method: 'GET', path: '/ApiKey', force: 'x' }
  expect(await send(batchOf(read))).toMatchObject({ ok: false, error: { field: 'operations[0].force' } })
  expect((await events()).flatMap(({ type, reason }) => (reason === undefined ? [] : [[type, reason]]))).toEqual([
    ['ApiKey.Updated', 'ticket 1'],
    ['ApiKey.Updated', 'ticket 2'],
  ])
  const others = { read: 'all', write: 'all', hidden: [], verbs: 'all' } as const
  const member: Caller = { ...caller, authority: { who: 'bob', nouns: { Deal: { ...others, read: 'none' } }, others } }
  expect(await send({ ...many, force: 'please' }, member)).toMatchObject(refused('forbidden'))
  expect(await send(batchOf({ ...operation, force: 'please' }), member)).toMatchObject({ ok: false })
})

test('a line of a history that broke the rules of today is forced with a reason', async () => {
  const { caller, events } = openTenant()
  const line = (at: string, event: string, data: object, force?: string): object => ({
    timestamp: `2024-01-0${at}T00:00:00Z`,
    type: `Invoice.${event}`,
    target: 'old',
    data,
    ...(force === undefined ? {} : { force }),
  })
  const created = line('1', 'Created', { lineItems: [{ amount: 100 }] })
  const load = (...lines: readonly object[]): Promise<Answer> =>
    ask(env.TENANTS.getByName(caller.tenant), caller, {
      kind: 'write',
      noun: '',
      verb: 'history.load',
      body: lines.map((one) => JSON.stringify(one)).join('\n'),
    })
  expect(
    await load(
      created,
      line('2', 'Finalized', {}),
      line('3', 'Voided', {}),
      line('4', 'Updated', { status: 'Open' }, 'an old system allowed it'),
    ),
  ).toMatchObject({ ok: true })
  expect((await events()).at(-1)).toMatchObject({
    type: 'Invoice.Updated',
    reason: 'an old system allowed it',
    data: { status: 'Open' },
  })
})
