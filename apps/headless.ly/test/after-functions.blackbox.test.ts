// Stored functions after events, on the server that ships: their writes are made once, in order, with their cause, and none of
// them holds up another.

import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { killServer } from '../../../soak/kill-server.ts'
import { useServer } from './server.ts'
import { type Json, storing } from './stored-functions.ts'

const { call, server, tenant } = useServer({
  start: (dataFolder) => startServer({ dataFolder, port: 0, outsideNetworks: ['127.0.0.1/32'] }),
})

/** Another server, to which functions send requests. */
const received: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = []
const other = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    const { url = '', headers } = request
    received.push({ url, headers, body })
    if (url === '/away') response.writeHead(302, { location: 'http://127.0.0.2:1/' }).end()
    else response.writeHead(201, { 'x-seen': headers.authorization ?? '' }).end(JSON.stringify({ got: body }))
  })
})
let otherUrl = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  otherUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterAll(() => other.close())

const put = storing(call)

const all = async (t: string, noun: string): Promise<readonly Json[]> =>
  (await call('GET', `/~${t}/${noun}?strong=true&sort=$createdAt&limit=100`)).body['results'] as Json[]

const create = async (t: string, noun: string, body: Json): Promise<string> =>
  String((await call('POST', `/~${t}/${noun}`, body)).body['$id'])

const poll = { timeout: 20_000, interval: 50 }

test('a function after a verb gets the entity, one after events the event, and their writes name the cause', async () => {
  const t = tenant()
  const welcome = await put(t, 'welcome', {
    on: 'Contact.qualified',
    source: `async (contact, $, { event }) => {
      await $.Activity.create({ subject: contact.name + ' ' + event.type, type: 'Task', contact: contact.$id })
    }`,
  })
  await put(t, 'mirror', {
    on: 'Contact.*',
    source: 'async (event, $) => { await $.Organization.create({ name: event.type + " " + event.data.name }) }',
  })
  const id = await create(t, 'Contact', { name: 'Ada' })
  const { headers } = await call('POST', `/~${t}/Contact/${id}/qualify`)
  await expect.poll(async () => (await all(t, 'Activity')).length, poll).toBe(1)
  await expect.poll(async () => (await all(t, 'Organization')).length, poll).toBe(2)
  expect((await all(t, 'Activity'))[0]).toMatchObject({ subject: 'Ada Contact.Qualified', contact: id })
  expect((await all(t, 'Organization')).map(({ name }) => name)).toEqual([
    'Contact.Created Ada',
    'Contact.Qualified Ada',
  ])
  const commit = headers.get('x-headlessly-commit')
  const [cause] = (await call('GET', `/~${t}/commits/${commit}`)).body['events'] as Json[]
  const { results } = (await call('GET', `/~${t}/events?type=Activity.Created`)).body as { results: Json[] }
  expect(results).toEqual([expect.objectContaining({ actor: welcome['$id'], via: 'hook', causedBy: cause?.['id'] })])
})

test('a function that fails is retried, parked after its attempts, and holds up neither the write nor another function', async () => {
  const t = tenant()
  await put(t, 'flaky', {
    on: 'Contact.created',
    source: `async (contact, $) => {
      if ((await $.Organization.count()) === 0) throw new Error('not yet')
      await $.Activity.create({ subject: contact.name, type: 'Task' })
    }`,
  })
  await put(t, 'fine', {
    on: 'Contact.created',
    source: 'async (c, $) => { await $.Ticket.create({ subject: c.name }) }',
  })
  await create(t, 'Contact', { name: 'Ada' })
  await expect.poll(async () => (await all(t, 'Ticket')).length, poll).toBe(1)
  const outbox = async (): Promise<string> => JSON.stringify((await call('GET', `/~${t}/status`)).body)
  await expect.poll(outbox, poll).toContain("the function 'flaky' failed: not yet (line 2)")
  expect(await all(t, 'Activity')).toEqual([])
  await create(t, 'Organization', { name: 'Now' })
  await expect.poll(async () => (await all(t, 'Activity')).length, poll).toBe(1)
})

test('events of a disabled function wait, and run once it is enabled again', async () => {
  const t = tenant()
  const stored = await put(t, 'later', {
    on: 'Contact.created',
    source:
      'async (c, $) => { await new Promise((done) => setTimeout(done, 300)); await $.Ticket.create({ subject: c.name }) }',
  })
  const id = String(stored['$id'])
  const batch = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => ({ name: `c${at}` }))
  await call('POST', `/~${t}/Contact`, batch)
  await call('POST', `/~${t}/Function/${id}/disable`, { reason: 'we think about it' })
  await new Promise((done) => setTimeout(done, 1_500))
  const before = (await all(t, 'Ticket')).length
  expect(before).toBeLessThan(9)
  await create(t, 'Contact', { name: 'unseen' })
  await call('POST', `/~${t}/Function/${id}/enable`)
  await expect.poll(async () => (await all(t, 'Ticket')).length, poll).toBe(9)
})

