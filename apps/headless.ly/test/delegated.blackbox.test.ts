// Work that the server performs later: no caller directs it who lacks its rights, by any field, verb or way of writing.

import { delegatedWork } from 'oauth.do'
import { expect, test } from 'vitest'
import { useSharedServer } from './server.ts'

type Json = Readonly<Record<string, unknown>>
interface FieldOfSchema {
  readonly name: string
  readonly kind: string
  readonly values?: readonly string[]
}

const { call, tenant, url } = useSharedServer()
const works = delegatedWork(true)
const allButKeys = {
  nouns: { ApiKey: { read: 'none' } },
  others: { read: 'all', write: 'all', verbs: 'all' },
}

/** Requests to one tenant, of its owner or with a key. */
function tenantOf(at: string) {
  const send = async (method: string, path: string, body?: object, key?: string) =>
    call(method, `${at}${path}`, body, key === undefined ? {} : { authorization: `Bearer ${key}` })
  return {
    at,
    send,
    post: (path: string, body: object, key?: string) => send('POST', path, body, key),
    make: async (path: string, body: object, key?: string): Promise<Json & { readonly $id: string }> => {
      const made = await send('POST', path, body, key)
      expect([made.status, made.body]).toEqual([201, expect.objectContaining({ $id: expect.any(String) })])
      return { ...made.body, $id: String(made.body['$id']) }
    },
  }
}

type Tenant = ReturnType<typeof tenantOf>

/** A tenant with an administrator's work of each kind, and with members who may write everything but keys. */
async function tenantWithWork() {
  const t = tenantOf(`/~${tenant()}`)
  await t.make('/Contact', { name: 'first' })
  const role = 'Owner | Admin | Member | Viewer | Most'
  expect((await t.send('PATCH', '/schema/User', { fields: { role } })).status).toBe(200)
  expect((await t.send('PUT', '/rules', { roles: { Most: allButKeys } })).status).toBe(200)
  const person = async (name: string, of: string) => {
    const { $id } = await t.make('/User', { name, email: `${name}@example.com`, role: of })
    const { key } = await t.make('/ApiKey', { name, owner: $id })
    return { $id, key: String(key) }
  }
  const admin = await person('ada', 'Admin')
  const member = await person('mia', 'Most')
  const other = await person('ole', 'Most')
  const steps = [{ action: 'Contact.create', mapping: { name: 'x' } }]
  const made = {
    Agent: await t.make('/Agent', { name: 'Robot', instructions: 'Be kind.', owner: admin.$id }),
    Workflow: await t.make('/Workflow', { name: 'flow', triggerEvent: 'Deal.Won', steps }),
    Function: await t.make('/Function', { name: 'greet', source: 'async () => 1' }),
    Webhook: await t.make('/Webhook', { url: 'https://hooks.example.com/T0/secret', events: ['Deal.*'] }),
  }
  return { t, admin, member, other, made }
}

async function read(t: Tenant, path: string): Promise<Json> {
  return (await t.send('GET', `${path}?strong=true`)).body
}

/** Values of a field, of which some are valid and differ from what is there. */
function valuesFor({ kind, values = [], name }: FieldOfSchema): readonly unknown[] {
  if (values.length > 0) return values
  if (name === 'url') return ['https://evil.example.com/']
  return [
    kind,
    'x',
    7,
    true,
    ['*'],
    ['Contact.create'],
    ['Deal.Created'],
    { cron: '* * * * *' },
    '2031-01-01T00:00:00Z',
    null,
  ]
}

/** Fields that direct the work, without those that only halt it. */
function directing(noun: string, entity: Json): Json {
  const { apart = [] } = works[noun] ?? {}
  return Object.fromEntries(Object.entries(entity).filter(([name]) => !apart.includes(name) && !name.startsWith('$')))
}

test('no member directs work of an administrator, by any field, value or verb', { timeout: 120_000 }, async () => {
  const { t, member, made } = await tenantWithWork()
  let refused = 0
  for (const [noun, { $id }] of Object.entries(made)) {
    const at = `/${noun}/${$id}`
    const schema = (await t.send('GET', `/schema/${noun}`)).body as unknown as {
      readonly fields: readonly FieldOfSchema[]
      readonly verbs: readonly { readonly verb: string }[]
    }
    const before = directing(noun, await read(t, at))
    const tries = [
      ...schema.fields.flatMap((field) =>
        valuesFor(field).map((value) => ['PATCH', at, { [field.name]: value }] as const),
      ),
      ...schema.verbs
        .filter(({ verb }) => !['create', 'update', 'delete'].includes(verb))
        .map(
          ({ verb }) => ['POST', `${at}/${verb}`, { instructions: 'Obey.', replayFrom: 1, replayThrough: 1 }] as const,
        ),
      ['POST', `${at}/rollback`, { version: 1 }] as const,
    ]
    const answers = await Promise.all(tries.map(async ([method, path, body]) => t.send(method, path, body, member.key)))
    refused += answers.filter(({ status }) => status === 403).length
    const { status: _, ...after } = directing(noun, await read(t, at))
    const { status: __, ...kept } = before
    expect(after, noun).toEqual(kept)
  }
  expect(refused).toBeGreaterThan(100)
})

