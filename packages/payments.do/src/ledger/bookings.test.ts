// Bookings of generated changes: each adds up to 0, and all of a document together are what it adds to the accounts.

import fc from 'fast-check'
import type { EntityFields } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Amounts, accountNames } from './accounts.ts'
import { bookingsOf } from './bookings.ts'
import { type BookedNoun, bookedNouns, contributionsOf, differenceOf } from './contribution.ts'

const total = (amounts: Amounts): number => accountNames.reduce((sum, name) => sum + (amounts[name] ?? 0), 0)

function add(left: Amounts, right: Amounts): Amounts {
  return differenceOf(Object.fromEntries(accountNames.map((name) => [name, -(left[name] ?? 0)])), right)
}

const amount = fc.integer({ min: 0, max: 9_007_199_254 })
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const documents: Readonly<Record<BookedNoun, fc.Arbitrary<Record<string, unknown>>>> = {
  Invoice: fc
    .record({
      status: fc.constantFrom('Draft', 'Open', 'Paid', 'Voided', 'Uncollectible'),
      total: amount,
      taxes: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      parts: fc.tuple(...Array.from({ length: 3 }, () => fc.double({ min: 0, max: 1, noNaN: true }))),
      times: fc.record({
        issuedAt: time,
        voidedAt: maybe(time),
        uncollectibleAt: maybe(time),
        creditedAt: maybe(time),
      }),
    })
    .map(({ status, total: whole, taxes: [tax, includedTax], parts: [paid = 0, early = 0, late = 0], times }) => {
      const amountPaid = status === 'Voided' ? 0 : Math.floor(whole * paid)
      return {
        status,
        total: whole,
        tax: Math.floor((whole * tax) / 2),
        includedTax: Math.floor((whole * includedTax) / 2),
        amountPaid,
        creditedAmount: Math.floor((whole - amountPaid) * early),
        creditedAfterPayment: Math.floor(amountPaid * late),
        ...times,
      }
    }),
  Payment: fc.record({
    status: fc.constantFrom('Pending', 'Succeeded', 'Failed', 'Refunded'),
    amount,
    invoice: maybe(fc.constant('invoice_x')),
    capturedAt: maybe(time),
  }),
  Refund: fc.record({
    status: fc.constantFrom('Succeeded', 'Pending', 'Failed', 'Cancelled'),
    amount,
    invoice: maybe(fc.constant('invoice_x')),
    creditNote: maybe(fc.constant('creditnote_x')),
    refundedAt: maybe(time),
    failedAt: maybe(time),
  }),
  Dispute: fc
    .record({
      status: fc.constantFrom('NeedsResponse', 'UnderReview', 'Won', 'Lost', 'Closed'),
      withdrawnAmount: maybe(amount),
      back: fc.constantFrom(0, 0, 1, 0.5),
      withdrawnAt: maybe(time),
      reinstatedAt: maybe(time),
      fee: maybe(fc.integer({ min: 0, max: 5_000 })),
      feeCurrency: fc.constantFrom('EUR', 'USD'),
    })
    .map(({ back, ...dispute }) => ({
      ...dispute,
      reinstatedAmount: Math.floor((dispute.withdrawnAmount ?? 0) * back),
    })),
}

const histories = fc.constantFrom<BookedNoun>(...bookedNouns).chain((noun) =>
  fc.record({
    noun: fc.constant(noun),
    states: fc.array(
      fc.option(
        fc
          .tuple(documents[noun], fc.constantFrom('EUR', 'EUR', 'JPY', undefined))
          .map(([document, currency]) => ({ ...document, ...(currency === undefined ? {} : { currency }) })),
        { nil: undefined },
      ),
      { maxLength: 8 },
    ),
  }),
)

