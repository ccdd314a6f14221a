// Price: an amount that a plan or product costs, with its currency and its interval.

import { Noun } from '../../noun/noun.ts'
import { path, setting } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Price = Noun(
  'Price',
  {
    name: 'string?',
    amount: 'money(0..)!',
    currency: 'currency?',
    interval: 'Monthly | Quarterly | Yearly | OneTime | Usage',
    intervalCount: 'integer(1..120) = 1',
    originalAmount: 'money(0..)?',
    discountPercent: 'number(0..100)?',
    active: 'boolean?',
    stripeId: 'string?##',
    plan: '-> Plan.prices',
    product: '-> Product.prices',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    subscriptions: '<- Subscription.price[]',
    lineItems: '<- LineItem.price[]',
    subscriptionItems: '<- SubscriptionItem.price[]',
  },
  {
    onDelete: { plan: 'cascade', product: 'cascade' },
    fills: { currency: setting('currency'), product: path('plan.product') },
    bounds: ['amount <= originalAmount'],
    // Subscriptions were sold at it: another amount is another price.
    frozen: [{ fields: ['amount', 'currency', 'interval', 'intervalCount'] }],
  },
)

export const priceTexts: NounTexts = {
  about: 'An amount that a plan or product costs, with its currency and its interval.',
  descriptions: {
    name: 'Label of the price, such as Yearly with discount.',
    amount: 'Amount in minor units of currency, such as 4900 for 49.00 USD; it never changes.',
    currency: 'ISO 4217 code of the currency; by default that of the tenant.',
    interval: 'Period for which the amount pays; OneTime and Usage do not recur.',
    intervalCount: 'Number of intervals in one billing period, such as 2 for every two months.',
    originalAmount: 'Amount before a discount, in minor units of currency.',
    discountPercent: 'Discount from originalAmount in percent, from 0 to 100.',
    active: 'True if the price is offered for new purchases.',
    stripeId: 'Identifier of the price at Stripe, unique among prices.',
    plan: 'Plan that the price is for.',
    product: 'Product that the price is for; by default that of the plan.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    subscriptions: 'Subscriptions that are billed at this price.',
    lineItems: 'Line items at this price.',
    subscriptionItems: 'Items of subscriptions at this price.',
  },
}
