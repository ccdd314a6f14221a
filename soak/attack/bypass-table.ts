// Ways around the rules of a business that were tried on the product, each as requests in a tenant of its own. The last request is
// the attempt, and it has to be refused with this code and message. `$i` stands for the id that the request named `i` has made.

import { customer, money, type Request, type Row } from './bypass-money.ts'
import { paths } from './bypass-paths.ts'

export interface Bypass {
  readonly way: string
  readonly requests: readonly Request[]
  readonly code: string
  /** A part of the message. */
  readonly message: string
}

const subscribed: readonly Request[] = [
  customer,
  ['s', 'POST', '/Subscription', { customer: '$c', amount: 100, status: 'Active' }],
]
const cancelled: readonly Request[] = [...subscribed, ['', 'POST', '/Subscription/$s/cancel', {}]]
const paused: readonly Request[] = [...subscribed, ['', 'POST', '/Subscription/$s/pause', {}]]
const deal = (...verbs: readonly string[]): readonly Request[] => [
  ['d', 'POST', '/Deal', { name: 'd', value: 5 }],
  ...verbs.map((verb): Request => ['', 'POST', `/Deal/$d/${verb}`, {}]),
]

const subscriptions: readonly Row[] = [
  ...(['activate', 'pause', 'renew', 'upgrade', 'downgrade', 'markPastDue'] as const).map((verb): Row => [
    `${verb} a cancelled subscription`,
    cancelled,
    ['', 'POST', `/Subscription/$s/${verb}`, {}],
    'invalid_transition',
    'Cancelled',
  ]),
  ...(['renew', 'upgrade'] as const).map((verb): Row => [
    `${verb} a paused subscription`,
    paused,
    ['', 'POST', `/Subscription/$s/${verb}`, {}],
    'invalid_transition',
    'Paused',
  ]),
  [
    'the state of a subscription by hand',
    cancelled,
    ['', 'PATCH', '/Subscription/$s', { status: 'Active' }],
    'conflict',
    "cannot change 'status'",
  ],
  [
    'another time of cancellation',
    cancelled,
    ['', 'PATCH', '/Subscription/$s', { canceledAt: '2020-01-01T00:00:00Z' }],
    'conflict',
    "cannot change 'canceledAt'",
  ],
  [
    'a credit by hand',
    subscribed,
    ['', 'PATCH', '/Subscription/$s', { pendingItems: [{ amount: -99_999 }] }],
    'conflict',
    "cannot change 'pendingItems'",
  ],
  [
    'a subscription of nobody',
    [],
    ['', 'POST', '/Subscription', { amount: 5 }],
    'validation_error',
    "field 'customer' is required",
  ],
  [
    'minus three seats',
    [customer],
    ['', 'POST', '/Subscription', { customer: '$c', quantity: -3 }],
    'validation_error',
    'quantity',
  ],
  [
    'a period that ends before it begins',
    [customer],
    [
      '',
      'POST',
      '/Subscription',
      { customer: '$c', currentPeriodStart: '2026-02-01T00:00:00Z', currentPeriodEnd: '2026-01-01T00:00:00Z' },
    ],
    'validation_error',
    'currentPeriodStart < currentPeriodEnd',
  ],
  [
    'the price of another plan',
    [
      customer,
      ['a', 'POST', '/Plan', { name: 'A' }],
      ['b', 'POST', '/Plan', { name: 'B' }],
      ['p', 'POST', '/Price', { plan: '$a', amount: 5 }],
    ],
    ['', 'POST', '/Subscription', { customer: '$c', plan: '$b', price: '$p' }],
    'validation_error',
    'price.plan = plan',
  ],
  [
    'delete a customer with a subscription',
    subscribed,
    ['', 'DELETE', '/Customer/$c'],
    'conflict',
    'restricts deletion',
  ],
]

