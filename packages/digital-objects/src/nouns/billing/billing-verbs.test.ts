// The verbs of billing without their effects on other entities: each row is a state, a call, and the fields that it changes, or
// the code of its refusal. Null means that the field has no value afterwards.

import { expect, test } from 'vitest'
import type { EntityFields, JsonValue } from '../../base/entity.ts'
import { ObjectError } from '../../base/object-error.ts'
import type { NounSchema } from '../../noun/schema.ts'
import { checkBounds } from '../../rules/check-bounds.ts'
import { checkFrozen } from '../../rules/check-frozen.ts'
import { defaultSettings } from '../../settings/tenant-settings.ts'
import { decideChange } from '../../verb/decide-change.ts'
import { checkTransition } from '../../verb/transition.ts'
import { nouns } from '../all-nouns.ts'

const nowMs = Date.parse('2026-03-04T05:06:07.089Z')
const now = new Date(nowMs).toISOString()
const earlier = '2026-01-02T03:04:05.000Z'

const entities: Readonly<Record<string, EntityFields>> = {
  contact_000000000001: { name: 'Ada', email: 'ada@x.io', organization: 'organization_000000000001' },
  organization_000000000001: { name: 'Acme' },
  customer_000000000001: { name: 'Ada', currency: 'EUR', timeZone: 'Europe/Berlin' },
  plan_000000000001: { name: 'Pro', trialDays: 14 },
  plan_000000000002: { name: 'Team' },
  price_000000000001: { amount: 2_900, currency: 'EUR', interval: 'Monthly', plan: 'plan_000000000001' },
  price_000000000002: { amount: 9_900, currency: 'EUR', interval: 'Monthly', plan: 'plan_000000000002' },
  invoice_000000000001: { currency: 'EUR', customer: 'customer_000000000001', status: 'Open' },
}

interface Call {
  readonly verb: string
  readonly has?: EntityFields
  readonly input?: Readonly<Record<string, JsonValue>>
}

/** Decides as the write path does: the fields, or the refusal. Undefined if the verb's work is done already. */
function decide({ verb: name, has, input = {} }: Call): EntityFields | undefined {
  const [noun = '', verbName = ''] = name.split('.')
  const schema: NounSchema | undefined = Object.values(nouns).find((each) => each.$name === noun)?.$schema
  const verb = schema?.verbs[verbName]
  if (schema === undefined || verb === undefined) throw new Error(`no verb ${name}`)
  const read = (id: string): EntityFields | undefined => entities[id]
  const after = decideChange({ schema, verb, input, current: has, nowMs, read, settings: defaultSettings })
  if (after === undefined) return undefined
  checkTransition(schema, { verb: verbName, isRollback: false, before: has, after })
  checkFrozen(schema, { verb, input, before: has, after })
  checkBounds(schema, { operation: name, before: has, fields: after, related: read })
  return after
}

const open = { status: 'Open', subtotal: 5_000, total: 5_000, amountDue: 5_000, currency: 'EUR' }
const paid = { ...open, status: 'Paid', amountPaid: 5_000, amountDue: 0, paidAt: earlier }
const succeeded = { status: 'Succeeded', amount: 5_000, currency: 'EUR', netAmount: 5_000, capturedAt: earlier }
const period = {
  billingAnchor: '2026-02-04T00:00:00.000Z',
  currentPeriodStart: '2026-02-04T00:00:00.000Z',
  currentPeriodEnd: '2026-03-04T00:00:00.000Z',
}
const active = { status: 'Active', quantity: 2, amount: 2_900, currency: 'EUR', price: 'price_000000000001', ...period }

