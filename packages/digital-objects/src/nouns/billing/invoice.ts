// Invoice: a bill to a customer for a purchase or for a period of a subscription.

import type { Conditions } from '../../noun/condition.ts'
import { Noun } from '../../noun/noun.ts'
import type { RelatedEffect, VerbEffect } from '../../noun/verb-effect.ts'
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

const finalized = ['Open', 'Paid', 'Voided', 'Uncollectible'] as const
const paidOrOpen = when('amountDue', 0, { then: literal('Paid'), otherwise: before('status') })

/** A provider that bills a subscription decides whether it is past due. */
const billedHere = { field: 'billedBy', has: false } as const

/** An invoice that is past due makes its subscription past due. */
const delays: RelatedEffect = {
  kind: 'call',
  of: 'subscription',
  verb: 'markPastDue',
  where: [{ field: 'status', in: ['Active', 'Reactivated', 'Upgraded', 'Downgraded'] }, billedHere],
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
    where: [{ field: 'status', equals: 'PastDue' }, billedHere],
  },
  {
    kind: 'call',
    of: 'subscription',
    verb: 'reactivate',
    when: nothingElse,
    where: [{ field: 'status', equals: 'Unpaid' }, billedHere],
  },
]

/** Adds an amount, which is below 0 if a refund failed. */
function counts(field: 'refundedAmount' | 'refundedCredits'): VerbEffect {
  return {
    systemOnly: true,
    argumentsOnly: ['amount'],
    argumentsRequired: ['amount'],
    argumentTypes: { amount: 'integer' },
    sets: { [field]: sum(before(field), given('amount')) },
  }
}

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
    refundedAmount: 'money(0..)?',
    refundedCredits: 'money(0..)?',
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
    receiptUrl: 'url? personal',
    pdfUrl: 'url? personal',
    hostedUrl: 'url? personal',
    billedBy: 'string?',
    stripeInvoiceId: 'string?##',
    organization: '-> Organization.invoices',
    customer: '-> Customer.invoices personal',
    subscription: '-> Subscription.invoices',
    tags: 'string[]#',
    metadata: 'json? personal',
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
    countRefund: 'RefundCounted',
    countRefundedCredit: 'RefundedCreditCounted',
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
      // A refund that pays out a credit is the same money. Each side is a sum, in which a missing amount is 0.
      'creditedAfterPayment + refundedAmount - refundedCredits <= 0 + amountPaid',
      'refundedCredits <= 0 + creditedAfterPayment',
      'periodStart < periodEnd',
      'currency = subscription.currency',
      // The records of what was paid and credited, and those of its lines once it is finalized.
      '0 + amountPaid = payments[status:Succeeded|Refunded].amount',
      '0 + creditedAmount = creditNotes[].prePaymentAmount',
      '0 + creditedAfterPayment = creditNotes[].postPaymentAmount',
      '0 + refundedAmount = refunds[status:Succeeded|Pending].amount',
      '0 + refundedCredits = creditNotes[]?.refundedAmount',
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
          'refundedAmount',
          'refundedCredits',
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
        does: ['sends'],
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
              redemptions: literal(0),
              currency: after('currency'),
            },
          },
        ],
      },
      // Without an amount, all that is due is paid. A second call changes nothing, not even paidAt.
      pay: {
        does: ['pays'],
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
      countRefund: counts('refundedAmount'),
      countRefundedCredit: counts('refundedCredits'),
      void: { does: ['pays'], sets: { voidedAt: ifEmpty(givenOrNow('voidedAt')) }, related: cures },
      lapse: {
        systemOnly: true,
        repeats: true,
        sets: { overdueAt: ifEmpty(now), pastDueAt: ifEmpty(now) },
        related: [delays],
      },
      failPayment: { systemOnly: true, sets: { pastDueAt: ifEmpty(now) }, related: [delays] },
      retry: { systemOnly: true, repeats: true, sets: { retryCount: { kind: 'add', amount: 1 }, retriedAt: now } },
      markUncollectible: { does: ['pays'], sets: { uncollectibleAt: givenOrNow('uncollectibleAt') } },
      // What is due is reduced; a credit after the payment is owed to the customer.
      credit: {
        does: ['pays'],
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
      { at: 'dueAt', when: { status: 'Open', billedBy: null }, call: 'lapse' },
      // Invoices that were overdue before `pastDueAt` existed count from the time at which they were due.
      {
        at: ['pastDueAt', 'dueAt'],
        after: { setting: 'paymentRetryDays' },
        when: { status: 'Open', billedBy: null },
        settings: { unpaidInvoice: 'Uncollectible' },
        call: 'markUncollectible',
      },
      {
        at: 'pastDueAt',
        after: { setting: 'paymentRetryDays', by: 'retryCount' },
        when: { status: 'Open', billedBy: null },
        call: 'retry',
      },
    ],
  },
)
