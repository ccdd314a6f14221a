// Payment: money that a customer pays, usually towards an invoice.

import { Noun } from '../../noun/noun.ts'
import {
  after,
  before,
  first,
  given,
  givenOrNow,
  increaseOf,
  literal,
  path,
  product,
  setting,
  sum,
  when,
} from '../../verb/effect-values.ts'
import type { RelatedEffect } from '../../noun/verb-effect.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** The record of what a refund adds. */
const refundOf = {
  payment: { kind: 'id' },
  invoice: after('invoice'),
  customer: after('customer'),
  currency: after('currency'),
  amount: increaseOf('refundedAmount'),
  creditNote: given('creditNote'),
  reason: given('reason'),
} as const

/** The credit is paid out before the refund counts, so that the invoice never has more of both than was paid. */
const paysOut: readonly RelatedEffect[] = [
  {
    kind: 'find',
    noun: 'CreditNote',
    by: { $id: given('creditNote'), invoice: after('invoice') },
    as: '$creditNote',
    required: true,
    ifKnown: true,
    when: { argument: 'creditNote', has: true },
  },
  {
    kind: 'call',
    of: '$creditNote',
    verb: 'payOut',
    with: { amount: increaseOf('refundedAmount') },
    when: { named: '$creditNote', has: true },
  },
]

const counts: RelatedEffect = {
  kind: 'call',
  of: 'invoice',
  verb: 'countRefund',
  with: { amount: increaseOf('refundedAmount') },
}

export const Payment = Noun(
  'Payment',
  {
    amount: 'money(1..)!',
    currency: 'currency?',
    status: 'Pending | Succeeded | Failed | Refunded',
    method: 'string? personal',
    refundedAmount: 'money(0..)?',
    netAmount: 'money(0..)? = amount - refundedAmount',
    failureCode: 'string?',
    failureMessage: 'string? personal',
    capturedAt: 'datetime?',
    failedAt: 'datetime?',
    refundedAt: 'datetime?',
    stripePaymentId: 'string?##',
    customer: '-> Customer.payments personal',
    invoice: '-> Invoice.payments',
    tags: 'string[]#',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    refunds: '<- Refund.payment[]',
    refund: 'Refunded',
    capture: 'Captured',
    fail: 'Failed',
    takeBack: 'TakenBack',
  },
  {
    state: 'status',
    strict: true,
    transitions: [
      { from: [], verb: 'capture', to: 'Succeeded', irreversible: true },
      { from: ['Pending'], verb: 'capture', to: 'Succeeded', irreversible: true },
      { from: ['Pending'], verb: 'fail', to: 'Failed' },
      // A part that is paid back leaves the payment as it is.
      { from: ['Succeeded'], verb: 'refund', to: 'Succeeded', irreversible: true },
      { from: ['Succeeded'], verb: 'refund', to: 'Refunded', irreversible: true },
      { from: ['Succeeded', 'Refunded'], verb: 'takeBack', to: 'Succeeded', irreversible: true },
    ],
    fills: {
      customer: path('invoice.customer'),
      currency: first(path('invoice.currency'), path('customer.currency'), setting('currency')),
    },
    bounds: [
      'refundedAmount <= amount',
      'currency = invoice.currency',
      'customer = invoice.customer',
      '0 + refundedAmount = refunds[status:Succeeded|Pending].amount',
    ],
    frozen: [
      { fields: ['amount', 'currency', 'invoice', 'customer'] },
      { fields: ['status', 'refundedAmount', 'capturedAt', 'failedAt', 'refundedAt'], onCreate: true },
      { while: { field: 'status', values: ['Succeeded', 'Refunded'] }, delete: true },
    ],
    // Records of money that moved keep their customer and invoice.
    onDelete: { customer: 'restrict', invoice: 'restrict' },
    effects: {
      capture: {
        does: ['pays'],
        creates: true,
        sets: { capturedAt: givenOrNow('capturedAt') },
        related: [
          {
            kind: 'call',
            of: 'invoice',
            verb: 'pay',
            with: { amount: after('amount'), paidAt: after('capturedAt') },
          },
        ],
      },
      fail: {
        sets: { failedAt: givenOrNow('failedAt') },
        related: [
          {
            kind: 'call',
            of: 'invoice',
            verb: 'failPayment',
            where: [
              { field: 'status', equals: 'Open' },
              { field: 'billedBy', has: false },
            ],
          },
        ],
      },
      // The argument `amount` is the sum to pay back, not the amount of the payment.
      refund: {
        does: ['pays'],
        argumentsOnly: ['amount', 'reason', 'pending', 'creditNote'],
        argumentTypes: { amount: 'integer(1..)', reason: 'string', pending: 'boolean', creditNote: 'id' },
        sets: {
          refundedAmount: sum(before('refundedAmount'), first(given('amount'), before('netAmount'), before('amount'))),
          refundedAt: givenOrNow('refundedAt'),
          status: when('netAmount', 0, { then: literal('Refunded'), otherwise: literal('Succeeded') }),
        },
        related: [
          ...paysOut,
          {
            kind: 'create',
            noun: 'Refund',
            ifKnown: true,
            when: { argument: 'pending', not: true },
            sets: { ...refundOf, refundedAt: after('refundedAt') },
          },
          {
            kind: 'create',
            noun: 'Refund',
            ifKnown: true,
            when: { argument: 'pending', equals: true },
            sets: { ...refundOf, status: literal('Pending') },
          },
          counts,
        ],
      },
      // A refund failed or was cancelled, so its amount is the customer's payment again.
      takeBack: {
        systemOnly: true,
        argumentsOnly: ['amount'],
        argumentsRequired: ['amount'],
        argumentTypes: { amount: 'integer(1..)' },
        sets: { refundedAmount: sum(before('refundedAmount'), product(literal(-1), given('amount'))) },
        related: [counts],
      },
    },
  },
)

export const paymentTexts: NounTexts = {
  about: 'Money that a customer pays, usually towards an invoice.',
  descriptions: {
    amount: 'Amount in minor units of currency, such as 4900 for 49.00 USD; it never changes.',
    currency: 'ISO 4217 code of the amount; by default that of the invoice or customer, else that of the tenant.',
    status: 'State of the payment; capture, fail and refund change it.',
    method: 'Way of payment, such as card or bank_transfer.',
    refundedAmount: 'Sum that was paid back, in minor units of currency; refund adds to it.',
    netAmount: 'Amount without what was paid back, in minor units of currency.',
    failureCode: 'Reason for a failure as a code, such as card_declined.',
    failureMessage: 'Reason for a failure as text.',
    capturedAt: 'Time the money was received; capture sets it.',
    failedAt: 'Time the payment failed; fail sets it.',
    refundedAt: 'Time of the last refund; refund sets it.',
    stripePaymentId: 'Identifier of the payment at Stripe, unique among payments.',
    customer: 'Customer who pays; by default that of the invoice.',
    invoice: 'Invoice that the payment is for.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    refunds: 'Refunds of the payment; refund creates them.',
    refund:
      'Creates a Refund of amount, else of all that is left, pending if you say so, or one that pays out a creditNote.',
    capture:
      'Sets status to Succeeded and capturedAt, and pays the invoice; without an id, creates a received payment.',
    fail: 'Sets status to Failed with failureCode and failureMessage, and the subscription of the invoice to PastDue.',
    takeBack:
      'Reduces refundedAmount and sets status to Succeeded; called by the server when a refund fails or is cancelled.',
  },
}
