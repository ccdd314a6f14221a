// Keys at the front door, with the services of the product.

import { newWebSocketRpcSession } from 'capnweb'
import { expect, test, vi } from 'vitest'
import { KeyedTenant as Tenant, type Made } from '../../test/keyed-tenant.ts'

test('a key is answered once, works, and names itself in events', async () => {
  const tenant = new Tenant()
  const made = await tenant.make('/ApiKey', { name: 'CI' })
  expect(made.key).toMatch(/^hly_sk_[0-9A-Za-z]{43}$/)
  expect(made.keyPrefix).toBe(made.key.slice(0, 13))
  const contact = await tenant.make('/Contact', { name: 'Ada' }, made.key)
  const last = (await tenant.events()).find(({ target }) => target === contact.$id)
  expect(last).toMatchObject({ actor: made.$id, key: made.$id, type: 'Contact.Created' })
  expect((await tenant.ask(`/Contact/${contact.$id}`, { headers: { 'x-api-key': made.key } })).status).toBe(200)
})

test('a repeated creation under an idempotency key has no secret', async () => {
  const tenant = new Tenant()
  const create = () => tenant.post('/ApiKey', { name: 'CI' }, undefined, { 'idempotency-key': 'one' })
  const first = await (await create()).json<Made>()
  const second = await (await create()).json<Made>()
  expect([first.$id, 'key' in second]).toEqual([second.$id, false])
  expect((await tenant.ask('/Contact', { key: first.key })).status).toBe(200)
})

test('a secret is nowhere but in its answer', async () => {
  const tenant = new Tenant()
  const { key, $id } = await tenant.make('/ApiKey', { name: 'CI' })
  await tenant.make('/Contact', { name: 'Ada' }, key)
  expect((await tenant.post('/lake/flush', {})).status).toBe(200)
  const paths = [
    '/ApiKey',
    `/ApiKey/${$id}`,
    `/ApiKey/${$id}/history`,
    '/events?limit=1000',
    '/status',
    '/commits/1',
    '',
  ]
  const secret = key.slice('hly_sk_'.length)
  for (const path of paths) expect(await (await tenant.ask(path)).text()).not.toContain(secret)
})

test('a revoked key is refused, also by cached answers after a second', async () => {
  const tenant = new Tenant()
  const { key, $id } = await tenant.make('/ApiKey', { name: 'CI' })
  const contact = await tenant.make('/Contact', { name: 'Ada' })
  await tenant.post('/lake/flush', {})
  const get = () => tenant.ask(`/Contact/${contact.$id}`, { key })
  await get()
  expect((await get()).headers.get('x-headlessly-source')).toBe('cache')
  expect((await tenant.post(`/ApiKey/${$id}/revoke`, {})).status).toBe(200)
  // The object is asked, and knows at once.
  expect((await tenant.ask(`/Contact/${contact.$id}?strong=true`, { key })).status).toBe(401)
  expect((await tenant.post('/Contact', { name: 'Bo' }, key)).status).toBe(401)
  await vi.waitFor(async () => expect((await get()).status).toBe(401), { timeout: 1_500 })
})

test('all that is no valid key of the tenant is refused alike', async () => {
  const [tenant, other] = [new Tenant(), new Tenant()]
  const { key } = await other.make('/ApiKey', { name: 'CI' })
  await tenant.make('/Contact', { name: 'Ada' })
  const ended = await tenant.make('/ApiKey', { name: 'past', expiresAt: '2020-01-01T00:00:00Z' })
  const deleted = await tenant.make('/ApiKey', { name: 'deleted' })
  await tenant.ask(`/ApiKey/${deleted.$id}`, { method: 'DELETE' })
  const missing = new Tenant()
  const bodies = new Set<string>()
  for (const [of, wrong] of [
    [tenant, key],
    [tenant, ended.key],
    [tenant, deleted.key],
    [tenant, `hly_sk_${'0'.repeat(43)}`],
    [tenant, 'hly_sk_short'],
    [missing, key],
  ] as const) {
    const response = await of.ask('/Contact', { key: wrong })
    const { requestId: _id, ...problem } = await response.json<Record<string, unknown>>()
    expect(response.status).toBe(401)
    const metadata = `http://localhost/.well-known/oauth-protected-resource/~${of.name}`
    const challenge = `Bearer error="invalid_token", resource_metadata="${metadata}"`
    expect(response.headers.get('www-authenticate')).toBe(challenge)
    bodies.add(JSON.stringify([problem, [...response.headers.keys()].toSorted()]))
  }
  expect(bodies.size).toBe(1)
  expect((await tenant.ask('/Contact', { headers: { 'x-api-key': 'mine' } })).status).toBe(401)
  const { headers } = { headers: { authorization: `Bearer hly_sk_${'0'.repeat(43)}`, 'x-api-key': ended.key } }
  expect((await tenant.ask('/Contact', { headers })).status).toBe(401)
})

