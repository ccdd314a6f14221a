// Subscription: a recurring purchase of a plan by a customer.

import type { DeletionRule } from '../../noun/deletion-rule.ts'
import { Noun } from '../../noun/noun.ts'
import type { EffectValue, RelatedEffect } from '../../noun/verb-effect.ts'
import {
  after,
  before,
  clear,
  first,
  given,
  givenOrNow,
  ifEmpty,
  literal,
  now,
  product,
  path,
  previous,
  setting,
  soFar,
  when,
} from '../../verb/effect-values.ts'
import { recurringItems } from './itemized-lines.ts'

/** Nobody sets the last three today; entities from before the table may have them. */
const active = ['Active', 'Reactivated', 'Upgraded', 'Downgraded'] as const
const unended = [...active, 'PastDue', 'Unpaid', 'Trialing', 'Paused', 'Incomplete'] as const

/** A customer, plan or price stays as long as a subscription to it may bill. */
const untilEnded = (otherwise: 'clear' | 'keep'): DeletionRule => ({
  restrictWhile: { field: 'status', values: unended },
  otherwise,
})

/** An edge of the billing period that contains a time. Periods are counted from the anchor, by the price, else by the month. */
function period(edge: 'start' | 'end', at: EffectValue): EffectValue {
  return {
    kind: 'period',
    edge,
    at,
    anchor: before('billingAnchor'),
    interval: first(path('price.interval'), literal('Monthly')),
    count: path('price.intervalCount'),
    zone: before('timeZone'),
  }
}

const quantityBefore = first(before('quantity'), literal(1))
const quantitySoFar = first(soFar('quantity'), literal(1))
/** A line of the next invoice for the rest of the period that is paid already. */
function proration(description: string, amount: EffectValue): EffectValue {
  const rest: EffectValue = { kind: 'prorated', amount, start: 'currentPeriodStart', end: 'currentPeriodEnd' }
  return line(description, rest)
}

/** The price decides plan and amount. The rest of the paid period is credited, and billed at the new amount. */
const changePlan = {
  sets: {
    price: given('price'),
    plan: first(given('plan'), { kind: 'ifGiven', argument: 'price', value: path('price.plan') }),
    amount: first(given('amount'), { kind: 'ifGiven', argument: 'price', value: path('price.amount') }),
    quantity: given('quantity'),
    changedAt: givenOrNow('changedAt'),
    pendingItems: when('status', 'Trialing', {
      then: before('pendingItems'),
      otherwise: {
        kind: 'list',
        of: [
          before('pendingItems'),
          proration('Unused time', product(literal(-1), before('amount'), quantityBefore)),
          proration('Remaining time', product(soFar('amount'), quantitySoFar)),
        ],
      },
    }),
  },
} as const

/** The line of a whole period. */
const periodLine: EffectValue = {
  kind: 'line',
  of: {
    description: first(path('plan.name'), path('price.name'), literal('Subscription')),
    quantity: quantitySoFar,
    unitAmount: soFar('amount'),
    amount: product(soFar('amount'), quantitySoFar),
  },
}

/** The lines of a period's invoice. What they fall short of 0 is carried to the next one. */
function periodLines(pending: EffectValue): { readonly lines: EffectValue; readonly carried: EffectValue } {
  const due: EffectValue = { kind: 'list', of: [periodLine, soFar('recurringItems'), pending] }
  const carried: EffectValue = { kind: 'shortfall', of: due }
  return { lines: { kind: 'list', of: [due, line('Credit carried to the next invoice', carried)] }, carried }
}

function line(description: string, amount: EffectValue): EffectValue {
  return { kind: 'line', of: { description: literal(description), amount } }
}

/** A provider that bills the subscription makes its invoices, and decides when it ends or is past due. */
const billedHere = { field: 'billedBy', has: false } as const

/** The invoice of the current period, which is due at once. */
const periodInvoice = {
  kind: 'create',
  noun: 'Invoice',
  verb: 'finalize',
  sets: {
    subscription: { kind: 'id' },
    customer: after('customer'),
    organization: after('organization'),
    currency: after('currency'),
    lineItems: periodLines(previous('pendingItems')).lines,
    periodStart: after('currentPeriodStart'),
    periodEnd: after('currentPeriodEnd'),
  },
} as const

/** Items whose discount the next bill does not have lose it. */
function endDiscounts(isBilled: boolean): RelatedEffect {
  return {
    kind: 'call',
    of: 'items',
    verb: 'endDiscount',
    with: { ...(isBilled ? { isBilled: literal(true) } : {}), nextBillAt: after('currentPeriodEnd') },
    where: [
      { field: 'coupon', has: true },
      { field: 'discountDuration', in: ['Once', 'Repeating'] },
    ],
  }
}

