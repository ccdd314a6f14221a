// Verbs of the business do what their names say, on other entities too, in one commit.

import { env } from 'cloudflare:test'
import { type Entity, type JsonValue, ObjectError, type ObjectErrorData, type ObjectEvent } from 'digital-objects'
import { beforeEach, describe, expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { caller } from '../../test/generated-tenant.ts'
import type { Answer, Answered } from '../answers/answer.ts'

type Json = Readonly<Record<string, JsonValue>>

let stub = env.TENANTS.get(env.TENANTS.newUniqueId())
beforeEach(() => {
  stub = env.TENANTS.get(env.TENANTS.newUniqueId())
})

function send(noun: string, verb: string, { id, body = {} }: { id?: string; body?: Json }): Promise<Answer> {
  return ask(stub, caller, {
    kind: 'write',
    noun,
    verb,
    ...(id === undefined ? {} : { id }),
    body: JSON.stringify(body),
  })
}

async function create(noun: string, body: Json): Promise<string> {
  const answer = await send(noun, 'create', { body })
  if (!answer.ok) throw new ObjectError(answer.error)
  return answer.createdId ?? ''
}

/** Performs a verb: `Deal.win`. */
async function perform(name: string, id: string, body: Json = {}): Promise<Answered> {
  const [noun = '', verb = ''] = name.split('.')
  const answer = await send(noun, verb, { id, body })
  if (!answer.ok) throw new ObjectError(answer.error)
  return answer
}

async function refusal(name: string, id: string, body: Json = {}): Promise<ObjectErrorData> {
  const [noun = '', verb = ''] = name.split('.')
  const answer = await send(noun, verb, { id, body })
  if (answer.ok) throw new Error(`${name} was accepted`)
  return answer.error
}

async function get(noun: string, id: unknown): Promise<Entity> {
  const answer = await askRead(stub, caller, { read: 'get', noun, id: String(id) })
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body) as Entity
}

async function all(noun: string): Promise<readonly Entity[]> {
  const answer = await askRead(stub, caller, { read: 'find', noun })
  if (!answer.ok) throw new ObjectError(answer.error)
  return (JSON.parse(answer.body) as { results: Entity[] }).results
}

/** The events of a commit, by type. */
async function eventsOf({ commit }: Answered): Promise<readonly string[]> {
  const answer = await askRead(stub, caller, { read: 'events', parameters: { after: '0', limit: '1000' } })
  if (!answer.ok) throw new ObjectError(answer.error)
  const { results } = JSON.parse(answer.body) as { results: ObjectEvent[] }
  return results.filter((event) => event.commit === commit).map(({ type }) => type)
}