test('a token of a proxy before the server is no key', async () => {
  const tenant = new Tenant()
  await tenant.make('/Contact', { name: 'Ada' })
  for (const authorization of ['Bearer of-the-proxy', 'Basic YTpi'])
    expect((await tenant.ask('/Contact', { headers: { authorization } })).status).toBe(200)
})

test('a member does what its role says, and an agent what its owner may', async () => {
  const tenant = new Tenant()
  const ada = await tenant.make('/User', { name: 'Ada', email: 'ada@example.com', role: 'Member' })
  const eve = await tenant.make('/User', { name: 'Eve', email: 'eve@example.com', role: 'Viewer' })
  const agent = await tenant.make('/Agent', { name: 'Helper', owner: ada.$id, status: 'Active' })
  const adas = await tenant.make('/ApiKey', { name: 'Ada', owner: ada.$id })
  const eves = await tenant.make('/ApiKey', { name: 'Eve', owner: eve.$id })
  const agents = await tenant.make('/ApiKey', { name: 'Helper', owner: agent.$id, scopes: 'write:crm' })
  const contact = await tenant.make('/Contact', { name: 'Ann' }, agents.key)
  const event = (await tenant.events()).find(({ target }) => target === contact.$id)
  expect(event).toMatchObject({ actor: agent.$id, onBehalfOf: ada.$id, key: agents.$id })
  const statuses = async (key: string) => {
    const tries: Promise<Response>[] = [
      tenant.ask('/Contact', { key }),
      tenant.post('/Contact', { name: 'x' }, key),
      tenant.ask('/Invoice', { key }),
      tenant.post('/User', { name: 'x', email: `${key.slice(8, 20)}@example.com`, role: 'Owner' }, key),
      tenant.send('PATCH', `/User/${ada.$id}`, { role: 'Owner' }, key),
      tenant.post('/ApiKey', { name: 'more' }, key),
      tenant.ask('/settings', { key }),
    ]
    return Promise.all(tries.map(async (response) => (await response).status))
  }
  expect(await statuses(adas.key)).toEqual([200, 201, 200, 403, 403, 404, 403])
  expect(await statuses(eves.key)).toEqual([200, 403, 200, 403, 403, 404, 403])
  expect(await statuses(agents.key)).toEqual([200, 201, 404, 404, 404, 404, 403])
  // Keys lose a right as soon as their owner does.
  await tenant.post(`/User/${ada.$id}/suspend`, {})
  for (const key of [adas.key, agents.key]) expect((await tenant.post('/Contact', { name: 'x' }, key)).status).toBe(401)
})

test('what a revoked key has opened ends at once: sockets, streams and sessions', async () => {
  const tenant = new Tenant()
  const { key, $id } = await tenant.make('/ApiKey', { name: 'CI' })
  const { seen } = await tenant.listen('/events', key)
  const rpc = await tenant.listen('/rpc', key)
  const stream = await tenant.ask('/events', { key, headers: { accept: 'text/event-stream' } })
  const text = stream.text()
  const session = newWebSocketRpcSession<{ send(text: string): Promise<readonly string[]> }>(rpc.socket)
  const create = JSON.stringify({ calls: [{ kind: 'write', noun: 'Contact', verb: 'create', body: '{"name":"Bo"}' }] })
  expect((await session.send(create))[0]).toContain('"ok":true')
  await tenant.post(`/ApiKey/${$id}/revoke`, {})
  await vi.waitFor(() => expect(seen.at(-1)).toBe('closed 4001'))
  expect((await session.send(create))[0]).toContain('"code":"unauthorized"')
  await tenant.make('/Contact', { name: 'Cy' })
  // Neither the revocation nor anything after it was sent.
  expect(await text).not.toContain('"Cy"')
  expect(seen.join()).not.toContain('ApiKey.Revoked')
  expect((await tenant.ask('/events', { key, headers: { accept: 'text/event-stream' } })).status).toBe(401)
})

test('a socket whose key may see less is closed, and resumes with the rights of now', async () => {
  const tenant = new Tenant()
  const ada = await tenant.make('/User', { name: 'Ada', email: 'ada@example.com', role: 'Admin' })
  const { key } = await tenant.make('/ApiKey', { name: 'Ada', owner: ada.$id })
  const { seen } = await tenant.listen('/events', key)
  await tenant.send('PATCH', `/User/${ada.$id}`, { role: 'Viewer' }, key)
  await vi.waitFor(() => expect(seen.at(-1)).toBe('closed 1012'))
  await tenant.make('/ApiKey', { name: 'hidden from viewers' })
  await tenant.make('/Contact', { name: 'Ann' })
  const again = await tenant.listen('/events?after=3', key)
  await vi.waitFor(() => expect(again.seen.join()).toContain('Contact.Created'))
  expect(again.seen.join()).not.toContain('ApiKey')
})

