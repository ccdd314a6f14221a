// Refund: money that is paid back from a payment. Payment.refund creates it. One that fails or is cancelled gives its amount back
// to the payment.

import { Noun } from '../../noun/noun.ts'
import type { RelatedEffect } from '../../noun/verb-effect.ts'
import { after, givenOrNow, literal, product } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

/** Refunds of which the payment counts the amount. */
const counted = ['Succeeded', 'Pending'] as const

const giveBack: readonly RelatedEffect[] = [
  { kind: 'call', of: 'payment', verb: 'takeBack', with: { amount: after('amount') } },
  { kind: 'call', of: 'creditNote', verb: 'payOut', with: { amount: product(literal(-1), after('amount')) } },
]

export const Refund = Noun(
  'Refund',
  {
    amount: 'money(1..)!',
    currency: 'currency?',
    status: 'Succeeded | Pending | Failed | Cancelled',
    reason: 'string? personal',
    refundedAt: 'datetime?',
    failureReason: 'string? personal',
    failedAt: 'datetime?',
    canceledAt: 'datetime?',
    stripeRefundId: 'string?##',
    payment: '-> Payment.refunds!',
    invoice: '-> Invoice.refunds',
    creditNote: '-> CreditNote.refunds',
    customer: '-> Customer.refunds personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    succeed: 'Succeeded',
    fail: 'Failed',
    cancel: 'Cancelled',
    create: null,
    delete: null,
  },
  {
    service: 'payments.do',
    state: 'status',
    strict: true,
    transitions: [
      { from: [], verb: 'create', to: 'Pending' },
      { from: ['Pending'], verb: 'succeed', to: 'Succeeded', irreversible: true },
      // A bank may send back what it had accepted.
      { from: counted, verb: 'fail', to: 'Failed', irreversible: true },
      { from: ['Pending'], verb: 'cancel', to: 'Cancelled', irreversible: true },
    ],
    bounds: [
      'currency = payment.currency',
      { rule: 'amount <= payment.refundedAmount', while: { field: 'status', values: counted } },
    ],
    frozen: [
      { fields: ['amount', 'currency', 'refundedAt', 'payment', 'invoice', 'creditNote', 'customer'], delete: true },
      { fields: ['status', 'failedAt', 'canceledAt'] },
    ],
    effects: {
      succeed: { does: ['pays'], sets: { refundedAt: givenOrNow('refundedAt') } },
      fail: { sets: { failedAt: givenOrNow('failedAt') }, related: giveBack },
      cancel: { sets: { canceledAt: givenOrNow('canceledAt') }, related: giveBack },
    },
    onDelete: { payment: 'restrict', invoice: 'restrict', creditNote: 'restrict', customer: 'restrict' },
  },
)

export const refundTexts: NounTexts = {
  about: 'Money that is paid back from a payment.',
  descriptions: {
    amount: 'Amount that was paid back, in minor units of currency; it never changes.',
    currency: 'ISO 4217 code of the amount, that of the payment.',
    status: 'State of the refund; a payment counts those that succeeded or are pending.',
    reason: 'Reason for the refund, such as duplicate, fraudulent or requested_by_customer.',
    refundedAt: 'Time the money was paid back.',
    failureReason: 'Reason why the refund failed, such as lost_or_stolen_card.',
    failedAt: 'Time the refund failed; fail sets it.',
    canceledAt: 'Time the refund was cancelled; cancel sets it.',
    stripeRefundId: 'Identifier of the refund at Stripe, unique among refunds.',
    payment: 'Payment that the money came from.',
    invoice: 'Invoice that the payment was for.',
    creditNote: 'Credit note that the refund pays out.',
    customer: 'Customer who got the money back.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    succeed: 'Sets status to Succeeded and refundedAt.',
    fail: 'Sets status to Failed and failedAt, and gives the amount back to the payment.',
    cancel: 'Sets status to Cancelled and canceledAt, and gives the amount back to the payment.',
  },
}