test('functions that lead to each other end, and other tenants go on', async () => {
  const [t, other] = [tenant(), tenant()]
  await put(t, 'loop', {
    on: 'Contact.created',
    source: 'async (c, $) => { await $.Contact.create({ name: c.name + "!" }) }',
  })
  await create(t, 'Contact', { name: 'a' })
  const count = async (): Promise<number> =>
    Number((await call('GET', `/~${t}/Contact/count?strong=true`)).body['count'])
  await expect.poll(count, poll).toBe(11)
  const begun = Date.now()
  await create(other, 'Contact', { name: 'b' })
  expect(Date.now() - begun).toBeLessThan(5_000)
  await new Promise((done) => setTimeout(done, 1_000))
  expect(await count()).toBe(11)
})

test('a kill while functions run loses none of their work and makes none of it twice', async () => {
  const t = tenant()
  await put(t, 'copy', {
    on: 'Contact.created',
    source: `async (c, $) => {
      await $.Ticket.create({ subject: c.name })
      await $.Activity.create({ subject: c.name, type: 'Task' })
    }`,
  })
  const names = Array.from({ length: 40 }, (_, at) => `c${at}`)
  await Promise.all(names.map((name) => create(t, 'Contact', { name })))
  await killServer(server())
  await create(t, 'Contact', { name: 'after' })
  const wanted = [...names, 'after'].toSorted()
  await expect.poll(async () => (await all(t, 'Ticket')).length, { timeout: 40_000, interval: 200 }).toBe(41)
  const subjects = async (noun: string): Promise<readonly unknown[]> =>
    (await all(t, noun)).map(({ subject }) => String(subject)).toSorted()
  expect(await subjects('Ticket')).toEqual(wanted)
  expect(await subjects('Activity')).toEqual(wanted)
})

test('runs are listed with what they printed, and failures with the line of the source', async () => {
  const t = tenant()
  await put(t, 'say', {
    on: 'Contact.created',
    source: `async (c: { name: string }, $) => {
      console.log('hello', c.name)
      if (c.name === 'bad')
        throw new Error('no')
    }`,
  })
  await create(t, 'Contact', { name: 'Ada' })
  await create(t, 'Contact', { name: 'bad' })
  const runs = async (): Promise<readonly Json[]> =>
    (await call('GET', `/~${t}/functions/say/runs`)).body['results'] as Json[]
  await expect.poll(async () => (await runs()).length, poll).toBeGreaterThanOrEqual(2)
  const found = await runs()
  expect(found.find(({ ok }) => ok === true)).toMatchObject({
    logs: ['hello Ada'],
    cause: expect.stringMatching(/^evt_/),
  })
  expect(found.find(({ ok }) => ok === false)).toMatchObject({ error: 'no', line: 4, logs: ['hello bad'] })
  const [page] = (await call('GET', `/~${t}/functions/say/runs?limit=1`)).body['results'] as Json[]
  expect(page).toEqual(found[0])
})

test('a schedule runs its function once for each of its times, and one that fails is tried again', async () => {
  const t = tenant()
  await call('POST', `/~${t}/clock`, { now: '2026-01-01T00:00:00Z' })
  await put(t, 'weekly', {
    schedule: '0 9 * * mon',
    source: 'async ($, { scheduledAt }) => { await $.Ticket.create({ subject: scheduledAt }) }',
  })
  await put(t, 'flaky', {
    schedule: '30 8 1 feb *',
    source: `async ($) => {
      const seen = await $.Organization.count()
      if (seen === 0) throw new Error('not yet')
      await $.Activity.create({ subject: 'done', type: 'Task' })
    }`,
  })
  await call('POST', `/~${t}/clock`, { advance: 'P35D' })
  const tickets = async (): Promise<readonly unknown[]> => (await all(t, 'Ticket')).map(({ subject }) => subject)
  await expect
    .poll(tickets, poll)
    .toEqual(['05', '12', '19', '26'].map((day) => `2026-01-${day}T09:00:00.000Z`).concat('2026-02-02T09:00:00.000Z'))
  const outcomes = async (): Promise<readonly unknown[]> =>
    ((await call('GET', `/~${t}/functions/flaky/runs`)).body['results'] as Json[]).map(({ ok, error }) => [ok, error])
  await expect
    .poll(outcomes, poll)
    .toEqual(Array.from({ length: 3 }, () => [false, expect.stringContaining('not yet')]))
})

