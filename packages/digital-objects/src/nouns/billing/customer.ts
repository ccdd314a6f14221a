// Customer: a person or organization that is billed.

import { Noun } from '../../noun/noun.ts'
import { first, path } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Customer = Noun(
  'Customer',
  {
    name: 'string? personal',
    email: 'email?# personal',
    stripeCustomerId: 'string?##',
    paymentMethod: 'string? personal',
    currency: 'currency?',
    timeZone: 'string?',
    taxExempt: 'string?',
    organization: '-> Organization.customers',
    contact: '-> Contact.customer## personal',
    tags: 'string[]# personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    subscriptions: '<- Subscription.customer[]',
    invoices: '<- Invoice.customer[]',
    payments: '<- Payment.customer[]',
    refunds: '<- Refund.customer[]',
    creditNotes: '<- CreditNote.customer[]',
    deals: '<- Deal.customer[]',
  },
  {
    fills: {
      organization: path('contact.organization'),
      name: first(path('contact.name'), path('organization.name')),
      email: path('contact.email'),
    },
  },
)

export const customerTexts: NounTexts = {
  about: 'A person or organization that is billed.',
  descriptions: {
    name: 'Name on invoices; by default that of the contact or the organization.',
    email: 'Email address that invoices go to; by default that of the contact.',
    stripeCustomerId: 'Identifier of the customer at Stripe, unique among customers.',
    paymentMethod: 'Way the customer pays by default, such as card or the identifier of a stored method.',
    currency: 'ISO 4217 code of the currency the customer pays in, such as USD.',
    timeZone: 'Time zone in which its billing periods are counted, such as Europe/Berlin; UTC by default.',
    taxExempt: 'Tax status of the customer, such as none, exempt or reverse.',
    organization: 'Organization that the customer stands for; by default that of the contact.',
    contact: 'Contact that the customer stands for.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    subscriptions: 'Subscriptions of the customer.',
    invoices: 'Invoices to the customer.',
    payments: 'Payments by the customer.',
    refunds: 'Refunds to the customer.',
    creditNotes: 'Credit notes for the customer.',
    deals: 'Deals that were won with the customer.',
  },
}
