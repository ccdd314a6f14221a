// Refund: money that was paid back from a payment. Payment.refund creates it.

import { Noun } from '../../noun/noun.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Refund = Noun(
  'Refund',
  {
    amount: 'money(1..)!',
    currency: 'currency?',
    reason: 'string?',
    refundedAt: 'datetime?',
    stripeRefundId: 'string?##',
    payment: '-> Payment.refunds!',
    invoice: '-> Invoice.refunds',
    customer: '-> Customer.refunds',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    create: null,
    delete: null,
  },
  {
    service: 'payments.do',
    bounds: ['currency = payment.currency', 'amount <= payment.refundedAmount'],
    frozen: [{ fields: ['amount', 'currency', 'refundedAt', 'payment', 'invoice', 'customer'], delete: true }],
    onDelete: { payment: 'restrict', invoice: 'restrict', customer: 'restrict' },
  },
)

export const refundTexts: NounTexts = {
  about: 'Money that was paid back from a payment.',
  descriptions: {
    amount: 'Amount that was paid back, in minor units of currency; it never changes.',
    currency: 'ISO 4217 code of the amount, that of the payment.',
    reason: 'Reason for the refund, such as duplicate, fraudulent or requested_by_customer.',
    refundedAt: 'Time the money was paid back.',
    stripeRefundId: 'Identifier of the refund at Stripe, unique among refunds.',
    payment: 'Payment that the money came from.',
    invoice: 'Invoice that the payment was for.',
    customer: 'Customer who got the money back.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
  },
}
