// Approvals against the real object: a change that a rule names is made once, by a person's consent and as it was shown, or not.

import { env } from 'cloudflare:test'
import { type Authority, type Call, fullAuthority, type JsonValue, type Via } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { ProgramClient, ProgramEnded } from '../../test/program-client.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'

const callerOf = (authority: Authority, via: Via = 'rest', answers?: string): Caller => ({
  tenant: 'approvals',
  context: 'http://localhost/~approvals',
  authority,
  via,
  ...(answers === undefined ? {} : { answers }),
})
const ada = callerOf(fullAuthority('user_ada'))
const eve = callerOf(fullAuthority('user_eve'))
const agent = callerOf({ ...fullAuthority('agent_one'), onBehalfOf: 'user_ada' })
const other = callerOf({ ...fullAuthority('agent_two'), onBehalfOf: 'user_ada' }, 'sdk')

type Fields = Readonly<Record<string, JsonValue>>

function write(noun: string, verb: string, { id, ...fields }: Fields = {}): Extract<Call, { kind: 'write' }> {
  const target = typeof id === 'string' ? { id } : {}
  return { kind: 'write', noun, verb, body: JSON.stringify(fields), ...target }
}

function bodyOf(answer: Answer): Fields {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Fields
}

const large = {
  name: 'Large deals',
  types: ['Deal'],
  where: { value: { $gte: 1000 } },
  callers: ['agent', 'key'],
}

async function openTenant(rules: readonly object[] = [large]) {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const send = (call: Call, by: Caller = agent): Promise<Answer> => ask(stub, by, call)
  const read = async (name: string, parameters: Readonly<Record<string, string>> = {}, by = ada): Promise<Fields> =>
    bodyOf(await askRead(stub, by, { read: name, parameters }))
  const events = async () => (await read('events', { limit: '1000' }))['results'] as readonly Fields[]
  /** Returns the approval for which a refused call waits. */
  const waits = async (call: Call, by: Caller = agent): Promise<string> => {
    const refused = await send(call, by)
    expect(refused).toMatchObject({ ok: false, error: { code: 'approval_required' } })
    return refused.ok ? '' : String(refused.error.detail?.['approval'])
  }
  const decide = (id: string, by: Caller = ada, verb = 'approve', fields: Fields = {}): Promise<Answer> =>
    send(write('', `approvals.${verb}`, { id, ...fields }), by)
  const show = async (id: string, by: Caller = ada): Promise<Fields> =>
    bodyOf(await askRead(stub, by, { read: 'approval', id }))
  bodyOf(await send(write('', 'rules.put', { approvals: rules as JsonValue }), ada))
  return { stub, send, read, events, waits, decide, show }
}

const deal = (value: number): Call => write('Deal', 'create', { name: 'Engine', value })

test('a change below a rule is made, and one above it waits and changes nothing', async () => {
  const { send, events, waits, show } = await openTenant()
  expect(await send(deal(999))).toMatchObject({ ok: true })
  const id = await waits(deal(1000))
  expect(await events()).toHaveLength(2)
  expect(await show(id)).toMatchObject({
    id,
    status: 'Pending',
    requestedBy: 'agent_one',
    onBehalfOf: 'user_ada',
    reasons: [{ rule: 'Large deals', call: 'Deal.create' }],
    eventCount: 1,
    events: [{ type: 'Deal.Created', data: { value: 1000 } }],
  })
  // The same request waits once.
  expect(await waits(deal(1000))).toBe(id)
})

test('an approved change is made once, as its caller, with the ids that were shown, and names who approved it', async () => {
  const { waits, decide, events, show } = await openTenant()
  const id = await waits(deal(1000))
  const [shown] = (await show(id))['events'] as readonly Fields[]
  const approved = await decide(id)
  expect(bodyOf(approved)).toMatchObject({ status: 'Approved', decidedBy: 'user_ada', commit: 2 })
  const made = (await events()).at(-1)
  expect(made).toMatchObject({ actor: 'agent_one', onBehalfOf: 'user_ada', approvedBy: 'user_ada', commit: 2 })
  expect(made?.['target']).toBe(shown?.['target'])
  expect(await decide(id, eve)).toMatchObject({ ok: false, error: { code: 'conflict', detail: { commit: 2 } } })
  expect(await events()).toHaveLength(2)
})