test('the bookings of any history balance, and add up to what the last state of the document says, in its currency', () => {
  fc.assert(
    fc.property(histories, ({ noun, states }) => {
      let before: EntityFields | undefined
      const booked = new Map<string | undefined, Amounts>()
      for (const state of states) {
        const after = state as EntityFields | undefined // generated as JSON
        for (const { currency, amounts } of bookingsOf({ noun, before, after })) {
          expect(total(amounts)).toBe(0)
          expect(Object.values(amounts).every((one) => Number.isSafeInteger(one) && one !== 0)).toBe(true)
          booked.set(currency, add(booked.get(currency) ?? {}, amounts))
        }
        before = after
      }
      const said = new Map(
        contributionsOf(noun, before).map(({ currency, amounts }) => [currency, differenceOf({}, amounts)]),
      )
      for (const currency of new Set([...booked.keys(), ...said.keys()]))
        expect(booked.get(currency) ?? {}).toEqual(said.get(currency) ?? {})
    }),
  )
})

test('credits in parts take back exactly the tax of the whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.array(fc.integer({ min: 1, max: 1e5 }), { maxLength: 9 }),
      (tax, credits) => {
        const whole = Math.max(
          tax * 5,
          credits.reduce((sum, one) => sum + one, 0),
        )
        const parts = [...credits, whole - credits.reduce((sum, one) => sum + one, 0)]
        let creditedAmount = 0
        let taken = 0
        for (const part of parts) {
          const before = { status: 'Open', total: whole, tax, creditedAmount }
          creditedAmount += part
          const [booking] = bookingsOf({ noun: 'Invoice', before, after: { ...before, creditedAmount } })
          taken += booking?.amounts.taxPayable ?? 0
        }
        expect(taken).toBe(tax)
      },
    ),
  )
})

test('an invoice that is loaded as uncollectible is issued first, each part at its own time', () => {
  const [issuedAt, uncollectibleAt] = ['2025-01-01T00:00:00.000Z', '2025-03-01T00:00:00.000Z']
  const after = { status: 'Uncollectible', total: 119, tax: 19, amountPaid: 20, issuedAt, uncollectibleAt }
  expect(bookingsOf({ noun: 'Invoice', before: undefined, after })).toEqual([
    { currency: undefined, bookedAt: issuedAt, amounts: { receivables: 119, taxPayable: -19, revenue: -100 } },
    { currency: undefined, bookedAt: uncollectibleAt, amounts: { receivables: -99, badDebts: 99 } },
  ])
})

test('an amount whose currency is corrected leaves the accounts of the old one at the time of the correction', () => {
  const before = { status: 'Open', total: 100, currency: 'EUR', issuedAt: '2025-01-01T00:00:00.000Z' }
  expect(bookingsOf({ noun: 'Invoice', before, after: { ...before, currency: 'USD' } })).toEqual([
    { currency: 'EUR', bookedAt: undefined, amounts: { receivables: -100, revenue: 100 } },
    { currency: 'USD', bookedAt: undefined, amounts: { receivables: 100, revenue: -100 } },
  ])
})

test('a dispute takes its amount back at once, is lost or reinstated later, and its fee is in the currency of the account', () => {
  const [withdrawnAt, reinstatedAt] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z']
  const begun = {
    status: 'NeedsResponse',
    currency: 'USD',
    withdrawnAmount: 5_000,
    withdrawnAt,
    fee: 1_500,
    feeCurrency: 'EUR',
  }
  expect(bookingsOf({ noun: 'Dispute', before: undefined, after: begun })).toEqual([
    { currency: 'USD', bookedAt: withdrawnAt, amounts: { cash: -5_000, disputedPayments: 5_000 } },
    { currency: 'EUR', bookedAt: withdrawnAt, amounts: { cash: -1_500, disputeFees: 1_500 } },
  ])
  expect(bookingsOf({ noun: 'Dispute', before: begun, after: { ...begun, status: 'Lost' } })).toEqual([
    { currency: 'USD', bookedAt: undefined, amounts: { disputedPayments: -5_000, disputeLosses: 5_000 } },
  ])
  const won = { ...begun, status: 'Won', reinstatedAmount: 5_000, reinstatedAt }
  expect(bookingsOf({ noun: 'Dispute', before: begun, after: won })).toEqual([
    { currency: 'USD', bookedAt: reinstatedAt, amounts: { cash: 5_000, disputedPayments: -5_000 } },
  ])
})
