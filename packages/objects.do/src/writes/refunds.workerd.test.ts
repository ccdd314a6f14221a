// Refunds and credit notes as records: each is made in the commit of its verb, sums equal the records, and never more is paid
// back or credited than was paid or billed.

import { env } from 'cloudflare:test'
import fc from 'fast-check'
import type { Entity } from 'digital-objects'
import { beforeEach, expect, test } from 'vitest'
import { MemoryObjectStore } from '@dotdo/db'
import { ask, askRead, toRead } from '../../test/ask-tenant.ts'
import { EntitiesOf } from '../../test/entities-of.ts'
import { caller } from '../../test/generated-tenant.ts'
import { paymentServices } from '../../test/payment-services.ts'
import { makeFileCache, putTenantFiles } from '../../test/tenant-files.ts'
import { answerFromFiles } from '../calls/answer-from-files.ts'
import { builtInWith } from '../entities/built-in-nouns.ts'

let stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
let tenant: EntitiesOf
beforeEach(() => {
  stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
  tenant = new EntitiesOf(stub, caller)
})

const sumOf = (entities: readonly Entity[], field: string): number =>
  entities.reduce((sum, entity) => sum + Number(entity[field] ?? 0), 0)

async function paid(amount: number): Promise<{ readonly invoice: string; readonly payment: string }> {
  const customer = (await tenant.write('Customer.create', { name: 'Ada' })).$id
  const invoice = (await tenant.write('Invoice.finalize', { subtotal: amount, customer })).$id
  await tenant.write('Invoice.pay', {}, { id: invoice })
  const payments = await tenant.list('Payment', { filter: JSON.stringify({ invoice }) })
  return { invoice, payment: payments[0]?.$id ?? '' }
}

test('each refund of a part is a record of the same commit, and all together are at most the payment', async () => {
  const { invoice, payment } = await paid(5_000)
  const [customer] = await tenant.list('Customer')
  await tenant.write('Payment.refund', { amount: 1_000, reason: 'duplicate' }, { id: payment })
  await tenant.write('Payment.refund', { amount: 1_500 }, { id: payment })
  expect(await tenant.codeOf('Payment.refund', { amount: 2_501 }, { id: payment })).toBe('validation_error')
  expect(await tenant.list('Refund')).toMatchObject([
    { amount: 1_000, reason: 'duplicate', currency: 'USD', payment, invoice, customer: customer?.$id },
    { amount: 1_500 },
  ])
  const rest = await tenant.write('Payment.refund', {}, { id: payment })
  expect(rest).toMatchObject({ status: 'Refunded', refundedAmount: 5_000, netAmount: 0 })
  expect((await tenant.list('Refund')).map(({ amount }) => amount)).toEqual([1_000, 1_500, 2_500])
  expect(await tenant.codeOf('Payment.refund', { amount: 1 }, { id: payment })).toBe('invalid_transition')
  const last = (await tenant.events()).slice(-3)
  expect(last.map(({ type }) => type)).toEqual(['Payment.Refunded', 'Refund.Created', 'Invoice.RefundCounted'])
  expect(new Set(last.map(({ commit }) => commit)).size).toBe(1)
  expect(last[1]).toMatchObject({ causedBy: last[0]?.id, via: 'effect' })
})

test('of refunds and credits that race, those that fit are made and the others refused', async () => {
  const { invoice, payment } = await paid(1_000)
  const refunds = Array.from({ length: 8 }, () => tenant.codeOf('Payment.refund', { amount: 300 }, { id: payment }))
  const credits = Array.from({ length: 8 }, () => tenant.codeOf('Invoice.credit', { amount: 300 }, { id: invoice }))
  const codes = (await Promise.all([...refunds, ...credits])).toSorted()
  expect(codes.filter((code) => code === 'ok')).toHaveLength(3)
  expect(codes.filter((code) => code === 'validation_error')).toHaveLength(13)
  const [refunded, credited] = [await tenant.list('Refund'), await tenant.list('CreditNote')]
  expect(sumOf(refunded, 'amount') + sumOf(credited, 'postPaymentAmount')).toBe(900)
})

