// Ways around the rules of invoices and payments, as `bypass-table.ts` explains them.

/** The name of what it makes, method, path and body. */
export type Request = readonly [name: string, method: string, path: string, body?: unknown]

/** Way, requests before, attempt, code and a part of the message. */
export type Row = readonly [way: string, before: readonly Request[], attempt: Request, code: string, message: string]

export const customer: Request = ['c', 'POST', '/Customer', { name: 'Ada', currency: 'USD' }]
const bill: readonly Request[] = [
  ['i', 'POST', '/Invoice', { lineItems: [{ description: 'x', amount: 5_000 }] }],
  ['', 'POST', '/Invoice/$i/finalize', {}],
]
const paid: readonly Request[] = [
  ...bill,
  ['p', 'POST', '/Payment', { amount: 5_000, invoice: '$i' }],
  ['', 'POST', '/Payment/$p/capture', {}],
]
const voided: readonly Request[] = [...bill, ['', 'POST', '/Invoice/$i/void', {}]]
export const money: readonly Row[] = [
  [
    'capture again after a refund',
    [...paid, ['', 'POST', '/Payment/$p/refund', {}]],
    ['', 'POST', '/Payment/$p/capture', {}],
    'invalid_transition',
    'from Refunded to Succeeded',
  ],
  [
    'refund twice',
    [...paid, ['', 'POST', '/Payment/$p/refund', {}]],
    ['', 'POST', '/Payment/$p/refund', { amount: 1 }],
    'invalid_transition',
    'from Refunded',
  ],
  [
    'refund more than was paid',
    paid,
    ['', 'POST', '/Payment/$p/refund', { amount: 100_000 }],
    'validation_error',
    'amount - refundedAmount',
  ],
  [
    'take back what nobody refunded',
    paid,
    ['', 'POST', '/Payment/$p/takeBack', { amount: 1 }],
    'forbidden',
    'takeBack',
  ],
  ['void a paid invoice', paid, ['', 'POST', '/Invoice/$i/void', {}], 'invalid_transition', 'from Paid to Voided'],
  [
    'a paid invoice back to a draft',
    paid,
    ['', 'PATCH', '/Invoice/$i', { total: 1, status: 'Draft' }],
    'invalid_transition',
    'from Paid to Draft',
  ],
  ['delete a finalized invoice', bill, ['', 'DELETE', '/Invoice/$i'], 'conflict', 'its record is kept'],
  [
    'change what was paid',
    paid,
    ['', 'PATCH', '/Invoice/$i', { amountPaid: 0 }],
    'conflict',
    "cannot change 'amountPaid'",
  ],
  [
    'roll a finalized invoice back',
    bill,
    ['', 'POST', '/Invoice/$i/rollback', { version: 1 }],
    'invalid_transition',
    'cannot be undone',
  ],
  ['another number', bill, ['', 'PATCH', '/Invoice/$i', { number: 'INV-1' }], 'conflict', "cannot change 'number'"],
  [
    'open a voided invoice',
    voided,
    ['', 'PATCH', '/Invoice/$i', { status: 'Open' }],
    'invalid_transition',
    'from Voided to Open',
  ],
  ['pay a voided invoice', voided, ['', 'POST', '/Invoice/$i/pay', {}], 'invalid_transition', 'from Voided to Paid'],
  [
    'credit a voided invoice',
    voided,
    ['', 'POST', '/Invoice/$i/credit', { amount: 1 }],
    'invalid_transition',
    'Voided',
  ],
  [
    'credit a draft',
    [['i', 'POST', '/Invoice', { lineItems: [{ amount: 5 }] }]],
    ['', 'POST', '/Invoice/$i/credit', { amount: 1 }],
    'invalid_transition',
    'Draft',
  ],
  [
    'credit more than is due',
    bill,
    ['', 'POST', '/Invoice/$i/credit', { amount: 5_001 }],
    'validation_error',
    '0 <= amountDue',
  ],
  [
    'credit to a state',
    bill,
    ['', 'POST', '/Invoice/$i/credit', { amount: 10, status: 'Paid' }],
    'invalid_transition',
    'leads to status Open, not to Paid',
  ],
  [
    'create a paid invoice',
    [],
    ['', 'POST', '/Invoice', { status: 'Paid', lineItems: [{ amount: 1 }] }],
    'invalid_transition',
    'it starts at Draft',
  ],
  [
    'create a captured payment',
    [],
    ['', 'POST', '/Payment', { amount: 5, status: 'Succeeded' }],
    'invalid_transition',
    'it starts at Pending',
  ],
  [
    'create many captured payments',
    [],
    ['', 'POST', '/Payment/createMany', { entities: [{ amount: 5, status: 'Succeeded' }] }],
    'invalid_transition',
    'entities[0]',
  ],
  [
    'a paid invoice in a batch',
    [],
    [
      '',
      'POST',
      '/batch',
      { operations: [{ method: 'POST', path: '/Invoice', body: { status: 'Paid', lineItems: [] } }] },
    ],
    'batch_failed',
    'it starts at Draft',
  ],
  [
    'many invoices back to drafts',
    paid,
    ['', 'POST', '/Invoice/updateMany', { ids: ['$i'], set: { status: 'Draft' } }],
    'invalid_transition',
    'from Paid to Draft',
  ],
  [
    'delete many finalized invoices',
    bill,
    ['', 'POST', '/Invoice/deleteMany', { ids: ['$i'] }],
    'conflict',
    'its record is kept',
  ],
  [
    'another amount of a payment',
    paid,
    ['', 'PATCH', '/Payment/$p', { amount: 1 }],
    'conflict',
    "cannot change 'amount'",
  ],
  ['delete a payment', paid, ['', 'DELETE', '/Payment/$p'], 'conflict', 'its record is kept'],
  ['pay too much', bill, ['', 'POST', '/Invoice/$i/pay', { amount: 5_001 }], 'validation_error', '0 <= amountDue'],
  ['amounts beside a verb', bill, ['', 'POST', '/Invoice/$i/void', { total: 1 }], 'conflict', "cannot change 'total'"],
  [
    'a payment beside finalize',
    [['i', 'POST', '/Invoice', { lineItems: [{ amount: 9 }] }]],
    ['', 'POST', '/Invoice/$i/finalize', { amountPaid: 9 }],
    'conflict',
    "cannot change 'amountPaid'",
  ],
  [
    'a history of a tenant that has one',
    bill,
    [
      '',
      'POST',
      '/history',
      { timestamp: '2020-01-01T00:00:00Z', type: 'Invoice.Created', target: 'x', data: { status: 'Paid' } },
    ],
    'conflict',
    'before the first write',
  ],
  [
    'a payment in another currency',
    bill,
    ['', 'POST', '/Payment', { amount: 5, currency: 'EUR', invoice: '$i' }],
    'validation_error',
    'currency = invoice.currency',
  ],
  [
    'sums that do not add up',
    [],
    ['', 'POST', '/Invoice', { subtotal: 100, tax: 20, total: 5, amountDue: 999, lineItems: [{ amount: 42 }] }],
    'validation_error',
    'lineItems[].amount 42 makes 42',
  ],
  [
    'a fraction of a cent',
    [],
    ['', 'POST', '/Price', { amount: 29.99 }],
    'validation_error',
    'whole number of minor units',
  ],
  ['a negative price', [], ['', 'POST', '/Price', { amount: -1 }], 'validation_error', 'from 0'],
  [
    'delete a customer who owes',
    [
      customer,
      ['i', 'POST', '/Invoice', { customer: '$c', lineItems: [{ amount: 5 }] }],
      ['', 'POST', '/Invoice/$i/finalize', {}],
    ],
    ['', 'DELETE', '/Customer/$c'],
    'conflict',
    'restricts deletion',
  ],
]
