// LineItem: one line of an invoice. A draft's lines can be changed; those of a finalized invoice are kept as they are.

import { Noun } from '../../noun/noun.ts'
import type { RelatedEffect } from '../../noun/verb-effect.ts'
import { path } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'
import { pricedBounds, pricedFields, pricedFills, pricedTexts } from './priced-item.ts'

/** Invoice.finalize creates the lines of a list that the invoice has already. */
const itemize: RelatedEffect = {
  kind: 'call',
  of: 'invoice',
  verb: 'itemize',
  unlessCausedBy: ['Invoice.finalize'],
}

export const LineItem = Noun(
  'LineItem',
  {
    ...pricedFields,
    invoice: '-> Invoice.lines!',
    price: '-> Price.lineItems',
    subscriptionItem: '-> SubscriptionItem.lineItems',
    coupon: '-> Coupon.lineItems',
    taxRate: '-> TaxRate.lineItems',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
  },
  {
    service: 'payments.do',
    fills: { ...pricedFills, currency: path('invoice.currency') },
    bounds: [...pricedBounds, 'currency = invoice.currency'],
    frozen: [
      {
        fields: [
          'invoice',
          'coupon',
          'percentOff',
          'amountOff',
          'taxRate',
          'taxPercent',
          'taxInclusive',
          'includedTaxPercent',
          'currency',
          'redemptions',
        ],
      },
      {
        fields: [
          'description',
          'quantity',
          'unitAmount',
          'amount',
          'discountAmount',
          'netAmount',
          'taxAmount',
          'includedTaxAmount',
          'price',
          'subscriptionItem',
        ],
        while: { field: 'invoice.status', values: ['Open', 'Paid', 'Voided', 'Uncollectible'] },
        onCreate: true,
        delete: true,
      },
    ],
    onDelete: {
      invoice: 'cascade',
      price: 'restrict',
      coupon: 'restrict',
      taxRate: 'restrict',
      // The line tells what was billed when its item is gone.
      subscriptionItem: 'keep',
    },
    effects: {
      create: {
        related: [
          itemize,
          {
            kind: 'call',
            of: 'coupon',
            verb: 'redeem',
            unlessCausedBy: ['Invoice.finalize'],
          },
        ],
      },
      update: { related: [itemize] },
      delete: { related: [itemize] },
    },
  },
)

export const lineItemTexts: NounTexts = {
  about: 'One line of an invoice, with its discount and its tax.',
  descriptions: {
    ...pricedTexts,
    currency: 'ISO 4217 code of the amounts, that of the invoice.',
    invoice: 'Invoice that the line belongs to.',
    price: 'Price of what is billed.',
    subscriptionItem: 'Item of the subscription that the line bills.',
    coupon: 'Coupon that gives the discount; another coupon is another line.',
    taxRate: 'Tax rate of the line; another rate is another line.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
  },
}