test.each<Call & { readonly gives: Readonly<Record<string, JsonValue>> }>([
  {
    verb: 'Customer.create',
    input: { contact: 'contact_000000000001' },
    gives: {
      contact: 'contact_000000000001',
      name: 'Ada',
      email: 'ada@x.io',
      organization: 'organization_000000000001',
    },
  },
  {
    verb: 'Price.create',
    input: { amount: 100 },
    gives: { amount: 100, currency: 'USD', intervalCount: 1 },
  },
  {
    verb: 'Subscription.create',
    input: { price: 'price_000000000001', customer: 'customer_000000000001' },
    gives: {
      price: 'price_000000000001',
      customer: 'customer_000000000001',
      plan: 'plan_000000000001',
      amount: 2_900,
      quantity: 1,
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
      status: 'Trialing',
      startedAt: now,
      trialStart: now,
      trialEnd: '2026-03-18T05:06:07.089Z',
      billingAnchor: '2026-03-18T05:06:07.089Z',
      currentPeriodStart: now,
      currentPeriodEnd: '2026-03-18T05:06:07.089Z',
    },
  },
  {
    verb: 'Subscription.create',
    input: {
      customer: 'customer_000000000002',
      price: 'price_000000000002',
      startedAt: '2026-01-31T10:00:00.000Z',
    },
    gives: {
      customer: 'customer_000000000002',
      price: 'price_000000000002',
      plan: 'plan_000000000002',
      amount: 9_900,
      quantity: 1,
      currency: 'EUR',
      timeZone: 'UTC',
      status: 'Active',
      startedAt: '2026-01-31T10:00:00.000Z',
      billingAnchor: '2026-01-31T10:00:00.000Z',
      currentPeriodStart: '2026-02-28T10:00:00.000Z',
      currentPeriodEnd: '2026-03-31T10:00:00.000Z',
    },
  },
  { verb: 'Subscription.activate', has: { status: 'Trialing' }, gives: { status: 'Active', activatedAt: now } },
  { verb: 'Subscription.markPastDue', has: active, gives: { status: 'PastDue', pastDueAt: now } },
  {
    verb: 'Subscription.pause',
    has: active,
    input: { resumesAt: '2026-06-01T00:00:00.000Z' },
    gives: { status: 'Paused', pausedAt: now, resumesAt: '2026-06-01T00:00:00.000Z' },
  },
  {
    verb: 'Subscription.cancel',
    has: { ...active, cancelAtPeriodEnd: true },
    input: { cancelReason: 'price' },
    gives: { status: 'Cancelled', canceledAt: now, endedAt: now, cancelAtPeriodEnd: false, cancelReason: 'price' },
  },
  // It is not paused any more.
  {
    verb: 'Subscription.cancel',
    has: { ...active, status: 'Paused', pausedAt: earlier },
    gives: { status: 'Cancelled', canceledAt: now, endedAt: now, cancelAtPeriodEnd: false, pausedAt: null },
  },
  { verb: 'Subscription.cancel', has: active, input: { cancelAtPeriodEnd: true }, gives: { cancelAtPeriodEnd: true } },
  {
    verb: 'Subscription.reactivate',
    has: { ...active, status: 'Cancelled', canceledAt: earlier, endedAt: earlier },
    gives: {
      status: 'Active',
      canceledAt: null,
      endedAt: null,
      cancelAtPeriodEnd: false,
      activatedAt: now,
      billingAnchor: now,
      currentPeriodEnd: now,
    },
  },
  {
    verb: 'Subscription.upgrade',
    has: { ...active, currentPeriodEnd: '2026-04-01T05:06:07.089Z', currentPeriodStart: '2026-02-04T05:06:07.089Z' },
    input: { price: 'price_000000000002', quantity: 1 },
    gives: {
      price: 'price_000000000002',
      plan: 'plan_000000000002',
      amount: 9_900,
      quantity: 1,
      changedAt: now,
      pendingItems: [
        { description: 'Unused time', amount: -2_900 },
        { description: 'Remaining time', amount: 4_950 },
      ],
    },
  },
  {
    verb: 'Subscription.downgrade',
    has: { ...active, status: 'Trialing' },
    input: { quantity: 1 },
    gives: { quantity: 1, changedAt: now },
  },
  {
    verb: 'Subscription.renew',
    has: active,
    gives: {
      currentPeriodStart: '2026-03-04T00:00:00.000Z',
      currentPeriodEnd: '2026-04-04T00:00:00.000Z',
      renewedAt: now,
    },
  },
  {
    verb: 'Subscription.renew',
    has: { ...active, status: 'Trialing', billingAnchor: '2026-03-04T00:00:00.000Z' },
    gives: {
      status: 'Active',
      currentPeriodStart: '2026-03-04T00:00:00.000Z',
      currentPeriodEnd: '2026-04-04T00:00:00.000Z',
      renewedAt: now,
    },
  },
  {
    verb: 'Invoice.create',
    input: {
      lineItems: [{ description: 'a', amount: 100 }, { amount: 50 }],
      tax: 30,
      customer: 'customer_000000000001',
    },
    gives: {
      lineItems: [{ description: 'a', amount: 100 }, { amount: 50 }],
      tax: 30,
      customer: 'customer_000000000001',
      subtotal: 150,
      total: 180,
      amountDue: 180,
      currency: 'EUR',
      status: 'Draft',
    },
  },
  {
    verb: 'Invoice.finalize',
    has: { ...open, status: 'Draft' },
    gives: { status: 'Open', issuedAt: now, dueAt: '2026-04-03T05:06:07.089Z' },
  },
  {
    verb: 'Invoice.finalize',
    has: { status: 'Draft', subtotal: 0, total: 0, amountDue: 0, dueAt: earlier },
    gives: { status: 'Paid', issuedAt: now, paidAt: now },
  },
  { verb: 'Invoice.pay', has: open, gives: { status: 'Paid', paidAt: now, amountPaid: 5_000, amountDue: 0 } },
  { verb: 'Invoice.pay', has: open, input: { amount: 1_000 }, gives: { amountPaid: 1_000, amountDue: 4_000 } },
  {
    verb: 'Invoice.pay',
    has: { ...open, amountPaid: 1_000, amountDue: 4_000 },
    input: { amount: 4_000, paidAt: earlier },
    gives: { status: 'Paid', paidAt: earlier, amountPaid: 5_000, amountDue: 0 },
  },
  { verb: 'Invoice.void', has: open, gives: { status: 'Voided', voidedAt: now } },
  { verb: 'Invoice.markUncollectible', has: open, gives: { status: 'Uncollectible', uncollectibleAt: now } },
  {
    verb: 'Invoice.credit',
    has: open,
    input: { amount: 500 },
    gives: { creditedAmount: 500, creditedAfterPayment: 0, creditedAt: now, amountDue: 4_500 },
  },
  {
    verb: 'Invoice.credit',
    has: paid,
    input: { amount: 500 },
    gives: { creditedAmount: 0, creditedAfterPayment: 500, creditedAt: now },
  },
  {
    verb: 'Payment.create',
    input: { amount: 100, invoice: 'invoice_000000000001' },
    gives: {
      amount: 100,
      invoice: 'invoice_000000000001',
      customer: 'customer_000000000001',
      currency: 'EUR',
      netAmount: 100,
      status: 'Pending',
    },
  },
  {
    verb: 'Payment.capture',
    has: { ...succeeded, status: 'Pending' },
    gives: { status: 'Succeeded', capturedAt: now },
  },
  {
    verb: 'Payment.fail',
    has: { ...succeeded, status: 'Pending' },
    input: { failureCode: 'card_declined' },
    gives: { status: 'Failed', failedAt: now, failureCode: 'card_declined' },
  },
  {
    verb: 'Payment.refund',
    has: succeeded,
    gives: { status: 'Refunded', refundedAmount: 5_000, netAmount: 0, refundedAt: now },
  },
  {
    verb: 'Payment.refund',
    has: { ...succeeded, refundedAmount: 1_000, netAmount: 4_000 },
    input: { amount: 1_000 },
    gives: { refundedAmount: 2_000, netAmount: 3_000, refundedAt: now },
  },
])('$verb of $has with $input gives $gives', ({ gives, ...call }) => {
  const expected = Object.entries({ ...call.has, ...gives }).filter(([, value]) => value !== null)
  expect(decide(call)).toEqual(Object.fromEntries(expected))
})