const states: readonly Row[] = [
  ['lose a won deal', deal('win'), ['', 'POST', '/Deal/$d/lose', {}], 'invalid_transition', 'from Won to Lost'],
  [
    'advance to Won',
    deal(),
    ['', 'POST', '/Deal/$d/advance', { stage: 'Won' }],
    'invalid_transition',
    'from Prospecting to Won',
  ],
  [
    'lose a converted lead',
    [
      ['l', 'POST', '/Lead', { name: 'L', source: 'web' }],
      ['', 'POST', '/Lead/$l/convert', {}],
    ],
    ['', 'POST', '/Lead/$l/lose', {}],
    'invalid_transition',
    'from Converted to Lost',
  ],
  [
    'convert a lost lead',
    [
      ['l', 'POST', '/Lead', { name: 'L', source: 'web' }],
      ['', 'POST', '/Lead/$l/lose', {}],
    ],
    ['', 'POST', '/Lead/$l/convert', {}],
    'invalid_transition',
    'from Lost to Converted',
  ],
  [
    'qualify a customer',
    [['c', 'POST', '/Contact', { name: 'c', stage: 'Customer' }]],
    ['', 'POST', '/Contact/$c/qualify', {}],
    'invalid_transition',
    'from Customer to Qualified',
  ],
  [
    'resolve a closed ticket',
    [
      ['t', 'POST', '/Ticket', { subject: 't' }],
      ['', 'POST', '/Ticket/$t/close', {}],
    ],
    ['', 'POST', '/Ticket/$t/resolve', {}],
    'invalid_transition',
    'from Closed to Resolved',
  ],
  [
    'read a message before it was sent',
    [['m', 'POST', '/Message', { body: 'b' }]],
    ['', 'POST', '/Message/$m/read', {}],
    'invalid_transition',
    'from Draft to Read',
  ],
  [
    'send without a connection',
    [
      ['c', 'POST', '/Contact', { name: 'Ada', email: 'ada@x.io' }],
      ['m', 'POST', '/Message', { body: 'b', channel: 'Email', recipient: '$c' }],
    ],
    ['', 'POST', '/Message/$m/send', {}],
    'not_connected',
    'mail',
  ],
  [
    'conclude a draft',
    [['x', 'POST', '/Experiment', { name: 'x' }]],
    ['', 'POST', '/Experiment/$x/conclude', {}],
    'invalid_transition',
    'from Draft to Concluded',
  ],
  [
    'launch a completed campaign',
    [['c', 'POST', '/Campaign', { name: 'c', status: 'Completed' }]],
    ['', 'POST', '/Campaign/$c/launch', {}],
    'invalid_transition',
    'from Completed to Launched',
  ],
  [
    'miss an achieved goal',
    [
      ['g', 'POST', '/Goal', { name: 'g', target: 1 }],
      ['', 'POST', '/Goal/$g/achieve', {}],
    ],
    ['', 'POST', '/Goal/$g/miss', {}],
    'invalid_transition',
    'from Achieved to Missed',
  ],
  [
    'a retired agent',
    [
      ['a', 'POST', '/Agent', { name: 'a' }],
      ['', 'POST', '/Agent/$a/retire', {}],
    ],
    ['', 'POST', '/Agent/$a/do', { task: 'x' }],
    'invalid_transition',
    'Retired',
  ],
  [
    'a revoked key in use',
    [
      ['k', 'POST', '/ApiKey', { name: 'k' }],
      ['', 'POST', '/ApiKey/$k/revoke', {}],
    ],
    ['', 'PATCH', '/ApiKey/$k', { status: 'Active' }],
    'invalid_transition',
    'from Revoked to Active',
  ],
  [
    'submit an archived form',
    [
      ['f', 'POST', '/Form', { name: 'f' }],
      ['', 'POST', '/Form/$f/publish', {}],
      ['', 'POST', '/Form/$f/archive', {}],
    ],
    ['', 'POST', '/Form/$f/submit', { data: {} }],
    'invalid_transition',
    'it is Archived',
  ],
]