describe('Lead.convert', () => {
  const lead = { name: 'Ada', email: 'ada@example.com', company: 'Analytical', source: 'web', budget: 1200 }

  test('creates contact, organization and deal, linked to one another, in one commit', async () => {
    const id = await create('Lead', lead)
    const done = await perform('Lead.convert', id)
    expect(await eventsOf(done)).toEqual([
      'Lead.Converted',
      'Organization.Created',
      'Contact.Created',
      'Contact.Qualified',
      'Deal.Created',
      'Lead.Updated',
    ])
    const { contact, organization, deal, status } = await get('Lead', id)
    expect(status).toBe('Converted')
    expect(await get('Organization', organization)).toMatchObject({ name: 'Analytical', source: 'web' })
    expect(await get('Contact', contact)).toMatchObject({
      name: 'Ada',
      email: 'ada@example.com',
      stage: 'Qualified',
      organization,
    })
    expect(await get('Deal', deal)).toMatchObject({
      name: 'Analytical',
      value: 1200,
      contact,
      organization,
      source: 'web',
    })
  })

  test('links the contact that has the email in any letter case, with its organization', async () => {
    const organization = await create('Organization', { name: 'Before' })
    const contact = await create('Contact', { name: 'Ada L.', email: 'ADA@example.com', organization })
    const id = await create('Lead', lead)
    await perform('Lead.convert', id)
    expect(await get('Lead', id)).toMatchObject({ contact, organization })
    expect(await get('Contact', contact)).toMatchObject({ name: 'Ada L.', stage: 'Qualified', organization })
    expect(await all('Contact')).toHaveLength(1)
    expect(await all('Organization')).toHaveLength(1)
  })

  test('links what the caller or the lead names, and leaves a customer a customer', async () => {
    const contact = await create('Contact', { name: 'Grace', stage: 'Customer' })
    const deal = await create('Deal', { name: 'Old', value: 1 })
    const id = await create('Lead', { ...lead, contact })
    await perform('Lead.convert', id, { deal })
    expect(await get('Lead', id)).toMatchObject({ contact, deal })
    expect(await get('Contact', contact)).toMatchObject({ stage: 'Customer' })
    expect(await all('Deal')).toHaveLength(1)
  })

  test('takes name, value and pipeline of the deal, or no deal', async () => {
    const pipeline = await create('Pipeline', { name: 'Sales' })
    const first = await create('Lead', lead)
    await perform('Lead.convert', first, { dealName: 'Engine', value: 5, pipeline })
    expect((await all('Deal')).map(({ name, value }) => [name, value])).toEqual([['Engine', 5]])
    const second = await create('Lead', { ...lead, email: 'b@example.com' })
    expect(await eventsOf(await perform('Lead.convert', second, { createDeal: false }))).not.toContain('Deal.Created')
    expect(await get('Lead', second)).not.toHaveProperty('deal')
  })

  test('creates no organization for a lead without a company', async () => {
    const id = await create('Lead', { name: 'Ada', source: 'web' })
    await perform('Lead.convert', id)
    expect(await all('Organization')).toEqual([])
    expect((await all('Deal')).map(({ name, value }) => [name, value])).toEqual([['Ada', 0]])
  })

  test('is refused as a whole if the deal is', async () => {
    const id = await create('Lead', lead)
    expect(await refusal('Lead.convert', id, { value: 'much' })).toMatchObject({ code: 'validation_error' })
    expect(await get('Lead', id)).toMatchObject({ status: 'New' })
    expect(await all('Contact')).toEqual([])
  })
})

describe('Deal.win', () => {
  async function catalogue(): Promise<{ readonly plan: string; readonly price: string }> {
    const plan = await create('Plan', { name: 'Pro' })
    await create('Price', { amount: 1, currency: 'EUR', interval: 'Monthly', active: false, plan })
    const price = await create('Price', { amount: 4900, currency: 'EUR', interval: 'Monthly', active: true, plan })
    return { plan, price }
  }

  test('makes the organization and the contact customers, and sells nothing without a price', async () => {
    const organization = await create('Organization', { name: 'Analytical', type: 'Prospect' })
    const contact = await create('Contact', { name: 'Ada' })
    const id = await create('Deal', { name: 'Engine', value: 100, organization, contact })
    expect(await eventsOf(await perform('Deal.win', id))).toEqual([
      'Deal.Won',
      'Organization.Updated',
      'Contact.Updated',
    ])
    expect(await get('Organization', organization)).toMatchObject({ type: 'Customer' })
    expect(await get('Contact', contact)).toMatchObject({ stage: 'Customer' })
    expect([...(await all('Customer')), ...(await all('Subscription'))]).toEqual([])
  })

  test('sells a price: creates the customer and the subscription, and links them', async () => {
    const { plan, price } = await catalogue()
    const organization = await create('Organization', { name: 'Analytical' })
    const contact = await create('Contact', { name: 'Ada', email: 'ada@example.com', organization })
    const id = await create('Deal', { name: 'Engine', value: 100, organization, contact })
    await perform('Deal.win', id, { price, quantity: 3 })
    const { customer, subscription } = await get('Deal', id)
    expect(await get('Customer', customer)).toMatchObject({
      name: 'Analytical',
      email: 'ada@example.com',
      organization,
      contact,
    })
    expect(await get('Subscription', subscription)).toMatchObject({ customer, plan, price, quantity: 3, organization })
  })

  test('sells the active price of a plan to the customer that is there', async () => {
    const { plan, price } = await catalogue()
    const organization = await create('Organization', { name: 'Analytical' })
    const customer = await create('Customer', { name: 'Analytical', email: 'a@example.com', organization })
    const id = await create('Deal', { name: 'Engine', value: 100, organization })
    await perform('Deal.win', id, { plan })
    expect(await get('Deal', id)).toMatchObject({ customer })
    expect((await all('Subscription')).map((one) => [one['price'], one['customer']])).toEqual([[price, customer]])
  })

  test.each([
    ['price', { price: 'price_000000000000' }],
    ['plan', { plan: 'plan_000000000000' }],
    ['price of another type', { price: 'plan_000000000000' }],
  ])('is refused as a whole for an unknown %s', async (_, body) => {
    const organization = await create('Organization', { name: 'Analytical', type: 'Prospect' })
    const id = await create('Deal', { name: 'Engine', value: 100, organization })
    expect(await refusal('Deal.win', id, body)).toMatchObject({ code: 'invalid_reference' })
    expect(await get('Deal', id)).toMatchObject({ stage: 'Prospecting' })
    expect(await get('Organization', organization)).toMatchObject({ type: 'Prospect' })
  })
})