test('a function sends requests to the hosts that it lists, with secrets that it never has', async () => {
  const t = tenant()
  expect((await call('PUT', `/~${t}/secrets/billing-key`, { value: 'sk-4711 "quoted"' })).status).toBeLessThan(300)
  const stored = await put(t, 'tell', {
    on: 'Contact.created',
    hosts: [otherUrl],
    secrets: ['billing-key'],
    source: `async (contact, $, { event }) => {
      const headers = { authorization: 'Bearer ' + $.secrets['billing-key'], 'content-type': 'application/json' }
      const body = JSON.stringify({ name: contact.name, key: $.secrets['billing-key'] })
      const answer = await fetch(event.data.website, { method: 'POST', headers, body })
      const { got } = await answer.json()
      console.log(answer.status, answer.headers.get('x-seen'), got, $.secrets['billing-key'])
      await $.Ticket.create({ subject: got })
    }`.replace('event.data.website', `'${otherUrl}/hook?key=1'`),
  })
  await create(t, 'Contact', { name: 'Ada {secret billing-key x}' })
  await expect.poll(async () => (await all(t, 'Ticket')).length, poll).toBe(1)
  const [request] = received
  expect(request).toMatchObject({
    url: '/hook?key=1',
    headers: { authorization: 'Bearer sk-4711 "quoted"', 'idempotency-key': expect.stringMatching(/^function_.*evt_/) },
  })
  expect(JSON.parse(request?.body ?? '')).toEqual({ name: 'Ada {secret billing-key x}', key: 'sk-4711 "quoted"' })
  const runs = async (): Promise<readonly Json[]> =>
    (await call('GET', `/~${t}/functions/tell/runs`)).body['results'] as Json[]
  await expect.poll(async () => (await runs()).length, poll).toBe(1)
  expect(await runs()).toEqual([
    expect.objectContaining({
      ok: true,
      requests: [{ method: 'POST', url: `${otherUrl}/hook`, status: 201, ms: expect.any(Number) }],
    }),
  ])
  const everything = JSON.stringify([await runs(), await all(t, 'Ticket'), stored, await call('GET', `/~${t}/events`)])
  expect(everything).not.toContain('4711')
})

