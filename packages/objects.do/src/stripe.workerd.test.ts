// A tenant that is connected to Stripe: what happens on one side happens on the other, once.

import { expect, test } from 'vitest'
import { seededRandom } from '@dotdo/db'
import { fullAuthority } from 'digital-objects'
import { StripeTenant } from '../test/stripe-tenant.ts'
import { FakeStripe } from '../../payments.do/test/fake-stripe.ts'

function shop(fake: FakeStripe): { readonly customer: string; readonly price: string } {
  const customer = String(fake.put('customer', { name: 'Ada', email: 'ada@acme.test' })['id'])
  const product = String(fake.put('product', { name: 'Engine', active: true })['id'])
  const price = fake.put('price', {
    product,
    unit_amount: 2_500,
    currency: 'usd',
    active: true,
    recurring: { interval: 'month', interval_count: 1 },
  })
  return { customer, price: String(price['id']) }
}

test('without a connection every route answers not_connected, and nothing is sent', async () => {
  const tenant = new StripeTenant()
  await tenant.write('Customer', 'create', { name: 'Ada' })
  for (const route of [
    'GET /payments/status',
    'POST /payments/sync',
    'POST /payments/reconcile',
    'POST /payments/checkout',
    'POST /payments/portal',
  ])
    await expect(tenant.serve(route)).rejects.toMatchObject({ code: 'not_connected' })
  expect(await tenant.deliver({ id: 'evt_1' })).toMatchObject({ ok: false, error: { code: 'not_connected' } })
  await expect(tenant.write('Integration', 'connect', { provider: 'stripe' })).rejects.toMatchObject({
    code: 'not_connected',
  })
  expect(tenant.fake.performed).toEqual([])
})

test('a connection checks the key, and a tenant stays with its account and mode', async () => {
  const tenant = new StripeTenant()
  await tenant.write('Contact', 'create', { name: 'First' })
  await expect(tenant.serve('POST /payments/connect', { key: 'hello' })).rejects.toMatchObject({ field: 'key' })
  await expect(tenant.serve('POST /payments/connect', { key: 'rk_test_wrong' })).rejects.toMatchObject({ field: 'key' })
  expect(await tenant.connect()).toMatchObject({ connected: true, mode: 'test', account: 'acct_fake' })
  await expect(tenant.serve('POST /payments/disconnect')).resolves.toEqual({})
  await expect(tenant.serve('GET /payments/status')).rejects.toMatchObject({ code: 'not_connected' })
  expect(await tenant.connect()).toMatchObject({ connected: true })
})

test('a stranger, or a caller who may not do everything, is refused by each route, whoever it is', async () => {
  const tenant = await StripeTenant.connected()
  const owner = fullAuthority('owner')
  const limited = { ...owner, nouns: { Deal: { ...owner.others, verbs: ['create'] } } }
  for (const route of [
    'POST /payments/connect',
    'POST /payments/disconnect',
    'GET /payments/status',
    'POST /payments/sync',
    'POST /payments/reconcile',
    'POST /payments/checkout',
    'POST /payments/portal',
  ])
    for (const caller of [{ isStranger: true }, { authority: limited }])
      expect(await tenant.ask({ route, body: '{}' }, caller)).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  expect(await tenant.serve('GET /payments/status')).toMatchObject({ connected: true })
})

test('a first synchronization brings all objects with their dates, and a second one changes nothing', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const { customer, price } = shop(fake)
  const subscription = fake.subscribe({ customer, price, quantity: 2 })
  const payment = fake.all('payment_intent')[0]
  fake.refund(String(payment?.['id']), 1_000)
  fake.put('dispute', { amount: 1_000, currency: 'usd', status: 'needs_response', payment_intent: payment?.['id'] })
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const seconds = Number(subscription['start_date'])
  expect(await tenant.one('Subscription', {})).toMatchObject({
    status: 'Active',
    amount: 2_500,
    quantity: 2,
    billedBy: 'stripe',
    startedAt: new Date(seconds * 1_000).toISOString(),
  })
  expect(await tenant.list('Invoice')).toMatchObject([
    { status: 'Paid', total: 5_000, amountPaid: 5_000, amountDue: 0, refundedAmount: 1_000 },
  ])
  expect(await tenant.list('Payment')).toMatchObject([{ status: 'Succeeded', amount: 5_000, refundedAmount: 1_000 }])
  expect(await tenant.list('Refund')).toMatchObject([{ status: 'Succeeded', amount: 1_000 }])
  expect(await tenant.list('PaymentFinding')).toMatchObject([{ kind: 'Dispute', status: 'Open' }])
  const before = await tenant.mirrored()
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  expect(await tenant.mirrored()).toEqual(before)
  expect(fake.performed).toEqual([])
})