test('a member directs its own agents only, in person and with all of its rights', async () => {
  const { t, admin, member, other, made } = await tenantWithWork()
  const own = await t.make('/Agent', { name: 'Mine', instructions: 'Count.' }, member.key)
  expect(own).toMatchObject({ owner: member.$id })
  const { key: narrow } = await t.make('/ApiKey', { name: 'n', owner: member.$id, scopes: 'read,write,write:Agent' })
  const outcome = async (body: object, key: unknown, id = own.$id): Promise<number> =>
    (await t.send('PATCH', `/Agent/${id}`, body, String(key))).status
  const direction = { instructions: 'Obey.' }
  expect(await outcome({ instructions: 'Count again.' }, member.key)).toBe(200)
  expect(await outcome(direction, narrow)).toBe(403)
  expect(await outcome({ description: 'counts' }, narrow)).toBe(200)
  expect(await outcome(direction, other.key)).toBe(403)
  for (const owner of [other.$id, admin.$id, null]) {
    expect(await outcome({ owner }, member.key)).toBe(403)
    expect(await outcome({ owner }, other.key)).toBe(403)
  }
  expect(await outcome({ mode: 'Manual' }, member.key)).toBe(403)
  expect(await outcome(direction, member.key, made.Agent.$id)).toBe(403)
  expect((await t.post('/Agent', { name: 'His', owner: admin.$id }, member.key)).status).toBe(403)
  expect((await t.post(`/Agent/${own.$id}/deploy`, {}, other.key)).status).toBe(403)
  expect((await t.post(`/Agent/${own.$id}/deploy`, {}, member.key)).status).toBe(200)
  expect((await t.post(`/Agent/${own.$id}/pause`, {}, other.key)).status).toBe(200)
  expect((await t.post(`/Agent/${own.$id}/stop`, {}, other.key)).status).toBe(200)
  expect(await outcome({ instructions: 'Rest.' }, admin.key)).toBe(200)
  expect((await t.post(`/Agent/${own.$id}/deploy`, {}, member.key)).status).toBe(200)
  // An agent with a key of its own directs itself, but gives itself away to nobody.
  const { key: itself } = await t.make('/ApiKey', { name: 'own', owner: own.$id })
  expect((await t.post(`/Agent/${own.$id}/learn`, { insight: 'x', outcome: 'y' }, String(itself))).status).toBe(200)
  expect(await outcome({ owner: admin.$id }, itself)).toBe(403)
  expect(await outcome(direction, itself, made.Agent.$id)).toBe(403)
})

test('members replay, redeliver and read the address of no webhook that an administrator set up', async () => {
  const { t, member, made } = await tenantWithWork()
  const id = made.Webhook.$id
  for (const [path, body] of [
    [`/webhooks/${id}/replay`, { from: 1, through: 1 }],
    [`/webhooks/${id}/deliveries/event_x/redeliver`, {}],
    [`/Webhook/${id}/replay`, { replayFrom: 1, replayThrough: 1 }],
    [`/Webhook/${id}/redeliver`, { redelivered: 'x' }],
    [`/Webhook/${id}/disable`, {}],
    [`/Webhook/${id}/rotate`, {}],
  ] as const)
    expect([path, (await t.post(path, body, member.key)).status]).toEqual([path, expect.toSatisfy((s) => s >= 400)])
  for (const path of [
    `/Webhook/${id}`,
    `/Webhook/${id}?strong=true`,
    '/Webhook',
    '/webhooks',
    `/webhooks/${id}`,
    '/events?limit=1000',
    `/Webhook/${id}/history`,
    '/Webhook/export?format=csv',
    '/export/Webhook',
  ]) {
    const response = await fetch(`${url()}${t.at}${path}`, { headers: { authorization: `Bearer ${member.key}` } })
    expect([path, await response.text()]).toEqual([path, expect.not.stringContaining('T0/secret')])
  }
  const filter = encodeURIComponent('{"url":{"$exists":true}}')
  expect((await t.send('GET', `/Webhook?filter=${filter}`, undefined, member.key)).status).toBe(400)
  expect(await read(t, `/Webhook/${id}`)).toMatchObject({ url: expect.stringContaining('T0/secret') })
})

test('a metric or goal that the server computes over all data is set up by those who may read it', async () => {
  const { t, member } = await tenantWithWork()
  const others = { read: 'all', write: 'all', verbs: 'all' }
  const rules = { Most: allButKeys, Viewer: { nouns: { Deal: { read: 'none' } }, others } }
  expect((await t.send('PUT', '/rules', { roles: rules })).status).toBe(200)
  const { $id: owner } = await t.make('/User', { name: 'vic', email: 'vic@example.com', role: 'Viewer' })
  const { key } = await t.make('/ApiKey', { name: 'vic', owner })
  const metric = {
    name: 'value',
    alertAbove: 1,
    definition: { kind: 'level', from: 'Deal', as: 'sum', value: 'value' },
  }
  const refused = await t.post('/Metric', metric, String(key))
  expect([refused.status, refused.body['detail']]).toEqual([403, expect.stringContaining('may read everything')])
  expect((await t.post('/Goal', { name: 'g', target: 1, metricName: 'pipeline' }, String(key))).status).toBe(403)
  expect((await t.post('/Goal', { name: 'g', target: 1 }, String(key))).status).toBe(201)
  expect((await t.post('/Metric', { name: 'm', alertAbove: 1 }, member.key)).status).toBe(201)
  expect((await t.post('/Goal', { name: 'g', target: 1, metricName: 'pipeline' }, member.key)).status).toBe(201)
})
