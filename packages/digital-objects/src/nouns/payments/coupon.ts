// Coupon: a discount that can be given to several customers.

import { Noun } from '../../noun/noun.ts'
import { before, givenOrNow, literal, now, setting, sum } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Coupon = Noun(
  'Coupon',
  {
    name: 'string!',
    code: 'string?##',
    status: 'Active | Archived',
    percentOff: 'number(0..100)?',
    amountOff: 'money(1..)?',
    currency: 'currency?',
    duration: 'Forever | Once | Repeating = Forever',
    durationInMonths: 'integer(1..120)?',
    maxRedemptions: 'integer(1..)?',
    timesRedeemed: 'integer(0..)?',
    redeemBy: 'datetime?',
    redeemedAt: 'datetime?',
    archivedAt: 'datetime?',
    activatedAt: 'datetime?',
    stripeCouponId: 'string?##',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    lineItems: '<- LineItem.coupon[]',
    subscriptionItems: '<- SubscriptionItem.coupon[]',
    redeem: 'Redeemed',
    archive: 'Archived',
    activate: 'Activated',
  },
  {
    service: 'payments.do',
    state: 'status',
    transitions: [
      { from: ['Active'], verb: 'redeem', to: 'Active' },
      { from: ['Active'], verb: 'archive', to: 'Archived' },
      { from: ['Archived'], verb: 'activate', to: 'Active' },
    ],
    states: { Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: ['archivedAt'] } },
    // A discount in percent has no currency.
    fills: { currency: { kind: 'ifSet', field: 'amountOff', value: setting('currency') } },
    bounds: [
      'timesRedeemed <= maxRedemptions',
      'redeemedAt <= redeemBy',
      'percentOff * amountOff = 0',
      { rule: '1 <= 0 + durationInMonths', while: { field: 'duration', values: ['Repeating'] } },
      { rule: '0 + durationInMonths = 0', while: { field: 'duration', values: ['Forever', 'Once'] } },
      // A deleted item, and one whose discount has ended, leaves its redemption behind.
      '0 + timesRedeemed >= lineItems[]?.redemptions + subscriptionItems[]?.redemptions',
    ],
    frozen: [
      { fields: ['percentOff', 'amountOff', 'currency', 'duration', 'durationInMonths'] },
      { fields: ['timesRedeemed', 'redeemedAt'], onCreate: true },
    ],
    effects: {
      activate: { sets: { activatedAt: givenOrNow('activatedAt') } },
      redeem: {
        systemOnly: true,
        repeats: true,
        sets: { timesRedeemed: sum(before('timesRedeemed'), literal(1)), redeemedAt: now },
      },
    },
  },
)

export const couponTexts: NounTexts = {
  about: 'A discount, in percent or as an amount, that can be given to several customers.',
  descriptions: {
    name: 'Name of the coupon, such as Launch week.',
    code: 'Code that customers enter, unique among coupons.',
    status: 'State of the coupon; an archived one cannot be redeemed.',
    percentOff: 'Discount in percent, from 0 to 100; it never changes.',
    amountOff: 'Discount as an amount in minor units of currency, instead of percentOff; it never changes.',
    currency: 'ISO 4217 code of amountOff; by default that of the tenant.',
    duration:
      'Bills of a subscription that the discount is for: all, the first one, or those of some months; it never changes.',
    durationInMonths: 'Months for which a Repeating discount holds, from the redemption on; it never changes.',
    maxRedemptions: 'Number of times the coupon can be redeemed; any number without it.',
    timesRedeemed: 'Number of times the coupon was redeemed; redeem counts it.',
    redeemBy: 'Time after which the coupon cannot be redeemed.',
    redeemedAt: 'Time of the last redemption; redeem sets it.',
    archivedAt: 'Time the coupon was archived; archive sets it.',
    activatedAt: 'Time the coupon was last activated again; activate sets it.',
    stripeCouponId: 'Identifier of the coupon at Stripe, unique among coupons.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    lineItems: 'Line items with this discount.',
    subscriptionItems: 'Items of subscriptions with this discount.',
    redeem:
      'Adds 1 to timesRedeemed and sets redeemedAt; called by the server when an item is created with the coupon.',
    archive: 'Sets status to Archived and archivedAt.',
    activate: 'Sets status to Active and activatedAt.',
  },
}
