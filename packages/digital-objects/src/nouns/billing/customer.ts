// Customer: a person or organization that is billed.

import { Noun } from '../../noun/noun.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Customer = Noun('Customer', {
  name: 'string?',
  email: 'email?#',
  stripeCustomerId: 'string?##',
  paymentMethod: 'string?',
  currency: 'string?',
  taxExempt: 'string?',
  organization: '-> Organization.customers',
  contact: '-> Contact.customer##',
  metadata: 'json?',
  comments: '<- Comment.about[]',
  files: '<- Asset.attachedTo[]',
  subscriptions: '<- Subscription.customer[]',
  invoices: '<- Invoice.customer[]',
  payments: '<- Payment.customer[]',
  deals: '<- Deal.customer[]',
})

export const customerTexts: NounTexts = {
  about: 'A person or organization that is billed.',
  descriptions: {
    name: 'Name on invoices.',
    email: 'Email address that invoices go to.',
    stripeCustomerId: 'Identifier of the customer at Stripe, unique among customers.',
    paymentMethod: 'Way the customer pays by default, such as card or the identifier of a stored method.',
    currency: 'ISO 4217 code of the currency the customer pays in, such as USD.',
    taxExempt: 'Tax status of the customer, such as none, exempt or reverse.',
    organization: 'Organization that the customer stands for.',
    contact: 'Contact that the customer stands for.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    subscriptions: 'Subscriptions of the customer.',
    invoices: 'Invoices to the customer.',
    payments: 'Payments by the customer.',
    deals: 'Deals that were won with the customer.',
  },
}
