// Descriptions of Invoice, its fields and its verbs.

import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const invoiceTexts: NounTexts = {
  about: 'A bill to a customer for a purchase or for a period of a subscription.',
  descriptions: {
    number: 'Invoice number, unique and without gaps, such as INV-2026-0001; finalize assigns it if it is empty.',
    status: 'State of the invoice; its verbs change it.',
    currency: 'ISO 4217 code of all amounts; by default that of the subscription or customer, else that of the tenant.',
    subtotal: 'Sum of the line items before discount and tax, in minor units of currency.',
    tax: 'Tax in minor units of currency; the sum of the line items, if they have one.',
    includedTax: 'Tax that is in the total already, in minor units of currency; the sum of the line items.',
    discount: 'Discount in minor units of currency; the sum of the line items, if they have one.',
    total: 'Amount of the whole invoice, subtotal - discount + tax, in minor units of currency.',
    amountPaid: 'Sum of the payments, in minor units of currency; pay adds to it.',
    creditedAmount: 'Sum of credits that reduce what is due, in minor units of currency; credit adds to it.',
    creditedAfterPayment: 'Sum of credits owed back after the payment, in minor units of currency; credit adds to it.',
    refundedAmount: 'Sum of the refunds of its payments, in minor units of currency; refunds change it.',
    refundedCredits: 'Part of refundedAmount that pays out credits, in minor units of currency; refunds change it.',
    amountDue:
      'Amount not paid, total - amountPaid - creditedAmount, in minor units of currency; owed while the invoice is Open.',
    lineItems:
      'List of the billed items as JSON, each with its amount; finalize and itemize add the line items of a draft.',
    periodStart: 'Time the billed period begins.',
    periodEnd: 'Time the billed period ends.',
    issuedAt: 'Time the invoice was issued; finalize sets it.',
    dueAt: 'Time by which payment is due; finalize sets it by the setting paymentTerms if it is empty.',
    paidAt: 'Time the invoice was paid in full.',
    voidedAt: 'Time the invoice was voided; void sets it.',
    overdueAt: 'Time since which the open invoice is overdue; lapse sets it.',
    pastDueAt:
      'Time since which the open invoice is overdue, or since its first payment failed; retries count from it.',
    retryCount: 'Number of times that its payment was requested again; retry adds 1.',
    retriedAt: 'Time its payment was last requested again; retry sets it.',
    uncollectibleAt: 'Time the invoice was given up; markUncollectible sets it.',
    creditedAt: 'Time of the last credit; credit sets it.',
    receiptUrl: 'URL of the receipt.',
    pdfUrl: 'URL of the invoice as a PDF file.',
    hostedUrl: 'URL of the page on which the customer can view and pay the invoice.',
    billedBy:
      'Provider that collects it, such as stripe, in place of the server, whose clock then reminds and gives up nothing.',
    stripeInvoiceId: 'Identifier of the invoice at Stripe, unique among invoices.',
    organization: 'Organization that is billed; by default that of the subscription or customer.',
    customer: 'Customer that is billed; by default that of the subscription.',
    subscription: 'Subscription that the invoice is for.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    payments: 'Payments towards the invoice.',
    refunds: 'Refunds of its payments.',
    creditNotes: 'Credit notes that correct the invoice; credit creates them.',
    lines: 'Line items of the invoice; finalize creates those of the list lineItems.',
    pay: 'Creates a Payment of the amount you send, else of all that is due; status is Paid, with paidAt, once nothing is due.',
    void: 'Sets status to Voided and voidedAt; refused with a payment on it.',
    finalize:
      'Sets status to Open, issuedAt, dueAt and number, or Paid and paidAt if nothing is due; without an id, creates one.',
    markUncollectible: 'Sets status to Uncollectible and uncollectibleAt.',
    credit:
      'Creates a CreditNote of the amount you send, else of all that is due; status is Paid, with paidAt, once nothing is due.',
    lapse:
      'Sets overdueAt and pastDueAt, and marks the subscription past due; called by the server when an open invoice is due.',
    failPayment:
      'Sets pastDueAt, and marks the subscription past due; called when a payment of the open invoice fails.',
    retry:
      'Adds 1 to retryCount; called by the server on the days of the setting paymentRetryDays, for those who collect payments.',
    itemize: 'Puts the line items of a draft into lineItems; called by the server when one of them changes.',
    countRefund: 'Adds to refundedAmount; called by the server when a payment is refunded, or a refund fails.',
    countRefundedCredit: 'Adds to refundedCredits; called by the server when a refund pays out a credit, or fails.',
  },
}