test.each<Call>([
  { verb: 'Invoice.pay', has: paid },
  {
    verb: 'Payment.refund',
    has: { ...succeeded, status: 'Refunded', refundedAmount: 5_000, netAmount: 0, refundedAt: now },
  },
  {
    verb: 'Subscription.cancel',
    has: { ...active, status: 'Cancelled', canceledAt: earlier, endedAt: earlier, cancelAtPeriodEnd: false },
  },
])('$verb of $has is done already', (call) => {
  expect(decide(call)).toBeUndefined()
})

test.each<Call & { readonly code: string }>([
  { verb: 'Invoice.create', input: { subtotal: 1, status: 'Paid' }, code: 'invalid_transition' },
  { verb: 'Invoice.create', input: { subtotal: 100, tax: 20, total: 5, amountDue: 999 }, code: 'validation_error' },
  { verb: 'Invoice.create', input: { subtotal: 5_000, amountPaid: 5_000 }, code: 'conflict' },
  { verb: 'Invoice.update', has: paid, input: { total: 1, status: 'Draft' }, code: 'invalid_transition' },
  { verb: 'Invoice.update', has: open, input: { status: 'Paid' }, code: 'conflict' },
  { verb: 'Invoice.update', has: { ...open, status: 'Voided' }, input: { status: 'Open' }, code: 'invalid_transition' },
  { verb: 'Invoice.update', has: open, input: { subtotal: 1 }, code: 'conflict' },
  { verb: 'Invoice.finalize', has: paid, code: 'invalid_transition' },
  { verb: 'Invoice.void', has: paid, code: 'invalid_transition' },
  { verb: 'Invoice.void', has: { ...open, amountPaid: 1_000, amountDue: 4_000 }, code: 'validation_error' },
  { verb: 'Invoice.pay', has: open, input: { amountPaid: 1_000 }, code: 'conflict' },
  { verb: 'Invoice.pay', has: open, input: { amount: 6_000 }, code: 'validation_error' },
  { verb: 'Invoice.pay', has: open, input: { amount: -1 }, code: 'validation_error' },
  { verb: 'Invoice.pay', has: open, input: { total: 1 }, code: 'conflict' },
  { verb: 'Invoice.pay', has: { ...open, status: 'Voided' }, code: 'invalid_transition' },
  { verb: 'Invoice.credit', has: paid, input: { amount: 6_000 }, code: 'validation_error' },
  { verb: 'Payment.create', input: { amount: 100, status: 'Succeeded' }, code: 'invalid_transition' },
  {
    verb: 'Payment.create',
    input: { amount: 100, currency: 'USD', invoice: 'invoice_000000000001' },
    code: 'validation_error',
  },
  { verb: 'Payment.create', input: { amount: 29.99 }, code: 'validation_error' },
  { verb: 'Payment.capture', has: { ...succeeded, status: 'Refunded' }, code: 'invalid_transition' },
  { verb: 'Payment.refund', has: succeeded, input: { amount: 100_000 }, code: 'validation_error' },
  { verb: 'Payment.refund', has: { ...succeeded, status: 'Pending' }, code: 'invalid_transition' },
  { verb: 'Payment.update', has: succeeded, input: { amount: 1 }, code: 'conflict' },
  { verb: 'Price.create', input: { amount: 29.99 }, code: 'validation_error' },
  { verb: 'Price.create', input: { amount: -1 }, code: 'validation_error' },
  { verb: 'Price.create', input: { amount: 1, currency: 'bananas' }, code: 'validation_error' },
  { verb: 'Price.update', has: { amount: 100 }, input: { amount: 1 }, code: 'conflict' },
  { verb: 'Subscription.create', input: { customer: 'customer_000000000001', quantity: -3 }, code: 'validation_error' },
  { verb: 'Subscription.create', input: { price: 'price_000000000001' }, code: 'validation_error' },
  {
    verb: 'Subscription.create',
    input: { customer: 'customer_000000000001', plan: 'plan_000000000002', price: 'price_000000000001' },
    code: 'validation_error',
  },
  {
    verb: 'Subscription.create',
    input: { customer: 'customer_000000000001', currentPeriodStart: now, currentPeriodEnd: earlier },
    code: 'validation_error',
  },
  {
    verb: 'Subscription.create',
    input: { customer: 'customer_000000000001', status: 'Cancelled' },
    code: 'invalid_transition',
  },
  { verb: 'Subscription.activate', has: { ...active, status: 'Cancelled' }, code: 'invalid_transition' },
  { verb: 'Subscription.pause', has: { ...active, status: 'Cancelled' }, code: 'invalid_transition' },
  { verb: 'Subscription.renew', has: { ...active, status: 'Paused' }, code: 'invalid_transition' },
  {
    verb: 'Subscription.upgrade',
    has: { ...active, status: 'Cancelled' },
    input: { quantity: 3 },
    code: 'invalid_transition',
  },
  { verb: 'Subscription.upgrade', has: active, input: { plan: 'plan_000000000002' }, code: 'validation_error' },
  { verb: 'Subscription.update', has: active, input: { amount: 1 }, code: 'conflict' },
])('$verb of $has with $input is refused with $code', ({ code, ...call }) => {
  const refusal = (): unknown => {
    try {
      return decide(call) === undefined ? 'nothing to do' : 'accepted'
    } catch (error) {
      return error instanceof ObjectError ? error.code : error
    }
  }
  expect(refusal()).toBe(code)
})
