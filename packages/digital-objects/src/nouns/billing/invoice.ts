// Invoice: a bill to a customer for a purchase or for a period of a subscription.

import type { Conditions } from '../../noun/condition.ts'
import { Noun } from '../../noun/noun.ts'
import type { RelatedEffect } from '../../noun/verb-effect.ts'
import {
  after,
  before,
  clear,
  first,
  given,
  givenOrNow,
  ifEmpty,
  increaseOf,
  literal,
  now,
  ofItem,
  path,
  setting,
  sum,
  when,
} from '../../verb/effect-values.ts'
import { itemized } from './itemized-lines.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

const finalized = ['Open', 'Paid', 'Voided', 'Uncollectible'] as const
const paidOrOpen = when('amountDue', 0, { then: literal('Paid'), otherwise: before('status') })

/** An invoice that is past due makes its subscription past due. */
const delays: RelatedEffect = {
  kind: 'call',
  of: 'subscription',
  verb: 'markPastDue',
  where: { field: 'status', in: ['Active', 'Reactivated', 'Upgraded', 'Downgraded'] },
}

const nothingElse: Conditions = [
  { field: 'status', in: ['Paid', 'Voided'] },
  { named: '$pastDue', has: false },
]

/** Without another invoice that is past due, its subscription is active again; one that was Unpaid begins a new period. */
const cures: readonly RelatedEffect[] = [
  {
    kind: 'find',
    noun: 'Invoice',
    by: { subscription: after('subscription') },
    has: ['pastDueAt'],
    as: '$pastDue',
    when: { field: 'subscription', has: true },
  },
  {
    kind: 'call',
    of: 'subscription',
    verb: 'activate',
    when: nothingElse,
    where: { field: 'status', equals: 'PastDue' },
  },
  {
    kind: 'call',
    of: 'subscription',
    verb: 'reactivate',
    when: nothingElse,
    where: { field: 'status', equals: 'Unpaid' },
  },
]

