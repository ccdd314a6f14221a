// Stored functions before a verb, on the server that ships: they change and refuse writes on every way into the tenant.

import { expect, test } from 'vitest'
import { killServer } from '../../../soak/kill-server.ts'
import { useServer } from './server.ts'
import { type Json, storing } from './stored-functions.ts'

const { call, server, tenant } = useServer()

const put = storing(call)

const count = async (t: string, noun = 'Contact'): Promise<unknown> =>
  (await call('GET', `/~${t}/${noun}/count?strong=true`)).body['count']

const scored = `(contact) => {
  if (contact.email?.endsWith('@evil.example')) throw new Error('no mail from evil.example')
  return { leadScore: contact.name.length, $id: 'contact_000000000000' }
}`

test('a function changes what every way of creating makes, and refuses with its own words', async () => {
  const t = tenant()
  await put(t, 'score', { source: scored, on: 'Contact.creating' })
  const made = await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  expect([made.status, made.body['leadScore']]).toEqual([201, 3])
  const refused = await call('POST', `/~${t}/Contact`, { name: 'Eve', email: 'eve@evil.example' })
  expect([refused.status, refused.body]).toEqual([
    422,
    expect.objectContaining({ code: 'hook_rejected', detail: 'no mail from evil.example', function: 'score', line: 2 }),
  ])
  const batch = await call('POST', `/~${t}/batch`, {
    operations: [
      { id: 'org', method: 'POST', path: '/Organization', body: { name: 'Analytical' } },
      { id: 'a', method: 'POST', path: '/Contact', body: { name: 'Grace', organization: { $ref: 'org' } } },
      { id: 'b', method: 'POST', path: '/Contact', body: { name: 'Barbara', organization: { $ref: 'org' } } },
    ],
  })
  expect([batch.status, JSON.stringify(batch.body)]).toEqual([200, expect.stringContaining('"leadScore":7')])
  const many = await call('POST', `/~${t}/Contact`, [{ name: 'Al' }, { name: 'Bo' }, { name: 'Al' }])
  expect(many.status).toBeLessThan(300)
  const code = `async ($) => {
    const one = await $.Contact.create({ name: 'Katherine' })
    await $.Contact.create({ name: 'Dorothy' })
    return [one.leadScore, (await $.Contact.get(one.$id)).leadScore]
  }`
  expect((await call('POST', `/~${t}/do`, { code })).body['result']).toEqual([9, 9])
  const { results } = (await call('GET', `/~${t}/Contact?strong=true&limit=100`)).body as { results: Json[] }
  expect(results.map(({ name, leadScore }) => [name, leadScore])).toEqual(
    results.map(({ name }) => [name, String(name).length]),
  )
  expect(results).toHaveLength(8)
  const mixed = await call('POST', `/~${t}/batch`, {
    operations: [
      { id: 'a', method: 'POST', path: '/Contact', body: { name: 'Fine' } },
      { id: 'b', method: 'POST', path: '/Contact', body: { name: 'Eve', email: 'x@evil.example' } },
    ],
  })
  expect([mixed.status, await count(t)]).toEqual([422, 8])
})

test('a function appears in dry runs, and an undo takes back what it changed, and itself', async () => {
  const t = tenant()
  const stored = await call('PUT', `/~${t}/functions/score`, { source: scored, on: 'Contact.creating' })
  const dry = await call('POST', `/~${t}/Contact?dryRun=true`, { name: 'Ada' })
  expect(dry.body).toMatchObject({ dryRun: true, result: { leadScore: 3 }, events: [{ data: { leadScore: 3 } }] })
  const refused = await call('POST', `/~${t}/Contact?dryRun=true`, { name: 'Eve', email: 'a@evil.example' })
  expect(refused.body).toMatchObject({ refusals: [{ status: 422 }], events: [] })
  const planned = await call('POST', `/~${t}/commits/plan/${String(dry.body['plan'])}`)
  expect([planned.status, planned.body['leadScore']]).toEqual([200, 3])
  const made = await call('POST', `/~${t}/Contact`, { name: 'Grace' })
  const undone = await call('POST', `/~${t}/commits/${made.headers.get('x-headlessly-commit')}/undo`)
  expect([undone.status, await count(t)]).toEqual([200, 1])
  await call('POST', `/~${t}/commits/${stored.headers.get('x-headlessly-commit')}/undo`)
  expect((await call('POST', `/~${t}/Contact`, { name: 'Bo' })).body['leadScore']).toBeUndefined()
})

test('a function before an update or a verb sees the entity as it would become, and what it was', async () => {
  const t = tenant()
  await put(t, 'watch', {
    on: 'Contact.qualifying',
    source: `async (contact, $, info) => {
      const others = await $.Contact.count({ stage: 'Qualified' })
      return { title: [contact.$id, contact.stage, info.previous.stage, info.verb, others].join(' ') }
    }`,
  })
  await put(t, 'shout', { on: 'Contact.updating', source: '({ name }) => ({ name: name.toUpperCase() })' })
  const { body } = await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  const id = String(body['$id'])
  const qualified = await call('POST', `/~${t}/Contact/${id}/qualify`)
  expect(qualified.body).toMatchObject({ stage: 'Qualified', title: `${id} Qualified Lead qualify 0` })
  const updated = await call('PATCH', `/~${t}/Contact/${id}`, { name: 'Ada L' })
  expect(updated.body).toMatchObject({ name: 'ADA L', $version: 3 })
})

