// `verify` of books that were damaged below the write path: each amount that another record contradicts is reported.

import { env, runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask } from '../../test/ask-tenant.ts'
import { EntitiesOf } from '../../test/entities-of.ts'
import { caller } from '../../test/generated-tenant.ts'

const stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
const tenant = new EntitiesOf(stub, caller)

async function breaches(): Promise<readonly string[]> {
  const answer = await ask(stub, caller, { kind: 'command', command: 'lake.verify' })
  if (!answer.ok) throw new Error(answer.error.message)
  return (JSON.parse(answer.body) as { readonly breaches: readonly string[] }).breaches
}

/** Writes a value into the table of the present, as no write could. Returns the value that was there. */
function damage(noun: string, column: string, { id, value }: { readonly id: string; readonly value: unknown }) {
  return runInDurableObject(stub, (_, { storage: { sql } }) => {
    // A column's name ends with how its values are stored: `refundedAmount:integer`.
    const { name } = sql
      .exec<{ name: string }>(
        `SELECT name FROM pragma_table_info(?) WHERE name = ? OR name LIKE ? || ':%' LIMIT 1`,
        noun,
        column,
        column,
      )
      .one()
    const [row] = sql.exec(`SELECT "${name}" AS value FROM "${noun}" WHERE "$id" = ?`, id)
    sql.exec(`UPDATE "${noun}" SET "${name}" = ? WHERE "$id" = ?`, value, id)
    return row?.['value']
  })
}

/** Amounts and references that another record or the same one contradicts, if they are wrong. */
const places = [
  ['Payment', 'refundedAmount'],
  ['Payment', 'amount'],
  ['Refund', 'amount'],
  ['CreditNote', 'prePaymentAmount'],
  ['CreditNote', 'postPaymentAmount'],
  ['Invoice', 'amountPaid'],
  ['Invoice', 'creditedAmount'],
  ['Invoice', 'creditedAfterPayment'],
  ['Invoice', 'refundedAmount'],
  ['Invoice', 'amountDue'],
  ['Invoice', 'subtotal'],
  ['Invoice', 'tax'],
  ['Invoice', 'total'],
  ['LineItem', 'amount'],
  ['LineItem', 'taxAmount'],
  ['LineItem', 'netAmount'],
  ['SubscriptionItem', 'netAmount'],
  ['Subscription', 'itemsAmount'],
] as const

test('each damaged amount is reported, and sound books have no breach', async () => {
  const customer = (await tenant.write('Customer.create', { name: 'Ada' })).$id
  const taxRate = (await tenant.write('TaxRate.create', { displayName: 'VAT', percentage: 20 })).$id
  const draft = (await tenant.write('Invoice.create', { customer, subtotal: 0, total: 0, amountDue: 0 })).$id
  for (const unitAmount of [1_000, 4_000])
    await tenant.write('LineItem.create', { invoice: draft, unitAmount, quantity: 2, taxRate })
  await tenant.write('Invoice.finalize', {}, { id: draft })
  await tenant.write('Invoice.credit', { amount: 500 }, { id: draft })
  await tenant.write('Invoice.pay', { amount: 1_500 }, { id: draft })
  await tenant.write('Invoice.pay', {}, { id: draft })
  await tenant.write('Invoice.credit', { amount: 700 }, { id: draft })
  for (const payment of await tenant.list('Payment'))
    for (const amount of [100, 200]) await tenant.write('Payment.refund', { amount }, { id: payment.$id })
  const subscription = (await tenant.write('Subscription.create', { customer, amount: 900, status: 'Active' })).$id
  await tenant.write('SubscriptionItem.create', { subscription, unitAmount: 300, quantity: 3 })
  expect(await breaches()).toEqual([])

  const ids = new Map<string, readonly string[]>()
  for (const [noun] of places)
    ids.set(
      noun,
      (await tenant.list(noun)).map(({ $id }) => $id),
    )
  const delta = fc.integer({ min: -400, max: 400 }).filter((value) => value !== 0)
  let seen = 0
  for (const [noun, column] of places)
    await fc.assert(
      fc.asyncProperty(fc.nat(9), delta, async (at, by) => {
        const known = ids.get(noun) ?? []
        const id = known[at % known.length] ?? ''
        const before = await damage(noun, column, { id, value: null })
        await damage(noun, column, { id, value: Number(before ?? 0) + by })
        expect((await breaches()).length, `${noun}.${column} of ${id} is off by ${by}`).toBeGreaterThan(0)
        await damage(noun, column, { id, value: before })
        seen++
      }),
      { numRuns: Number(process.env['RUNS'] ?? 1) },
    )
  expect(seen).toBeGreaterThanOrEqual(places.length)
  expect(await breaches()).toEqual([])
})

test('a payment in another currency, a customer of another invoice and a circle are reported', async () => {
  const [invoice] = await tenant.list('Invoice')
  const [payment] = await tenant.list('Payment')
  const other = (await tenant.write('Customer.create', { name: 'Bo' })).$id
  const boss = (await tenant.write('Contact.create', { name: 'Boss' })).$id
  const report = (await tenant.write('Contact.create', { name: 'Report', manager: boss })).$id
  await damage('Payment', 'currency', { id: payment?.$id ?? '', value: 'EUR' })
  await damage('Invoice', 'customer', { id: invoice?.$id ?? '', value: other })
  await damage('Contact', 'manager', { id: boss, value: report })
  const found = (await breaches()).join('\n')
  expect(found).toContain(`'${payment?.$id}': Payment: field 'currency' breaks the rule 'currency = invoice.currency'`)
  expect(found).toContain(`'${payment?.$id}': Payment: field 'customer' breaks the rule 'customer = invoice.customer'`)
  for (const id of [boss, report]) expect(found).toContain(`'${id}': Contact: field 'manager' puts it under itself`)
})

test('a coupon that counts fewer redemptions than its items have is reported', async () => {
  const [subscription] = await tenant.list('Subscription')
  const [customer] = await tenant.list('Customer')
  const coupon = (await tenant.write('Coupon.create', { name: 'c', percentOff: 10, duration: 'Once' })).$id
  await tenant.write('SubscriptionItem.create', { subscription: subscription?.$id, unitAmount: 400, coupon })
  const invoice = (await tenant.write('Invoice.create', { customer: customer?.$id })).$id
  for (const unitAmount of [700, 800]) await tenant.write('LineItem.create', { invoice, unitAmount, coupon })
  const ofCoupon = async (): Promise<readonly string[]> =>
    (await breaches()).filter((breach) => breach.includes(coupon))
  expect(await ofCoupon()).toEqual([])
  await damage('Coupon', 'timesRedeemed', { id: coupon, value: 2 })
  expect(await ofCoupon()).toEqual([expect.stringContaining('timesRedeemed')])
})
