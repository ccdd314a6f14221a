// Invoice: a bill to a customer for a purchase or for a period of a subscription.

import { Noun } from '../../noun/noun.ts'
import { before, givenOrNow, ifEmpty, literal, now } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Invoice = Noun(
  'Invoice',
  {
    number: 'string?##',
    status: 'Draft | Open | Paid | Voided | Uncollectible',
    currency: 'string?',
    subtotal: 'number!',
    tax: 'number?',
    discount: 'number?',
    total: 'number!',
    amountPaid: 'number?',
    amountDue: 'number!',
    lineItems: 'json?',
    periodStart: 'datetime?',
    periodEnd: 'datetime?',
    issuedAt: 'datetime?',
    dueAt: 'datetime?',
    paidAt: 'datetime?',
    voidedAt: 'datetime?',
    receiptUrl: 'url?',
    pdfUrl: 'url?',
    hostedUrl: 'url?',
    stripeInvoiceId: 'string?##',
    organization: '-> Organization.invoices',
    customer: '-> Customer.invoices',
    subscription: '-> Subscription.invoices',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    payments: '<- Payment.invoice[]',
    pay: 'Paid',
    void: 'Voided',
    finalize: 'Finalized',
  },
  {
    // Documents of money that was owed keep their customer.
    onDelete: { customer: 'restrict' },
    effects: {
      finalize: {
        from: { field: 'status', values: ['Draft'], hard: false },
        sets: { status: literal('Open'), issuedAt: givenOrNow('issuedAt') },
      },
      // A second call changes nothing, not even paidAt.
      pay: {
        from: { field: 'status', values: ['Draft', 'Open', 'Paid', 'Uncollectible'], hard: true },
        sets: { paidAt: ifEmpty(now), amountPaid: before('total'), amountDue: literal(0) },
      },
      void: {
        from: { field: 'status', values: ['Draft', 'Open', 'Voided', 'Uncollectible'], hard: true },
        sets: { voidedAt: ifEmpty(now) },
      },
    },
  },
)

export const invoiceTexts: NounTexts = {
  about: 'A bill to a customer for a purchase or for a period of a subscription.',
  descriptions: {
    number: 'Invoice number of your own, such as INV-2026-0001, unique among invoices.',
    status: 'State of the invoice; finalize, pay and void change it.',
    currency: 'ISO 4217 code of the amounts, such as USD.',
    subtotal: 'Sum of the line items before discount and tax, in minor units of currency.',
    tax: 'Tax in minor units of currency.',
    discount: 'Discount in minor units of currency.',
    total: 'Amount to pay for the whole invoice, in minor units of currency.',
    amountPaid: 'Amount already paid, in minor units of currency; pay sets it to total.',
    amountDue: 'Amount still to pay, in minor units of currency; pay sets it to 0.',
    lineItems: 'List of the billed items as JSON, with amounts in minor units of currency.',
    periodStart: 'Time the billed period begins.',
    periodEnd: 'Time the billed period ends.',
    issuedAt: 'Time the invoice was issued; finalize sets it.',
    dueAt: 'Time by which payment is due.',
    paidAt: 'Time the invoice was paid; pay sets it if it is empty.',
    voidedAt: 'Time the invoice was voided; void sets it if it is empty.',
    receiptUrl: 'URL of the receipt.',
    pdfUrl: 'URL of the invoice as a PDF file.',
    hostedUrl: 'URL of the page on which the customer can view and pay the invoice.',
    stripeInvoiceId: 'Identifier of the invoice at Stripe, unique among invoices.',
    organization: 'Organization that is billed.',
    customer: 'Customer that is billed.',
    subscription: 'Subscription that the invoice is for.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    payments: 'Payments towards the invoice.',
    pay: 'Sets status to Paid, amountPaid to total and amountDue to 0, and fills an empty paidAt; 409 if Voided.',
    void: 'Sets status to Voided and fills an empty voidedAt with now; refused with 409 if the invoice is Paid.',
    finalize: 'Sets status to Open and issuedAt to now, or to the time you send.',
  },
}
