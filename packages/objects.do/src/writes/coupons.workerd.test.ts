// How long coupons last: for the first bill of an item, for those of some months, or for all. Bills of generated subscriptions
// are compared with a calendar library.

import { env } from 'cloudflare:test'
import fc from 'fast-check'
import { DateTime } from 'luxon'
import type { Entity } from 'digital-objects'
import { beforeEach, expect, test } from 'vitest'
import { ask } from '../../test/ask-tenant.ts'
import { EntitiesOf } from '../../test/entities-of.ts'
import { caller } from '../../test/generated-tenant.ts'

let stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
let tenant: EntitiesOf

async function tell(verb: string, body: object): Promise<void> {
  const call = { kind: 'write', noun: '', verb, body: JSON.stringify(body) } as const
  expect(await ask(stub, caller, call)).toMatchObject({ ok: true })
}

const advance = (duration: string): Promise<void> => tell('clock.set', { advance: duration })

async function open(now = '2026-01-31T10:00:00Z'): Promise<void> {
  stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
  tenant = new EntitiesOf(stub, caller)
  await tell('clock.set', { now })
  // Unpaid bills end no subscription.
  await tell('settings.patch', { unpaidSubscription: 'PastDue' })
}
beforeEach(() => open())

async function subscribed(body: object = {}): Promise<Entity> {
  const customer = (await tenant.write('Customer.create', { name: 'Ada' })).$id
  return tenant.write('Subscription.create', { customer, amount: 1_000, status: 'Active', ...body })
}

/** Returns the discounts of the subscription's renewals, the first one first. */
async function discounts(subscription: string): Promise<readonly number[]> {
  const bills = await tenant.list('Invoice', { filter: JSON.stringify({ subscription }), sort: 'periodStart' })
  return bills.slice(1).map(({ discount }) => Number(discount ?? 0))
}

test('a coupon discounts the first bill, those of its months, or all of them', async () => {
  const subscription = (await subscribed()).$id
  for (const terms of [{ duration: 'Once' }, { duration: 'Repeating', durationInMonths: 3 }, {}]) {
    const coupon = (await tenant.write('Coupon.create', { name: 'c', amountOff: 100, ...terms })).$id
    await tenant.write('SubscriptionItem.create', { subscription, unitAmount: 500, coupon })
  }
  await advance('P5M1D')
  expect(await discounts(subscription)).toEqual([300, 200, 200, 100, 100])
  const [once, months, forever] = await tenant.list('SubscriptionItem')
  expect(once).toMatchObject({ discountDuration: 'Once', netAmount: 500, discountEndedAt: expect.any(String) })
  // The last bill with a discount, on the last day of April, ends it: the next one is later than its end.
  expect(months).toMatchObject({ netAmount: 500, discountEndsAt: expect.stringMatching(/^2026-04-30T10:00/) })
  expect(String(months?.['discountEndedAt'])).toMatch(/^2026-04-30T10:00/)
  for (const item of [once, months]) expect(item).not.toHaveProperty('coupon')
  expect(forever).toMatchObject({ discountDuration: 'Forever', netAmount: 400 })
  expect(await tenant.get('Subscription', subscription)).toMatchObject({ itemsAmount: 1_400 })
  expect((await tenant.list('Coupon')).map(({ timesRedeemed }) => timesRedeemed)).toEqual([1, 1, 1])
})

test('the terms of a coupon fit together, and never change', async () => {
  for (const terms of [
    { duration: 'Repeating' },
    { duration: 'Once', durationInMonths: 2 },
    { durationInMonths: 2 },
    { duration: 'Repeating', durationInMonths: 0 },
  ])
    expect(await tenant.codeOf('Coupon.create', { name: 'c', percentOff: 5, ...terms })).toBe('validation_error')
  const coupon = (await tenant.write('Coupon.create', { name: 'c', percentOff: 5, duration: 'Once' })).$id
  expect(await tenant.codeOf('Coupon.update', { duration: 'Forever' }, { id: coupon })).toBe('conflict')
  const subscription = (await subscribed()).$id
  const item = { subscription, unitAmount: 500, coupon }
  for (const own of [{ discountDuration: 'Forever' }, { discountEndsAt: '2030-01-01T00:00:00Z' }])
    expect(await tenant.codeOf('SubscriptionItem.create', { ...item, ...own })).toBe('conflict')
  const { $id: id } = await tenant.write('SubscriptionItem.create', item)
  expect(await tenant.codeOf('SubscriptionItem.endDiscount', {}, { id })).toBe('forbidden')
  for (const own of [{ discountDuration: 'Forever' }, { redemptions: 0 }, { coupon: null }])
    expect(await tenant.codeOf('SubscriptionItem.update', own, { id })).toBe('conflict')
})