/** What happens at Stripe in a year of one customer, step by step. */
function* history(fake: FakeStripe): Generator<void> {
  // All of it is within the time that a list of events goes back.
  fake.now = Math.floor(Date.now() / 1_000) - 400
  const { customer, price } = shop(fake)
  yield
  const subscription = fake.subscribe({ customer, price })
  const payment = String(fake.all('payment_intent')[0]?.['id'])
  yield
  fake.put('subscription', { id: subscription['id'], status: 'past_due' })
  const open = String(fake.invoice({ customer, lines: [{ amount: 700, description: 'Setup' }] })['id'])
  yield
  const pending = fake.refund(payment, 50, { status: 'pending' })
  fake.put('customer', { id: customer, name: 'Ada Lovelace' })
  yield
  fake.refund(payment, 100)
  const back = fake.refund(payment, 70)
  yield
  fake.put('refund', { id: pending['id'], status: 'failed', failure_reason: 'lost_or_stolen_card' })
  fake.put('subscription', { id: subscription['id'], status: 'active' })
  yield
  fake.put('refund', { id: back['id'], status: 'failed', failure_reason: 'declined' })
  const issued = fake.get(open)['status_transitions'] as object // `invoice` made it
  fake.put('invoice', { id: open, status: 'void', status_transitions: { ...issued, voided_at: fake.now } })
  yield
  fake.put('subscription', { id: subscription['id'], status: 'canceled', canceled_at: fake.now, ended_at: fake.now })
}

test('events in random orders, early and late, repeated and with gaps, end in the state of a full listing', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  const orders = Number(process.env['RUNS'] ?? 2)
  for (let order = 0; order < orders; order++) {
    const fake = new FakeStripe(`rk_test_orders${seed}_${order}`)
    const tenant = await StripeTenant.connected({ fake })
    const waiting: unknown[] = []
    const seen = new Set<unknown>()
    const deliverSome = async (share: number): Promise<void> => {
      for (const event of fake.all('event').filter(({ id }) => !seen.has(id))) {
        seen.add(event['id'])
        // A fifth never arrives, and some come twice.
        if (random() < 0.8) waiting.push(event, ...(random() < 0.2 ? [event] : []))
      }
      for (const event of waiting.splice(0).toSorted(() => random() - 0.5))
        if (random() < share) expect(await tenant.deliver(event)).toMatchObject({ ok: true })
        else waiting.push(event)
      if (random() < 0.5) await tenant.settled()
    }
    for (const _step of history(fake)) await deliverSome(0.5)
    await deliverSome(1)
    await tenant.settled()
    await tenant.serve('POST /payments/sync', { kind: 'Gaps' })
    await tenant.settled()
    const listed = await StripeTenant.connected({ fake, sync: true })
    await listed.settled()
    const expected = await listed.mirrored()
    expect(Object.keys(expected)).toHaveLength(10)
    expect(await tenant.mirrored(), `seed ${seed}, order ${order}`).toEqual(expected)
    expect(fake.performed).toEqual([])
  }
})

test('only the server makes records of what it does with Stripe', async () => {
  const tenant = await StripeTenant.connected({ sync: true })
  await tenant.settled()
  const [run] = await tenant.list('PaymentRun')
  expect(run).toMatchObject({ kind: 'Sync', status: 'Succeeded', askedBy: 'owner' })
  const refused = { code: 'forbidden' }
  await expect(tenant.write('PaymentRun', 'create')).rejects.toMatchObject(refused)
  await expect(tenant.write('PaymentRun', 'update', { progress: {} }, run?.$id)).rejects.toMatchObject(refused)
  const finding = { key: 'x', kind: 'Dispute', message: 'x' }
  await expect(tenant.write('PaymentFinding', 'create', finding)).rejects.toMatchObject(refused)
})