test('of people who decide at the same time, one does', async () => {
  const { waits, decide, events } = await openTenant()
  const id = await waits(deal(1000))
  const answers = await Promise.all([decide(id), decide(id, eve), decide(id, eve, 'refuse'), decide(id)])
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
  const isRefused = answers[2]?.ok
  expect((await events()).filter(({ type }) => type === 'Deal.Created')).toHaveLength(isRefused ? 0 : 1)
})

const entries: readonly (readonly [string, (id: string) => Call])[] = [
  ['a creation', () => deal(5000)],
  ['an update', (id) => write('Deal', 'update', { id, value: 5000 })],
  ['a batch', () => batchOf({ method: 'POST', path: '/Deal', body: { name: 'x', value: 5000 } })],
  ['many creations', () => write('Deal', 'createMany', { entities: [{ name: 'x', value: 5000 }] })],
  ['many updates', (id) => write('Deal', 'updateMany', { ids: [id], set: { value: 5000 } })],
]

function batchOf(...operations: readonly Fields[]): Call {
  return write('', 'batch', { operations: operations as JsonValue })
}

test.each(entries)('%s waits as a whole, and is made by approval', async (_, call) => {
  const { send, events, waits, decide } = await openTenant()
  const id = String(bodyOf(await send(write('Deal', 'create', { name: 'small', value: 1 })))['$id'])
  const approval = await waits(call(id))
  expect(await events()).toHaveLength(2)
  expect(await decide(approval)).toMatchObject({ ok: true })
  expect((await events()).at(-1)).toMatchObject({ data: { value: 5000 }, approvedBy: 'user_ada' })
})

test('a batch with one change that waits makes none of the others', async () => {
  const { events, waits } = await openTenant()
  const contact = { method: 'POST', path: '/Contact', body: { name: 'Ada' } }
  await waits(batchOf(contact, { method: 'POST', path: '/Deal', body: { name: 'x', value: 5000 } }))
  expect(await events()).toHaveLength(1)
})

test('a program sees its writes, waits at its commit, and is made without its code', async () => {
  const { stub, events, decide } = await openTenant()
  const program = new ProgramClient(stub, agent)
  const [made] = await program.ask(deal(5000))
  expect(made).toMatchObject({ ok: true })
  const refused = await program.commit().catch((error: unknown) => error)
  if (!(refused instanceof ProgramEnded)) throw new Error('expected the program to end')
  expect(refused).toMatchObject({ error: { code: 'approval_required' }, fate: 'failed' })
  expect(await events()).toHaveLength(1)
  expect(await decide(String(refused.error.detail?.['approval']))).toMatchObject({ ok: true })
  expect((await events()).at(-1)).toMatchObject({ actor: 'agent_one', approvedBy: 'user_ada', data: { value: 5000 } })
})

test('a dry run says which changes need consent, and its plan is not a way around it', async () => {
  const { send, events } = await openTenant()
  const tried = bodyOf(await send({ ...write('Deal', 'create', { name: 'x', value: 5000 }), isDryRun: true }))
  expect(tried).toMatchObject({ events: [{}], approval: [{ rule: 'Large deals', call: 'Deal.create' }] })
  const executed = await send(write('', 'commits.plan', { id: String(tried['plan']) }))
  expect(executed).toMatchObject({ ok: false, error: { code: 'approval_required' } })
  expect(await events()).toHaveLength(1)
})

test('an outdated request is refused, and offered again as it would be now', async () => {
  const { send, events, waits, decide, show } = await openTenant()
  const id = String(bodyOf(await send(write('Deal', 'create', { name: 'small', value: 1 })))['$id'])
  const approval = await waits(write('Deal', 'update', { id, value: 5000 }))
  await send(write('Deal', 'update', { id, name: 'other' }))
  const refused = await decide(approval)
  expect(refused).toMatchObject({ ok: false, error: { code: 'plan_outdated' } })
  const next = refused.ok ? '' : String(refused.error.detail?.['approval'])
  expect(await show(approval)).toMatchObject({ status: 'Outdated', next })
  expect(await events()).toHaveLength(3)
  expect(await decide(next)).toMatchObject({ ok: true })
  expect((await events()).at(-1)).toMatchObject({ data: { value: 5000, name: 'other' } })
})

