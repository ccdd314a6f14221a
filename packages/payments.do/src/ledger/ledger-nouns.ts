// Ledger: the books of a tenant, which it opens by creating the only one. JournalEntry: one entry in them, which the server makes
// of an event of an invoice, payment, refund or dispute, and which never changes.

import { makeNoun } from 'digital-objects'
import { accountNames, accounts } from './accounts.ts'

export const Ledger = makeNoun('Ledger', {
  service: 'payments.do',
  fields: {
    name: 'string?',
    accountCodes: 'json?',
    openedAt: 'datetime?#',
    closedThrough: 'datetime?',
    closedAt: 'datetime?',
    reopenedAt: 'datetime?',
    reason: 'string?',
    delete: null,
    close: 'Closed',
    reopen: 'Reopened',
  },
  about: 'The books of the tenant in double entry. Creating it opens them, from the first event on; there is only one.',
  descriptions: {
    name: 'Name for people.',
    accountCodes: 'Codes of the accounts in exports, by the names of the accounts: { "revenue": "8400" }.',
    openedAt: 'Time the books were opened.',
    closedThrough: 'Time up to which the books are closed: nothing may be dated in it any more.',
    closedAt: 'Time of the last closing; close sets it.',
    reopenedAt: 'Time of the last reopening; reopen sets it.',
    reason: 'Reason for the last reopening.',
    close: 'Closes the books through closedThrough, which is past and later than before.',
    reopen: 'Reopens the books after closedThrough, or all without it, for the reason that you send.',
  },
  fills: { openedAt: { kind: 'now' } },
  frozen: [{ fields: ['openedAt', 'closedThrough', 'closedAt', 'reopenedAt', 'reason'], onCreate: true }],
  effects: {
    close: {
      argumentsOnly: ['closedThrough'],
      argumentsRequired: ['closedThrough'],
      argumentTypes: { closedThrough: 'datetime' },
      repeats: true,
      sets: { closedThrough: { kind: 'argument', name: 'closedThrough' }, closedAt: { kind: 'now' } },
    },
    reopen: {
      argumentsOnly: ['closedThrough', 'reason'],
      argumentsRequired: ['reason'],
      argumentTypes: { closedThrough: 'datetime', reason: 'string' },
      repeats: true,
      sets: {
        reopenedAt: { kind: 'now' },
        reason: { kind: 'argument', name: 'reason' },
        closedThrough: { kind: 'first', of: [{ kind: 'argument', name: 'closedThrough' }, { kind: 'clear' }] },
      },
    },
  },
})

const amountFields = Object.fromEntries(accountNames.map((name) => [name, 'money?']))

export const JournalEntry = makeNoun('JournalEntry', {
  service: 'payments.do',
  fields: {
    number: 'string?##',
    bookedAt: 'datetime!#',
    currency: 'currency!',
    ...amountFields,
    document: 'id!#',
    event: 'string!#',
    eventType: 'string!',
    seq: 'integer(1..)!#',
    update: null,
    delete: null,
  },
  about: 'One entry of the journal: amounts of accounts that add up to 0. The server makes it of an event.',
  descriptions: {
    number: 'Number of the entry, unique and without gaps, such as J-2026-000001.',
    bookedAt: 'Time to which the entry belongs, as its document says.',
    currency: 'ISO 4217 code of the amounts.',
    ...Object.fromEntries(
      accountNames.map((name) => [name, `${accounts[name].about} In minor units: a debit, or below 0 a credit.`]),
    ),
    document: 'Invoice, payment, refund or dispute that the entry is of.',
    event: 'Id of the event that the entry is of.',
    eventType: 'Type of that event, such as Invoice.Finalized.',
    seq: 'Position of that event in the log.',
  },
  numbers: { number: { pattern: 'J-{year}-{number:6}', by: 'create' } },
  bounds: [`${accountNames.join(' + ')} = 0`],
  frozen: [
    {
      fields: ['number', 'bookedAt', 'currency', ...accountNames, 'document', 'event', 'eventType', 'seq'],
      delete: true,
    },
  ],
})
