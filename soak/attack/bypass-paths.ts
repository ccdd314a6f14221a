// Other ways to the same rules, as `bypass-table.ts` explains them: another time, force, many entities, batches and histories.

import { bill, paid, type Request, type Row } from './bypass-money.ts'

type Attempt = readonly [method: string, path: string, body?: unknown]

const at = (time: string): Request => ['', 'POST', '/Contact', { name: 'x' }, { 'x-headlessly-at': time }]
const keyed = (time: string): Request => [
  'c',
  'POST',
  '/Contact',
  { name: 'x' },
  { 'x-headlessly-at': time, 'idempotency-key': 'k' },
]
const forced = ([method, path, body]: Attempt): Request => ['', method, path, body, { 'x-headlessly-force': 'a typo' }]
const batchOf = (...operations: readonly object[]): Request => ['', 'POST', '/batch', { operations }]

/** A time is an instant with an offset, whatever the zone of the tenant, and it has passed. */
const times: readonly Row[] = [
  ...[
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2016-12-31T23:59:60Z',
    '2026-01-01T00:00:00+25:00',
    '2026-03-29T02:30:00 Europe/Berlin',
    'yesterday',
  ].map((time): Row => [
    `the time ${time}`,
    [],
    at(time),
    'invalid_parameter',
    'expects a past timestamp with an offset',
  ]),
  ['a time in the future', [], at('2099-01-01T00:00:00Z'), 'invalid_parameter', 'not in the future'],
  [
    'a time that has passed only in the east',
    [],
    at(`${new Date(Date.now() + 7_200_000).toISOString().slice(0, 19)}-00:00`),
    'invalid_parameter',
    'not in the future',
  ],
  [
    'a time in the future for an operation of a batch',
    [],
    batchOf({ method: 'POST', path: '/Contact', body: { name: 'x' }, at: '2099-01-01T00:00:00+14:00' }),
    'batch_failed',
    'not in the future',
  ],
  [
    'a time in the future for one of many',
    [],
    [
      '',
      'POST',
      '/Contact/createMany',
      { entities: [{ name: 'x' }, { name: 'y' }], at: [null, '2099-01-01T00:00:00Z'] },
    ],
    'invalid_parameter',
    'entities[1]: at expects a time that is not in the future',
  ],
  [
    'a key for another time',
    [keyed('2026-01-01T00:00:00Z')],
    keyed('2026-01-01T00:00:00-01:00'),
    'idempotency_mismatch',
    'another request',
  ],
  [
    'an earlier time than the state allows',
    [
      ['d', 'POST', '/Deal', { name: 'd', value: 5 }],
      ['', 'POST', '/Deal/$d/win', {}],
    ],
    ['', 'POST', '/Deal/$d/lose', {}, { 'x-headlessly-at': '2020-01-01T00:00:00Z' }],
    'invalid_transition',
    'from Won to Lost',
  ],
]

