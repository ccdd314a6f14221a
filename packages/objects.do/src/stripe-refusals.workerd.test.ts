// Refusals of Stripe land on the entity with their message, whatever the request and whatever the status.

import { expect, test } from 'vitest'
import { seededRandom } from '@dotdo/db'
import type { Entity } from 'digital-objects'
import { StripeTenant } from '../test/stripe-tenant.ts'
import { FakeStripe, type Refusal } from '../../payments.do/test/fake-stripe.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const random = seededRandom(seed)
const final = [400, 401, 402, 403, 404, 405, 410, 412, 415, 422, 424, 451]

interface Shop {
  readonly tenant: StripeTenant
  /** Entities that stand for objects of Stripe. */
  readonly customer: string
  readonly product: string
  readonly subscriptions: readonly string[]
  readonly invoices: readonly string[]
  readonly payment: string
}

async function openShop(): Promise<Shop> {
  const fake = new FakeStripe(`rk_test_refused${seed}_${Math.floor(random() * 1e9)}`)
  const customer = String(fake.put('customer', { name: 'Ada', email: 'ada@acme.test' })['id'])
  const product = String(fake.put('product', { name: 'Engine', active: true })['id'])
  const recurring = { interval: 'month', interval_count: 1 }
  const price = fake.put('price', { product, unit_amount: 2_500, currency: 'usd', active: true, recurring })
  for (let made = 0; made < 3; made++) fake.subscribe({ customer, price: String(price['id']) })
  fake.put('subscription', { id: fake.all('subscription')[2]?.['id'], pause_collection: { behavior: 'void' } })
  for (const amount of [700, 800, 900]) fake.invoice({ customer, lines: [{ amount, description: 'Setup' }] })
  const tenant = await StripeTenant.connected({ fake, sync: true })
  await tenant.settled()
  return {
    tenant,
    customer: (await tenant.one('Customer', {})).$id,
    product: (await tenant.one('Product', {})).$id,
    subscriptions: (await tenant.list('Subscription')).toSorted(byStatus).map(({ $id }) => $id),
    invoices: (await tenant.list('Invoice', { status: 'Open' })).map(({ $id }) => $id),
    payment: (await tenant.list('Payment'))[0]?.$id ?? '',
  }
}

/** The paused one is the last. */
const byStatus = (one: Entity, other: Entity): number =>
  Number(one['status'] === 'Paused') - Number(other['status'] === 'Paused')

/** Each kind of request: what is asked here, and what the entity is after a refusal. */
interface Kind {
  readonly ask: (shop: Shop) => Promise<string>
  readonly after: object
}

const at = (ids: readonly string[], index: number): string => ids[index] ?? ''
const created = (noun: string, body: Readonly<Record<string, unknown>>): Kind => ({
  ask: async ({ tenant }) => (await tenant.write(noun, 'create', body)).$id,
  after: body,
})
const verb = (noun: string, name: string, idOf: (shop: Shop) => string, after: object): Kind => ({
  ask: async (shop) => {
    await shop.tenant.write(noun, name, {}, idOf(shop))
    return idOf(shop)
  },
  after,
})

const kinds: Readonly<Record<string, Kind>> = {
  'a new customer': created('Customer', { name: 'Bo' }),
  'a new product': created('Product', { name: 'Wheel' }),
  'a new coupon': created('Coupon', { name: 'Launch', percentOff: 20 }),
  'a new tax rate': created('TaxRate', { displayName: 'VAT', percentage: 19 }),
  'a new price': {
    ask: async ({ tenant, product }) =>
      (await tenant.write('Price', 'create', { product, amount: 900, currency: 'USD', interval: 'Monthly' })).$id,
    after: { amount: 900 },
  },
  'a changed customer': {
    ask: async ({ tenant, customer }) => (await tenant.write('Customer', 'update', { name: 'Ada L.' }, customer)).$id,
    after: { name: 'Ada L.' },
  },
  'an archived product': {
    ask: async ({ tenant, product }) => (await tenant.write('Product', 'update', { status: 'Archived' }, product)).$id,
    after: { status: 'Archived' },
  },
  'a new subscription': {
    ask: async ({ tenant, customer }) => {
      const { $id: price } = await tenant.one('Price', { amount: 2_500 })
      return (await tenant.write('Subscription', 'create', { customer, price, billedBy: 'stripe' })).$id
    },
    after: { status: 'Cancelled' },
  },
  'a cancelled subscription': verb('Subscription', 'cancel', ({ subscriptions: all }) => at(all, 0), {
    status: 'Active',
  }),
  'a paused subscription': verb('Subscription', 'pause', ({ subscriptions: all }) => at(all, 1), { status: 'Active' }),
  'a resumed subscription': verb('Subscription', 'reactivate', ({ subscriptions: all }) => at(all, 2), {
    status: 'Paused',
  }),
  'a voided invoice': verb('Invoice', 'void', ({ invoices }) => at(invoices, 0), { status: 'Open' }),
  'an uncollectible invoice': verb('Invoice', 'markUncollectible', ({ invoices }) => at(invoices, 1), {
    status: 'Open',
  }),
  'a payment by other means': {
    ask: async ({ tenant, invoices }) => {
      const invoice = at(invoices, 2)
      const { amountDue } = await tenant.one('Invoice', { $id: invoice })
      return (await tenant.write('Payment', 'capture', { invoice, amount: amountDue })).$id
    },
    // The money came, whatever Stripe says.
    after: { status: 'Succeeded' },
  },
  'a refund': {
    ask: async ({ tenant, payment }) => {
      await tenant.write('Payment', 'refund', { amount: 300 }, payment)
      return (await tenant.one('Refund', { amount: 300 })).$id
    },
    after: { status: 'Failed' },
  },
}

