// Stored functions after events, on the server that ships: their writes are made once, in order, with their cause, and none of
// them holds up another.

import { expect, test } from 'vitest'
import { killServer } from '../../../soak/kill-server.ts'
import { useServer } from './server.ts'
import { type Json, storing } from './stored-functions.ts'

const { call, server, tenant } = useServer()

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

test(
  'a function that fails is retried, parked after its attempts, and holds up neither the write nor another function',
  { timeout: 60_000 },
  async () => {
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
  },
)

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

test('functions that lead to each other end, and other tenants go on', { timeout: 60_000 }, async () => {
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

test(
  'a kill while functions run loses none of their work and makes none of it twice',
  { timeout: 60_000 },
  async () => {
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
  },
)

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

test(
  'a schedule runs its function once for each of its times, and one that fails is tried again',
  { timeout: 60_000 },
  async () => {
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
  },
)