describe('Deal.advance', () => {
  const stages = [
    { name: 'Negotiation', probability: 80, order: 3 },
    { name: 'Prospecting', probability: 10, order: 1 },
    { name: 'Proposal', probability: 45, order: 2 },
  ]

  test("follows the pipeline's stages in their order, with their probabilities", async () => {
    const pipeline = await create('Pipeline', { name: 'Short', stages })
    const id = await create('Deal', { name: 'Engine', value: 1, pipeline })
    await perform('Deal.advance', id)
    expect(await get('Deal', id)).toMatchObject({ stage: 'Proposal', probability: 45 })
    await perform('Deal.advance', id)
    expect(await get('Deal', id)).toMatchObject({ stage: 'Negotiation', probability: 80 })
  })

  test('goes to a given stage with the probability of the pipeline, or with a given one', async () => {
    const pipeline = await create('Pipeline', { name: 'Short', stages })
    const id = await create('Deal', { name: 'Engine', value: 1, pipeline })
    await perform('Deal.advance', id, { stage: 'Negotiation' })
    expect(await get('Deal', id)).toMatchObject({ stage: 'Negotiation', probability: 80 })
    const other = await create('Deal', { name: 'Other', value: 1, pipeline })
    await perform('Deal.advance', other, { stage: 'Proposal', probability: 5 })
    expect(await get('Deal', other)).toMatchObject({ stage: 'Proposal', probability: 5 })
  })

  test('goes through all open stages without a pipeline', async () => {
    const id = await create('Deal', { name: 'Engine', value: 1, probability: 7 })
    await perform('Deal.advance', id)
    expect(await get('Deal', id)).toMatchObject({ stage: 'Qualification', probability: 7 })
  })
})

