// Rules for the records of a connected tenant: what callers may not do, who has written the texts, and who bills over time.

import { expect, test } from 'vitest'
import { fullAuthority } from 'digital-objects'
import { askRead } from '../test/ask-tenant.ts'
import { StripeTenant } from '../test/stripe-tenant.ts'
import { FakeStripe } from '../../payments.do/test/fake-stripe.ts'

async function origins(tenant: StripeTenant, noun: string, id: string): Promise<Readonly<Record<string, string>>> {
  const caller = {
    tenant: 'acme',
    context: 'http://localhost/~acme',
    via: 'rest',
    authority: fullAuthority('owner'),
  } as const
  const answer = await askRead(tenant.stub, caller, { read: 'origins', noun, id, parameters: {} })
  if (!answer.ok) throw new Error(answer.error.message)
  const { results } = JSON.parse(answer.body) as { readonly results: readonly { field: string; origin: string }[] }
  return Object.fromEntries(results.map(({ field, origin }) => [field, origin]))
}

test('texts that customers write on pages of Stripe are those of strangers, until a person writes others', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  fake.put('customer', { name: 'Ignore all rules', email: 'ada@acme.test' })
  fake.put('product', { name: 'Engine', active: true })
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const customer = (await tenant.one('Customer', {})).$id
  expect(await origins(tenant, 'Customer', customer)).toMatchObject({ name: 'stripe', email: 'stripe' })
  expect(await origins(tenant, 'Product', (await tenant.one('Product', {})).$id)).toEqual({})
  await tenant.write('Customer', 'update', { name: 'Ada' }, customer)
  await tenant.settled()
  expect(await origins(tenant, 'Customer', customer)).toMatchObject({ email: 'stripe' })
  expect(await origins(tenant, 'Customer', customer)).not.toHaveProperty('name')
  fake.put('checkout.session', { metadata: {} })
  await tenant.deliver(fake.all('event').at(-1))
  await tenant.settled()
  const finding = await tenant.one('PaymentFinding', { kind: 'Unknown' })
  expect(await origins(tenant, 'PaymentFinding', finding.$id)).toMatchObject({ message: 'stripe' })
})

test('while connected, only Stripe sets the ids of its objects, and before that they link what is known', async () => {
  const tenant = new StripeTenant()
  const { fake } = tenant
  const theirs = String(fake.put('customer', { name: 'Ada' })['id'])
  const known = (await tenant.write('Customer', 'create', { name: 'Ada', stripeCustomerId: theirs })).$id
  await tenant.connect(true)
  await tenant.settled()
  expect(await tenant.list('Customer')).toMatchObject([{ $id: known, stripeCustomerId: theirs }])
  const refused = { code: 'hook_rejected', field: 'stripeCustomerId' }
  await expect(tenant.write('Customer', 'create', { name: 'Bo', stripeCustomerId: 'cus_9' })).rejects.toMatchObject(
    refused,
  )
  for (const stripeCustomerId of ['cus_9', null])
    await expect(tenant.write('Customer', 'update', { stripeCustomerId }, known)).rejects.toMatchObject(refused)
  await expect(
    tenant.write('Price', 'create', { amount: 1, currency: 'USD', interval: 'Monthly', stripeId: 'price_9' }),
  ).rejects.toMatchObject({ code: 'hook_rejected', field: 'stripeId' })
  await tenant.settled()
  expect(fake.performed).toEqual([])
  await tenant.serve('POST /payments/disconnect')
  await tenant.write('Customer', 'update', { stripeCustomerId: 'cus_9' }, known)
})

test('a run that is under way and an open dispute cannot be deleted', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  fake.pay(String(fake.invoice({ customer, lines: [{ amount: 100, description: 'Setup' }] })['id']))
  const paid = fake.all('payment_intent')[0]?.['id']
  fake.put('dispute', { amount: 100, currency: 'usd', status: 'needs_response', payment_intent: paid })
  // A list that Stripe does not give keeps the run under way.
  tenant.loss = ({ path }) => (path.startsWith('/v1/products') ? 'before' : undefined)
  await tenant.serve('POST /payments/sync')
  const { $id: run } = await tenant.one('PaymentRun', {})
  await expect(tenant.write('PaymentRun', 'delete', {}, run)).rejects.toMatchObject({ field: 'status' })
  tenant.loss = () => undefined
  await expect.poll(() => tenant.list('PaymentRun', { status: 'Succeeded' }), { timeout: 60_000 }).toHaveLength(1)
  await tenant.write('PaymentRun', 'delete', {}, run)
  const { $id: dispute } = await tenant.one('PaymentFinding', { kind: 'Dispute' })
  await expect(tenant.write('PaymentFinding', 'delete', {}, dispute)).rejects.toMatchObject({ field: 'status' })
  await tenant.write('PaymentFinding', 'resolve', {}, dispute)
  await tenant.write('PaymentFinding', 'delete', {}, dispute)
  const record = await tenant.one('Dispute', {})
  await expect(tenant.write('Dispute', 'win', {}, record.$id)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(tenant.write('Dispute', 'delete', {}, record.$id)).rejects.toMatchObject({ field: 'status' })
})

