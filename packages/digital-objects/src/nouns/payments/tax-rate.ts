// TaxRate: a tax that is added to the price of what is sold.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const TaxRate = Noun(
  'TaxRate',
  {
    displayName: 'string!',
    percentage: 'number(0..100)!',
    inclusive: 'boolean = false',
    status: 'Active | Archived',
    taxType: 'string?',
    country: 'string?#',
    jurisdiction: 'string?',
    description: 'text?',
    archivedAt: 'datetime?',
    activatedAt: 'datetime?',
    stripeTaxRateId: 'string?##',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    lineItems: '<- LineItem.taxRate[]',
    subscriptionItems: '<- SubscriptionItem.taxRate[]',
    archive: 'Archived',
    activate: 'Activated',
  },
  {
    service: 'payments.do',
    state: 'status',
    transitions: [
      { from: ['Active'], verb: 'archive', to: 'Archived' },
      { from: ['Archived'], verb: 'activate', to: 'Active' },
    ],
    states: { Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: ['archivedAt'] } },
    effects: { activate: { sets: { activatedAt: givenOrNow('activatedAt') } } },
    // Items were billed at it: another percentage is another rate.
    frozen: [{ fields: ['percentage', 'inclusive'] }],
  },
)

export const taxRateTexts: NounTexts = {
  about: 'A tax in percent that is added to the price of line items.',
  descriptions: {
    displayName: 'Name of the tax on invoices, such as VAT.',
    percentage: 'Tax in percent of the amount after discounts, such as 19; it never changes.',
    inclusive: 'True if prices contain the tax, which is then shown and not added; it never changes.',
    status: 'State of the tax rate: in use or archived.',
    taxType: 'Kind of tax, such as vat, gst or sales_tax.',
    country: 'Country that levies the tax, such as DE.',
    jurisdiction: 'Jurisdiction that levies the tax, such as California.',
    description: 'Text about when the rate applies.',
    archivedAt: 'Time the rate was archived; archive sets it.',
    activatedAt: 'Time the rate was last activated again; activate sets it.',
    stripeTaxRateId: 'Identifier of the tax rate at Stripe, unique among tax rates.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    lineItems: 'Line items that are taxed at this rate.',
    subscriptionItems: 'Items of subscriptions that are taxed at this rate.',
    archive: 'Sets status to Archived and archivedAt.',
    activate: 'Sets status to Active and activatedAt.',
  },
}