test.each<[string, Caller, Caller]>([
  ['the agent that asked', agent, agent],
  ['another agent', agent, other],
  ['an agent over its own interface', agent, callerOf(fullAuthority('user_ada'), 'mcp')],
  ['a key without an owner', agent, callerOf(fullAuthority('apikey_one'))],
  [
    'the person, with the key with which it was asked',
    callerOf({ ...fullAuthority('user_ada'), through: { kind: 'key', id: 'apikey_one' } }),
    callerOf({ ...fullAuthority('user_ada'), through: { kind: 'key', id: 'apikey_one' } }),
  ],
  [
    'a person who may not do everything',
    agent,
    callerOf({ ...fullAuthority('user_bob'), nouns: { Contact: { ...ada.authority.others, hidden: ['email'] } } }),
  ],
  ['an answer about another request', agent, callerOf(fullAuthority('user_ada'), 'mcp', 'approval_000000000001')],
])('%s approves nothing', async (_, by, approver) => {
  // The request of a key in these cases is known by the rights that the caller sends, which no key of this tenant proves.
  const asked = by.authority.through === undefined ? by : callerOf(fullAuthority('user_ada'), 'mcp')
  const { events, waits, decide } = await openTenant()
  const id = await waits(deal(1000), asked)
  const refused = await decide(id, by.authority.through === undefined ? approver : { ...approver, via: 'mcp' })
  expect(refused.ok ? 'approved' : refused.error.code).toMatch(/forbidden|not_found|unauthorized/)
  expect(await events()).toHaveLength(1)
})

test('the owner of the machine approves what a program of this machine asked over its interface', async () => {
  const owner = fullAuthority('owner')
  const { waits, decide } = await openTenant()
  const id = await waits(deal(1000), callerOf(owner, 'mcp'))
  expect(await decide(id, callerOf(owner, 'mcp'))).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  expect(await decide(id, callerOf(owner, 'mcp', id))).toMatchObject({ ok: true })
  const second = await waits(deal(2000), callerOf(owner, 'mcp'))
  expect(await decide(second, callerOf(owner, 'cli'))).toMatchObject({ ok: true })
})

test('a refused request says why, and is approved no more', async () => {
  const { waits, decide, show, events } = await openTenant()
  const id = await waits(deal(1000))
  expect(bodyOf(await decide(id, eve, 'refuse', { reason: 'too much' }))).toMatchObject({ status: 'Refused' })
  expect(await show(id, agent)).toMatchObject({ status: 'Refused', decidedBy: 'user_eve', note: 'too much' })
  expect(await decide(id)).toMatchObject({ ok: false, error: { code: 'conflict' } })
  expect(await events()).toHaveLength(1)
})

test('a caller sees and withdraws its own requests, and no others', async () => {
  const { waits, decide, read, show } = await openTenant([{ ...large, callers: ['agent', 'key', 'person'] }])
  const { authority } = agent
  const bounded = { ...authority, nouns: { User: { ...authority.others, hidden: ['email'] } } }
  const [one, two] = [callerOf(bounded), callerOf({ ...bounded, who: 'agent_two' })]
  const id = await waits(deal(1000), one)
  expect((await read('approvals', {}, two))['results']).toEqual([])
  await expect(show(id, two)).rejects.toThrow('not_found')
  expect(await decide(id, two, 'refuse')).toMatchObject({ ok: false, error: { code: 'not_found' } })
  expect((await read('approvals', { status: 'Pending' }, one))['results']).toMatchObject([{ id }])
  expect(bodyOf(await decide(id, one, 'refuse'))).toMatchObject({ status: 'Refused', decidedBy: 'agent_one' })
})

test('20 requests of a caller wait at most', async () => {
  const { send, waits } = await openTenant()
  for (let at = 0; at < 20; at++) await waits(deal(1000 + at))
  const refused = await send(deal(5000))
  expect(refused).toMatchObject({ ok: false, error: { code: 'approval_required' } })
  expect(refused.ok ? '' : refused.error.message).toContain('20 requests of this caller wait already')
  expect(refused.ok ? '' : refused.error.detail).not.toHaveProperty('approval')
  await waits(deal(5000), other)
})

