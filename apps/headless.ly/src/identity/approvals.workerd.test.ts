// Approvals at the front door, with keys: who asks, who decides, and what becomes of requests whose key has ended.

import { expect, test } from 'vitest'
import { KeyedTenant as Tenant, type Made } from '../../test/keyed-tenant.ts'

type Json = Readonly<Record<string, unknown>>

interface World {
  readonly tenant: Tenant
  readonly person: Made
  readonly agent: Made
  readonly key: Made
}

async function openTenant(): Promise<World> {
  const tenant = new Tenant()
  const person = await tenant.make('/User', { name: 'Ada', email: 'ada@acme.com', role: 'Admin', status: 'Active' })
  const agent = await tenant.make('/Agent', { name: 'One', owner: person.$id, status: 'Active' })
  const key = await tenant.make('/ApiKey', { name: 'agent', owner: agent.$id })
  const approvals = [{ name: 'Deals', types: ['Deal'], callers: ['agent', 'key'] }]
  expect((await tenant.send('PUT', '/rules', { approvals })).status).toBe(200)
  return { tenant, person, agent, key }
}

async function ask(
  { tenant, key }: World,
  path = '/Deal',
  body: object = { name: 'Engine', value: 5 },
): Promise<string> {
  const refused = await tenant.post(path, body, key.key)
  expect(refused.status).toBe(403)
  const problem = await refused.json<Json>()
  expect(problem).toMatchObject({ code: 'approval_required', reasons: [{ rule: 'Deals', call: 'Deal.create' }] })
  return String(problem['approval'])
}

test('an agent asks by REST and batch, its key approves nothing, and its person does', async () => {
  const world = await openTenant()
  const { tenant, key, agent, person } = world
  const create = { method: 'POST', path: '/Deal', body: { name: 'x', value: 1 } }
  const asked = [
    await ask(world),
    await ask(world, '/batch', { operations: [create] }),
    await ask(world, '/Deal', { name: 'other', value: 2 }),
  ]
  const own = await tenant.make('/ApiKey', { name: 'own', owner: person.$id })
  for (const id of asked) {
    expect((await tenant.post(`/approvals/${id}/approve`, {}, key.key)).status).toBe(403)
    const approved = await tenant.post(`/approvals/${id}/approve`, {}, own.key)
    expect(approved.status).toBe(200)
    const { commit } = await approved.json<{ commit: number }>()
    expect(await (await tenant.ask(`/approvals/${id}`, { key: key.key })).json()).toMatchObject({
      status: 'Approved',
      commit,
    })
  }
  const made = (await tenant.events()).filter(({ type }) => type === 'Deal.Created')
  expect(made).toHaveLength(3)
  for (const event of made)
    expect(event).toMatchObject({ actor: agent.$id, onBehalfOf: person.$id, key: key.$id, approvedBy: person.$id })
  const kinds = (await (await tenant.ask('/audit?limit=50')).json<{ results: { kind: string }[] }>()).results
  expect(kinds.filter(({ kind }) => kind === 'approved')).toHaveLength(3)
})

test.each<[string, (world: World) => Promise<Response>]>([
  ['its key was revoked', ({ tenant, key }) => tenant.post(`/ApiKey/${key.$id}/revoke`, {})],
  [
    'its agent has ended',
    ({ tenant, agent }) => tenant.send('PATCH', `/Agent/${agent.$id}`, { expiresAt: '2020-01-01T00:00:00Z' }),
  ],
  ['its person was suspended', ({ tenant, person }) => tenant.post(`/User/${person.$id}/suspend`, {})],
])('a request is refused for good once %s', async (_, end) => {
  const world = await openTenant()
  const { tenant } = world
  const id = await ask(world)
  expect((await end(world)).status).toBe(200)
  const refused = await tenant.post(`/approvals/${id}/approve`, {})
  expect([refused.status, (await refused.json<Json>())['code']]).toEqual([409, 'conflict'])
  expect(await (await tenant.ask(`/approvals/${id}`)).json()).toMatchObject({ status: 'Refused', decidedBy: 'system' })
  expect((await tenant.events()).filter(({ type }) => type === 'Deal.Created')).toHaveLength(0)
})

test('a request is outdated once its caller may no longer do it', async () => {
  const world = await openTenant()
  const { tenant, agent } = world
  const id = await ask(world)
  expect((await tenant.send('PATCH', `/Agent/${agent.$id}`, { scopes: 'read' })).status).toBe(200)
  const refused = await tenant.post(`/approvals/${id}/approve`, {})
  expect([refused.status, (await refused.json<Json>())['code']]).toEqual([409, 'plan_outdated'])
  expect(await (await tenant.ask(`/approvals/${id}`)).json()).toMatchObject({ status: 'Outdated' })
})