interface AgentFields {
  readonly mode?: string
  readonly capabilities?: readonly string[]
  readonly scopes?: string
  readonly expiresAt?: string
  readonly writesPerDay?: number
  readonly tokensPerDay?: number
}

async function agentOf(tenant: Tenant, fields: AgentFields): Promise<{ readonly id: string; readonly key: string }> {
  const email = `eve-${crypto.randomUUID()}@example.com`
  const user = await tenant.make('/User', { name: 'Eve', email, role: 'Admin' })
  const { $id } = await tenant.make('/Agent', { name: 'Robot', owner: user.$id, ...fields })
  const { key } = await tenant.make('/ApiKey', { name: 'Robot', owner: $id })
  return { id: $id, key }
}

test('attack: an agent cannot pass its budget of writes, by writes at once, a batch, or another key of its own', async () => {
  const tenant = new Tenant()
  const { id, key } = await agentOf(tenant, { writesPerDay: 3 })
  const other = (await tenant.make('/ApiKey', { name: 'second', owner: id })).key
  // A dry run writes nothing.
  expect((await tenant.post('/Contact?dryRun=true', { name: 'Ada' }, key)).status).toBe(200)
  const operations = ['a', 'b', 'c', 'd'].map((one) => ({
    id: one,
    method: 'POST',
    path: '/Contact',
    body: { name: one },
  }))
  const batch = await tenant.post('/batch', { atomic: true, operations }, key)
  expect(batch.status).toBe(422)
  expect(await batch.text()).toContain('budget_exceeded')
  const write = (by: string) => tenant.post('/Contact', { name: 'Ada' }, by)
  const answers = await Promise.all([key, other, key, other, key, other].map(write))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 201, 429, 429, 429])
  const refused = await write(key)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ code: 'budget_exceeded', budget: 'writes', limit: 3, used: 3 })
  expect((await tenant.ask('/Contact', { key })).status).toBe(200)
  expect((await tenant.events()).filter(({ type }) => type === 'Contact.Created').length).toBe(3)
  // Only full authority raises it, and that takes effect at once.
  expect((await tenant.send('PATCH', `/Agent/${id}`, { writesPerDay: 100 }, key)).status).toBe(429)
  await tenant.send('PATCH', `/Agent/${id}`, { writesPerDay: 4 })
  expect([(await write(key)).status, (await write(key)).status]).toEqual([201, 429])
})

test('the tokens that an agent has used end its writes until the next day', async () => {
  const tenant = new Tenant()
  await tenant.post('/clock', { now: '2031-05-01T10:00:00Z' })
  const { id, key } = await agentOf(tenant, { tokensPerDay: 100 })
  const write = async () => (await tenant.post('/Contact', { name: 'Ada' }, key)).status
  await tenant.send('PATCH', `/Agent/${id}`, { totalTokens: 60 })
  expect(await write()).toBe(201)
  await tenant.send('PATCH', `/Agent/${id}`, { totalTokens: 170 })
  expect(await write()).toBe(429)
  await tenant.post('/clock', { advance: 'P1D' })
  expect(await write()).toBe(201)
})

test('the scopes of an agent cut all of its keys, and an agent that has ended or was removed does nothing', async () => {
  const tenant = new Tenant()
  const reader = await agentOf(tenant, { scopes: 'read' })
  expect((await tenant.post('/Contact', { name: 'Ada' }, reader.key)).status).toBe(403)
  expect((await tenant.ask('/Contact', { key: reader.key })).status).toBe(200)
  const ended = await agentOf(tenant, { expiresAt: '2020-01-01T00:00:00Z' })
  expect((await tenant.ask('/Contact', { key: ended.key })).status).toBe(401)
  await tenant.ask(`/Agent/${reader.id}`, { method: 'DELETE' })
  expect((await tenant.ask('/Contact?strong=true', { key: reader.key })).status).toBe(401)
})

test('an agent writes with its capabilities only, reads all the same, and gives itself no more', async () => {
  const tenant = new Tenant()
  const { id, key } = await agentOf(tenant, { capabilities: ['Contact', 'Ticket.resolve', 'billing'] })
  const ticket = await tenant.make('/Ticket', { subject: 'It is broken' })
  const statusOf = async (path: string, body: object): Promise<number> => (await tenant.post(path, body, key)).status
  expect(await statusOf('/Contact', { name: 'Ann' })).toBe(201)
  expect(await statusOf('/Product', { name: 'Plan' })).toBe(201)
  expect(await statusOf('/Deal', { name: 'Engine' })).toBe(403)
  expect(await statusOf(`/Ticket/${ticket.$id}/close`, {})).toBe(403)
  expect(await statusOf(`/Ticket/${ticket.$id}/resolve`, {})).toBe(200)
  expect((await tenant.ask('/Deal', { key })).status).toBe(200)
  expect((await tenant.send('PATCH', `/Agent/${id}`, { capabilities: ['crm'] }, key)).status).toBe(403)
  expect((await tenant.send('PATCH', `/Agent/${id}`, { capabilities: [] })).status).toBe(200)
  expect(await statusOf('/Contact', { name: 'Ben' })).toBe(403)
  for (const wrong of ['Deal', ['Deals'], ['Deal.fly'], [7]]) {
    const refused = await tenant.send('PATCH', `/Agent/${id}`, { capabilities: wrong })
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'validation_error' }])
  }
})

