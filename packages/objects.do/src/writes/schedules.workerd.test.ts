// What happens by itself in a business, under the clock of a test tenant: each call at its due time, in due order.

import { env } from 'cloudflare:test'
import { type JsonValue, ObjectError, type ObjectEvent } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { caller } from '../../test/generated-tenant.ts'

class Business {
  readonly #stub = env.TENANTS.get(env.TENANTS.newUniqueId())

  async send(
    verb: string,
    given: { noun?: string; id?: string; body?: object } = {},
  ): Promise<Record<string, JsonValue>> {
    const { noun = '', id, body = {} } = given
    const target = id === undefined ? {} : { id }
    const call = { kind: 'write', noun, verb, body: JSON.stringify(body), ...target } as const
    const answer = await ask(this.#stub, caller, call)
    if (!answer.ok) throw new ObjectError(answer.error)
    return answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, JsonValue>)
  }

  async create(noun: string, body: object): Promise<string> {
    return String((await this.send('create', { noun, body }))['$id'])
  }

  async advance(advance: string): Promise<void> {
    expect(await this.send('clock.set', { body: { advance } })).toMatchObject({ advancingTo: null })
  }

  async get(noun: string, id: string): Promise<Record<string, JsonValue>> {
    const answer = await askRead(this.#stub, caller, { read: 'get', noun, id, parameters: { strong: 'true' } })
    if (!answer.ok) throw new ObjectError(answer.error)
    return JSON.parse(answer.body) as Record<string, JsonValue>
  }

  async count(noun: string, filter: object): Promise<number> {
    const parameters = { filter: JSON.stringify(filter), strong: 'true' }
    const answer = await askRead(this.#stub, caller, { read: 'count', noun, parameters })
    if (!answer.ok) throw new ObjectError(answer.error)
    return (JSON.parse(answer.body) as { readonly count: number }).count
  }

  /** Returns the ids of entities, the oldest first. */
  async ids(noun: string, filter: object): Promise<readonly string[]> {
    const parameters = { filter: JSON.stringify(filter), sort: '$createdAt', strong: 'true' }
    const answer = await askRead(this.#stub, caller, { read: 'find', noun, parameters })
    if (!answer.ok) throw new ObjectError(answer.error)
    const { results } = JSON.parse(answer.body) as { readonly results: readonly { readonly $id: string }[] }
    return results.map(({ $id }) => $id)
  }

  /** Returns the calls of schedules as `Content.Published 2026-01-05T09:00`, in the order of the log. */
  async calls(): Promise<readonly string[]> {
    const answer = await askRead(this.#stub, caller, { read: 'events', parameters: { limit: '1000' } })
    if (!answer.ok) throw new ObjectError(answer.error)
    const { results } = JSON.parse(answer.body) as { readonly results: readonly ObjectEvent[] }
    return results.filter(({ via }) => via === 'job').map(({ type, timestamp }) => `${type} ${timestamp.slice(0, 16)}`)
  }
}

async function open(settings: object = {}): Promise<Business> {
  const business = new Business()
  await business.send('clock.set', { body: { now: '2026-01-01T00:00:00Z' } })
  if (Object.keys(settings).length > 0) await business.send('settings.patch', { body: settings })
  return business
}

test('a month of a business runs by itself, each call at its time and in due order', async () => {
  const business = await open()
  const content = await business.create('Content', { title: 'News' })
  await business.send('schedule', { noun: 'Content', id: content, body: { scheduledAt: '2026-01-05T09:00:00Z' } })
  await business.create('Activity', { subject: 'Call', reminderAt: '2026-01-03T08:00:00Z' })
  const done = await business.create('Activity', { subject: 'Done', reminderAt: '2026-01-03T08:00:00Z' })
  await business.send('complete', { noun: 'Activity', id: done })
  await business.create('ApiKey', { name: 'CI', expiresAt: '2026-01-10T00:00:00Z' })
  const pipeline = await business.create('Pipeline', { name: 'Sales', dealRotting: 20 })
  await business.create('Deal', { name: 'Slow', value: 1, pipeline })
  await business.create('Deal', { name: 'Plain', value: 1 })
  await business.create('Goal', { name: 'Ten', target: 10, deadline: '2026-01-12T00:00:00Z' })
  await business.create('Campaign', {
    name: 'Spring',
    type: 'Social',
    status: 'Scheduled',
    startDate: '2026-01-07',
    endDate: '2026-01-08',
  })
  await business.advance('P1M')
  expect(await business.calls()).toEqual([
    'Activity.Reminded 2026-01-03T08:00',
    'Content.Published 2026-01-05T09:00',
    'Campaign.Launched 2026-01-07T00:00',
    'Campaign.Measured 2026-01-07T00:00',
    'Campaign.Completed 2026-01-09T00:00',
    'ApiKey.Expired 2026-01-10T00:00',
    'Goal.Missed 2026-01-12T00:00',
    'Deal.Rotting 2026-01-15T00:00',
    'Deal.Rotting 2026-01-21T00:00',
  ])
  expect(await business.get('Content', content)).toMatchObject({
    status: 'Published',
    publishedAt: '2026-01-05T09:00:00.000Z',
  })
})

test('subscriptions renew with an invoice, end and resume, and unpaid ones are given up after the last retry', async () => {
  const business = await open({ paymentRetryDays: [3, 5], paymentTerms: 'P90D' })
  const customer = await business.create('Customer', { name: 'Acme', email: 'billing@acme.example' })
  const create = (more: object): Promise<string> =>
    business.create('Subscription', { customer, amount: 4_900, currency: 'USD', status: 'Active', ...more })
  const renewed = await create({})
  const ending = await create({})
  await business.send('cancel', { noun: 'Subscription', id: ending, body: { cancelAtPeriodEnd: true } })
  const paused = await create({})
  await business.send('pause', { noun: 'Subscription', id: paused, body: { resumesAt: '2026-01-20T00:00:00Z' } })
  const unpaid = await create({})
  await business.send('markPastDue', { noun: 'Subscription', id: unpaid })
  await business.advance('P2M')
  const status = async (id: string): Promise<JsonValue | undefined> =>
    (await business.get('Subscription', id))['status']
  expect(await Promise.all([renewed, ending, paused, unpaid].map(status))).toEqual([
    'Active',
    'Cancelled',
    'Active',
    'Cancelled',
  ])
  const calls = await business.calls()
  expect(calls.slice(0, 2)).toEqual([
    'Subscription.Cancelled 2026-01-06T00:00',
    'Subscription.Reactivated 2026-01-20T00:00',
  ])
  expect(calls.filter((call) => call.startsWith('Subscription.Renewed 2026-02-01'))).toHaveLength(2)
  expect(calls.filter((call) => call.startsWith('Subscription.Cancelled 2026-02-01'))).toHaveLength(1)
  expect((await business.get('Subscription', renewed))['currentPeriodEnd']).toMatch(/^2026-0[34]-01/)
  expect(await business.count('Invoice', { subscription: renewed })).toBeGreaterThanOrEqual(1)
})

test('an open invoice is overdue at its time, and given up after the last retry', async () => {
  const business = await open()
  const customer = await business.create('Customer', { name: 'Acme', email: 'billing@acme.example' })
  const lineItems = [{ description: 'Work', amount: 100 }]
  const bill = async (): Promise<string> => {
    const id = await business.create('Invoice', { customer, currency: 'USD', lineItems, dueAt: '2026-01-15T00:00:00Z' })
    await business.send('finalize', { noun: 'Invoice', id })
    return id
  }
  const [unpaid, paid] = [await bill(), await bill()]
  await business.send('pay', { noun: 'Invoice', id: paid })
  await business.advance('P1M')
  expect(await business.calls()).toEqual([
    'Invoice.Overdue 2026-01-15T00:00',
    'Invoice.Retried 2026-01-18T00:00',
    'Invoice.Retried 2026-01-20T00:00',
    'Invoice.Uncollectible 2026-01-22T00:00',
  ])
  expect(await business.get('Invoice', unpaid)).toMatchObject({
    status: 'Uncollectible',
    overdueAt: '2026-01-15T00:00:00.000Z',
  })
})

/** Returns a business with a subscription that is billed on the first day, and due 10 days later. */
async function subscribed(settings: object): Promise<{ business: Business; subscription: string; invoice: string }> {
  const business = await open({ paymentTerms: 'P10D', ...settings })
  const customer = await business.create('Customer', { name: 'Acme', email: 'billing@acme.example' })
  const subscription = await business.create('Subscription', { customer, amount: 4_900, status: 'Active' })
  const [invoice = ''] = await business.ids('Invoice', { subscription })
  return { business, subscription, invoice }
}

test('an overdue invoice makes its subscription past due, and the last one that is paid makes it active', async () => {
  const { business, subscription, invoice } = await subscribed({ paymentRetryDays: [] })
  const status = async (): Promise<unknown> => (await business.get('Subscription', subscription))['status']
  await business.advance('P9D')
  expect(await status()).toBe('Active')
  await business.advance('P1D')
  expect(await business.get('Subscription', subscription)).toMatchObject({ status: 'PastDue' })
  await business.advance('P2M')
  const [, second = '', third = ''] = await business.ids('Invoice', { subscription })
  await business.send('pay', { noun: 'Invoice', id: invoice })
  expect(await status()).toBe('PastDue')
  await business.send('void', { noun: 'Invoice', id: second })
  expect(await business.get('Invoice', third)).toMatchObject({ status: 'Open', pastDueAt: expect.anything() as string })
  expect(await status()).toBe('PastDue')
  await business.send('credit', { noun: 'Invoice', id: third })
  expect(await status()).toBe('Active')
  expect(await business.get('Subscription', subscription)).not.toHaveProperty('pastDueAt')
})

test('retries count from the first failed payment, and the settings say what is given up', async () => {
  const { business, subscription, invoice } = await subscribed({
    paymentRetryDays: [1, 2, 4],
    unpaidSubscription: 'Unpaid',
    unpaidInvoice: 'Open',
  })
  const fail = async (): Promise<void> => {
    const payment = await business.create('Payment', { invoice, amount: 4_900 })
    await business.send('fail', { noun: 'Payment', id: payment })
  }
  await fail()
  await business.advance('P1DT12H')
  await fail()
  await business.advance('P20D')
  expect((await business.calls()).slice(0, 5)).toEqual([
    'Invoice.Retried 2026-01-02T00:00',
    'Invoice.Retried 2026-01-03T00:00',
    'Invoice.Retried 2026-01-05T00:00',
    'Subscription.Unpaid 2026-01-05T00:00',
    'Invoice.Overdue 2026-01-11T00:00',
  ])
  expect(await business.get('Invoice', invoice)).toMatchObject({ status: 'Open', retryCount: 3 })
  // An unpaid subscription is not billed, and the gap is not billed when it is paid.
  await business.advance('P2M')
  expect(await business.count('Invoice', { subscription })).toBe(1)
  await business.send('pay', { noun: 'Invoice', id: invoice })
  await business.advance('PT1M')
  expect(await business.get('Subscription', subscription)).toMatchObject({ status: 'Active' })
  expect(await business.count('Invoice', { subscription })).toBe(2)
})

test('a target follows the priority of its ticket, unless another time was agreed', async () => {
  const business = await open({ businessHours: { monday: '09:00-17:00' } })
  const ticket = (more: object): Promise<string> => business.create('Ticket', { subject: 'Help', ...more })
  const due = async (id: string): Promise<unknown> => {
    const { firstResponseDueAt, slaDueAt } = await business.get('Ticket', id)
    return [firstResponseDueAt, slaDueAt].map((at) => (typeof at === 'string' ? at.slice(0, 16) : at))
  }
  // The first day is a Thursday, and the next Mondays are the 5th, the 12th and the 19th.
  const plain = await ticket({})
  const high = await ticket({ priority: 'High' })
  const agreed = await ticket({ priority: 'High', slaDueAt: '2026-01-31T00:00:00Z' })
  expect(await due(plain)).toEqual([undefined, undefined])
  expect(await due(high)).toEqual(['2026-01-05T13:00', '2026-01-12T17:00'])
  expect(await due(agreed)).toEqual(['2026-01-05T13:00', '2026-01-31T00:00'])
  await business.advance('P1D')
  await business.send('update', { noun: 'Ticket', id: plain, body: { priority: 'Urgent' } })
  await business.send('escalate', { noun: 'Ticket', id: high })
  await business.send('escalate', { noun: 'Ticket', id: agreed })
  expect(await due(plain)).toEqual(['2026-01-05T10:00', '2026-01-05T13:00'])
  expect(await due(high)).toEqual(['2026-01-05T10:00', '2026-01-05T13:00'])
  expect(await due(agreed)).toEqual(['2026-01-05T10:00', '2026-01-31T00:00'])
  await business.send('update', { noun: 'Ticket', id: plain, body: { priority: null } })
  expect(await due(plain)).toEqual([undefined, undefined])
})

test('a ticket breaches its target once, counted in business hours', async () => {
  const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']
  const businessHours = Object.fromEntries(weekdays.map((day) => [day, '09:00-17:00']))
  const business = await open({ timeZone: 'Europe/Berlin', businessHours, holidays: ['2026-01-06'] })
  // Friday, 15:30 in Berlin.
  await business.advance('P1DT14H30M')
  const ticket = (more: object): Promise<string> => business.create('Ticket', { subject: 'Help', ...more })
  const urgent = await ticket({ priority: 'Urgent' })
  await ticket({ priority: 'High' })
  const solved = await ticket({ priority: 'High' })
  await business.send('resolve', { noun: 'Ticket', id: solved })
  await ticket({ priority: 'Low', slaDueAt: '2026-01-04T00:00:00Z' })
  await business.advance('P5D')
  expect(await business.calls()).toEqual([
    'Ticket.SLABreached 2026-01-02T15:30',
    'Ticket.SLABreached 2026-01-04T00:00',
    // An hour and a half on Friday, and the rest on Monday from 9:00 on.
    'Ticket.SLABreached 2026-01-05T10:30',
  ])
  expect((await business.get('Ticket', urgent))['slaBreachedAt']).toMatch(/^2026-01-02T15:30/)
})

test('a workflow with cron starts in the time zone of the tenant, and a paused one does not', async () => {
  const business = await open({ timeZone: 'America/New_York' })
  const id = await business.create('Workflow', { name: 'Report', schedule: { cron: '0 9 * * MON' }, steps: [] })
  await business.send('activate', { noun: 'Workflow', id })
  await business.advance('P2W')
  await business.send('pause', { noun: 'Workflow', id })
  await business.advance('P2W')
  expect(await business.calls()).toEqual(['Workflow.Triggered 2026-01-05T14:00', 'Workflow.Triggered 2026-01-12T14:00'])
})

test('a caller cannot do what only the server does', async () => {
  const business = await open()
  const id = await business.create('Deal', { name: 'Slow', value: 1 })
  await expect(business.send('rot', { noun: 'Deal', id })).rejects.toMatchObject({ code: 'forbidden', field: 'verb' })
})

test('an undo of a call does not make the server call again', async () => {
  const business = await open()
  const content = await business.create('Content', { title: 'News' })
  await business.send('schedule', { noun: 'Content', id: content, body: { scheduledAt: '2026-01-05T09:00:00Z' } })
  await business.advance('P5D')
  await business.send('commits.undo', { id: '3' })
  expect(await business.get('Content', content)).toMatchObject({ status: 'Scheduled' })
  await business.advance('P1M')
  expect(await business.calls()).toEqual(['Content.Published 2026-01-05T09:00'])
})
