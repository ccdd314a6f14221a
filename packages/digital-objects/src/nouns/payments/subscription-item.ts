// SubscriptionItem: something that a subscription bills in each period beside its own price.

import { Noun } from '../../noun/noun.ts'
import type { RelatedEffect } from '../../noun/verb-effect.ts'
import { first, literal, path } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'
import { pricedBounds, pricedFields, pricedFills, pricedTexts } from './priced-item.ts'

const itemize: RelatedEffect = { kind: 'call', of: 'subscription', verb: 'itemize' }

export const SubscriptionItem = Noun(
  'SubscriptionItem',
  {
    ...pricedFields,
    interval: 'string?',
    intervalCount: 'integer(1..120)?',
    stripeSubscriptionItemId: 'string?##',
    subscription: '-> Subscription.items!',
    price: '-> Price.subscriptionItems',
    coupon: '-> Coupon.subscriptionItems',
    taxRate: '-> TaxRate.subscriptionItems',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    lineItems: '<- LineItem.subscriptionItem[]',
  },
  {
    service: 'payments.do',
    fills: {
      ...pricedFills,
      description: first(path('price.name'), path('price.plan.name')),
      currency: path('subscription.currency'),
      interval: first(path('subscription.price.interval'), literal('Monthly')),
      intervalCount: first(path('subscription.price.intervalCount'), literal(1)),
    },
    // It is billed with the subscription, so its price is one of the same period.
    bounds: [
      ...pricedBounds,
      '0 <= amount',
      'currency = subscription.currency',
      'interval = price.interval',
      'intervalCount = price.intervalCount',
    ],
    frozen: [
      {
        fields: [
          'subscription',
          'price',
          'coupon',
          'percentOff',
          'amountOff',
          'taxRate',
          'taxPercent',
          'taxInclusive',
          'includedTaxPercent',
          'currency',
          'interval',
          'intervalCount',
        ],
      },
    ],
    onDelete: { subscription: 'cascade', price: 'restrict', coupon: 'restrict', taxRate: 'restrict' },
    effects: {
      create: { related: [itemize, { kind: 'call', of: 'coupon', verb: 'redeem' }] },
      update: { related: [itemize] },
      delete: { related: [itemize] },
    },
  },
)

export const subscriptionItemTexts: NounTexts = {
  about: 'Something that a subscription bills in each period beside its own price, such as an add-on.',
  descriptions: {
    ...pricedTexts,
    currency: 'ISO 4217 code of the amounts, that of the subscription.',
    interval: 'Period for which the amount pays, that of the subscription: Monthly without a price.',
    intervalCount: 'Number of intervals in one period, that of the price of the subscription: 1 without a price.',
    stripeSubscriptionItemId: 'Identifier of the item at Stripe, unique among items.',
    subscription: 'Subscription that bills the item from its next renewal on.',
    price: 'Price of the item; another price is another item.',
    coupon: 'Coupon that gives the discount of each period; another coupon is another item.',
    taxRate: 'Tax rate of the item; another rate is another item.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    lineItems: 'Line items that billed the item.',
  },
}
