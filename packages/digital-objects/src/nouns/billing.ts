// What is sold, to whom, for how much and how often. Amounts are integers in minor units of `currency`.

import { Noun } from '../noun/noun.ts'
import { before, clear, first, given, givenOrNow, ifEmpty, literal, now, when } from './effect-values.ts'

export const Customer = Noun('Customer', {
  // Filled by the server from `contact` where the caller gives none.
  name: 'string?',
  email: 'email?#',
  stripeCustomerId: 'string?##',
  paymentMethod: 'string?',
  currency: 'string?',
  taxExempt: 'string?',
  organization: '-> Organization',
  contact: '-> Contact.customer',
  metadata: 'json?',
  subscriptions: '<- Subscription.customer[]',
  invoices: '<- Invoice.customer[]',
  payments: '<- Payment.customer[]',
})

export const Product = Noun('Product', {
  name: 'string!',
  slug: 'string?##',
  description: 'string?',
  tagline: 'string?',
  type: 'Software | Service | Addon | Bundle',
  status: 'Draft | Active | Archived',
  visibility: 'Public | Private | Hidden',
  icon: 'string?',
  image: 'url?',
  features: 'string?',
  highlights: 'string?',
  featured: 'boolean?',
  stripeProductId: 'string?##',
  metadata: 'json?',
  plans: '<- Plan.product[]',
  deals: '<- Deal.product[]',
})

export const Plan = Noun('Plan', {
  name: 'string!',
  slug: 'string?##',
  description: 'string?',
  status: 'Draft | Active | Grandfathered | Archived',
  trialDays: 'number?',
  features: 'string?',
  limits: 'string?',
  badge: 'string?',
  order: 'number?',
  isDefault: 'boolean?',
  isFree: 'boolean?',
  isEnterprise: 'boolean?',
  product: '-> Product.plans',
  metadata: 'json?',
  prices: '<- Price.plan[]',
})

export const Price = Noun('Price', {
  name: 'string?',
  amount: 'number!',
  currency: 'string?',
  interval: 'Monthly | Quarterly | Yearly | OneTime | Usage',
  intervalCount: 'number?',
  originalAmount: 'number?',
  discountPercent: 'number?',
  active: 'boolean?',
  stripeId: 'string?##',
  plan: '-> Plan.prices',
  product: '-> Product',
  metadata: 'json?',
})

export const Subscription = Noun(
  'Subscription',
  {
    status: 'Active | PastDue | Cancelled | Trialing | Paused | Incomplete | Reactivated | Upgraded | Downgraded',
    quantity: 'number?',
    amount: 'number?',
    currency: 'string?',
    // The periods are filled by the server: from now, for as long as the price's interval or the trial.
    startedAt: 'datetime?',
    currentPeriodStart: 'datetime?',
    currentPeriodEnd: 'datetime?',
    trialStart: 'datetime?',
    trialEnd: 'datetime?',
    cancelAtPeriodEnd: 'boolean?',
    canceledAt: 'datetime?',
    cancelReason: 'string?',
    cancelFeedback: 'string?',
    pausedAt: 'datetime?',
    resumesAt: 'datetime?',
    endedAt: 'datetime?',
    paymentMethod: 'string?',
    collectionMethod: 'string?',
    stripeSubscriptionId: 'string?##',
    stripeCustomerId: 'string?',
    organization: '-> Organization.subscriptions',
    customer: '-> Customer.subscriptions',
    contact: '-> Contact',
    plan: '-> Plan',
    price: '-> Price',
    metadata: 'json?',
    pause: 'Paused',
    cancel: 'Cancelled',
    reactivate: 'Reactivated',
    upgrade: 'Upgraded',
    downgrade: 'Downgraded',
    activate: 'Activated',
    renew: 'Renewed',
  },
  {
    effects: {
      activate: {
        from: { field: 'status', values: ['Trialing', 'Incomplete', 'PastDue'], hard: false },
        sets: { status: literal('Active') },
      },
      pause: { from: { field: 'status', values: ['Active'], hard: false }, sets: { pausedAt: givenOrNow('pausedAt') } },
      cancel: {
        from: { field: 'status', values: ['Active', 'Paused', 'PastDue'], hard: false },
        // Only the argument counts: a flag from an earlier call must not keep the cancellation that ends the period from ending it.
        sets: {
          cancelAtPeriodEnd: first(given('cancelAtPeriodEnd'), literal(false)),
          status: when('cancelAtPeriodEnd', true, { then: before('status'), otherwise: literal('Cancelled') }),
          canceledAt: when('cancelAtPeriodEnd', true, {
            then: before('canceledAt'),
            otherwise: givenOrNow('canceledAt'),
          }),
          endedAt: when('cancelAtPeriodEnd', true, { then: before('endedAt'), otherwise: givenOrNow('endedAt') }),
        },
      },
      reactivate: {
        from: { field: 'status', values: ['Paused', 'Cancelled'], hard: false },
        sets: {
          status: literal('Active'),
          pausedAt: clear,
          resumesAt: clear,
          canceledAt: clear,
          endedAt: clear,
          cancelAtPeriodEnd: literal(false),
        },
      },
      // Another plan does not end a trial, nor a pause.
      upgrade: { from: { field: 'status', values: ['Active'], hard: false }, sets: { status: before('status') } },
      downgrade: { from: { field: 'status', values: ['Active'], hard: false }, sets: { status: before('status') } },
      renew: {
        from: { field: 'status', values: ['Active'], hard: false },
        sets: {
          currentPeriodStart: first(given('currentPeriodStart'), before('currentPeriodEnd')),
          currentPeriodEnd: first(given('currentPeriodEnd'), {
            kind: 'periodAfter',
            start: 'currentPeriodStart',
            end: 'currentPeriodEnd',
          }),
        },
      },
    },
  },
)

export const Invoice = Noun(
  'Invoice',
  {
    // Filled by the server, `INV-2026-0001`, where the caller brings no number of its own.
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
    organization: '-> Organization',
    customer: '-> Customer.invoices',
    subscription: '-> Subscription',
    metadata: 'json?',
    pay: 'Paid',
    void: 'Voided',
    finalize: 'Finalized',
  },
  {
    effects: {
      finalize: {
        from: { field: 'status', values: ['Draft'], hard: false },
        sets: { status: literal('Open'), issuedAt: givenOrNow('issuedAt') },
      },
      // Paying a second time changes nothing, the moment of payment included.
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
    invoice: '-> Invoice',
    metadata: 'json?',
    refund: 'Refunded',
    capture: 'Captured',
  },
  {
    effects: {
      capture: { from: { field: 'status', values: ['Pending'], hard: false }, sets: { status: literal('Succeeded') } },
      // `amount` here is how much goes back, not the payment's own.
      refund: {
        from: { field: 'status', values: ['Succeeded'], hard: true },
        argumentsOnly: ['amount'],
        sets: { refundedAmount: first(given('amount'), given('refundedAmount'), before('amount')) },
      },
    },
  },
)