const kinds = ['sends', 'pays', 'grants', 'deletes'] as const
test.each<[(typeof kinds)[number], Call | ((id: string) => Call)]>([
  ['deletes', (id) => write('Contact', 'delete', { id })],
  ['sends', write('Message', 'create', { body: 'x', status: 'Sent', channel: 'InApp' })],
  ['pays', write('Payment', 'capture', { amount: 1, currency: 'EUR' })],
  ['grants', write('', 'settings.patch', { currency: 'EUR' })],
  ['grants', write('Vehicle', 'schema.put', { fields: { name: 'string!' } })],
])('a rule of verbs of the kind %s holds every way to them', async (kind, call) => {
  const { send, waits } = await openTenant([{ name: 'Kinds', kinds: [kind] }])
  const id = String(bodyOf(await send(write('Contact', 'create', { name: 'Ada' })))['$id'])
  await waits(typeof call === 'function' ? call(id) : call)
})

test('an undo that would delete needs the consent that a deletion needs', async () => {
  const { send, waits } = await openTenant([{ name: 'Deletions', kinds: ['deletes'] }])
  const made = await send(write('Contact', 'create', { name: 'Ada' }))
  await waits(write('', 'commits.undo', { id: String(made.ok ? made.commit : '') }))
})

test('a rule names verbs, actors and hours', async () => {
  const settings = { timeZone: 'UTC', businessHours: { monday: '00:00-24:00' }, holidays: [] }
  const isMonday = new Date().getUTCDay() === 1
  const { send, waits } = await openTenant([
    { name: 'By name', verbs: ['qualify'], actors: ['agent_two'] },
    { name: 'At night', types: ['Deal'], hours: 'other', callers: ['agent'] },
  ])
  bodyOf(await send(write('', 'settings.patch', settings), ada))
  const id = String(bodyOf(await send(write('Contact', 'create', { name: 'Ada' })))['$id'])
  await waits(write('Contact', 'qualify', { id }), other)
  expect(await send(write('Contact', 'qualify', { id }))).toMatchObject({ ok: true })
  if (!isMonday) await waits(deal(1))
  expect(await send(deal(1), ada)).toMatchObject({ ok: true })
})

test('a program changes no rules by itself while there are some', async () => {
  const { waits, read } = await openTenant()
  const id = await waits(write('', 'rules.put', { approvals: [] }))
  expect(id).toMatch(/^approval_/)
  expect((await read('rules'))['approvals']).toMatchObject([{ name: 'Large deals' }])
})

test.each<[object, string]>([
  [{ types: ['Deal'] }, 'approvals[0].name'],
  [{ name: 'a', types: ['Dael'] }, 'approvals[0].types'],
  [{ name: 'a', where: { value: 1 } }, 'approvals[0].where'],
  [{ name: 'a', types: ['Deal'], where: { valeu: 1 } }, 'approvals[0].where'],
  [{ name: 'a', types: ['Deal'], where: { $text: 'x' } }, 'approvals[0].where'],
  [{ name: 'a', kinds: ['sings'] }, 'approvals[0].kinds'],
  [{ name: 'a', callers: [] }, 'approvals[0].callers'],
  [{ name: 'a', hours: 'never' }, 'approvals[0].hours'],
  [{ name: 'a', amount: 1 }, 'approvals[0].amount'],
])('the rule %j is refused at %s', async (rule, field) => {
  const { send, read } = await openTenant([])
  const refused = await send(write('', 'rules.put', { approvals: [rule as JsonValue] }), ada)
  expect(refused.ok ? '' : refused.error.field).toContain(field)
  expect((await read('rules'))['approvals']).toEqual([])
})

test('undo takes back an approved commit like any other', async () => {
  const { send, waits, decide, events } = await openTenant()
  const approved = await decide(await waits(deal(1000)))
  const undone = await send(write('', 'commits.undo', { id: String(approved.ok ? approved.commit : '') }), ada)
  expect(undone).toMatchObject({ ok: true })
  expect((await events()).at(-1)).toMatchObject({ type: 'Deal.Deleted', undoes: 2 })
})