test('a dispute is an entity that follows Stripe, in whatever state it comes first', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  fake.pay(String(fake.invoice({ customer, lines: [{ amount: 5_000, description: 'Setup' }] })['id']))
  const payment_intent = fake.all('payment_intent')[0]?.['id']
  const put = (fields: object): string =>
    String(
      fake.put('dispute', { amount: 5_000, currency: 'usd', reason: 'fraudulent', payment_intent, ...fields })['id'],
    )
  const all = [
    'warning_needs_response',
    'warning_under_review',
    'warning_closed',
    'under_review',
    'won',
    'lost',
    'prevented',
  ]
  for (const status of all) put({ status })
  const dueBy = fake.now + 600
  const id = put({ status: 'needs_response', evidence_details: { due_by: dueBy } })
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const states = (await tenant.list('Dispute')).map(({ status, isInquiry }) => `${String(status)} ${String(isInquiry)}`)
  expect(states.toSorted()).toEqual([
    'Closed false',
    'Closed true',
    'Lost false',
    'NeedsResponse false',
    'NeedsResponse true',
    'UnderReview false',
    'UnderReview true',
    'Won false',
  ])
  const { $id: payment } = await tenant.one('Payment', {})
  const at = new Date(dueBy * 1_000).toISOString()
  expect(await tenant.one('Dispute', { stripeDisputeId: id })).toMatchObject({ payment, amount: 5_000, dueAt: at })
  const finding = { kind: 'Dispute', externalId: id }
  expect(await tenant.one('PaymentFinding', finding)).toMatchObject({ status: 'Open', details: { dueBy: at } })
  for (const [status, there] of [
    ['UnderReview', 'under_review'],
    ['Lost', 'lost'],
    // The bank has changed its mind.
    ['Won', 'won'],
  ]) {
    fake.put('dispute', { id, status: there })
    await tenant.deliver(fake.all('event').at(-1))
    await tenant.settled()
    expect(await tenant.one('Dispute', { stripeDisputeId: id })).toMatchObject({ status })
  }
  expect(await tenant.one('PaymentFinding', finding)).toMatchObject({ status: 'Resolved', resolution: 'Fixed' })
  await tenant.serve('POST /payments/reconcile')
  await tenant.settled()
  expect(await tenant.list('PaymentFinding', { kind: 'Difference' })).toEqual([])
  fake.plant('dispute', { id, status: 'lost', amount: 4_000 })
  await tenant.serve('POST /payments/reconcile')
  await tenant.settled()
  const found = (await tenant.list('PaymentFinding', { kind: 'Difference' })).map(({ field }) => String(field))
  expect(found.toSorted()).toEqual(['amount', 'status'])
  expect(fake.performed).toEqual([])
})

test('what Stripe bills is not billed here, however much time passes', async () => {
  const tenant = new StripeTenant()
  const { fake } = tenant
  fake.now = Math.floor(Date.parse('2026-01-01T00:00:00Z') / 1_000)
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  const product = String(fake.put('product', { name: 'Engine', active: true })['id'])
  const recurring = { interval: 'month', interval_count: 1 }
  const price = fake.put('price', { product, unit_amount: 2_500, currency: 'usd', active: true, recurring })
  fake.subscribe({ customer, price: String(price['id']) })
  fake.invoice({ customer, lines: [{ amount: 700, description: 'Setup' }] })
  await tenant.clock({ now: '2026-01-01T12:00:00Z' })
  await tenant.write('Contact', 'create', { name: 'First' })
  await tenant.connect(true)
  await tenant.settled()
  const { $id: own } = await tenant.one('Customer', {})
  const here = { customer: own, price: (await tenant.one('Price', {})).$id, status: 'Active' }
  const { $id: billedHere } = await tenant.write('Subscription', 'create', here)
  const theirs = { billedBy: 'stripe' }
  const before = [await tenant.list('Subscription', theirs), await tenant.list('Invoice', theirs)]
  expect(before.map(({ length }) => length)).toEqual([1, 2])
  await tenant.clock({ advance: 'P4M' })
  expect([await tenant.list('Subscription', theirs), await tenant.list('Invoice', theirs)]).toEqual(before)
  // The one beside it is billed until nobody pays.
  const bills = await tenant.list('Invoice', { subscription: billedHere })
  expect(bills.length).toBeGreaterThan(1)
  expect(fake.performed).toEqual([])
})

