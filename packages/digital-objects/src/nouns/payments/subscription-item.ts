// SubscriptionItem: something that a subscription bills in each period beside its own price.

import { Noun } from '../../noun/noun.ts'
import type { EffectValue, RelatedEffect } from '../../noun/verb-effect.ts'
import { clear, first, given, literal, now, path, when } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'
import { pricedBounds, pricedFields, pricedFills, pricedTexts } from './priced-item.ts'

const itemize: RelatedEffect = { kind: 'call', of: 'subscription', verb: 'itemize' }
const nothing = first()
const ifEnded: EffectValue = { kind: 'ifSet', field: 'discountEndedAt', value: clear }

export const SubscriptionItem = Noun(
  'SubscriptionItem',
  {
    ...pricedFields,
    interval: 'string?',
    intervalCount: 'integer(1..120)?',
    discountDuration: 'Forever | Once | Repeating',
    discountEndsAt: 'datetime?',
    discountEndedAt: 'datetime?',
    stripeSubscriptionItemId: 'string?##',
    subscription: '-> Subscription.items!',
    price: '-> Price.subscriptionItems',
    coupon: '-> Coupon.subscriptionItems',
    taxRate: '-> TaxRate.subscriptionItems',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    lineItems: '<- LineItem.subscriptionItem[]',
    endDiscount: 'DiscountEnded',
  },
  {
    service: 'payments.do',
    fills: {
      ...pricedFills,
      description: first(path('price.name'), path('price.plan.name')),
      currency: path('subscription.currency'),
      interval: first(path('subscription.price.interval'), literal('Monthly')),
      intervalCount: first(path('subscription.price.intervalCount'), literal(1)),
      discountDuration: { kind: 'ifSet', field: 'coupon', value: first(path('coupon.duration'), literal('Forever')) },
      discountEndsAt: when('discountDuration', 'Repeating', {
        then: {
          kind: 'period',
          edge: 'end',
          at: now,
          anchor: now,
          interval: literal('Monthly'),
          count: path('coupon.durationInMonths'),
          zone: path('subscription.timeZone'),
        },
        otherwise: nothing,
      }),
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
          'redemptions',
        ],
      },
      { fields: ['discountDuration', 'discountEndsAt', 'discountEndedAt'], onCreate: true },
    ],
    onDelete: { subscription: 'cascade', price: 'restrict', coupon: 'restrict', taxRate: 'restrict' },
    effects: {
      create: {
        related: [
          { kind: 'call', of: 'coupon', verb: 'redeem' },
          {
            kind: 'call',
            of: '$self',
            verb: 'endDiscount',
            with: { nextBillAt: path('subscription.currentPeriodEnd') },
          },
          itemize,
        ],
      },
      // The discount of an item is that of its next bill, so it ends with the last bill before its end.
      endDiscount: {
        systemOnly: true,
        argumentsOnly: ['isBilled', 'nextBillAt'],
        argumentTypes: { isBilled: 'boolean', nextBillAt: 'datetime' },
        sets: {
          discountEndedAt: first(
            {
              kind: 'ifGiven',
              argument: 'isBilled',
              value: when('discountDuration', 'Once', { then: now, otherwise: nothing }),
            },
            { kind: 'ifPast', field: 'discountEndsAt', at: given('nextBillAt'), then: now, otherwise: nothing },
          ),
          coupon: ifEnded,
          percentOff: ifEnded,
          amountOff: ifEnded,
        },
        related: [itemize],
      },
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
    discountDuration: 'Bills that the discount is for, that of the coupon.',
    discountEndsAt: 'End of a Repeating discount: bills of periods that begin later have none.',
    discountEndedAt: 'Time the discount ended, which also clears coupon, percentOff and amountOff.',
    stripeSubscriptionItemId: 'Identifier of the item at Stripe, unique among items.',
    subscription: 'Subscription that bills the item from its next renewal on.',
    price: 'Price of the item; another price is another item.',
    coupon: 'Coupon that gives the discount of the next bill; another coupon is another item.',
    taxRate: 'Tax rate of the item; another rate is another item.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    lineItems: 'Line items that billed the item.',
    endDiscount: 'Ends the discount if the next bill has none; called by the server at each renewal.',
  },
}
