// The amounts of what is billed: of a line item, and of an item of a subscription. Both are computed by the same sums.

import type { EffectValue } from '../../noun/verb-effect.ts'
import { first, literal, path, when } from '../../verb/effect-values.ts'

/** A discount comes off the amount, and tax is added to what is left, or is in it already. All are in minor units of currency. */
export const pricedFields = {
  description: 'string?',
  quantity: 'number(0..)?',
  unitAmount: 'money?',
  amount: 'money! = quantity * unitAmount',
  percentOff: 'number(0..100)?',
  amountOff: 'money(0..)?',
  discountAmount: 'money! = amount * percentOff / 100 + amountOff',
  netAmount: 'money! = amount - discountAmount',
  taxPercent: 'number(0..100)?',
  taxAmount: 'money! = netAmount * taxPercent / 100',
  taxInclusive: 'boolean?',
  includedTaxPercent: 'number(0..100)?',
  includedTaxAmount: 'money? = netAmount * includedTaxPercent / (100 + includedTaxPercent)',
  redemptions: 'integer(0..1)?',
  currency: 'currency?',
} as const

/** The rates are copied, so that the item shows what it was computed from. */
export const pricedFills = {
  quantity: literal(1),
  unitAmount: path('price.amount'),
  percentOff: path('coupon.percentOff'),
  amountOff: path('coupon.amountOff'),
  redemptions: { kind: 'ifSet', field: 'coupon', value: literal(1) },
  taxInclusive: path('taxRate.inclusive'),
  taxPercent: when('taxInclusive', true, { then: first(), otherwise: path('taxRate.percentage') }),
  includedTaxPercent: when('taxInclusive', true, { then: path('taxRate.percentage'), otherwise: first() }),
} as const satisfies Readonly<Record<string, EffectValue>>

export const pricedBounds = [
  '0 <= discountAmount',
  // A discount is at most the amount, which may be negative where there is none.
  '0 <= discountAmount * netAmount',
  'currency = coupon.currency',
  'currency = price.currency',
  'percentOff = coupon.percentOff',
  'amountOff = coupon.amountOff',
  'taxPercent = taxRate.percentage',
  'includedTaxPercent = taxRate.percentage',
] as const

export const pricedTexts = {
  description: 'Text of the item on invoices.',
  quantity: 'Number of units; 1 by default.',
  unitAmount: 'Amount of one unit in minor units of currency; by default that of the price.',
  amount: 'Amount before discount and tax, quantity * unitAmount, in minor units of currency.',
  percentOff: 'Discount in percent, that of the coupon.',
  amountOff: 'Discount as an amount in minor units of currency, that of the coupon.',
  discountAmount: 'Discount in minor units of currency, at most the amount.',
  netAmount: 'Amount after the discount, in minor units of currency.',
  taxPercent: 'Tax in percent of netAmount, that of the tax rate.',
  taxAmount: 'Tax in minor units of currency.',
  taxInclusive: 'True if the tax is in the amount already, that of the tax rate.',
  includedTaxPercent: 'Tax in percent of the amount without it, of a tax rate that is in the price.',
  includedTaxAmount: 'Part of netAmount that is tax, in minor units of currency.',
  redemptions: 'Number of times the coupon was redeemed for the item: 1, or 0 on the line of a renewal.',
} as const