test('a pause does not prolong a discount of some months, and keeps that of the first bill', async () => {
  const subscription = (await subscribed()).$id
  for (const terms of [{ duration: 'Once' }, { duration: 'Repeating', durationInMonths: 3 }]) {
    const coupon = (await tenant.write('Coupon.create', { name: 'c', percentOff: 10, ...terms })).$id
    await tenant.write('SubscriptionItem.create', { subscription, unitAmount: 500, coupon })
  }
  await tenant.write('Subscription.pause', {}, { id: subscription })
  await advance('P4M')
  await tenant.write('Subscription.reactivate', {}, { id: subscription })
  await advance('P1M')
  expect(await discounts(subscription)).toEqual([50, 0])
})

test('a discount that ends before the next bill is never given', async () => {
  const price = (await tenant.write('Price.create', { amount: 9_000, interval: 'Yearly' })).$id
  const subscription = (await subscribed({ price, amount: undefined })).$id
  const terms = { name: 'c', percentOff: 10, duration: 'Repeating', durationInMonths: 6 }
  const coupon = (await tenant.write('Coupon.create', terms)).$id
  const item = await tenant.write('SubscriptionItem.create', { subscription, unitAmount: 500, coupon })
  expect(await tenant.get('SubscriptionItem', item.$id)).toMatchObject({ netAmount: 500 })
  expect(await tenant.get('Coupon', coupon)).toMatchObject({ timesRedeemed: 1 })
  expect(await tenant.get('Subscription', subscription)).toMatchObject({ itemsAmount: 500 })
})

const offer = fc.record({
  terms: fc.oneof(
    fc.constantFrom({ duration: 'Once' }, { duration: 'Forever' }),
    fc.integer({ min: 1, max: 14 }).map((durationInMonths) => ({ duration: 'Repeating', durationInMonths })),
  ),
  off: fc.oneof(
    fc.integer({ min: 1, max: 100 }).map((percentOff) => ({ percentOff })),
    fc.integer({ min: 1, max: 900 }).map((amountOff) => ({ amountOff })),
  ),
  afterDays: fc.nat(40),
  unitAmount: fc.integer({ min: 900, max: 90_000 }),
})
const year = fc.record({
  start: fc.date({ min: new Date('2024-01-01'), max: new Date('2027-12-31'), noInvalidDate: true }),
  timeZone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata'),
  every: fc.constantFrom(1, 1, 2, 3, 12),
  offers: fc.array(offer, { minLength: 1, maxLength: 3 }),
})

test('generated subscriptions bill each discount in the periods that begin before its end', async () => {
  let discounted = 0
  await fc.assert(
    fc.asyncProperty(year, async ({ start, timeZone, every, offers }) => {
      await open(start.toISOString())
      const customer = (await tenant.write('Customer.create', { name: 'Ada', timeZone })).$id
      const terms = { amount: 0, interval: 'Monthly', intervalCount: every }
      const price = (await tenant.write('Price.create', terms)).$id
      const subscription = await tenant.write('Subscription.create', { customer, price })
      const given: { readonly item: Entity; readonly offer: (typeof offers)[number] }[] = []
      for (const each of offers.toSorted((a, b) => a.afterDays - b.afterDays)) {
        const days = each.afterDays - (given.at(-1)?.offer.afterDays ?? 0)
        if (days > 0) await advance(`P${days}D`)
        const coupon = (await tenant.write('Coupon.create', { name: 'c', ...each.terms, ...each.off })).$id
        const line = { subscription: subscription.$id, unitAmount: each.unitAmount, coupon }
        given.push({ item: await tenant.write('SubscriptionItem.create', line), offer: each })
      }
      await advance('P14M')
      const bills = (await tenant.list('Invoice', { sort: 'periodStart' })).slice(1)
      expect(bills.length).toBeGreaterThan(0)
      const lines = await tenant.list('LineItem')
      for (const { item, offer: of } of given) {
        const added = DateTime.fromISO(item.$createdAt).setZone(timeZone)
        const own = bills.filter(({ periodStart }) => DateTime.fromISO(String(periodStart)) > added)
        for (const [at, bill] of own.entries()) {
          const begins = DateTime.fromISO(String(bill['periodStart']))
          const months = 'durationInMonths' in of.terms ? of.terms.durationInMonths : 0
          const isDiscounted =
            of.terms.duration === 'Forever' ||
            (of.terms.duration === 'Once' ? at === 0 : begins < added.plus({ months }))
          const off = 'percentOff' in of.off ? Math.round((of.unitAmount * of.off.percentOff) / 100) : of.off.amountOff
          const line = lines.find((each) => each['invoice'] === bill.$id && each['subscriptionItem'] === item.$id)
          expect(line?.['discountAmount'], `bill ${at + 1}, ${String(bill['periodStart'])}`).toBe(
            isDiscounted ? off : 0,
          )
          expect(line?.['coupon']).toBe(isDiscounted ? item['coupon'] : undefined)
          if (isDiscounted) discounted++
        }
      }
      expect((await tenant.list('Coupon')).map(({ timesRedeemed }) => timesRedeemed)).toEqual(given.map(() => 1))
    }),
    { numRuns: Number(process.env['RUNS'] ?? 3) },
  )
  expect(discounted).toBeGreaterThan(0)
})
