// Items of a subscription: each renewal bills them beside the price, as line items, and the monthly revenue follows them.

import { env } from 'cloudflare:test'
import type { Entity } from 'digital-objects'
import { beforeEach, expect, test } from 'vitest'
import { askRead } from '../../test/ask-tenant.ts'
import { EntitiesOf } from '../../test/entities-of.ts'
import { caller } from '../../test/generated-tenant.ts'

let stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
let tenant: EntitiesOf
beforeEach(() => {
  stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
  tenant = new EntitiesOf(stub, caller)
})

const sumOf = (entities: readonly Entity[], field: string): number =>
  entities.reduce((sum, entity) => sum + Number(entity[field] ?? 0), 0)

async function mrr(): Promise<unknown> {
  const answer = await askRead(stub, caller, { read: 'metric', id: 'mrr' })
  if (!answer.ok) throw new Error(answer.error.message)
  return (JSON.parse(answer.body) as { readonly value: unknown }).value
}

async function customer(): Promise<string> {
  return (await tenant.write('Customer.create', { name: 'Ada' })).$id
}

async function subscribed(interval = 'Monthly'): Promise<string> {
  const price = (await tenant.write('Price.create', { name: 'Pro', amount: 3_000, interval })).$id
  return (await tenant.write('Subscription.create', { price, customer: await customer() })).$id
}

test('a renewal bills the items with their discounts and taxes, each as a line item', async () => {
  const subscription = await subscribed()
  const coupon = (await tenant.write('Coupon.create', { name: 'Partner', percentOff: 10 })).$id
  const taxRate = (await tenant.write('TaxRate.create', { displayName: 'VAT', percentage: 20 })).$id
  const price = (await tenant.write('Price.create', { name: 'Seats', amount: 500, interval: 'Monthly' })).$id
  const seats = await tenant.write('SubscriptionItem.create', { subscription, price, quantity: 4, coupon, taxRate })
  expect(seats).toMatchObject({
    description: 'Seats',
    amount: 2_000,
    discountAmount: 200,
    netAmount: 1_800,
    taxAmount: 360,
  })
  await tenant.write('Subscription.renew', {}, { id: subscription })
  const [, bill] = await tenant.list('Invoice')
  expect(bill).toMatchObject({ subtotal: 5_000, discount: 200, tax: 360, total: 5_160, status: 'Open' })
  const lines = (await tenant.list('LineItem')).filter(({ invoice }) => invoice === bill?.$id)
  expect(new Set(lines.map(({ amount }) => amount))).toEqual(new Set([2_000, 3_000]))
  expect(lines.find(({ amount }) => amount === 2_000)).toMatchObject({
    subscriptionItem: seats.$id,
    price,
    coupon,
    taxRate,
    discountAmount: 200,
    taxAmount: 360,
  })
  expect(sumOf(lines, 'netAmount') + sumOf(lines, 'taxAmount')).toBe(bill?.['total'])
  // A renewal is no redemption.
  expect(await tenant.get('Coupon', coupon)).toMatchObject({ timesRedeemed: 1 })
  await tenant.write('SubscriptionItem.update', { quantity: 1 }, { id: seats.$id })
  expect(await tenant.get('Subscription', subscription)).toMatchObject({ itemsAmount: 450, amount: 3_000 })
  expect(await tenant.codeOf('SubscriptionItem.delete', {}, { id: seats.$id })).toBe('ok')
  await tenant.write('Subscription.renew', {}, { id: subscription })
  expect((await tenant.list('Invoice'))[2]).toMatchObject({ subtotal: 3_000, total: 3_000 })
  expect(sumOf(await tenant.list('LineItem'), 'amount')).toBe(sumOf(await tenant.list('Invoice'), 'subtotal'))
})

test('the monthly revenue follows the items, also of a subscription without a price', async () => {
  const subscription = await subscribed()
  const before = await mrr()
  const item = await tenant.write('SubscriptionItem.create', { subscription, unitAmount: 700, quantity: 2 })
  const after = await mrr()
  expect([before, after]).toEqual([30, 44])
  const bare = (await tenant.write('Subscription.create', { customer: await customer() })).$id
  await tenant.write('SubscriptionItem.create', { subscription: bare, unitAmount: 100 })
  expect(await tenant.get('Subscription', bare)).toMatchObject({ amount: 0, itemsAmount: 100 })
  await tenant.write('Subscription.renew', {}, { id: bare })
  expect((await tenant.list('Invoice')).at(-1)).toMatchObject({ subscription: bare, total: 100 })
  await tenant.send('SubscriptionItem.delete', {}, { id: item.$id })
  expect(await tenant.get('Subscription', subscription)).toMatchObject({ itemsAmount: 0 })
})

test('an item has the currency and the period of its subscription, which has to go on', async () => {
  const subscription = await subscribed()
  const yearly = (await tenant.write('Price.create', { amount: 500, interval: 'Yearly' })).$id
  const euros = (await tenant.write('Price.create', { amount: 500, currency: 'EUR' })).$id
  for (const price of [yearly, euros])
    expect(await tenant.codeOf('SubscriptionItem.create', { subscription, price })).toBe('validation_error')
  expect(await tenant.codeOf('SubscriptionItem.create', { subscription, unitAmount: -1 })).toBe('validation_error')
  await tenant.write('Subscription.cancel', {}, { id: subscription })
  expect(await tenant.codeOf('SubscriptionItem.create', { subscription, unitAmount: 5 })).toBe('invalid_transition')
  expect(await tenant.codeOf('Subscription.itemize', {}, { id: subscription })).not.toBe('ok')
})

test('an item is not rolled back under a subscription that bills its present state', async () => {
  const subscription = await subscribed()
  const price = (await tenant.write('Price.create', { amount: 500, interval: 'Monthly' })).$id
  const item = await tenant.write('SubscriptionItem.create', { subscription, price, quantity: 4 })
  const { $version } = await tenant.write('SubscriptionItem.update', { quantity: 2 }, { id: item.$id })
  const rollBack = (version = 1): ReturnType<typeof tenant.send> =>
    tenant.send('SubscriptionItem.rollback', { version }, { id: item.$id })
  const contradicts = {
    ok: false,
    error: { code: 'conflict', message: expect.stringContaining(subscription) as string },
  }
  expect(await rollBack()).toMatchObject(contradicts)
  await tenant.write('SubscriptionItem.update', { metadata: { a: 1 } }, { id: item.$id })
  expect(await rollBack($version)).toMatchObject({ ok: true })
  expect(await tenant.codeOf('SubscriptionItem.delete', {}, { id: item.$id })).toBe('ok')
  expect(await rollBack($version)).toMatchObject(contradicts)
  expect(await tenant.get('Subscription', subscription)).toMatchObject({ itemsAmount: 0 })
  await tenant.write('Subscription.cancel', {}, { id: subscription })
  expect(await rollBack($version)).toMatchObject({ ok: true })
})