describe('messages of a ticket', () => {
  const sentAt = '2026-01-02T03:04:05.000Z'
  const reply = { body: 'Hello', channel: 'Web', direction: 'Outbound' }

  test('assigning is no response, and the first message that was sent is, once', async () => {
    const user = await create('User', { name: 'Ada', email: 'ada@example.com' })
    const ticket = await create('Ticket', { subject: 'Help' })
    await perform('Ticket.assign', ticket, { assignee: user })
    const draft = await create('Message', { ...reply, ticket })
    expect(await get('Ticket', ticket)).not.toHaveProperty('firstResponseAt')
    await perform('Message.send', draft, { sentAt })
    expect(await get('Ticket', ticket)).toMatchObject({ firstResponseAt: sentAt, assignee: user })
    await perform('Message.send', await create('Message', { ...reply, ticket }))
    expect(await get('Ticket', ticket)).toMatchObject({ firstResponseAt: sentAt })
  })

  test('a message that was sent elsewhere is a response when it is recorded', async () => {
    const ticket = await create('Ticket', { subject: 'Help' })
    await create('Message', { ...reply, channel: 'Email', status: 'Sent', sentAt, ticket })
    expect(await get('Ticket', ticket)).toMatchObject({ firstResponseAt: sentAt })
  })

  test('notes of the team and messages of the requester are no response', async () => {
    const ticket = await create('Ticket', { subject: 'Help' })
    await create('Message', { ...reply, direction: 'Internal', status: 'Sent', ticket })
    await create('Message', { ...reply, direction: 'Inbound', status: 'Sent', ticket })
    expect(await get('Ticket', ticket)).not.toHaveProperty('firstResponseAt')
  })

  test('a reply of the requester reopens a resolved ticket, and ends its waiting', async () => {
    const resolved = await create('Ticket', { subject: 'Help' })
    await perform('Ticket.resolve', resolved)
    await create('Message', { ...reply, direction: 'Inbound', ticket: resolved })
    expect(await get('Ticket', resolved)).toMatchObject({ status: 'Reopened', reopenCount: 1 })
    expect(await get('Ticket', resolved)).not.toHaveProperty('resolvedAt')
    const waiting = await create('Ticket', { subject: 'Help' })
    await perform('Ticket.update', waiting, { status: 'Pending' })
    await create('Message', { ...reply, direction: 'Inbound', ticket: waiting })
    expect(await get('Ticket', waiting)).toMatchObject({ status: 'Open' })
  })
})

describe('Form.submit', () => {
  const fields = [
    { name: 'email', type: 'email', required: true },
    { name: 'name' },
    { name: 'plan', type: 'select', options: ['Basic', { value: 'pro', label: 'Pro' }] },
    { name: 'age', type: 'number' },
    { name: 'terms', type: 'checkbox', required: true },
  ]
  const data = { email: 'ada@example.com', name: 'Ada', plan: 'pro', age: '36', terms: true }

  async function form(more: Json = {}): Promise<string> {
    const id = await create('Form', { name: 'Contact us', fields, ...more })
    await perform('Form.publish', id)
    return id
  }

  test('stores each submission as an event with its campaign, and counts', async () => {
    const campaign = await create('Campaign', { name: 'Spring' })
    const id = await form({ campaign })
    await perform('Form.submit', id, { data, utm: { source: 'newsletter' } })
    await perform('Form.submit', id, { data: { ...data, email: 'b@example.com' } })
    expect(await get('Form', id)).toMatchObject({ submissionCount: 2, status: 'Published' })
    const submissions = (await all('Event')).filter(({ name }) => name === 'form_submitted')
    expect(submissions.map(({ properties }) => properties)).toEqual(
      expect.arrayContaining([
        { form: id, campaign, utm: { source: 'newsletter' }, data },
        { form: id, campaign, data: { ...data, email: 'b@example.com' } },
      ]),
    )
    expect([...(await all('Lead')), ...(await all('Contact'))]).toEqual([])
  })

  test.each([
    ['a missing answer', { terms: true }, 'data.email'],
    ['an empty answer', { email: '', terms: true }, 'data.email'],
    ['an answer of the wrong type', { ...data, email: 'ada' }, 'data.email'],
    ['an unknown choice', { ...data, plan: 'Pro' }, 'data.plan'],
    ['a number in words', { ...data, age: 'old' }, 'data.age'],
    ['an unchecked box', { ...data, terms: false }, 'data.terms'],
    ['an unknown question', { ...data, mail: 'x' }, 'data.mail'],
  ])('refuses %s, names it, and stores nothing', async (_, wrong, field) => {
    const id = await form()
    expect(await refusal('Form.submit', id, { data: wrong })).toMatchObject({ code: 'validation_error', field })
    expect(await get('Form', id)).toMatchObject({ submissionCount: 0 })
    expect(await all('Event')).toEqual([])
  })

  test('captures the contact once', async () => {
    const id = await form({ autoCapture: 'Contact' })
    expect(await eventsOf(await perform('Form.submit', id, { data }))).toEqual([
      'Form.Submitted',
      'Contact.Captured',
      'Event.Created',
    ])
    await perform('Form.submit', id, { data: { ...data, email: 'ADA@example.com' } })
    const [contact, ...others] = await all('Contact')
    expect(others).toEqual([])
    expect(contact).toMatchObject({ name: 'Ada', email: 'ada@example.com', stage: 'Lead', source: 'form' })
    expect((await all('Event')).map((event) => event['contact'])).toEqual([contact?.$id, contact?.$id])
  })

  test('makes a lead of each submission, with its source and campaign', async () => {
    const campaign = await create('Campaign', { name: 'Spring' })
    const id = await form({ autoCapture: 'Lead' })
    await perform('Form.submit', id, { data, campaign, utm: { source: 'newsletter' } })
    expect(await all('Lead')).toMatchObject([
      {
        name: 'Ada',
        email: 'ada@example.com',
        source: 'newsletter',
        sourceDetail: 'Contact us',
        campaign,
        status: 'New',
      },
    ])
  })

  test.each([
    ['an unknown type', [{ name: 'a', type: 'colour' }], 'fields[0].type'],
    ['a choice without options', [{ name: 'a', type: 'select' }], 'fields[0].options'],
    ['two questions of one name', ['a', 'a'], 'fields'],
    ['no list', 'email', 'fields'],
  ])('a form with %s is not published', async (_, questions, field) => {
    const id = await create('Form', { name: 'Wrong', fields: questions })
    expect(await refusal('Form.publish', id)).toMatchObject({ code: 'validation_error', field })
  })
})