export const Invoice = Noun(
  'Invoice',
  {
    number: 'string?##',
    status: 'Draft | Open | Paid | Voided | Uncollectible',
    currency: 'currency?',
    subtotal: 'money! = lineItems[].amount',
    tax: 'money(0..)? = lineItems[]?.taxAmount',
    includedTax: 'money? = lineItems[]?.includedTaxAmount',
    discount: 'money(0..)? = lineItems[]?.discountAmount',
    total: 'money! = subtotal - discount + tax',
    amountPaid: 'money(0..)?',
    creditedAmount: 'money(0..)?',
    creditedAfterPayment: 'money(0..)?',
    amountDue: 'money! = total - amountPaid - creditedAmount',
    lineItems: 'json?',
    periodStart: 'datetime?',
    periodEnd: 'datetime?',
    issuedAt: 'datetime?',
    dueAt: 'datetime?',
    paidAt: 'datetime?',
    voidedAt: 'datetime?',
    overdueAt: 'datetime?',
    pastDueAt: 'datetime?',
    retryCount: 'integer(0..)?',
    retriedAt: 'datetime?',
    uncollectibleAt: 'datetime?',
    creditedAt: 'datetime?',
    receiptUrl: 'url?',
    pdfUrl: 'url?',
    hostedUrl: 'url?',
    stripeInvoiceId: 'string?##',
    organization: '-> Organization.invoices',
    customer: '-> Customer.invoices',
    subscription: '-> Subscription.invoices',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    payments: '<- Payment.invoice[]',
    refunds: '<- Refund.invoice[]',
    creditNotes: '<- CreditNote.invoice[]',
    lines: '<- LineItem.invoice[]',
    pay: 'Paid',
    void: 'Voided',
    finalize: 'Finalized',
    markUncollectible: 'Uncollectible',
    credit: 'Credited',
    lapse: 'Overdue',
    failPayment: 'PaymentFailed',
    retry: 'Retried',
    itemize: 'Itemized',
  },
  {
    state: 'status',
    strict: true,
    transitions: [
      { from: [], verb: 'finalize', to: 'Open', irreversible: true },
      { from: [], verb: 'finalize', to: 'Paid', irreversible: true },
      { from: ['Draft'], verb: 'finalize', to: 'Open', irreversible: true },
      // Nothing is due on it.
      { from: ['Draft'], verb: 'finalize', to: 'Paid', irreversible: true },
      // A payment of a part leaves the invoice as it is.
      { from: ['Open'], verb: 'pay', to: 'Open', irreversible: true },
      { from: ['Uncollectible'], verb: 'pay', to: 'Uncollectible', irreversible: true },
      { from: ['Open', 'Uncollectible'], verb: 'pay', to: 'Paid', irreversible: true },
      { from: ['Draft', 'Open', 'Uncollectible'], verb: 'void', to: 'Voided', irreversible: true },
      { from: ['Draft'], verb: 'itemize', to: 'Draft' },
      { from: ['Open'], verb: 'lapse', to: 'Open', irreversible: false },
      { from: ['Open'], verb: 'failPayment', to: 'Open' },
      { from: ['Open'], verb: 'retry', to: 'Open' },
      { from: ['Open'], verb: 'markUncollectible', to: 'Uncollectible', irreversible: true },
      { from: ['Open'], verb: 'credit', to: 'Open', irreversible: true },
      { from: ['Uncollectible'], verb: 'credit', to: 'Uncollectible', irreversible: true },
      { from: ['Paid', 'Open', 'Uncollectible'], verb: 'credit', to: 'Paid', irreversible: true },
    ],
    states: { Open: { holds: ['pastDueAt'] } },
    fills: {
      customer: path('subscription.customer'),
      organization: first(path('subscription.organization'), path('customer.organization')),
      currency: first(path('subscription.currency'), path('customer.currency'), setting('currency')),
    },
    bounds: [
      '0 <= total',
      '0 <= amountDue',
      // As a sum, so that an invoice without payments has 0 of them.
      'creditedAfterPayment <= 0 + amountPaid',
      'periodStart < periodEnd',
      'currency = subscription.currency',
      // The records of what was paid and credited, and those of its lines once it is finalized.
      '0 + amountPaid = payments[status:Succeeded|Refunded].amount',
      '0 + creditedAmount = creditNotes[].prePaymentAmount',
      '0 + creditedAfterPayment = creditNotes[].postPaymentAmount',
      ...['subtotal = lines[]?.amount', '0 + tax = lines[]?.taxAmount', '0 + discount = lines[]?.discountAmount'].map(
        (rule) => ({ rule, while: { field: 'status', values: finalized } }),
      ),
      { rule: 'amountDue = 0', while: { field: 'status', values: ['Paid'] } },
      { rule: 'amountPaid = 0', while: { field: 'status', values: ['Draft', 'Voided'] } },
    ],
    numbers: { number: { pattern: 'INV-{year}-{number:4}', by: 'finalize' } },
    frozen: [
      {
        fields: [
          'status',
          'amountPaid',
          'creditedAmount',
          'creditedAfterPayment',
          'issuedAt',
          'paidAt',
          'voidedAt',
          'uncollectibleAt',
          'overdueAt',
          'pastDueAt',
          'retryCount',
          'retriedAt',
          'creditedAt',
        ],
        onCreate: true,
      },
      {
        fields: [
          'number',
          'currency',
          'subtotal',
          'tax',
          'includedTax',
          'discount',
          'total',
          'lineItems',
          'periodStart',
          'periodEnd',
          'customer',
          'subscription',
        ],
        while: { field: 'status', values: finalized },
        delete: true,
      },
    ],
    // Documents of money that was owed keep their customer and their subscription.
    onDelete: { customer: 'restrict', subscription: 'restrict' },
    effects: {
      finalize: {
        creates: true,
        sets: {
          lineItems: itemized,
          issuedAt: givenOrNow('issuedAt'),
          dueAt: ifEmpty({ kind: 'durationAfter', time: now, duration: setting('paymentTerms') }),
          status: when('amountDue', 0, { then: literal('Paid'), otherwise: literal('Open') }),
          paidAt: when('amountDue', 0, { then: now, otherwise: clear }),
        },
        related: [
          {
            kind: 'create',
            noun: 'LineItem',
            ifKnown: true,
            each: { kind: 'without', of: after('lineItems'), member: 'lineItem' },
            sets: {
              invoice: { kind: 'id' },
              description: ofItem('description'),
              quantity: ofItem('quantity'),
              unitAmount: ofItem('unitAmount'),
              // An item counts on the invoice only by these, so the line has them too.
              amount: first(ofItem('amount'), literal(0)),
              discountAmount: first(ofItem('discountAmount'), literal(0)),
              taxAmount: first(ofItem('taxAmount'), literal(0)),
              percentOff: ofItem('percentOff'),
              amountOff: ofItem('amountOff'),
              taxPercent: ofItem('taxPercent'),
              includedTaxPercent: ofItem('includedTaxPercent'),
              includedTaxAmount: ofItem('includedTaxAmount'),
              price: ofItem('price'),
              subscriptionItem: ofItem('subscriptionItem'),
              coupon: ofItem('coupon'),
              taxRate: ofItem('taxRate'),
              currency: after('currency'),
            },
          },
        ],
      },
      // Without an amount, all that is due is paid. A second call changes nothing, not even paidAt.
      pay: {
        argumentsOnly: ['amount'],
        argumentTypes: { amount: 'integer(1..)' },
        sets: {
          amountPaid: sum(before('amountPaid'), first(given('amount'), before('amountDue'))),
          status: paidOrOpen,
          paidAt: when('amountDue', 0, { then: ifEmpty(givenOrNow('paidAt')), otherwise: clear }),
        },
        related: [
          {
            kind: 'create',
            noun: 'Payment',
            verb: 'capture',
            unlessCausedBy: ['Payment.capture'],
            sets: {
              invoice: { kind: 'id' },
              customer: after('customer'),
              currency: after('currency'),
              amount: increaseOf('amountPaid'),
              capturedAt: first(after('paidAt'), now),
            },
          },
          ...cures,
        ],
      },
      itemize: { systemOnly: true, sets: { lineItems: itemized } },
      void: { sets: { voidedAt: ifEmpty(givenOrNow('voidedAt')) }, related: cures },
      lapse: {
        systemOnly: true,
        repeats: true,
        sets: { overdueAt: ifEmpty(now), pastDueAt: ifEmpty(now) },
        related: [delays],
      },
      failPayment: { systemOnly: true, sets: { pastDueAt: ifEmpty(now) }, related: [delays] },
      retry: { systemOnly: true, repeats: true, sets: { retryCount: { kind: 'add', amount: 1 }, retriedAt: now } },
      markUncollectible: { sets: { uncollectibleAt: givenOrNow('uncollectibleAt') } },
      // What is due is reduced; a credit after the payment is owed to the customer.
      credit: {
        argumentsOnly: ['amount', 'reason'],
        argumentTypes: { amount: 'integer(1..)', reason: 'string' },
        sets: {
          creditedAmount: sum(
            before('creditedAmount'),
            when('status', 'Paid', { then: literal(0), otherwise: first(given('amount'), before('amountDue')) }),
          ),
          creditedAfterPayment: sum(
            before('creditedAfterPayment'),
            when('status', 'Paid', { then: given('amount'), otherwise: literal(0) }),
          ),
          creditedAt: givenOrNow('creditedAt'),
          status: paidOrOpen,
          paidAt: when('amountDue', 0, { then: ifEmpty(now), otherwise: clear }),
        },
        related: [
          {
            kind: 'create',
            noun: 'CreditNote',
            ifKnown: true,
            sets: {
              invoice: { kind: 'id' },
              customer: after('customer'),
              currency: after('currency'),
              prePaymentAmount: increaseOf('creditedAmount'),
              postPaymentAmount: increaseOf('creditedAfterPayment'),
              reason: given('reason'),
              creditedAt: after('creditedAt'),
            },
          },
          ...cures,
        ],
      },
    },
    schedules: [
      { at: 'dueAt', when: { status: 'Open' }, call: 'lapse' },
      // Invoices that were overdue before `pastDueAt` existed count from the time at which they were due.
      {
        at: ['pastDueAt', 'dueAt'],
        after: { setting: 'paymentRetryDays' },
        when: { status: 'Open' },
        settings: { unpaidInvoice: 'Uncollectible' },
        call: 'markUncollectible',
      },
      {
        at: 'pastDueAt',
        after: { setting: 'paymentRetryDays', by: 'retryCount' },
        when: { status: 'Open' },
        call: 'retry',
      },
    ],
  },
)

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
    amountDue: 'Amount still to pay, total - amountPaid - creditedAmount, in minor units of currency.',
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
  },
}
