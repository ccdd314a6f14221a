// CreditNote: the document that corrects a finalized invoice. Invoice.credit creates it.

import { Noun } from '../../noun/noun.ts'
import { before, given, now, sum } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const CreditNote = Noun(
  'CreditNote',
  {
    number: 'string?##',
    amount: 'money! = prePaymentAmount + postPaymentAmount',
    prePaymentAmount: 'money(0..)?',
    postPaymentAmount: 'money(0..)?',
    refundedAmount: 'money(0..)?',
    currency: 'currency?',
    reason: 'string? personal',
    creditedAt: 'datetime?',
    paidOutAt: 'datetime?',
    pdfUrl: 'url? personal',
    stripeCreditNoteId: 'string?##',
    invoice: '-> Invoice.creditNotes!',
    customer: '-> Customer.creditNotes personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    refunds: '<- Refund.creditNote[]',
    payOut: 'PaidOut',
    create: null,
    delete: null,
  },
  {
    service: 'payments.do',
    numbers: { number: { pattern: 'CN-{year}-{number:4}', by: 'create' } },
    bounds: [
      '0 < amount',
      'currency = invoice.currency',
      'prePaymentAmount <= invoice.creditedAmount',
      'postPaymentAmount <= invoice.creditedAfterPayment',
      'refundedAmount <= 0 + postPaymentAmount',
      '0 + refundedAmount = refunds[status:Succeeded|Pending].amount',
    ],
    frozen: [
      {
        fields: [
          'number',
          'amount',
          'prePaymentAmount',
          'postPaymentAmount',
          'currency',
          'creditedAt',
          'invoice',
          'customer',
        ],
        delete: true,
      },
      { fields: ['refundedAmount', 'paidOutAt'] },
    ],
    effects: {
      payOut: {
        systemOnly: true,
        argumentsOnly: ['amount'],
        argumentsRequired: ['amount'],
        argumentTypes: { amount: 'integer' },
        sets: { refundedAmount: sum(before('refundedAmount'), given('amount')), paidOutAt: now },
        related: [{ kind: 'call', of: 'invoice', verb: 'countRefundedCredit', with: { amount: given('amount') } }],
      },
    },
    onDelete: { invoice: 'restrict', customer: 'restrict' },
  },
)

export const creditNoteTexts: NounTexts = {
  about: 'A document that corrects a finalized invoice by crediting an amount.',
  descriptions: {
    number: 'Number of the credit note, unique and without gaps, such as CN-2026-0001.',
    amount: 'Amount that is credited, in minor units of currency; it never changes.',
    prePaymentAmount: 'Part that reduces what is due on the invoice, in minor units of currency.',
    postPaymentAmount: 'Part that is owed to the customer, since the invoice was paid; a refund can pay it out.',
    refundedAmount: 'Part of postPaymentAmount that refunds have paid out, in minor units of currency.',
    currency: 'ISO 4217 code of the amount, that of the invoice.',
    reason: 'Reason for the credit, such as duplicate, order_change or product_unsatisfactory.',
    creditedAt: 'Time the credit was given.',
    paidOutAt: 'Time refundedAmount last changed.',
    pdfUrl: 'URL of the credit note as a PDF file.',
    stripeCreditNoteId: 'Identifier of the credit note at Stripe, unique among credit notes.',
    invoice: 'Invoice that is corrected.',
    customer: 'Customer who is credited.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    refunds: 'Refunds that pay out the credit.',
    payOut: 'Adds to refundedAmount; called by the server when a refund pays out the credit, or fails.',
  },
}