test('a wrong signature is refused, and nothing of the event is stored', async () => {
  const tenant = await StripeTenant.connected()
  const customer = tenant.fake.put('customer', { name: 'Ada' })
  const event = tenant.fake.all('event')[0]
  expect(await tenant.deliver(event, 'whsec_anothersecret')).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  await tenant.settled()
  expect(await tenant.list('Customer')).toEqual([])
  expect(await tenant.deliver(event)).toMatchObject({ ok: true })
  await tenant.settled()
  expect(await tenant.list('Customer')).toMatchObject([{ stripeCustomerId: customer['id'] }])
})

test.each(['before', 'after'] as const)(
  'a creation whose request is lost %s it arrives is made once at Stripe',
  async (when) => {
    const tenant = await StripeTenant.connected()
    let losses = 1
    tenant.loss = ({ method }) => (method === 'POST' && losses-- > 0 ? when : undefined)
    await tenant.write('Customer', 'create', { name: 'Ada', email: 'ada@acme.test' })
    await tenant.settled()
    const [made] = tenant.fake.all('customer')
    expect(tenant.fake.all('customer')).toHaveLength(1)
    expect(tenant.fake.performed.filter(({ path }) => path === 'POST /v1/customers')).toHaveLength(1)
    expect(await tenant.list('Customer')).toMatchObject([{ name: 'Ada', stripeCustomerId: made?.['id'] }])
    // Its own event comes back, and nothing is sent again.
    for (const event of tenant.fake.all('event')) await tenant.deliver(event)
    await tenant.settled()
    expect(tenant.fake.performed).toHaveLength(1)
    expect(await tenant.list('Customer')).toHaveLength(1)
  },
)

test('a refund is made once at Stripe, and one that is refused gives the amount back with the message', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  fake.subscribe(shop(fake))
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const payment = (await tenant.one('Payment', {})).$id
  await tenant.write('Payment', 'refund', { amount: 1_000 }, payment)
  await tenant.settled()
  expect(fake.all('refund')).toMatchObject([{ amount: 1_000, status: 'succeeded' }])
  expect(await tenant.list('Refund')).toMatchObject([
    { amount: 1_000, status: 'Succeeded', stripeRefundId: fake.all('refund')[0]?.['id'] },
  ])
  fake.refuseNext = {
    path: /refunds/,
    refusal: { status: 400, error: { type: 'invalid_request_error', message: 'the balance is too low' } },
  }
  await tenant.write('Payment', 'refund', { amount: 500 }, payment)
  await tenant.settled()
  expect(await tenant.one('Refund', { amount: 500 })).toMatchObject({
    status: 'Failed',
    failureReason: 'the balance is too low',
  })
  expect(await tenant.one('Payment', {})).toMatchObject({ refundedAmount: 1_000, netAmount: 1_500 })
  expect(await tenant.list('PaymentFinding', { kind: 'Refused' })).toMatchObject([{ status: 'Open' }])
  expect(fake.all('refund')).toHaveLength(1)
})

test('a cancelled subscription ends at Stripe, and what comes back is not sent again', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const subscription = String(fake.subscribe(shop(fake))['id'])
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  await tenant.write('Subscription', 'cancel', {}, (await tenant.one('Subscription', {})).$id)
  await tenant.settled()
  for (const event of fake.all('event')) await tenant.deliver(event)
  await tenant.settled()
  expect(fake.get(subscription)).toMatchObject({ status: 'canceled' })
  expect(await tenant.one('Subscription', {})).toMatchObject({ status: 'Cancelled' })
  expect(fake.performed.map(({ path }) => path)).toEqual([`DELETE /v1/subscriptions/${subscription}`])
})

