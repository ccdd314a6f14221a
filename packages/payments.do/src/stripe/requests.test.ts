// Requests as data: an id at Stripe is a text that whoever may write the entity has chosen.

import type { EntityFields } from 'digital-objects'
import { expect, test } from 'vitest'
import { requestOf } from './requests.ts'

const address = (type: string, entity: EntityFields, read: Record<string, EntityFields> = {}): string | undefined => {
  const event = { id: 'evt_1', type, target: 'x_1', data: entity, changes: { name: {} } }
  const request = requestOf({ event, entity, objectOf: () => undefined, read: (id) => read[id] })
  return request && new URL(request.path, 'https://api.stripe.com').href
}

test('an id at Stripe cannot lead a request to another object', () => {
  const id = '../refunds?payment_intent=pi_1&x='
  const word = encodeURIComponent(id)
  const of = (path: string): string => `https://api.stripe.com/v1/${path}`
  expect(address('Customer.Updated', { name: 'Ada', stripeCustomerId: id })).toBe(of(`customers/${word}`))
  expect(address('Subscription.Cancelled', { status: 'Cancelled', stripeSubscriptionId: id })).toBe(
    of(`subscriptions/${word}`),
  )
  expect(address('Subscription.Paused', { stripeSubscriptionId: id })).toBe(of(`subscriptions/${word}`))
  expect(address('Invoice.Voided', { stripeInvoiceId: id })).toBe(of(`invoices/${word}/void`))
  const invoice = { status: 'Paid', stripeInvoiceId: id }
  expect(address('Payment.Captured', { invoice: 'invoice_1' }, { invoice_1: invoice })).toBe(of(`invoices/${word}/pay`))
})

test('a refund that has failed here is not made at Stripe', () => {
  const read = { payment_1: { stripePaymentId: 'pi_1' } }
  const refund = { payment: 'payment_1', amount: 500 }
  expect(address('Refund.Created', { ...refund, status: 'Succeeded' }, read)).toBe('https://api.stripe.com/v1/refunds')
  for (const status of ['Failed', 'Cancelled'])
    expect(address('Refund.Created', { ...refund, status }, read)).toBeUndefined()
})