const sound = 'even by force'
/** Force passes states and frozen fields, and nothing else. */
const force: readonly Row[] = [
  [
    'force without a reason',
    bill,
    ['', 'PATCH', '/Invoice/$i', { number: 'INV-1' }, { 'x-headlessly-force': ' ' }],
    'invalid_parameter',
    'expects a reason',
  ],
  ...(
    [
      ['say that it was paid', bill, ['PATCH', '/Invoice/$i', { amountPaid: 100 }], sound],
      ['other lines of a finalized invoice', bill, ['PATCH', '/Invoice/$i', { lineItems: [{ amount: 1 }] }], sound],
      ['a payment of more', paid, ['PATCH', '/Payment/$p', { amount: 9_000 }], sound],
      ['a payment of another invoice', paid, ['PATCH', '/Payment/$p', { invoice: null }], sound],
      ['a received payment fails', paid, ['POST', '/Payment/$p/fail', {}], sound],
      ['delete a received payment', paid, ['DELETE', '/Payment/$p'], sound],
      ['roll a received payment back', paid, ['POST', '/Payment/$p/rollback', { version: 1 }], sound],
      ['roll a paid invoice back', paid, ['POST', '/Invoice/$i/rollback', { version: 1 }], sound],
      ['void a paid invoice', paid, ['POST', '/Invoice/$i/void', {}], "'amountPaid = 0'"],
      ['a total that does not add up', bill, ['PATCH', '/Invoice/$i', { total: 1 }], 'makes 5000'],
      ['refund more than was paid', paid, ['POST', '/Payment/$p/refund', { amount: 9_999 }], 'amount - refundedAmount'],
    ] satisfies readonly (readonly [string, readonly Request[], Attempt, string])[]
  ).map(([way, before, attempt, message]): Row => [
    `force: ${way}`,
    before,
    forced(attempt),
    'validation_error',
    message,
  ]),
  [
    'force: take back what nobody refunded',
    paid,
    forced(['POST', '/Payment/$p/takeBack', { amount: 1 }]),
    'forbidden',
    'takeBack',
  ],
  ['force: make a refund', paid, forced(['POST', '/Refund', { payment: '$p', amount: 5 }]), 'verb_disabled', 'create'],
  [
    'force: a number that is taken',
    [...bill, ['j', 'POST', '/Invoice/finalize', { subtotal: 5, number: 'X-1' }]],
    forced(['PATCH', '/Invoice/$i', { number: 'X-1' }]),
    'conflict',
    'is taken',
  ],
  [
    'force: settings',
    bill,
    forced(['PATCH', '/settings', { currency: 'EUR' }]),
    'invalid_parameter',
    'force is for writes of entities',
  ],
  [
    'force: one of two that belong together',
    paid,
    batchOf(
      { method: 'POST', path: '/Contact', body: { name: 'x' } },
      { method: 'PATCH', path: '/Payment/$p', body: { amount: 1 }, force: 'a typo' },
    ),
    'validation_error',
    sound,
  ],
]

/** Files of rows come as many creations, each of which is held to the rules. */
const many: readonly Row[] = [
  ...(
    [
      ['Invoice', { status: 'Paid', amountDue: 1 }, 'invalid_transition', 'status'],
      ['Payment', { amount: 5, status: 'Succeeded' }, 'invalid_transition', 'status'],
      ['Payment', { amount: -5 }, 'validation_error', 'amount'],
      ['Price', { amount: 29.99 }, 'validation_error', 'amount'],
      ['ApiKey', { name: 'k', status: 'Revoked' }, 'validation_error', 'a request of its own'],
      ['Contact', { name: 'x', organization: 'organization_1VbZ0kQ3x9Ta' }, 'invalid_reference', 'organization'],
      ['Deal', { name: 'd', value: 5, probability: 900 }, 'validation_error', 'probability'],
    ] as const
  ).map(([noun, entity, code, message]): Row => [
    `many: ${noun} with ${JSON.stringify(entity)}`,
    [],
    ['', 'POST', `/${noun}/createMany`, { entities: [entity] }],
    code,
    message,
  ]),
  [
    'many: two people with one address',
    [],
    [
      '',
      'POST',
      '/Contact/createMany',
      {
        entities: [
          { name: 'a', email: 'ada@x.io' },
          { name: 'b', email: 'ADA@X.IO' },
        ],
      },
    ],
    'conflict',
    'email',
  ],
  [
    'many: all to a state that only a verb leads to',
    bill,
    ['', 'POST', '/Invoice/updateMany', { filter: {}, set: { status: 'Paid' } }],
    'conflict',
    "cannot change 'status'",
  ],
  [
    'many: delete what is kept',
    bill,
    ['', 'POST', '/Invoice/deleteMany', { filter: {} }],
    'conflict',
    'its record is kept',
  ],
]

export const paths: readonly Row[] = [...times, ...force, ...many]
