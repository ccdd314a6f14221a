// What callers may not do to the records of a connected tenant, who has written their texts, and who bills over time.

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
  fake.put('dispute', { amount: 100, currency: 'usd', status: 'needs_response' })
  fake.put('customer', { name: 'Ada' })
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
