// Payment: money that a customer pays, usually towards an invoice.

import { Noun } from '../../noun/noun.ts'
import { before, first, given, literal } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Payment = Noun(
  'Payment',
  {
    amount: 'number!',
    currency: 'string?',
    status: 'Pending | Succeeded | Failed | Refunded',
    method: 'string?',
    refundedAmount: 'number?',
    stripePaymentId: 'string?##',
    customer: '-> Customer.payments',
    invoice: '-> Invoice.payments',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    refund: 'Refunded',
    capture: 'Captured',
  },
  {
    // Records of money that moved keep their customer and invoice.
    onDelete: { customer: 'restrict', invoice: 'restrict' },
    effects: {
      capture: { from: { field: 'status', values: ['Pending'], hard: false }, sets: { status: literal('Succeeded') } },
      // The argument `amount` is the sum to pay back, not the amount of the payment.
      refund: {
        from: { field: 'status', values: ['Succeeded'], hard: true },
        argumentsOnly: ['amount'],
        sets: { refundedAmount: first(given('amount'), given('refundedAmount'), before('amount')) },
      },
    },
  },
)

export const paymentTexts: NounTexts = {
  about: 'Money that a customer pays, usually towards an invoice.',
  descriptions: {
    amount: 'Amount in minor units of currency, such as 4900 for 49.00 USD.',
    currency: 'ISO 4217 code of the amount, such as USD.',
    status: 'State of the payment; capture and refund change it.',
    method: 'Way of payment, such as card or bank_transfer.',
    refundedAmount: 'Amount that was paid back, in minor units of currency; refund sets it.',
    stripePaymentId: 'Identifier of the payment at Stripe, unique among payments.',
    customer: 'Customer who pays.',
    invoice: 'Invoice that the payment is for.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    refund: 'Sets status to Refunded and refundedAmount to the amount you send, else to all; 409 unless Succeeded.',
    capture: 'Sets status to Succeeded.',
  },
}
