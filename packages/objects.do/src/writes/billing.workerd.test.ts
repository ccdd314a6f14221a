// Billing in a tenant's object: the effects of its verbs on other entities, and generated sequences of verbs and updates, which
// never reach records that contradict each other.

import { env } from 'cloudflare:test'
import fc from 'fast-check'
import { type Entity, ObjectError, type ObjectEvent } from 'digital-objects'
import { beforeEach, expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { caller } from '../../test/generated-tenant.ts'
import type { Answer } from '../answers/answer.ts'

type Json = Readonly<Record<string, unknown>>

let stub = env.TENANTS.get(env.TENANTS.newUniqueId())
beforeEach(() => {
  stub = env.TENANTS.get(env.TENANTS.newUniqueId())
})

interface Asked {
  readonly id?: string
  readonly isDryRun?: true
}

function send(noun: string, verb: string, body: Json = {}, asked: Asked = {}): Promise<Answer> {
  return ask(stub, caller, { kind: 'write', noun, verb, body: JSON.stringify(body), ...asked })
}

async function write(noun: string, verb: string, body: Json = {}, asked: Asked = {}): Promise<Entity> {
  const answer = await send(noun, verb, body, asked)
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body) as Entity
}

async function list(noun: string): Promise<readonly Entity[]> {
  const answer = await askRead(stub, caller, { read: 'find', noun, parameters: { limit: '100', sort: '$createdAt' } })
  if (!answer.ok) throw new ObjectError(answer.error)
  return (JSON.parse(answer.body) as { readonly results: readonly Entity[] }).results
}

async function types(): Promise<readonly string[]> {
  const answer = await askRead(stub, caller, { read: 'events', parameters: { limit: '100' } })
  if (!answer.ok) throw new ObjectError(answer.error)
  return (JSON.parse(answer.body) as { readonly results: readonly ObjectEvent[] }).results.map(({ type }) => type)
}

async function subscribed(body: Json = {}): Promise<{ readonly subscription: string; readonly price: string }> {
  const plan = (await write('Plan', 'create', { name: 'Pro' })).$id
  const price = (await write('Price', 'create', { amount: 3_000, plan, interval: 'Monthly' })).$id
  const customer = (await write('Customer', 'create', { name: 'Ada' })).$id
  const subscription = (await write('Subscription', 'create', { price, customer, ...body })).$id
  return { subscription, price }
}

test('a subscription bills its first period, and a renewal the next one', async () => {
  const { subscription } = await subscribed({ quantity: 2 })
  const renewed = await write('Subscription', 'renew', {}, { id: subscription })
  const invoices = await list('Invoice')
  expect(invoices.map(({ number, total, status, subscription: of }) => [number, total, status, of])).toEqual([
    [expect.stringMatching(/^INV-\d{4}-0001$/), 6_000, 'Open', subscription],
    [expect.stringMatching(/^INV-\d{4}-0002$/), 6_000, 'Open', subscription],
  ])
  expect(invoices[1]).toMatchObject({
    lineItems: [{ description: 'Pro', quantity: 2, unitAmount: 3_000, amount: 6_000 }],
    periodStart: renewed['currentPeriodStart'],
    periodEnd: renewed['currentPeriodEnd'],
  })
})

test('a downgrade credits the rest of the period, and what exceeds the next invoice is carried on', async () => {
  const { subscription, price } = await subscribed({ quantity: 5 })
  await write('Subscription', 'downgrade', { price, quantity: 1 }, { id: subscription })
  await write('Subscription', 'renew', {}, { id: subscription })
  await write('Subscription', 'renew', {}, { id: subscription })
  const [first, second, third] = await list('Invoice')
  expect(first?.['total']).toBe(15_000)
  expect(second).toMatchObject({ total: 0, status: 'Paid' })
  expect(Number(second?.['total']) + Number(third?.['total'])).toBe(0)
  const after = (await list('Subscription'))[0]
  // 12,000 were credited, 3,000 a period are billed.
  expect(after?.['pendingItems']).toEqual([{ description: 'Credit from the last invoice', amount: -6_000 }])
})

test('paying creates the payment, and capturing a payment settles its invoice; nothing is counted twice', async () => {
  const { $id: one } = await write('Invoice', 'finalize', { subtotal: 5_000 })
  await write('Invoice', 'pay', { amount: 2_000 }, { id: one })
  const payment = await write('Payment', 'create', { invoice: one, amount: 3_000 })
  await write('Payment', 'capture', {}, { id: payment.$id })
  expect(await list('Invoice')).toMatchObject([{ status: 'Paid', amountPaid: 5_000, amountDue: 0 }])
  expect((await list('Payment')).map(({ amount, status }) => [amount, status])).toEqual([
    [2_000, 'Succeeded'],
    [3_000, 'Succeeded'],
  ])
  expect(await types()).toEqual([
    'Invoice.Finalized',
    'Invoice.Paid',
    'Payment.Captured',
    'Payment.Created',
    'Payment.Captured',
    'Invoice.Paid',
  ])
  const more = await send('Payment', 'capture', { invoice: one, amount: 1 })
  expect(more).toMatchObject({ ok: false, error: { code: 'invalid_transition' } })
  expect(await list('Payment')).toHaveLength(2)
})