export const Subscription = Noun(
  'Subscription',
  {
    status:
      'Active | PastDue | Unpaid | Cancelled | Trialing | Paused | Incomplete | Reactivated | Upgraded | Downgraded',
    quantity: 'integer(1..)?',
    amount: 'money(0..)?',
    currency: 'currency?',
    timeZone: 'string?',
    startedAt: 'datetime?',
    billingAnchor: 'datetime?',
    currentPeriodStart: 'datetime?',
    currentPeriodEnd: 'datetime?',
    trialStart: 'datetime?',
    trialEnd: 'datetime?',
    activatedAt: 'datetime?',
    changedAt: 'datetime?',
    renewedAt: 'datetime?',
    pastDueAt: 'datetime?',
    unpaidAt: 'datetime?',
    cancelAtPeriodEnd: 'boolean?',
    canceledAt: 'datetime?',
    cancelReason: 'text? personal',
    cancelFeedback: 'text? personal',
    pausedAt: 'datetime?',
    resumesAt: 'datetime?',
    endedAt: 'datetime?',
    recurringItems: 'json?',
    itemsAmount: 'money(0..)? = recurringItems[].netAmount',
    pendingItems: 'json?',
    paymentMethod: 'string? personal',
    collectionMethod: 'string?',
    billedBy: 'string?',
    stripeSubscriptionId: 'string?##',
    stripeCustomerId: 'string?',
    organization: '-> Organization.subscriptions',
    customer: '-> Customer.subscriptions! personal',
    contact: '-> Contact.subscriptions personal',
    plan: '-> Plan.subscriptions',
    price: '-> Price.subscriptions',
    tags: 'string[]# personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    invoices: '<- Invoice.subscription[]',
    items: '<- SubscriptionItem.subscription[]',
    deals: '<- Deal.subscription[]',
    pause: 'Paused',
    cancel: 'Cancelled',
    reactivate: 'Reactivated',
    upgrade: 'Upgraded',
    downgrade: 'Downgraded',
    activate: 'Activated',
    renew: 'Renewed',
    markPastDue: 'PastDue',
    markUnpaid: 'Unpaid',
    itemize: 'Itemized',
  },
  {
    state: 'status',
    strict: true,
    transitions: [
      { from: [], verb: 'create', to: 'Trialing' },
      { from: [], verb: 'create', to: 'Incomplete' },
      { from: [...active, 'Trialing', 'Incomplete', 'PastDue'], verb: 'activate', to: 'Active' },
      { from: active, verb: 'pause', to: 'Paused' },
      { from: unended, verb: 'cancel', to: 'Cancelled' },
      // It ends with its period, and until then goes on.
      ...unended.map((status) => ({ from: [status], verb: 'cancel', to: status }) as const),
      { from: ['Paused', 'Unpaid', 'Cancelled'], verb: 'reactivate', to: 'Active' },
      // Changing the plan ends neither a trial nor a delay of payment.
      ...(['upgrade', 'downgrade'] as const).flatMap(
        (verb) =>
          [
            { from: active, verb, to: 'Active' },
            { from: ['Trialing'], verb, to: 'Trialing' },
            { from: ['PastDue'], verb, to: 'PastDue' },
          ] as const,
      ),
      { from: [...active, 'Trialing'], verb: 'renew', to: 'Active' },
      { from: ['PastDue'], verb: 'renew', to: 'PastDue' },
      { from: active, verb: 'markPastDue', to: 'PastDue' },
      { from: ['PastDue'], verb: 'markUnpaid', to: 'Unpaid' },
      ...unended.map((status) => ({ from: [status], verb: 'itemize', to: status }) as const),
    ],
    states: { Paused: { holds: ['pausedAt'] } },
    fills: {
      plan: path('price.plan'),
      contact: path('customer.contact'),
      organization: first(path('customer.organization'), path('contact.organization')),
      currency: first(path('price.currency'), path('customer.currency'), setting('currency')),
      amount: path('price.amount'),
      quantity: literal(1),
      timeZone: first(path('customer.timeZone'), setting('timeZone')),
      startedAt: now,
      // Somebody who asks for an active subscription wants no trial.
      trialEnd: when('status', 'Active', {
        then: first(),
        otherwise: { kind: 'daysAfter', time: before('startedAt'), days: path('plan.trialDays') },
      }),
      trialStart: { kind: 'ifSet', field: 'trialEnd', value: before('startedAt') },
      status: { kind: 'ifSet', field: 'trialEnd', value: literal('Trialing') },
      billingAnchor: first(before('trialEnd'), before('currentPeriodStart'), before('startedAt')),
      currentPeriodStart: first(before('trialStart'), period('start', now)),
      currentPeriodEnd: first(before('trialEnd'), period('end', before('currentPeriodStart'))),
    },
    bounds: [
      'currentPeriodStart < currentPeriodEnd',
      'trialStart <= trialEnd',
      'price.plan = plan',
      'currency = price.currency',
      { rule: '0 + itemsAmount = items[]?.netAmount', while: { field: 'status', values: unended } },
    ],
    frozen: [
      {
        fields: [
          'status',
          'customer',
          'plan',
          'price',
          'amount',
          'currency',
          'quantity',
          'startedAt',
          'billingAnchor',
          'currentPeriodStart',
          'currentPeriodEnd',
          'trialStart',
          'trialEnd',
        ],
      },
      {
        fields: [
          'activatedAt',
          'changedAt',
          'renewedAt',
          'pastDueAt',
          'unpaidAt',
          'cancelAtPeriodEnd',
          'canceledAt',
          'pausedAt',
          'endedAt',
          'pendingItems',
          'recurringItems',
          'itemsAmount',
        ],
        onCreate: true,
      },
    ],
    onDelete: { customer: untilEnded('keep'), plan: untilEnded('clear'), price: untilEnded('clear') },
    effects: {
      activate: { sets: { activatedAt: givenOrNow('activatedAt'), pastDueAt: clear } },
      pause: { sets: { pausedAt: givenOrNow('pausedAt') } },
      cancel: {
        // Only the argument counts: a flag from an earlier call must not delay an immediate cancellation.
        sets: {
          cancelAtPeriodEnd: first(given('cancelAtPeriodEnd'), literal(false)),
          status: when('cancelAtPeriodEnd', true, { then: before('status'), otherwise: literal('Cancelled') }),
          canceledAt: when('cancelAtPeriodEnd', true, {
            then: first(before('canceledAt'), clear),
            otherwise: givenOrNow('canceledAt'),
          }),
          endedAt: when('cancelAtPeriodEnd', true, {
            then: first(before('endedAt'), clear),
            otherwise: givenOrNow('endedAt'),
          }),
        },
      },
      // A period that has ended meanwhile is not billed: a new one begins now.
      reactivate: {
        sets: {
          pausedAt: clear,
          pastDueAt: clear,
          unpaidAt: clear,
          resumesAt: clear,
          canceledAt: clear,
          endedAt: clear,
          cancelAtPeriodEnd: literal(false),
          activatedAt: givenOrNow('activatedAt'),
          billingAnchor: { kind: 'ifPast', field: 'currentPeriodEnd', then: now, otherwise: before('billingAnchor') },
          currentPeriodEnd: {
            kind: 'ifPast',
            field: 'currentPeriodEnd',
            then: now,
            otherwise: before('currentPeriodEnd'),
          },
        },
        related: [endDiscounts(false)],
      },
      upgrade: changePlan,
      downgrade: changePlan,
      // A subscription that began elsewhere says when, and is not billed for its current period.
      create: {
        related: [
          {
            ...periodInvoice,
            when: [
              { field: 'status', equals: 'Active' },
              { field: 'amount', has: true },
              billedHere,
              { argument: 'startedAt', has: false },
              { argument: 'currentPeriodStart', has: false },
            ],
          },
        ],
      },
      renew: {
        sets: {
          pendingItems: {
            kind: 'list',
            of: [
              line('Credit from the last invoice', product(literal(-1), periodLines(before('pendingItems')).carried)),
            ],
          },
          renewedAt: givenOrNow('renewedAt'),
          currentPeriodStart: first(given('currentPeriodStart'), before('currentPeriodEnd')),
          currentPeriodEnd: first(given('currentPeriodEnd'), period('end', before('currentPeriodEnd')), {
            kind: 'periodAfter',
            start: 'currentPeriodStart',
            end: 'currentPeriodEnd',
          }),
        },
        related: [{ ...periodInvoice, when: [{ field: 'amount', has: true }, billedHere] }, endDiscounts(true)],
      },
      markPastDue: { sets: { pastDueAt: givenOrNow('pastDueAt') } },
      // A subscription without a price bills its items alone.
      itemize: { systemOnly: true, sets: { recurringItems, amount: ifEmpty(literal(0)) } },
      markUnpaid: { sets: { unpaidAt: givenOrNow('unpaidAt') } },
    },
    schedules: [
      {
        at: 'currentPeriodEnd',
        when: { status: [...active, 'Trialing', 'PastDue'], cancelAtPeriodEnd: [false, null], billedBy: null },
        call: 'renew',
      },
      {
        name: 'end',
        at: 'currentPeriodEnd',
        when: { status: unended, cancelAtPeriodEnd: true, billedBy: null },
        call: 'cancel',
      },
      { at: 'resumesAt', when: { status: 'Paused', billedBy: null }, call: 'reactivate' },
      {
        name: 'giveUp',
        at: 'pastDueAt',
        after: { setting: 'paymentRetryDays' },
        when: { status: 'PastDue', billedBy: null },
        settings: { unpaidSubscription: 'Cancelled' },
        call: 'cancel',
      },
      {
        at: 'pastDueAt',
        after: { setting: 'paymentRetryDays' },
        when: { status: 'PastDue', billedBy: null },
        settings: { unpaidSubscription: 'Unpaid' },
        call: 'markUnpaid',
      },
    ],
  },
)
