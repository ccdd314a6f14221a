// The table of what stands for what: each object of Stripe, its Noun, its fields in both directions, and the side that decides
// each of them. docs/payments.md has a page of it.

/** `Stripe`: its value replaces ours. `Both`: whoever changed it last, and a conflict if both did. */
export type Side = 'Stripe' | 'Both'

/** `active` is a boolean there and a state here. `price` and the others are references to entities. */
export type Conversion =
  | 'text'
  | 'number'
  | 'boolean'
  | 'currency'
  | 'time'
  | 'active'
  | 'duration'
  | 'customer'
  | 'product'
  | 'price'
  | 'subscription'

export interface FieldRow {
  readonly field: string
  /** Paths in the object; the first one that has a value counts. Versions of the API differ. */
  readonly from: readonly string[]
  readonly as: Conversion
  readonly side: Side
  /** The parameter that sets it: `tax_exempt`, `recurring[interval]`. Without it, it is never sent. */
  readonly to?: string
  /** Sent when the object is created, and never again: Stripe does not change it. */
  readonly isFixed?: true
}

export interface ObjectRow {
  /** The name in `object`. */
  readonly object: ObjectName
  readonly noun: string
  /** The unique field with the object's id. */
  readonly id: string
  readonly path: string
  /** Members that Stripe sends as a whole instead of their ids. */
  readonly expand?: readonly string[]
  readonly fields: readonly FieldRow[]
  /** Customers write texts of it, on Stripe's own pages. */
  readonly isOfStrangers?: true
  /** Fields that Stripe's deletion of the object sets; without them, the entity is deleted too. */
  readonly onDelete?: Readonly<Record<string, string | boolean>>
}

export type ObjectName =
  | 'customer'
  | 'product'
  | 'price'
  | 'coupon'
  | 'tax_rate'
  | 'subscription'
  | 'invoice'
  | 'payment_intent'
  | 'refund'
  | 'dispute'

const both = (field: string, as: Conversion, to: string): FieldRow => ({ field, from: [to], as, side: 'Both', to })

/** Set once, when the object is created, by whichever side creates it. */
const fixed = (field: string, as: Conversion, to: string): FieldRow => ({
  field,
  from: [to],
  as,
  side: 'Stripe',
  to,
  isFixed: true,
})

const theirs = (field: string, as: Conversion, ...from: readonly string[]): FieldRow => ({
  field,
  from,
  as,
  side: 'Stripe',
})