test('a failed payment makes the subscription past due, and paying its invoice active again', async () => {
  const { subscription } = await subscribed()
  const [invoice] = await list('Invoice')
  const payment = await write('Payment', 'create', { invoice: invoice?.$id, amount: 3_000 })
  await write('Payment', 'fail', { failureCode: 'card_declined' }, { id: payment.$id })
  expect(await list('Subscription')).toMatchObject([{ $id: subscription, status: 'PastDue' }])
  await write('Invoice', 'pay', {}, { id: invoice?.$id ?? '' })
  expect(await list('Subscription')).toMatchObject([{ status: 'Active' }])
})

const amount = fc.constantFrom(1, 10, 60, 100, 1_000)
const act = fc.oneof(
  fc.record({ verb: fc.constantFrom('pay', 'credit', 'refund'), amount: fc.option(amount, { nil: undefined }) }),
  fc.record({
    verb: fc.constantFrom('finalize', 'void', 'markUncollectible', 'capture', 'fail', 'settle', 'create', 'delete'),
    amount: fc.constant(undefined),
  }),
  fc.record({
    verb: fc.constant('update'),
    set: fc.constantFrom(
      { status: 'Paid' },
      { status: 'Open' },
      { status: 'Pending' },
      { total: 1 },
      { subtotal: 7 },
      { amountPaid: 0 },
      { refundedAmount: 0 },
      { amount: 5 },
      { number: 'INV-1' },
    ),
    amount: fc.constant(undefined),
  }),
)
const acts = fc.array(fc.record({ act, on: fc.nat(5), isDryRun: fc.nat(4).map((nth) => nth === 0) }), {
  minLength: 10,
  maxLength: 30,
})

/** Performs one act, which may be refused. */
async function perform({ act: given, on, isDryRun }: { act: Json; on: number; isDryRun: boolean }): Promise<void> {
  const verb = String(given['verb'])
  const isEither = verb === 'update' || verb === 'delete'
  const isPayment = isEither ? on % 2 === 1 : ['refund', 'capture', 'fail'].includes(verb)
  const noun = isPayment ? 'Payment' : 'Invoice'
  const known = await list(noun)
  const id = known[on % Math.max(known.length, 1)]?.$id
  const dry = isDryRun ? ({ isDryRun: true } as const) : {}
  const args = given['amount'] === undefined ? {} : { amount: given['amount'] }
  if (verb === 'create') await send('Invoice', 'create', { subtotal: 100, tax: 20 }, dry)
  else if (id === undefined) return
  else if (verb === 'settle') await send('Payment', 'create', { invoice: id, amount: 60 }, dry)
  else await send(noun, verb, verb === 'update' ? (given['set'] as Json) : args, { id, ...dry })
}

test('no sequence of verbs and updates reaches records that contradict each other', async () => {
  let paid = 0
  await fc.assert(
    fc.asyncProperty(acts, async (sequence) => {
      stub = env.TENANTS.get(env.TENANTS.newUniqueId())
      await write('Invoice', 'create', { subtotal: 100, tax: 20 })
      await write('Invoice', 'finalize', { subtotal: 60 })
      for (const step of sequence) await perform(step)
      const [invoices, payments] = [await list('Invoice'), await list('Payment')]
      const numberOf = (entity: Entity, name: string): number => Number(entity[name] ?? 0)
      for (const invoice of invoices) {
        const own = payments.filter((payment) => payment['invoice'] === invoice.$id)
        const moved = own.filter(({ status }) => status === 'Succeeded' || status === 'Refunded')
        const [total, due] = [numberOf(invoice, 'total'), numberOf(invoice, 'amountDue')]
        expect(due).toBe(total - numberOf(invoice, 'amountPaid') - numberOf(invoice, 'creditedAmount'))
        expect(numberOf(invoice, 'amountPaid')).toBe(moved.reduce((sum, one) => sum + numberOf(one, 'amount'), 0))
        expect(due).toBeGreaterThanOrEqual(0)
        if (invoice['status'] === 'Paid') {
          paid++
          expect([due, typeof invoice['paidAt']]).toEqual([0, 'string'])
        } else expect(invoice['paidAt']).toBeUndefined()
        expect(typeof invoice['number']).toBe(
          ['Open', 'Paid', 'Uncollectible'].includes(String(invoice['status'])) ? 'string' : typeof invoice['number'],
        )
      }
      for (const payment of payments) {
        const [refunded, net] = [numberOf(payment, 'refundedAmount'), numberOf(payment, 'netAmount')]
        expect([refunded + net, payment['status'] === 'Refunded']).toEqual([payment['amount'], net === 0])
      }
      const numbers = invoices.flatMap(({ number }) => (typeof number === 'string' ? [number] : [])).toSorted()
      const counted = numbers.filter((number) => number !== 'INV-1').map((number) => Number(number.slice(-4)))
      expect(counted).toEqual(counted.map((_, at) => at + 1))
    }),
    // The first sequence pays what is open.
    { numRuns: 20, examples: [[[{ act: { verb: 'pay', amount: undefined }, on: 1, isDryRun: false }]]] },
  )
  expect(paid).toBeGreaterThan(0)
}, 60_000)