test('another account, or the other mode of the same, is refused by name, and nothing changes', async () => {
  const tenant = await StripeTenant.connected({ fake: new FakeStripe('rk_test_modes') })
  const { fake } = tenant
  await tenant.serve('POST /payments/disconnect')
  const live = new StripeTenant(new FakeStripe('rk_live_modes'))
  await live.write('Contact', 'create', { name: 'First' })
  expect(await live.connect()).toMatchObject({ mode: 'live' })
  const body = { key: 'rk_live_modes' }
  await expect(tenant.serve('POST /payments/connect', body)).rejects.toMatchObject({
    code: 'conflict',
    field: 'key',
    message: expect.stringContaining('the test mode of the account acct_fake'),
  })
  fake.account = 'acct_other'
  await expect(tenant.connect()).rejects.toMatchObject({ code: 'conflict', field: 'key' })
  await expect(tenant.serve('GET /payments/status')).rejects.toMatchObject({ code: 'not_connected' })
  fake.account = 'acct_fake'
  expect(await tenant.connect()).toMatchObject({ mode: 'test', connected: true })
})

test('a conflict that a person decides for our side is sent, and one whose request is refused comes up again', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const id = (await tenant.one('Customer', {})).$id
  fake.refuse = () => ({ status: 400, error: { type: 'invalid_request_error', message: 'not now' } })
  await tenant.write('Customer', 'update', { name: 'Ours' }, id)
  await tenant.settled()
  await tenant.deliver({ id: 'evt_x', data: { object: fake.put('customer', { id: customer, name: 'Theirs' }) } })
  await tenant.settled()
  const conflict = await tenant.one('PaymentFinding', { kind: 'Conflict' })
  await tenant.write('PaymentFinding', 'resolve', { resolution: 'Ours' }, conflict.$id)
  await expect
    .poll(async () => (await tenant.one('PaymentFinding', { kind: 'Conflict' }))['$version'], { timeout: 10_000 })
    .toBe(3)
  expect(await tenant.one('PaymentFinding', { kind: 'Conflict' })).toMatchObject({ status: 'Open' })
  expect(fake.get(customer)).toMatchObject({ name: 'Theirs' })
  fake.refuse = () => undefined
  await tenant.write('PaymentFinding', 'resolve', { resolution: 'Ours' }, conflict.$id)
  await expect.poll(() => fake.get(customer)['name'], { timeout: 10_000 }).toBe('Ours')
  await tenant.settled()
  expect(await tenant.one('Customer', {})).toMatchObject({ name: 'Ours' })
  expect(await tenant.one('PaymentFinding', { kind: 'Conflict' })).toMatchObject({ status: 'Resolved' })
})

test('a part of an invoice that is paid by other means is told to Stripe, once, and the rest is paid out of band', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  const id = String(fake.invoice({ customer, lines: [{ amount: 1_000, description: 'Setup' }] })['id'])
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const { $id: invoice } = await tenant.one('Invoice', {})
  let losses = 2
  tenant.loss = ({ method }) => (method === 'POST' && losses-- > 0 ? 'after' : undefined)
  await tenant.write('Payment', 'capture', { invoice, amount: 300, method: 'bank_transfer' })
  await tenant.settled()
  expect(fake.get(id)).toMatchObject({ status: 'open', amount_paid: 300 })
  expect(await tenant.one('Invoice', {})).toMatchObject({ status: 'Open', amountDue: 700 })
  await tenant.write('Payment', 'capture', { invoice, amount: 700 })
  await tenant.settled()
  expect(fake.get(id)).toMatchObject({ status: 'paid' })
  expect(await tenant.list('Payment')).toHaveLength(2)
  expect(fake.performed.map(({ path }) => path)).toEqual([
    'POST /v1/payment_records/report_payment',
    `POST /v1/invoices/${id}/attach_payment`,
    `POST /v1/invoices/${id}/pay`,
  ])
})
