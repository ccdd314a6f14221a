// BankTransaction: one movement on an account of the tenant at its bank. Matching it with an invoice makes the payment in the same
// commit, so a movement pays once.

import { makeNoun } from 'digital-objects'

export const BankTransaction = makeNoun('BankTransaction', {
  service: 'payments.do',
  fields: {
    transactionId: 'string!##',
    status: 'Unmatched | Matched | Ignored',
    bookedAt: 'datetime!#',
    amount: 'money!',
    currency: 'currency!',
    reference: 'text? personal',
    party: 'string? personal',
    partyAccount: 'string? personal',
    account: 'string?',
    payment: '-> Payment.bankTransactions',
    task: '-> Activity.bankTransactions',
    matchedAt: 'datetime?',
    ignoredAt: 'datetime?',
    delete: null,
    match: 'Matched',
    ignore: 'Ignored',
    ask: 'Asked',
  },
  state: 'status',
  strict: true,
  transitions: [
    { from: [], verb: 'create', to: 'Unmatched' },
    { from: ['Unmatched', 'Ignored'], verb: 'match', to: 'Matched', irreversible: true },
    { from: ['Unmatched'], verb: 'ignore', to: 'Ignored' },
    { from: ['Unmatched'], verb: 'ask', to: 'Unmatched' },
  ],
  about: 'A movement on a bank account. One that comes in and names an invoice pays it.',
  descriptions: {
    transactionId: 'Identifier of the movement at the bank, so that a statement that comes twice counts once.',
    status: 'Whether it has paid an invoice; match and ignore change it.',
    bookedAt: 'Time at which the bank booked it.',
    amount: 'Amount in minor units of currency; below 0 it went out.',
    currency: 'ISO 4217 code of the amount.',
    reference: 'Text that the other party wrote, with the number of the invoice.',
    party: 'Name of the other party.',
    partyAccount: 'Account of the other party, such as its IBAN.',
    account: 'Own account, such as its IBAN.',
    payment: 'Payment that it made; match sets it.',
    task: 'Task for a person, since it matches no invoice; ask sets it.',
    matchedAt: 'Time it was matched.',
    ignoredAt: 'Time it was ignored.',
    match: 'Pays the invoice whose id you send, with the whole amount at bookedAt, and sets status to Matched.',
    ignore: 'Sets status to Ignored: it pays no invoice.',
    ask: 'Creates a task for a person, since no invoice was found; the server calls it.',
  },
  bounds: [{ rule: '0 < amount', while: { field: 'status', values: ['Matched'] } }],
  frozen: [
    { fields: ['transactionId', 'bookedAt', 'amount', 'currency', 'account'], delete: true },
    { fields: ['status', 'payment', 'task', 'matchedAt', 'ignoredAt'], onCreate: true },
  ],
  onDelete: { payment: 'restrict' },
  effects: {
    // The other party has written its name and the reference.
    create: { strangers: { origin: 'bank' } },
    match: {
      does: ['pays'],
      argumentsOnly: ['invoice'],
      argumentsRequired: ['invoice'],
      argumentTypes: { invoice: 'id' },
      sets: { matchedAt: { kind: 'now' } },
      related: [
        {
          kind: 'create',
          noun: 'Payment',
          verb: 'capture',
          as: 'payment',
          sets: {
            invoice: { kind: 'argument', name: 'invoice' },
            amount: { kind: 'field', name: 'amount' },
            currency: { kind: 'field', name: 'currency' },
            capturedAt: { kind: 'field', name: 'bookedAt' },
            method: { kind: 'literal', value: 'bank_transfer' },
          },
        },
      ],
    },
    ignore: { sets: { ignoredAt: { kind: 'now' } } },
    ask: {
      strangers: { origin: 'bank' },
      argumentsOnly: ['subject', 'description'],
      argumentsRequired: ['subject'],
      argumentTypes: { subject: 'string', description: 'text' },
      related: [
        {
          kind: 'create',
          noun: 'Activity',
          as: 'task',
          sets: {
            type: { kind: 'literal', value: 'Task' },
            subject: { kind: 'argument', name: 'subject' },
            description: { kind: 'argument', name: 'description' },
            source: { kind: 'literal', value: 'bank' },
          },
        },
      ],
    },
  },
})