test('creations, changes and verbs here become requests, each performed once', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const product = (await tenant.write('Product', 'create', { name: 'Engine' })).$id
  const price = (
    await tenant.write('Price', 'create', { product, amount: 900, currency: 'USD', interval: 'Monthly', name: 'Pro' })
  ).$id
  const customer = (await tenant.write('Customer', 'create', { name: 'Ada', email: 'ada@acme.test' })).$id
  await tenant.write('Coupon', 'create', { name: 'Launch', percentOff: 20, duration: 'Once' })
  const rate = (await tenant.write('TaxRate', 'create', { displayName: 'VAT', percentage: 19 })).$id
  const subscription = (await tenant.write('Subscription', 'create', { customer, price, billedBy: 'stripe' })).$id
  await tenant.settled()
  const [made] = fake.all('subscription')
  expect(await tenant.one('Subscription', {})).toMatchObject({ status: 'Active', stripeSubscriptionId: made?.['id'] })
  expect(fake.all('price')).toMatchObject([{ unit_amount: 900, currency: 'usd', nickname: 'Pro' }])
  expect(fake.all('coupon')).toMatchObject([{ percent_off: 20, duration: 'once' }])
  expect(fake.all('tax_rate')).toMatchObject([{ display_name: 'VAT', percentage: 19 }])
  await tenant.write('Customer', 'update', { name: 'Ada Lovelace' }, customer)
  await tenant.write('Product', 'update', { status: 'Archived' }, product)
  await tenant.write('TaxRate', 'archive', {}, rate)
  await tenant.write('Subscription', 'pause', {}, subscription)
  await tenant.settled()
  expect(fake.all('customer')).toMatchObject([{ name: 'Ada Lovelace' }])
  expect(fake.all('product')).toMatchObject([{ active: false }])
  expect(fake.all('tax_rate')).toMatchObject([{ active: false }])
  expect(fake.all('subscription')).toMatchObject([{ pause_collection: { behavior: 'void' } }])
  expect(await tenant.one('Subscription', {})).toMatchObject({ status: 'Paused' })
  await tenant.write('Subscription', 'reactivate', {}, subscription)
  await tenant.settled()
  expect(fake.all('subscription')).toMatchObject([{ pause_collection: null }])
  expect(await tenant.one('Subscription', {})).toMatchObject({ status: 'Active' })
  const paths = fake.performed.map(({ path }) => path.replace(/\w+_\d+/, 'id')).toSorted()
  expect(paths).toEqual([
    'POST /v1/coupons',
    'POST /v1/customers',
    'POST /v1/customers/id',
    'POST /v1/prices',
    'POST /v1/products',
    'POST /v1/products/id',
    'POST /v1/subscriptions',
    'POST /v1/subscriptions/id',
    'POST /v1/subscriptions/id',
    'POST /v1/tax_rates',
    'POST /v1/tax_rates/id',
  ])
})

test('an invoice of Stripe is voided, given up, or paid by other means from here', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const { customer } = shop(fake)
  const ids = [1_100, 1_200, 1_300].map((amount) =>
    String(fake.invoice({ customer, lines: [{ amount, description: 'Setup' }] })['id']),
  )
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const invoiceOf = async (id: string | undefined): Promise<string> =>
    (await tenant.one('Invoice', { stripeInvoiceId: id ?? '' })).$id
  await tenant.write('Invoice', 'void', {}, await invoiceOf(ids[0]))
  await tenant.write('Invoice', 'markUncollectible', {}, await invoiceOf(ids[1]))
  await tenant.write('Payment', 'capture', { invoice: await invoiceOf(ids[2]), amount: 1_300 })
  await tenant.settled()
  expect(ids.map((id) => fake.get(id)['status'])).toEqual(['void', 'uncollectible', 'paid'])
  for (const event of fake.all('event')) await tenant.deliver(event)
  await tenant.settled()
  expect((await tenant.list('Invoice')).map(({ status }) => String(status)).toSorted()).toEqual([
    'Paid',
    'Uncollectible',
    'Voided',
  ])
  expect(await tenant.list('Payment')).toHaveLength(1)
  expect(fake.performed).toHaveLength(3)
})