/** In the order in which they are synchronized: each refers only to those before it. */
export const objectTable: readonly ObjectRow[] = [
  {
    object: 'customer',
    noun: 'Customer',
    id: 'stripeCustomerId',
    path: '/v1/customers',
    isOfStrangers: true,
    fields: [
      both('name', 'text', 'name'),
      both('email', 'text', 'email'),
      both('taxExempt', 'text', 'tax_exempt'),
      theirs('currency', 'currency', 'currency'),
    ],
  },
  {
    object: 'product',
    noun: 'Product',
    id: 'stripeProductId',
    path: '/v1/products',
    fields: [
      both('name', 'text', 'name'),
      both('description', 'text', 'description'),
      both('status', 'active', 'active'),
    ],
    onDelete: { status: 'Archived' },
  },
  {
    object: 'price',
    noun: 'Price',
    id: 'stripeId',
    path: '/v1/prices',
    fields: [
      fixed('product', 'product', 'product'),
      fixed('amount', 'number', 'unit_amount'),
      fixed('currency', 'currency', 'currency'),
      both('name', 'text', 'nickname'),
      both('active', 'boolean', 'active'),
    ],
    onDelete: { active: false },
  },
  {
    object: 'coupon',
    noun: 'Coupon',
    id: 'stripeCouponId',
    path: '/v1/coupons',
    fields: [
      { ...both('name', 'text', 'name'), from: ['name', 'id'] },
      fixed('percentOff', 'number', 'percent_off'),
      fixed('amountOff', 'number', 'amount_off'),
      fixed('currency', 'currency', 'currency'),
      fixed('duration', 'duration', 'duration'),
      fixed('durationInMonths', 'number', 'duration_in_months'),
      fixed('maxRedemptions', 'number', 'max_redemptions'),
      fixed('redeemBy', 'time', 'redeem_by'),
    ],
    onDelete: { status: 'Archived' },
  },
  {
    object: 'tax_rate',
    noun: 'TaxRate',
    id: 'stripeTaxRateId',
    path: '/v1/tax_rates',
    fields: [
      both('displayName', 'text', 'display_name'),
      fixed('percentage', 'number', 'percentage'),
      fixed('inclusive', 'boolean', 'inclusive'),
      both('status', 'active', 'active'),
      both('country', 'text', 'country'),
      both('jurisdiction', 'text', 'jurisdiction'),
      both('description', 'text', 'description'),
      both('taxType', 'text', 'tax_type'),
    ],
  },
  {
    object: 'subscription',
    noun: 'Subscription',
    id: 'stripeSubscriptionId',
    path: '/v1/subscriptions',
    isOfStrangers: true,
    fields: [
      fixed('customer', 'customer', 'customer'),
      {
        ...fixed('price', 'price', 'items[0][price]'),
        from: ['items.data.0.price.id', 'items.data.0.plan.id', 'plan.id'],
      },
      { ...fixed('quantity', 'number', 'items[0][quantity]'), from: ['items.data.0.quantity', 'quantity'] },
      theirs('amount', 'number', 'items.data.0.price.unit_amount', 'items.data.0.plan.amount', 'plan.amount'),
      theirs('currency', 'currency', 'currency', 'items.data.0.price.currency', 'items.data.0.plan.currency'),
      theirs('startedAt', 'time', 'start_date', 'created'),
      theirs('billingAnchor', 'time', 'billing_cycle_anchor'),
      theirs('currentPeriodStart', 'time', 'items.data.0.current_period_start', 'current_period_start'),
      theirs('currentPeriodEnd', 'time', 'items.data.0.current_period_end', 'current_period_end'),
      theirs('trialStart', 'time', 'trial_start'),
      fixed('trialEnd', 'time', 'trial_end'),
      theirs('cancelAtPeriodEnd', 'boolean', 'cancel_at_period_end'),
      theirs('canceledAt', 'time', 'canceled_at'),
      theirs('endedAt', 'time', 'ended_at'),
      theirs('cancelReason', 'text', 'cancellation_details.reason'),
      theirs('collectionMethod', 'text', 'collection_method'),
    ],
  },
  {
    object: 'invoice',
    noun: 'Invoice',
    id: 'stripeInvoiceId',
    path: '/v1/invoices',
    expand: ['payments'],
    fields: [
      theirs('customer', 'customer', 'customer'),
      theirs('subscription', 'subscription', 'parent.subscription_details.subscription', 'subscription'),
      theirs('number', 'text', 'number'),
      theirs('currency', 'currency', 'currency'),
      theirs('issuedAt', 'time', 'status_transitions.finalized_at'),
      theirs('dueAt', 'time', 'due_date', 'status_transitions.finalized_at'),
      theirs('voidedAt', 'time', 'status_transitions.voided_at'),
      theirs('uncollectibleAt', 'time', 'status_transitions.marked_uncollectible_at'),
      theirs('pdfUrl', 'text', 'invoice_pdf'),
      theirs('hostedUrl', 'text', 'hosted_invoice_url'),
    ],
  },
  {
    object: 'payment_intent',
    noun: 'Payment',
    id: 'stripePaymentId',
    path: '/v1/payment_intents',
    expand: ['latest_charge'],
    fields: [
      theirs('customer', 'customer', 'customer'),
      theirs('currency', 'currency', 'currency'),
      theirs('method', 'text', 'latest_charge.payment_method_details.type', 'payment_method_types.0'),
      theirs('failureCode', 'text', 'last_payment_error.code'),
      theirs('failureMessage', 'text', 'last_payment_error.message'),
    ],
  },
  {
    object: 'refund',
    noun: 'Refund',
    id: 'stripeRefundId',
    path: '/v1/refunds',
    fields: [
      theirs('currency', 'currency', 'currency'),
      theirs('reason', 'text', 'reason'),
      theirs('failureReason', 'text', 'failure_reason'),
    ],
  },
  {
    object: 'dispute',
    noun: 'Dispute',
    id: 'stripeDisputeId',
    path: '/v1/disputes',
    fields: [
      theirs('amount', 'number', 'amount'),
      theirs('currency', 'currency', 'currency'),
      theirs('reason', 'text', 'reason'),
      theirs('disputedAt', 'time', 'created'),
      theirs('dueAt', 'time', 'evidence_details.due_by'),
    ],
  },
]

const byObject: ReadonlyMap<string, ObjectRow> = new Map(objectTable.map((row) => [row.object, row]))
const byNoun: ReadonlyMap<string, ObjectRow> = new Map(objectTable.map((row) => [row.noun, row]))

export function rowOfObject(object: string): ObjectRow | undefined {
  return byObject.get(object)
}

export function rowOfNoun(noun: string): ObjectRow | undefined {
  return byNoun.get(noun)
}

/** Returns the row of an object that is known to have one. */
export function requireRow(object: ObjectName): ObjectRow {
  const row = byObject.get(object)
  if (row === undefined) throw new Error(`the table has no row for ${object}`)
  return row
}