describe('content', () => {
  test('publishing counts the minutes that its words take', async () => {
    const id = await create('Content', { title: 'Long', body: `${'word '.repeat(401)}.` })
    await perform('Content.publish', id)
    expect(await get('Content', id)).toMatchObject({ readingTime: 3 })
    const cjk = await create('Content', { title: 'CJK', body: '漢'.repeat(1_000) })
    await perform('Content.publish', cjk)
    expect(await get('Content', cjk)).toMatchObject({ readingTime: 2 })
  })

  test('is scheduled for the future only', async () => {
    const id = await create('Content', { title: 'Later' })
    expect(await refusal('Content.schedule', id)).toMatchObject({ field: 'scheduledAt' })
    expect(await refusal('Content.schedule', id, { publishAt: '2020-01-01T00:00:00Z' })).toMatchObject({
      code: 'validation_error',
      field: 'scheduledAt',
    })
    await perform('Content.schedule', id, { scheduledAt: '2999-01-01T00:00:00Z' })
    expect(await get('Content', id)).toMatchObject({ status: 'Scheduled' })
  })
})

test('an analytics event has a name and a time, also if it is sent without them', async () => {
  const id = await create('Event', { type: 'signup' })
  const { name, timestamp, $createdAt } = await get('Event', id)
  expect([name, timestamp]).toEqual(['signup', $createdAt])
  const given = { name: 'signed up', type: 'signup', timestamp: '2026-01-02T03:04:05.000Z' }
  expect(await get('Event', await create('Event', given))).toMatchObject(given)
})

describe('agents', () => {
  test('notify sends a message in the app, and delegate gives a task', async () => {
    const user = await create('User', { name: 'Ada', email: 'ada@example.com' })
    const agent = await create('Agent', { name: 'Helper' })
    await perform('Agent.notify', agent, { message: 'Look', to: user })
    expect(await all('Message')).toMatchObject([
      { body: 'Look', channel: 'InApp', sender: agent, recipient: user, status: 'Sent' },
    ])
    expect(await refusal('Agent.notify', agent, { message: 'Look', to: user, channel: 'Email' })).toMatchObject({
      code: 'not_connected',
    })
    await perform('Agent.delegate', agent, { to: user, task: 'Sum up' })
    expect(await all('Activity')).toMatchObject([{ subject: 'Sum up', type: 'Task', assignee: user, createdBy: agent }])
  })
})
