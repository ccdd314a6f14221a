// Subscriptions of Stripe with several items: generated changes of items, and those that cannot be held here.

import { seededRandom } from '@dotdo/db'
import { expect, test } from 'vitest'
import { type Json, StripeTenant } from '../test/stripe-tenant.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const changes = Number(process.env['RUNS'] ?? 6)

interface Item {
  readonly id: string
  readonly created: number
  readonly price: Json
  readonly quantity: number
}

function listOf(items: readonly Item[]): Json {
  const data = items.map((item) => ({
    object: 'subscription_item',
    current_period_start: 1_767_225_600,
    current_period_end: 1_769_904_000,
    ...item,
  }))
  return { object: 'list', data, has_more: false }
}

async function open(): Promise<{
  readonly tenant: StripeTenant
  readonly prices: readonly Json[]
  readonly customer: string
}> {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const product = fake.put('product', { name: 'Engine', active: true })['id']
  const price = (amount: number, interval = 'month', more: Json = {}): Json =>
    fake.put('price', {
      product,
      unit_amount: amount,
      currency: 'usd',
      active: true,
      recurring: { interval, interval_count: 1, ...more },
    })
  const prices = [
    price(900),
    price(4_900),
    price(150),
    price(50_000, 'year'),
    price(2, 'month', { usage_type: 'metered' }),
  ]
  return { tenant, prices, customer: String(fake.put('customer', { name: 'Ada' })['id']) }
}

async function follow(tenant: StripeTenant, fields: Json): Promise<void> {
  tenant.fake.put('subscription', { ...fields })
  await tenant.deliver(tenant.fake.all('event').at(-1))
  await tenant.settled()
}

async function reconciled(tenant: StripeTenant): Promise<Json> {
  const { $id } = await tenant.serve('POST /payments/reconcile')
  await tenant.settled()
  return (await tenant.one('PaymentRun', { $id: String($id) }))['progress'] as Json
}

test(`MRR is the sum of all items after any changes of them, and both sides agree (seed ${seed})`, async () => {
  const random = seededRandom(seed)
  const { tenant, prices, customer } = await open()
  const [base = {}, ...addOns] = prices.slice(0, 3)
  let made = 0
  const item = (price: Json): Item => ({
    id: `si_${++made}`,
    created: 1_767_225_600 + made,
    price,
    quantity: 1 + Math.floor(random() * 4),
  })
  let items = [item(base)]
  const start = { id: 'sub_1', customer, status: 'active', currency: 'usd', start_date: 1_767_225_600 }
  await follow(tenant, { ...start, items: listOf(items) })
  for (let change = 0; change < changes; change++) {
    const at = Math.floor(random() * items.length)
    const chosen = addOns[Math.floor(random() * addOns.length)] ?? base
    const kind = random()
    if (kind < 0.4 || items.length === 1) items = [...items, item(chosen)]
    else if (kind < 0.6) items = items.filter((_, index) => index !== at)
    else if (kind < 0.8)
      items = items.map((one, index) => (index === at ? { ...one, quantity: one.quantity + 1 } : one))
    else items = items.map((one, index) => (index === at ? { ...one, price: chosen } : one))
    // A list of Stripe has its own order.
    await follow(tenant, { id: 'sub_1', items: listOf(items.toSorted(() => random() - 0.5)) })
    const [first, ...others] = items
    expect(await tenant.one('Subscription', {})).toMatchObject({
      quantity: first?.quantity,
      amount: first?.price['unit_amount'],
      status: 'Active',
    })
    const sum = items.reduce((total, { price, quantity }) => total + Number(price['unit_amount']) * quantity, 0)
    expect(await reconciled(tenant)).toMatchObject({
      differences: 0,
      mrr: { ours: { USD: sum }, theirs: { USD: sum } },
    })
    const held = (await tenant.list('SubscriptionItem')).map(({ stripeSubscriptionItemId, quantity, unitAmount }) => ({
      id: stripeSubscriptionItemId,
      quantity,
      amount: unitAmount,
    }))
    const wanted = others.map(({ id, quantity, price }) => ({ id, quantity, amount: price['unit_amount'] }))
    const byId = (left: { readonly id: unknown }, right: { readonly id: unknown }): number =>
      String(left.id) < String(right.id) ? -1 : 1
    expect(held.toSorted(byId)).toEqual(wanted.toSorted(byId))
  }
  // A listing of everything says the same, and changes nothing.
  const before = await tenant.list('SubscriptionItem')
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  expect(await tenant.list('SubscriptionItem')).toEqual(before)
  await follow(tenant, { id: 'sub_1', status: 'canceled', canceled_at: tenant.fake.now, ended_at: tenant.fake.now })
  expect(await reconciled(tenant)).toMatchObject({ differences: 0, mrr: { ours: {}, theirs: {} } })
  expect(await tenant.list('PaymentFinding')).toEqual([])
  expect(tenant.fake.performed).toEqual([])
})

test('items of different periods and usage beside others are findings until they are changed, and only Stripe changes items', async () => {
  const { tenant, prices, customer } = await open()
  const [base = {}, addOn = {}, , yearly = {}, metered = {}] = prices
  const start = { id: 'sub_1', customer, status: 'active', currency: 'usd', start_date: 1_767_225_600 }
  const first = { id: 'si_1', created: 1, price: base, quantity: 1 }
  for (const [other, message] of [
    [yearly, 'different periods'],
    [metered, 'usage beside other items'],
  ] as const) {
    await follow(tenant, { ...start, items: listOf([first, { id: 'si_2', created: 2, price: other, quantity: 1 }]) })
    expect(await tenant.one('PaymentFinding', { kind: 'Unsupported', status: 'Open' })).toMatchObject({
      externalId: 'sub_1',
      message: expect.stringContaining(message) as unknown,
    })
    expect(await tenant.list('Subscription')).toEqual([])
  }
  await follow(tenant, { ...start, items: listOf([first, { id: 'si_2', created: 2, price: addOn, quantity: 3 }]) })
  expect(await tenant.list('PaymentFinding', { status: 'Open' })).toEqual([])
  const subscription = await tenant.one('Subscription', {})
  expect(subscription).toMatchObject({ amount: 900, itemsAmount: 14_700 })
  await expect(
    tenant.write('SubscriptionItem', 'create', { subscription: subscription.$id, unitAmount: 5 }),
  ).rejects.toMatchObject({ code: 'hook_rejected', field: 'subscription' })
  const { $id: item } = await tenant.one('SubscriptionItem', {})
  await expect(tenant.write('SubscriptionItem', 'update', { quantity: 9 }, item)).rejects.toMatchObject({
    code: 'hook_rejected',
  })
  // A subscription that is billed here has items of its own.
  const own = await tenant.write('Subscription', 'create', { customer: String(subscription['customer']), amount: 100 })
  await tenant.write('SubscriptionItem', 'create', { subscription: own.$id, unitAmount: 5 })
})