test('refunds and credits of an invoice are together at most what was paid, unless a refund pays out a credit', async () => {
  const { invoice, payment } = await paid(1_000)
  await tenant.write('Invoice.credit', { amount: 1_000 }, { id: invoice })
  const refused = await tenant.send('Payment.refund', {}, { id: payment })
  expect(refused).toMatchObject({ ok: false, error: { code: 'validation_error', field: 'refundedAmount' } })
  const creditNote = (await tenant.list('CreditNote'))[0]?.$id ?? ''
  const payOut = (amount: number, note = creditNote): Promise<string> =>
    tenant.codeOf('Payment.refund', { amount, creditNote: note, pending: true }, { id: payment })
  expect([await payOut(600), await payOut(500)]).toEqual(['ok', 'validation_error'])
  expect(await tenant.get('CreditNote', creditNote)).toMatchObject({ refundedAmount: 600 })
  expect(await tenant.get('Invoice', invoice)).toMatchObject({ refundedAmount: 600, refundedCredits: 600 })
  const [refund] = await tenant.list('Refund')
  expect(refund).toMatchObject({ amount: 600, creditNote })
  await tenant.write('Refund.fail', {}, { id: refund?.$id ?? '' })
  expect(await tenant.get('Invoice', invoice)).toMatchObject({ refundedAmount: 0, refundedCredits: 0 })
  expect(await tenant.codeOf('Payment.refund', {}, { id: payment })).toBe('validation_error')
  expect(await payOut(1_000)).toBe('ok')
  // A credit of another invoice is none of this payment's.
  const other = (await tenant.write('Invoice.finalize', { subtotal: 500 })).$id
  await tenant.write('Invoice.pay', {}, { id: other })
  await tenant.write('Invoice.credit', { amount: 500 }, { id: other })
  const foreign = (await tenant.list('CreditNote')).at(-1)?.$id ?? ''
  const { payment: whole } = await paid(500)
  expect(await tenant.codeOf('Payment.refund', { creditNote: foreign }, { id: whole })).toBe('invalid_reference')
  // The other way round: what was refunded cannot be credited.
  const { payment: last, invoice: billed } = await paid(500)
  await tenant.write('Payment.refund', { amount: 400 }, { id: last })
  expect(await tenant.codeOf('Invoice.credit', { amount: 101 }, { id: billed })).toBe('validation_error')
  expect(await tenant.codeOf('Invoice.credit', { amount: 100 }, { id: billed })).toBe('ok')
})

test('a credit creates a credit note with a number without gaps, before and after the payment', async () => {
  const open = (await tenant.write('Invoice.finalize', { subtotal: 1_000 })).$id
  await tenant.write('Invoice.credit', { amount: 400, reason: 'order_change' }, { id: open })
  expect(await tenant.codeOf('Invoice.credit', { amount: 601 }, { id: open })).toBe('validation_error')
  await tenant.send('Invoice.credit', { amount: 100 }, { id: open, isDryRun: true })
  await tenant.write('Invoice.pay', {}, { id: open })
  await tenant.write('Invoice.credit', { amount: 250 }, { id: open })
  const year = new Date().getUTCFullYear()
  expect(await tenant.list('CreditNote')).toMatchObject([
    { number: `CN-${year}-0001`, amount: 400, prePaymentAmount: 400, reason: 'order_change', invoice: open },
    { number: `CN-${year}-0002`, amount: 250, prePaymentAmount: 0, postPaymentAmount: 250 },
  ])
  expect(await tenant.get('Invoice', open, { include: 'creditNotes,payments.refunds' })).toMatchObject({
    creditNotes: [{ amount: 250 }, { amount: 400 }],
    payments: [{ amount: 600, refunds: [] }],
  })
})

test('records of money are neither made, changed nor deleted by hand, and their verbs cannot be undone', async () => {
  const { payment, invoice } = await paid(1_000)
  await tenant.write('Payment.refund', { amount: 100 }, { id: payment })
  await tenant.write('Invoice.credit', { amount: 100 }, { id: invoice })
  const refunded = (await tenant.events()).find(({ type }) => type === 'Payment.Refunded')?.commit
  const undone = await ask(stub, caller, {
    kind: 'write',
    noun: '',
    verb: 'commits.undo',
    id: String(refunded),
    body: '',
  })
  expect(undone).toMatchObject({ ok: false, error: { code: 'undo_irreversible' } })

  for (const [noun, body] of [
    ['Refund', { payment, amount: 5 }],
    ['CreditNote', { invoice, prePaymentAmount: 5 }],
  ] as const) {
    const id = (await tenant.list(noun))[0]?.$id ?? ''
    expect(await tenant.codeOf(`${noun}.create`, body)).toBe('verb_disabled')
    expect(await tenant.codeOf(`${noun}.delete`, {}, { id })).toBe('verb_disabled')
    expect(await tenant.codeOf(`${noun}.update`, { currency: 'EUR' }, { id })).toBe('conflict')
    expect(await tenant.codeOf(`${noun}.update`, { reason: 'fraudulent', metadata: { a: 1 } }, { id })).toBe('ok')
  }
  expect(await tenant.codeOf('Customer.delete', {}, { id: (await tenant.list('Customer'))[0]?.$id ?? '' })).toBe(
    'conflict',
  )
})