test('a supervised agent proposes, and a manual one only tries', async () => {
  const tenant = new Tenant()
  const { id, key } = await agentOf(tenant, { mode: 'Supervised' })
  const write = (path: string) => tenant.post(path, { name: 'Ann' }, key)
  const proposed = await (await write('/Contact')).json<Record<string, unknown>>()
  expect(proposed).toMatchObject({ code: 'approval_required', reasons: [{ rule: 'Supervised agents propose' }] })
  // Without the last mode, an agent could change itself from a proposal to a deed.
  expect((await tenant.send('PATCH', `/Agent/${id}`, { mode: 'Autonomous' }, key)).status).toBe(403)
  expect((await tenant.post(`/approvals/${String(proposed['approval'])}/approve`, {})).status).toBe(200)
  await tenant.send('PATCH', `/Agent/${id}`, { mode: 'Manual' })
  const refused = await write('/Contact')
  expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'forbidden' }])
  const tried = await write('/Contact?dryRun=true')
  expect(await tried.json()).toMatchObject({ dryRun: true, events: [{ type: 'Contact.Created' }], refusals: [] })
  expect((await tenant.events()).filter(({ type }) => type === 'Contact.Created')).toHaveLength(1)
})

interface Issued {
  readonly ticket: string
  readonly expiresInSeconds: number
}

async function ticketFor(tenant: Tenant, key: string): Promise<string> {
  return (await (await tenant.post('/ticket', {}, key)).json<Issued>()).ticket
}

test('a ticket opens one WebSocket in place of its key, and the socket ends with the key', async () => {
  const tenant = new Tenant()
  const { key, $id } = await tenant.make('/ApiKey', { name: 'CI' })
  const open = (path: string) => tenant.ask(path, { headers: { upgrade: 'websocket' } })
  const ticket = await ticketFor(tenant, key)
  const { webSocket } = await open(`/rpc?ticket=${ticket}`)
  if (webSocket === null) throw new Error('no socket')
  webSocket.accept()
  const session = newWebSocketRpcSession<{ send(text: string): Promise<readonly string[]> }>(webSocket)
  const create = JSON.stringify({ calls: [{ kind: 'write', noun: 'Contact', verb: 'create', body: '{"name":"Bo"}' }] })
  expect((await session.send(create))[0]).toContain('"ok":true')
  expect((await tenant.events()).at(-1)).toMatchObject({ actor: $id, key: $id })
  expect((await open(`/rpc?ticket=${ticket}`)).status).toBe(401)
  const events = await open(`/events?type=Contact.*&ticket=${await ticketFor(tenant, key)}`)
  expect(events.status).toBe(101)
  const seen: string[] = []
  events.webSocket?.addEventListener('close', ({ code }) => void seen.push(String(code)))
  events.webSocket?.accept()
  await tenant.post(`/ApiKey/${$id}/revoke`, {})
  await vi.waitFor(() => expect(seen).toEqual(['4001']))
  expect((await session.send(create))[0]).toContain('"code":"unauthorized"')
})

test('attack: a ticket is worthless as a key, for another tenant, without a socket, and after its key', async () => {
  const [tenant, other] = [new Tenant(), new Tenant()]
  await other.make('/Contact', { name: 'Ada' })
  const { key, $id } = await tenant.make('/ApiKey', { name: 'CI', scopes: 'read' })
  const open = (of: Tenant, ticket: string) => of.ask(`/rpc?ticket=${ticket}`, { headers: { upgrade: 'websocket' } })
  const ticket = await ticketFor(tenant, key)
  expect((await tenant.ask('/Contact', { key: ticket })).status).toBe(401)
  expect((await open(other, ticket)).status).toBe(401)
  expect((await tenant.ask(`/Contact?ticket=${ticket}`)).status).toBe(400)
  expect((await open(tenant, 'hly_ticket_none')).status).toBe(401)
  expect((await tenant.post('/ticket', {})).status).toBe(401)
  await tenant.post(`/ApiKey/${$id}/revoke`, {})
  expect((await open(tenant, ticket)).status).toBe(401)
})