const refusal = (status: number): Refusal => ({
  status,
  error: { type: 'invalid_request_error', message: `refused with ${status}` },
})

async function entityOf(tenant: StripeTenant, id: string): Promise<Entity> {
  const nouns = ['Customer', 'Product', 'Price', 'Coupon', 'TaxRate', 'Subscription', 'Invoice', 'Payment', 'Refund']
  const noun = nouns.find((name) => id.startsWith(`${name.toLowerCase()}_`))
  return tenant.one(noun ?? '', { $id: id })
}

/** All of them take a minute; a wrong key and another one always run. */
const statuses = process.env['RUNS'] === undefined ? [401, final[Math.floor(random() * final.length)] ?? 403] : final

test.each(statuses)(
  'each kind of request that Stripe refuses with %i is on its entity, with the message',
  async (status) => {
    const shop = await openShop()
    const { tenant } = shop
    tenant.fake.refuse = () => refusal(status)
    const asked: Record<string, string> = {}
    for (const [kind, { ask }] of Object.entries(kinds)) asked[kind] = await ask(shop)
    await tenant.settled()
    for (const [kind, { after }] of Object.entries(kinds)) {
      const found = await entityOf(tenant, asked[kind] ?? '')
      const metadata = { stripe: { refused: expect.stringContaining(`refused with ${status}`) } }
      expect({ kind, ...found }, `seed ${seed}`).toMatchObject({ kind, ...after, metadata })
    }
    expect(tenant.fake.performed).toEqual([])
    expect(await tenant.one('Payment', { $id: shop.payment })).toMatchObject({ netAmount: 2_500 })
    expect(await tenant.list('PaymentFinding', { kind: 'Refused', status: 'Open' })).toHaveLength(
      Object.keys(kinds).length,
    )
  },
)

test('a request that Stripe cannot serve now is sent again, and performed once', async () => {
  const shop = await openShop()
  const { tenant } = shop
  const refused = new Set<string>()
  tenant.fake.refuse = (path) => {
    if (refused.has(path)) return undefined
    refused.add(path)
    return refusal(path.endsWith('refunds') ? 409 : 429)
  }
  await kinds['a new customer']?.ask(shop)
  await kinds['a refund']?.ask(shop)
  await tenant.settled()
  expect(tenant.fake.performed.map(({ path }) => path).toSorted()).toEqual(['POST /v1/customers', 'POST /v1/refunds'])
  expect(await tenant.one('Refund', {})).toMatchObject({ status: 'Succeeded', stripeRefundId: expect.any(String) })
  expect(await tenant.list('PaymentFinding')).toEqual([])
})

test('a refund whose answer was lost stays while the key is refused, since Stripe may have made it', async () => {
  const shop = await openShop()
  const { tenant } = shop
  let attempts = 0
  tenant.loss = ({ method }) => (method === 'POST' && attempts++ === 0 ? 'after' : undefined)
  tenant.fake.refuse = () => (attempts === 2 ? refusal(401) : undefined)
  await kinds['a refund']?.ask(shop)
  await tenant.settled()
  expect(tenant.fake.all('refund')).toHaveLength(1)
  expect(await tenant.one('Refund', {})).toMatchObject({ status: 'Succeeded', stripeRefundId: expect.any(String) })
})

test('a customer that Stripe refuses is asked for again by the next subscription', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  fake.refuse = (path) => (path.endsWith('/customers') ? refusal(400) : undefined)
  const product = (await tenant.write('Product', 'create', { name: 'Engine' })).$id
  const body = { product, amount: 900, currency: 'USD', interval: 'Monthly' }
  const price = (await tenant.write('Price', 'create', body)).$id
  const customer = (await tenant.write('Customer', 'create', { name: 'Ada' })).$id
  await tenant.write('Subscription', 'create', { customer, price, billedBy: 'stripe' })
  await tenant.settled()
  expect(await tenant.one('Subscription', {})).toMatchObject({
    status: 'Cancelled',
    cancelReason: `${customer} is not at Stripe: refused with 400`,
  })
  fake.refuse = () => undefined
  await tenant.write('Subscription', 'create', { customer, price, billedBy: 'stripe' })
  await tenant.settled()
  expect(fake.all('customer')).toHaveLength(1)
  expect(await tenant.one('Subscription', { status: 'Active' })).toMatchObject({ customer })
  const { metadata } = await tenant.one('Customer', {})
  expect(metadata).toEqual({ stripe: {} })
})
