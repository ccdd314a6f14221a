// Dispute: a customer's bank has taken a payment back, or asks about it. The provider decides what becomes of it.

import { makeNoun } from 'digital-objects'

const open = ['NeedsResponse', 'UnderReview'] as const

export const Dispute = makeNoun('Dispute', {
  service: 'payments.do',
  fields: {
    status: 'NeedsResponse | UnderReview | Won | Lost | Closed',
    amount: 'money(0..)!',
    currency: 'currency?',
    reason: 'string?',
    isInquiry: 'boolean = false',
    disputedAt: 'datetime?#',
    dueAt: 'datetime?#',
    stripeDisputeId: 'string?##',
    payment: '-> Payment.disputes!',
    respond: 'Responded',
    win: 'Won',
    lose: 'Lost',
    close: 'Closed',
  },
  state: 'status',
  strict: true,
  transitions: [
    { from: [], verb: 'create', to: 'NeedsResponse' },
    { from: ['NeedsResponse'], verb: 'respond', to: 'UnderReview' },
    { from: open, verb: 'win', to: 'Won' },
    { from: open, verb: 'lose', to: 'Lost' },
    { from: open, verb: 'close', to: 'Closed' },
  ],
  about: 'A payment that the bank of a customer has taken back, or about which it asks.',
  descriptions: {
    status: 'State of the dispute; the server changes it as the provider says.',
    amount: 'Amount that is disputed, in minor units of currency.',
    currency: 'ISO 4217 code of the amount.',
    reason: 'Reason that the bank gives, such as fraudulent or product_not_received.',
    isInquiry: 'True if the bank only asks, and has taken nothing back.',
    disputedAt: 'Time the dispute began.',
    dueAt: 'Time by which the provider expects evidence.',
    stripeDisputeId: 'Identifier of the dispute at Stripe, unique among disputes.',
    payment: 'Payment that is disputed.',
    respond: 'Sets status to UnderReview; the server calls it when evidence was sent.',
    win: 'Sets status to Won; the server calls it.',
    lose: 'Sets status to Lost; the server calls it.',
    close: 'Sets status to Closed; the server calls it when an inquiry ends.',
  },
  onDelete: { payment: 'restrict' },
})