const values: readonly Row[] = [
  [
    'a probability of 900',
    [],
    ['', 'POST', '/Deal', { name: 'x', value: 1, probability: 900 }],
    'validation_error',
    'probability',
  ],
  ['a deal of -5', [], ['', 'POST', '/Deal', { name: 'x', value: -5 }], 'validation_error', 'value'],
  ['bananas', [], ['', 'POST', '/Deal', { name: 'x', value: 1, currency: 'bananas' }], 'validation_error', 'currency'],
  [
    'a satisfaction of 99',
    [['t', 'POST', '/Ticket', { subject: 't' }]],
    ['', 'PATCH', '/Ticket/$t', { satisfaction: 99 }],
    'validation_error',
    'satisfaction',
  ],
  [
    'a rollout of 500 percent',
    [['f', 'POST', '/FeatureFlag', { key: 'f' }]],
    ['', 'POST', '/FeatureFlag/$f/rollout', { rolloutPercentage: 500 }],
    'validation_error',
    'rolloutPercentage',
  ],
  [
    'minus two members',
    [],
    ['', 'POST', '/Segment', { name: 's', memberCount: -2 }],
    'validation_error',
    'memberCount',
  ],
  [
    'an organization under itself',
    [
      ['a', 'POST', '/Organization', { name: 'a' }],
      ['b', 'POST', '/Organization', { name: 'b', parent: '$a' }],
    ],
    ['', 'PATCH', '/Organization/$a', { parent: '$b' }],
    'conflict',
    'under itself',
  ],
  [
    'a contact as its own manager',
    [['c', 'POST', '/Contact', { name: 'c' }]],
    ['', 'PATCH', '/Contact/$c', { manager: '$c' }],
    'conflict',
    'under itself',
  ],
  [
    'an email in other letters',
    [['', 'POST', '/Contact', { name: 'a', email: 'zoe@x.io' }]],
    ['', 'POST', '/Contact', { name: 'b', email: 'ZOE@X.io' }],
    'conflict',
    'is taken',
  ],
  [
    'two customers of one contact',
    [
      ['c', 'POST', '/Contact', { name: 'a' }],
      ['', 'POST', '/Customer', { contact: '$c' }],
    ],
    ['', 'POST', '/Customer', { contact: '$c' }],
    'conflict',
    'is taken',
  ],
]

const own = {
  fields: {
    currency: 'string = EUR',
    lines: 'json',
    net: 'money(0..)! = lines[].amount',
    paid: 'money(0..) = 0',
    due: 'money! = net - paid',
    within: '-> Order.parts',
    status: 'Draft | Open | Paid',
    open: 'Opened',
    pay: 'Paid',
  },
  state: 'status',
  strict: true,
  transitions: [
    { from: ['Draft'], verb: 'open', to: 'Open', irreversible: true },
    { from: ['Open'], verb: 'pay', to: 'Paid', irreversible: true },
  ],
  effects: { pay: { sets: { paid: { kind: 'field', name: 'net' } } } },
  bounds: ['0 <= due', 'acyclic within', { rule: 'due = 0', while: { field: 'status', values: ['Paid'] } }],
  frozen: [
    { fields: ['status', 'paid'], onCreate: true },
    { fields: ['lines', 'net'], while: { field: 'status', values: ['Open', 'Paid'] }, delete: true },
  ],
}
const order: readonly Request[] = [
  ['', 'PUT', '/schema/Order', own],
  ['o', 'POST', '/Order', { lines: [{ amount: 700 }] }],
]
const opened: readonly Request[] = [...order, ['', 'POST', '/Order/$o/open', {}]]

/** A Noun of the tenant's own has the same rules. */
const ofOwnNouns: readonly Row[] = [
  [
    'own: create it paid',
    order,
    ['', 'POST', '/Order', { status: 'Paid', lines: [] }],
    'invalid_transition',
    'it starts at Draft',
  ],
  ['own: pay a draft', order, ['', 'POST', '/Order/$o/pay', {}], 'invalid_transition', 'from Draft to Paid'],
  [
    'own: another amount',
    opened,
    ['', 'PATCH', '/Order/$o', { lines: [{ amount: 1 }] }],
    'conflict',
    'while status is Open',
  ],
  ['own: paid by hand', opened, ['', 'PATCH', '/Order/$o', { paid: 700 }], 'conflict', "cannot change 'paid'"],
  ['own: delete it', opened, ['', 'DELETE', '/Order/$o'], 'conflict', 'its record is kept'],
  [
    'own: a sum that is wrong',
    order,
    ['', 'POST', '/Order', { lines: [{ amount: 1 }], net: 5 }],
    'validation_error',
    'makes 1',
  ],
  ['own: under itself', order, ['', 'PATCH', '/Order/$o', { within: '$o' }], 'conflict', 'under itself'],
  [
    'own: back to a draft',
    opened,
    ['', 'POST', '/Order/$o/rollback', { version: 1 }],
    'invalid_transition',
    'cannot be undone',
  ],
]

export const bypasses: readonly Bypass[] = [
  ...money,
  ...subscriptions,
  ...states,
  ...values,
  ...ofOwnNouns,
  ...paths,
].map(([way, before, attempt, code, message]) => ({ way, requests: [...before, attempt], code, message }))