test('links lead to pages of Stripe, and name the field that is wrong', async () => {
  const tenant = await StripeTenant.connected()
  shop(tenant.fake)
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const [price, customer] = [(await tenant.one('Price', {})).$id, (await tenant.one('Customer', {})).$id]
  const pages = { successUrl: 'https://acme.test/thanks', cancelUrl: 'https://acme.test/' }
  const url = 'https://pay.stripe.test/session'
  expect(await tenant.serve('POST /payments/checkout', { price, customer, quantity: 2, ...pages })).toMatchObject({
    url,
  })
  expect(await tenant.serve('POST /payments/portal', { customer, returnUrl: 'https://acme.test/' })).toEqual({ url })
  expect(tenant.fake.performed).toMatchObject([
    { path: 'POST /v1/checkout/sessions', parameters: { mode: 'subscription', success_url: pages.successUrl } },
    { path: 'POST /v1/billing_portal/sessions', parameters: { return_url: 'https://acme.test/' } },
  ])
  const wrong: readonly (readonly [field: string, body: object])[] = [
    ['price', { ...pages, price: customer }],
    ['quantity', { ...pages, price, quantity: 0 }],
    ['successUrl', { ...pages, price, successUrl: 'javascript:alert(1)' }],
    ['coupon', { ...pages, price, coupon: 'x' }],
  ]
  for (const [field, body] of wrong)
    await expect(tenant.serve('POST /payments/checkout', { ...body })).rejects.toMatchObject({ field })
})

test('a name that both sides changed is a conflict, which a person decides', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const id = (await tenant.one('Customer', {})).$id
  fake.refuseNext = {
    path: /customers/,
    refusal: { status: 400, error: { type: 'invalid_request_error', message: 'no' } },
  }
  await tenant.write('Customer', 'update', { name: 'Ours' }, id)
  await tenant.settled()
  const changed = fake.put('customer', { id: customer, name: 'Theirs' })
  await tenant.deliver({ id: 'evt_x', data: { object: changed } })
  await tenant.settled()
  expect(await tenant.one('Customer', {})).toMatchObject({ name: 'Ours' })
  const [conflict] = await tenant.list('PaymentFinding', { kind: 'Conflict' })
  expect(conflict).toMatchObject({ field: 'name', ours: 'Ours', theirs: 'Theirs', status: 'Open' })
  for (const resolution of ['Both', null])
    await expect(tenant.write('PaymentFinding', 'resolve', { resolution }, conflict?.$id)).rejects.toMatchObject({
      field: 'resolution',
    })
  await tenant.write('PaymentFinding', 'resolve', { resolution: 'Theirs' }, conflict?.$id)
  await expect.poll(async () => (await tenant.one('Customer', {}))['name'], { timeout: 10_000 }).toBe('Theirs')
})

test('a comparison names what is missing and what differs, and resolves what is gone', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const { customer, price } = shop(fake)
  const subscription = String(fake.subscribe({ customer, price })['id'])
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  fake.put('subscription', { id: subscription, status: 'canceled', ended_at: 1_700_000_000 })
  fake.invoice({ customer, lines: [{ amount: 700, description: 'Setup' }] })
  await tenant.serve('POST /payments/reconcile')
  await tenant.settled()
  const findings = await tenant.list('PaymentFinding', { kind: 'Difference', status: 'Open' })
  expect(findings.map(({ object, field }) => `${String(object)} ${String(field)}`).toSorted()).toEqual([
    'invoice (all)',
    'subscription status',
  ])
  // All of this is of the 21st, so the day before has nothing to compare.
  for (const day of ['2026-09-20', '2026-09-21']) await tenant.serve('POST /payments/reconcile', { day })
  await tenant.settled()
  expect(await tenant.list('PaymentFinding', { day: '2026-09-20' })).toEqual([])
  expect(await tenant.list('PaymentFinding', { day: '2026-09-21', status: 'Open' })).toHaveLength(2)
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  await tenant.serve('POST /payments/reconcile')
  await tenant.serve('POST /payments/reconcile', { day: '2026-09-21' })
  await tenant.settled()
  expect(await tenant.list('PaymentFinding', { kind: 'Difference', status: 'Open' })).toEqual([])
})