test('the records are as they were at any earlier time', async () => {
  const { payment } = await paid(1_000)
  const times: string[] = []
  for (const amount of [100, 200, 300]) {
    const refunded = await tenant.write('Payment.refund', { amount }, { id: payment })
    times.push(refunded.$updatedAt)
    await new Promise((done) => setTimeout(done, 3))
  }
  const sums = await Promise.all(times.map(async (asOf) => sumOf(await tenant.list('Refund', { asOf }), 'amount')))
  expect(sums).toEqual([100, 300, 600])
})

test('files answer reads of the records as the object does', async () => {
  const { payment } = await paid(1_000)
  for (const amount of [100, 200]) await tenant.write('Payment.refund', { amount }, { id: payment })
  const builtIn = builtInWith(paymentServices)
  const store = new MemoryObjectStore()
  const manifest = await putTenantFiles({ store, stub, caller, cuts: [0.5], schemas: builtIn })
  const files = { store, manifest, cache: makeFileCache(), builtIn }
  const reads = [
    { read: 'find', noun: 'Refund', parameters: { filter: '{"amount":{"$gt":150}}', include: 'payment' } },
    { read: 'find', noun: 'Payment', parameters: { include: 'refunds' } },
    { read: 'aggregate', noun: 'Refund', parameters: { sum: 'amount', by: 'payment.status' } },
  ]
  for (const given of reads) {
    const [fromFiles, fromObject] = [
      await answerFromFiles(files, { caller, call: toRead(given) }),
      await askRead(stub, caller, given),
    ]
    expect(fromFiles?.body).toBe(fromObject.ok ? fromObject.body : '')
    expect(fromFiles?.body).toContain('00')
  }
})

test('a refund that fails or is cancelled gives its amount back, and what is pending counts until then', async () => {
  const { payment } = await paid(1_000)
  await tenant.write('Payment.refund', { amount: 700, pending: true }, { id: payment })
  await tenant.write('Payment.refund', { amount: 300 }, { id: payment })
  expect(await tenant.get('Payment', payment)).toMatchObject({ status: 'Refunded', refundedAmount: 1_000 })
  const [pending, made] = (await tenant.list('Refund')).toSorted((a, b) => Number(b['amount']) - Number(a['amount']))
  expect([pending, made]).toMatchObject([{ status: 'Pending' }, { status: 'Succeeded' }])
  expect(pending).not.toHaveProperty('refundedAt')
  expect(await tenant.codeOf('Refund.update', { status: 'Succeeded' }, { id: pending?.$id ?? '' })).toBe('conflict')
  expect(await tenant.codeOf('Refund.cancel', {}, { id: made?.$id ?? '' })).toBe('invalid_transition')
  await tenant.write('Refund.cancel', {}, { id: pending?.$id ?? '' })
  expect(await tenant.get('Payment', payment)).toMatchObject({
    status: 'Succeeded',
    refundedAmount: 300,
    netAmount: 700,
  })
  await tenant.write('Refund.fail', { failureReason: 'lost_or_stolen_card' }, { id: made?.$id ?? '' })
  expect(await tenant.get('Payment', payment)).toMatchObject({
    status: 'Succeeded',
    refundedAmount: 0,
    netAmount: 1_000,
  })
  for (const verb of ['succeed', 'fail', 'cancel'] as const)
    expect(await tenant.codeOf(`Refund.${verb}`, {}, { id: made?.$id ?? '' }), verb).toBe(
      verb === 'fail' ? 'ok' : 'invalid_transition',
    )
  expect(await tenant.codeOf('Payment.takeBack', { amount: 1 }, { id: payment })).toBe('forbidden')
})

