// The lists of an invoice's lines and of a subscription's items, with those that are records of payments.do.

import type { EffectValue } from '../../noun/verb-effect.ts'
import { soFar } from '../../verb/effect-values.ts'

/** The lines of a draft that are records stand in its list, after the items that were sent in it. */
export const itemized: EffectValue = {
  kind: 'records',
  noun: 'LineItem',
  by: 'invoice',
  ifKnown: true,
  joins: { list: soFar('lineItems'), member: 'lineItem' },
  members: {
    lineItem: '$id',
    description: 'description',
    quantity: 'quantity',
    unitAmount: 'unitAmount',
    amount: 'amount',
    discountAmount: 'discountAmount',
    taxAmount: 'taxAmount',
    includedTaxAmount: 'includedTaxAmount',
  },
}

/** The items that a subscription bills in each period. */
export const recurringItems: EffectValue = {
  kind: 'records',
  noun: 'SubscriptionItem',
  by: 'subscription',
  ifKnown: true,
  members: {
    subscriptionItem: '$id',
    description: 'description',
    quantity: 'quantity',
    unitAmount: 'unitAmount',
    amount: 'amount',
    percentOff: 'percentOff',
    amountOff: 'amountOff',
    discountAmount: 'discountAmount',
    netAmount: 'netAmount',
    taxPercent: 'taxPercent',
    taxAmount: 'taxAmount',
    includedTaxPercent: 'includedTaxPercent',
    includedTaxAmount: 'includedTaxAmount',
    price: 'price',
    coupon: 'coupon',
    taxRate: 'taxRate',
  },
}