test('a function cannot write, and a write that it reads is never missed', { timeout: 60_000 }, async () => {
  const t = tenant()
  await put(t, 'writer', {
    on: 'Deal.creating',
    source: `async (deal, $) => { await $.Contact.create({ name: 'x' }) }`,
  })
  const refused = await call('POST', `/~${t}/Deal`, { name: 'a', value: 1 })
  expect([refused.status, refused.body['detail']]).toEqual([422, expect.stringContaining('cannot write')])
  expect([await count(t), await count(t, 'Deal')]).toEqual([0, 0])
  // Two seats: concurrent writes may not all see that one is free.
  await put(t, 'seats', {
    on: 'Contact.creating',
    source: `async (contact, $) => {
      if ((await $.Contact.count({ title: contact.title })) >= 2) throw new Error('full')
    }`,
  })
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, at) => call('POST', `/~${t}/Contact`, { name: `n${at}`, title: 'a' })),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(2)
  expect(answers.every(({ status }) => [201, 422, 409].includes(status))).toBe(true)
  const batch = await call('POST', `/~${t}/batch`, {
    operations: [1, 2, 3].map((at) => ({
      id: `b${at}`,
      method: 'POST',
      path: '/Contact',
      body: { name: 'n', title: 'b' },
    })),
  })
  expect([batch.status, JSON.stringify(batch.body)]).toEqual([422, expect.stringContaining('a write of its own')])
  expect(await count(t)).toBe(2)
})

test(
  'a function that another process has stored survives a kill, and harmful ones are disabled',
  { timeout: 60_000 },
  async () => {
    const t = tenant()
    await put(t, 'score', { source: scored, on: 'Contact.creating' })
    await killServer(server())
    expect((await call('POST', `/~${t}/Contact`, { name: 'Ada' })).body['leadScore']).toBe(3)
    for (const source of ['() => { for (;;); }', '() => { const a = []; for (;;) a.push(new Array(1e6).fill(a)) }']) {
      await put(t, 'bad', { on: 'Contact.creating', source })
      // The write that it was to see is made without it.
      const made = await call('POST', `/~${t}/Contact`, { name: 'Bo' })
      expect([made.status, made.body['leadScore']]).toEqual([201, 2])
      const { body } = await call('GET', `/~${t}/functions/bad`)
      expect(body).toMatchObject({ status: 'Disabled', reason: expect.stringContaining('the code') })
      await call('POST', `/~${t}/Function/${String(body['$id'])}/enable`)
    }
  },
)

test(
  'an input that freezes a function which ended before is refused, and the function stays',
  { timeout: 60_000 },
  async () => {
    const t = tenant()
    await put(t, 'picky', {
      on: 'Contact.creating',
      source: '({ name }) => { while (name === "endless"); return { leadScore: name.length } }',
    })
    const create = (name: string, headers = {}) => call('POST', `/~${t}/Contact`, { name }, headers)
    const member = (await call('POST', `/~${t}/User`, { name: 'Mia', email: 'mia@example.com', role: 'Member' })).body
    const { key } = (await call('POST', `/~${t}/ApiKey`, { name: 'mia', owner: member['$id'] })).body
    // Nor does the first input of all disable it, if it comes from somebody who may not.
    const first = await create('endless', { authorization: `Bearer ${String(key)}` })
    expect([first.status, first.body['code']]).toEqual([422, 'hook_rejected'])
    expect((await call('GET', `/~${t}/functions/picky`)).body['status']).toBe('Enabled')
    expect((await create('Ada')).body['leadScore']).toBe(3)
    for (const words of ['kept the processor', 'when it ran last']) {
      const refused = await create('endless')
      expect([refused.status, refused.body]).toEqual([
        422,
        expect.objectContaining({ code: 'hook_rejected', function: 'picky', detail: expect.stringContaining(words) }),
      ])
    }
    expect((await create('Grace')).body['leadScore']).toBe(5)
    expect((await call('GET', `/~${t}/functions/picky`)).body['status']).toBe('Enabled')
    expect(await count(t)).toBe(2)
  },
)

test.each([
  ['fetch', "async () => { await fetch('http://127.0.0.1/') }"],
  ['constructors', "() => { (() => {}).constructor.constructor('return process')() }"],
  ['prototypes', "(c) => { Object.prototype.leadScore = 1; c.__proto__.x = 1; return { name: 'changed' } }"],
  ['a forged result', '() => ({ toJSON: () => ({ name: { a: 1 } }) })'],
  ['a result of a wrong type', "() => ({ stage: 'Nonsense' })"],
  ['no result ever', '() => new Promise(() => {})'],
])('%s: the write is refused or made as its rules say, and nothing else happens', async (_, source) => {
  const [t, other] = [tenant(), tenant()]
  await put(t, 'odd', { on: 'Contact.creating', source })
  const { status } = await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  expect([201, 422]).toContain(status)
  await call('DELETE', `/~${t}/functions/odd`)
  const after = await call('POST', `/~${t}/Contact`, { name: 'Grace' })
  expect(after.body).toMatchObject({ name: 'Grace', stage: 'Lead' })
  expect(after.body['leadScore']).toBeUndefined()
  expect((await call('POST', `/~${other}/Contact`, { name: 'Else' })).body['leadScore']).toBeUndefined()
})
