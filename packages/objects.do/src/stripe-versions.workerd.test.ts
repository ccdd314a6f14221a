// Objects and events of older versions of Stripe's API, in which the same is said by other members.

import { expect, test } from 'vitest'
import { FakeStripe } from '../../payments.do/test/fake-stripe.ts'
import { type Json, StripeTenant } from '../test/stripe-tenant.ts'

const without = (object: Json, ...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

/** The form of 2022: periods and the plan are the subscription's, an invoice names its payment, and a payment its invoice. */
function ofOldVersion(object: Json, paidBy: ReadonlyMap<unknown, unknown>): Record<string, unknown> {
  if (object['object'] === 'subscription') {
    const [item] = (object['items'] as { readonly data: readonly Json[] }).data
    const { unit_amount: amount, currency, id, recurring } = (item?.['price'] ?? {}) as Json
    const { interval, interval_count } = recurring as Json
    const plan = { id, object: 'plan', amount, currency, interval, interval_count }
    const { quantity, current_period_start, current_period_end } = item ?? {}
    const data = [{ id: item?.['id'], object: 'subscription_item', plan, quantity }]
    return {
      ...object,
      items: { object: 'list', data, has_more: false },
      plan,
      quantity,
      current_period_start,
      current_period_end,
    }
  }
  if (object['object'] === 'invoice') {
    const { subscription } = ((object['parent'] as Json | undefined)?.['subscription_details'] ?? {}) as Json
    const [payment] = (object['payments'] as { readonly data: readonly { readonly payment: Json }[] }).data
    return {
      ...without(object, 'parent', 'payments'),
      subscription: subscription ?? null,
      payment_intent: payment?.payment['payment_intent'] ?? null,
    }
  }
  if (object['object'] === 'payment_intent') return { ...object, invoice: paidBy.get(object['id']) ?? null }
  return { ...object }
}

function fill(fake: FakeStripe): void {
  fake.now = Math.floor(Date.now() / 1_000) - 400
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  const product = fake.put('product', { name: 'Engine', active: true })['id']
  const price = fake.put('price', {
    product,
    unit_amount: 2_500,
    currency: 'usd',
    active: true,
    recurring: { interval: 'month', interval_count: 3 },
  })
  const subscription = fake.subscribe({ customer, price: String(price['id']), quantity: 2 })
  const open = fake.invoice({
    customer,
    lines: [{ amount: 700, description: 'Setup', taxes: [{ amount: 133, tax_behavior: 'exclusive' }] }],
  })
  fake.put('invoice', { id: open['id'], total: 833, amount_due: 833 })
  fake.refund(String(fake.all('payment_intent')[0]?.['id']), 100)
  fake.put('subscription', { id: subscription['id'], status: 'past_due' })
}

/** The objects of an account in one form, brought by a listing, or by events whose own objects are in another form. */
async function held(form: 'old' | 'new', by: 'listing' | 'events'): Promise<Json> {
  const fake = new FakeStripe(`rk_test_version_${form}_${by}`)
  fill(fake)
  const paidBy = new Map<unknown, unknown>()
  for (const { id, payments } of fake.all('invoice'))
    for (const { payment } of (payments as { readonly data: readonly { readonly payment: Json }[] }).data)
      paidBy.set(payment['payment_intent'], id)
  const old = (object: Json): Record<string, unknown> => ofOldVersion(object, paidBy)
  if (form === 'old') {
    fake.shape = old
    // It is newer than that version.
    fake.lacks.push('invoice_payments')
  }
  const tenant = await StripeTenant.connected({ fake, sync: by === 'listing' })
  if (by === 'events')
    for (const event of fake.all('event')) {
      const object = (event['data'] as { readonly object: Json }).object
      const told = form === 'new' ? { api_version: '2022-11-15', data: { object: old(object) } } : {}
      await tenant.deliver({ ...event, ...told })
    }
  await tenant.settled()
  expect(await tenant.list('PaymentFinding')).toEqual([])
  return tenant.mirrored()
}

test('objects and events of an older version of the API end in the same entities', async () => {
  const now = await held('new', 'listing')
  expect(now).toMatchObject({ 'Subscription sub_000008': { amount: 2_500, quantity: 2, status: 'PastDue' } })
  for (const [form, by] of [
    ['new', 'events'],
    ['old', 'listing'],
    ['old', 'events'],
  ] as const)
    expect(withoutTimes(await held(form, by)), `${form} ${by}`).toEqual(withoutTimes(now))
})

/** Accounts are made within some seconds of each other. */
function withoutTimes(entities: Json): Json {
  return JSON.parse(
    JSON.stringify(entities, (name, value: unknown) => (/At$|Start$|End$|Anchor$/.test(name) ? undefined : value)),
  ) as Json
}