const acts = fc.array(
  fc.record({
    verb: fc.constantFrom(
      'Invoice.pay',
      'Invoice.credit',
      'Payment.refund',
      'Payment.capture',
      'Invoice.void',
      'Refund.succeed',
      'Refund.fail',
      'Refund.cancel',
    ),
    pending: fc.boolean(),
    paysOut: fc.boolean(),
    amount: fc.constantFrom(undefined, 1, 30, 70, 100),
    on: fc.nat(3),
    isRaced: fc.boolean(),
  }),
  { minLength: 5, maxLength: 25 },
)

test('generated refunds, credits and captures, some at once, keep every sum equal to its records', async () => {
  let [refunds, credits] = [0, 0]
  await fc.assert(
    fc.asyncProperty(acts, async (sequence) => {
      stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
      tenant = new EntitiesOf(stub, caller)
      await tenant.write('Invoice.finalize', { subtotal: 100 })
      const second = await tenant.write('Invoice.finalize', { subtotal: 70 })
      await tenant.write('Payment.create', { invoice: second.$id, amount: 70 })
      for (const { verb, amount, pending, paysOut, on, isRaced } of sequence) {
        const [noun = ''] = verb.split('.')
        const known = await tenant.list(noun)
        const id = known[on % Math.max(1, known.length)]?.$id ?? ''
        const given = noun === 'Refund' || amount === undefined ? {} : { amount }
        const credits = paysOut ? await tenant.list('CreditNote') : []
        const creditNote = credits[on % Math.max(1, credits.length)]?.$id
        const body = verb === 'Payment.refund' ? { ...given, pending, creditNote } : given
        const send = (): Promise<unknown> => tenant.send(verb, body, { id })
        await Promise.all(isRaced ? [send(), send(), send()] : [send()])
      }
      const [made, notes] = [await tenant.list('Refund'), await tenant.list('CreditNote')]
      refunds += made.length
      credits += notes.length
      for (const payment of await tenant.list('Payment')) {
        const counted = made.filter(({ status }) => status === 'Succeeded' || status === 'Pending')
        const own = counted.filter((refund) => refund['payment'] === payment.$id)
        expect(sumOf(own, 'amount')).toBe(Number(payment['refundedAmount'] ?? 0))
        expect(sumOf(own, 'amount')).toBeLessThanOrEqual(
          payment['capturedAt'] === undefined ? 0 : Number(payment['amount']),
        )
      }
      for (const invoice of await tenant.list('Invoice')) {
        const own = notes.filter((note) => note['invoice'] === invoice.$id)
        expect(sumOf(own, 'prePaymentAmount')).toBe(Number(invoice['creditedAmount'] ?? 0))
        expect(sumOf(own, 'postPaymentAmount')).toBe(Number(invoice['creditedAfterPayment'] ?? 0))
        const returned = made.filter(
          (refund) => refund['invoice'] === invoice.$id && ['Succeeded', 'Pending'].includes(String(refund['status'])),
        )
        const payouts = returned.filter((refund) => refund['creditNote'] !== undefined)
        expect([invoice['refundedAmount'] ?? 0, invoice['refundedCredits'] ?? 0]).toEqual([
          sumOf(returned, 'amount'),
          sumOf(payouts, 'amount'),
        ])
        const givenBack = sumOf(own, 'postPaymentAmount') + sumOf(returned, 'amount') - sumOf(payouts, 'amount')
        expect(givenBack).toBeLessThanOrEqual(Number(invoice['amountPaid'] ?? 0))
        for (const note of own) {
          const part = payouts.filter((refund) => refund['creditNote'] === note.$id)
          expect(sumOf(part, 'amount')).toBe(Number(note['refundedAmount'] ?? 0))
          expect(sumOf(part, 'amount')).toBeLessThanOrEqual(Number(note['postPaymentAmount'] ?? 0))
        }
        for (const note of own)
          expect(note['amount']).toBe(sumOf([note], 'prePaymentAmount') + sumOf([note], 'postPaymentAmount'))
      }
      expect(notes.map(({ number }) => Number(String(number).slice(-4)))).toEqual(notes.map((_, at) => at + 1))
    }),
    { numRuns: Number(process.env['RUNS'] ?? 8) },
  )
  expect(refunds + credits).toBeGreaterThan(3)
})