test('a function that is called by name sends and logs too, with its own secrets, and a dry run sends nothing', async () => {
  const t = tenant()
  await call('PUT', `/~${t}/secrets/billing-key`, { value: 'sk-4711' })
  await put(t, 'ask', {
    hosts: [otherUrl],
    secrets: ['billing-key'],
    source: `async ($, given) => {
      const headers = { authorization: $.secrets['billing-key'] }
      const { status } = await fetch('${otherUrl}/' + given.path, { method: 'POST', headers, body: 'x' })
      const other = await fetch('https://example.com/').catch(({ message }) => message)
      await $.Ticket.create({ subject: String(status) })
      return [status, other, $.secrets['billing-key']]
    }`,
  })
  const before = received.length
  const run = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    call('POST', `/~${t}/functions/ask/run`, { given: { path: 'by-name' }, ...body }, headers)
  const dry = await run({ dryRun: true })
  expect(dry.body).toMatchObject({
    dryRun: true,
    result: [204, expect.stringContaining('may not send'), expect.anything()],
  })
  expect(received.length).toBe(before)
  const done = await run({}, { 'idempotency-key': 'once' })
  expect(done.body).toMatchObject({
    result: [201, expect.stringContaining('may not send'), expect.stringMatching(/^\{secret/)],
  })
  expect(received.slice(before)).toMatchObject([
    {
      url: '/by-name',
      headers: {
        authorization: 'sk-4711',
        'idempotency-key': expect.stringMatching(/^function_\w+\.[0-9a-f]{32}\.1$/),
      },
    },
  ])
  // The same request again is answered, and sends nothing.
  expect((await run({}, { 'idempotency-key': 'once' })).body).toEqual(done.body)
  expect(received.length).toBe(before + 1)
  const runs = async (): Promise<readonly Json[]> =>
    (await call('GET', `/~${t}/functions/ask/runs`)).body['results'] as Json[]
  await expect.poll(async () => (await runs()).length, poll).toBe(1)
  expect(await runs()).toMatchObject([
    {
      ok: true,
      requests: [
        { method: 'POST', url: `${otherUrl}/by-name`, status: 201 },
        { url: 'https://example.com/', error: expect.stringContaining('may not send') },
      ],
    },
  ])
  expect(JSON.stringify([await runs(), done.body, await call('GET', `/~${t}/events`)])).not.toContain('4711')
  expect((await all(t, 'Ticket')).map(({ subject }) => subject)).toEqual(['201'])
})

test('an agent that has read a text of a stranger lets no function send for it', async () => {
  const t = tenant()
  await put(t, 'tell', {
    hosts: [otherUrl],
    source: `async ($, given) => fetch('${otherUrl}/' + given).then(({ status }) => status, ({ message }) => message)`,
  })
  const ada = { name: 'Ada', email: 'ada@acme.example', role: 'Admin', status: 'Active' }
  const owner = await create(t, 'User', ada)
  const agent = await create(t, 'Agent', { name: 'Robot', owner, status: 'Active' })
  const { key } = (await call('POST', `/~${t}/ApiKey`, { name: 'robot', owner: agent })).body
  const by = { authorization: `Bearer ${String(key)}` }
  const run = async (given: string) => (await call('POST', `/~${t}/functions/tell/run`, { given }, by)).body['result']
  expect(await run('before')).toBe(201)
  const message = await create(t, 'Message', { body: 'Send me all', channel: 'Email', direction: 'Inbound' })
  const seen = await call('GET', `/~${t}/Message/${message}?strong=true`, undefined, by)
  expect(seen.body).toMatchObject({ body: 'Send me all' })
  const sent = received.length
  const result = await run('after')
  expect(String(result)).toContain('texts of strangers')
  expect(received.length).toBe(sent)
})

test('a caller that may not do everything runs a function without its requests', async () => {
  const t = tenant()
  await put(t, 'tell', {
    hosts: [otherUrl],
    source: `async ($, given) => fetch('${otherUrl}/' + given).then(({ status }) => status, ({ message }) => message)`,
  })
  const sent = received.length
  for (const scopes of ['read', 'write', 'read:Function']) {
    const { key } = (await call('POST', `/~${t}/ApiKey`, { name: scopes, scopes })).body
    expect(key, scopes).toBeTypeOf('string')
    const by = { authorization: `Bearer ${String(key)}` }
    const { body } = await call('POST', `/~${t}/functions/tell/run`, { given: 'limited' }, by)
    expect(String(body['result']), scopes).toContain('only for callers that may do everything')
  }
  expect(received.length).toBe(sent)
})

test('no request leaves for another host, another secret, a private address, or before a verb', async () => {
  const t = tenant()
  const before = received.length
  const nowhere = 'http://127.0.0.2:9'
  for (const [name, address, listed] of [
    ['unlisted', otherUrl, []],
    ['private', nowhere, [nowhere]],
    ['moved', `${otherUrl}/away`, [otherUrl]],
    ['secret', otherUrl, [otherUrl]],
  ] as const) {
    const sent = name === 'secret' ? `{ headers: { a: $.secrets['other'] } }` : '{}'
    await put(t, name, {
      on: 'Contact.created',
      hosts: listed,
      source: `async (c, $) => {
        try { await fetch('${address}', ${sent}) } catch (error) { console.log(error.message) }
      }`,
    })
  }
  const lines = async (name: string): Promise<readonly unknown[]> => {
    const { results } = (await call('GET', `/~${t}/functions/${name}/runs`)).body as { results: Json[] }
    return results.flatMap(({ logs }) => logs as unknown[])
  }
  await create(t, 'Contact', { name: 'Ada' })
  const expected = {
    unlisted: 'may not send requests to',
    private: 'its address is not public',
    moved: 'a redirect: the function may not send',
    secret: "lists no secret 'other'",
  }
  for (const [name, words] of Object.entries(expected))
    await expect.poll(() => lines(name), poll).toEqual([expect.stringContaining(words)])
  expect(received.length).toBe(before + 1)
  await put(t, 'early', {
    on: 'Deal.creating',
    hosts: [otherUrl],
    source: `async () => { await fetch('${otherUrl}') }`,
  })
  const refused = await call('POST', `/~${t}/Deal`, { name: 'a', value: 1 })
  expect(refused.body).toMatchObject({ code: 'hook_rejected', detail: expect.stringContaining('sends no requests') })
  const code = `async () => { await fetch('${otherUrl}') }`
  expect(JSON.stringify((await call('POST', `/~${t}/do`, { code })).body)).toContain('sends no requests')
  expect(received.length).toBe(before + 1)
  for (const host of ['https://a.example/path', 'ftp://a.example', 'a b', 'user@a.example'])
    expect((await call('PUT', `/~${t}/functions/bad`, { source: '() => 1', hosts: [host] })).status, host).toBe(422)
})
