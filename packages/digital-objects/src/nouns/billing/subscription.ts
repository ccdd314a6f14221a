// Subscription: a recurring purchase of a plan by a customer.

import type { DeletionRule } from '../../noun/deletion-rule.ts'
import { Noun } from '../../noun/noun.ts'
import { before, clear, first, given, givenOrNow, literal, when } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

/** A customer, plan or price stays as long as a subscription to it may bill. */
const untilEnded: DeletionRule = {
  restrictWhile: {
    field: 'status',
    values: ['Active', 'PastDue', 'Trialing', 'Paused', 'Incomplete', 'Reactivated', 'Upgraded', 'Downgraded'],
  },
  otherwise: 'clear',
}

export const Subscription = Noun(
  'Subscription',
  {
    status: 'Active | PastDue | Cancelled | Trialing | Paused | Incomplete | Reactivated | Upgraded | Downgraded',
    quantity: 'number?',
    amount: 'number?',
    currency: 'string?',
    startedAt: 'datetime?',
    currentPeriodStart: 'datetime?',
    currentPeriodEnd: 'datetime?',
    trialStart: 'datetime?',
    trialEnd: 'datetime?',
    cancelAtPeriodEnd: 'boolean?',
    canceledAt: 'datetime?',
    cancelReason: 'text?',
    cancelFeedback: 'text?',
    pausedAt: 'datetime?',
    resumesAt: 'datetime?',
    endedAt: 'datetime?',
    paymentMethod: 'string?',
    collectionMethod: 'string?',
    stripeSubscriptionId: 'string?##',
    stripeCustomerId: 'string?',
    organization: '-> Organization.subscriptions',
    customer: '-> Customer.subscriptions',
    contact: '-> Contact.subscriptions',
    plan: '-> Plan.subscriptions',
    price: '-> Price.subscriptions',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    invoices: '<- Invoice.subscription[]',
    deals: '<- Deal.subscription[]',
    pause: 'Paused',
    cancel: 'Cancelled',
    reactivate: 'Reactivated',
    upgrade: 'Upgraded',
    downgrade: 'Downgraded',
    activate: 'Activated',
    renew: 'Renewed',
  },
  {
    onDelete: { customer: untilEnded, plan: untilEnded, price: untilEnded },
    effects: {
      activate: {
        from: { field: 'status', values: ['Trialing', 'Incomplete', 'PastDue'], hard: false },
        sets: { status: literal('Active') },
      },
      pause: { from: { field: 'status', values: ['Active'], hard: false }, sets: { pausedAt: givenOrNow('pausedAt') } },
      cancel: {
        from: { field: 'status', values: ['Active', 'Paused', 'PastDue'], hard: false },
        // Only the argument counts: a flag from an earlier call must not delay an immediate cancellation.
        sets: {
          cancelAtPeriodEnd: first(given('cancelAtPeriodEnd'), literal(false)),
          status: when('cancelAtPeriodEnd', true, { then: before('status'), otherwise: literal('Cancelled') }),
          canceledAt: when('cancelAtPeriodEnd', true, {
            then: before('canceledAt'),
            otherwise: givenOrNow('canceledAt'),
          }),
          endedAt: when('cancelAtPeriodEnd', true, { then: before('endedAt'), otherwise: givenOrNow('endedAt') }),
        },
      },
      reactivate: {
        from: { field: 'status', values: ['Paused', 'Cancelled'], hard: false },
        sets: {
          status: literal('Active'),
          pausedAt: clear,
          resumesAt: clear,
          canceledAt: clear,
          endedAt: clear,
          cancelAtPeriodEnd: literal(false),
        },
      },
      // Changing the plan ends neither a trial nor a pause.
      upgrade: { from: { field: 'status', values: ['Active'], hard: false }, sets: { status: before('status') } },
      downgrade: { from: { field: 'status', values: ['Active'], hard: false }, sets: { status: before('status') } },
      renew: {
        from: { field: 'status', values: ['Active'], hard: false },
        sets: {
          currentPeriodStart: first(given('currentPeriodStart'), before('currentPeriodEnd')),
          currentPeriodEnd: first(given('currentPeriodEnd'), {
            kind: 'periodAfter',
            start: 'currentPeriodStart',
            end: 'currentPeriodEnd',
          }),
        },
      },
    },
  },
)

export const subscriptionTexts: NounTexts = {
  about: 'A recurring purchase of a plan by a customer.',
  descriptions: {
    status: 'State of the subscription; pause, cancel, reactivate and activate change it.',
    quantity: 'Number of units or seats.',
    amount: 'Amount of one period and unit in minor units of currency, such as 4900 for 49.00 USD.',
    currency: 'ISO 4217 code of the amount, such as USD.',
    startedAt: 'Time the subscription began.',
    currentPeriodStart: 'Time the current billing period began; renew moves it on.',
    currentPeriodEnd: 'Time the current billing period ends; renew moves it on.',
    trialStart: 'Time the free trial began.',
    trialEnd: 'Time the free trial ends.',
    cancelAtPeriodEnd: 'True if the subscription is to end with the current period; cancel sets it.',
    canceledAt: 'Time the subscription was cancelled; cancel sets it and reactivate clears it.',
    cancelReason: 'Reason for the cancellation.',
    cancelFeedback: 'Comment of the customer on the cancellation.',
    pausedAt: 'Time the subscription was paused; pause sets it and reactivate clears it.',
    resumesAt: 'Time a paused subscription is to continue; reactivate clears it.',
    endedAt: 'Time the subscription ended; cancel sets it and reactivate clears it.',
    paymentMethod: 'Way this subscription is paid, such as card or the identifier of a stored method.',
    collectionMethod: 'Way payment is collected, such as charge_automatically or send_invoice.',
    stripeSubscriptionId: 'Identifier of the subscription at Stripe, unique among subscriptions.',
    stripeCustomerId: 'Identifier of its customer at Stripe.',
    organization: 'Organization that subscribes.',
    customer: 'Customer that is billed.',
    contact: 'Contact who subscribes.',
    plan: 'Plan that is subscribed to.',
    price: 'Price at which the plan is billed.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    invoices: 'Invoices for the subscription.',
    deals: 'Deals with which the subscription was sold.',
    pause: 'Sets status to Paused and pausedAt to now, or to the time you send.',
    cancel: 'Sets status to Cancelled with canceledAt and endedAt; with cancelAtPeriodEnd true, only sets that flag.',
    reactivate:
      'Sets status to Active and cancelAtPeriodEnd to false; clears canceledAt, endedAt, pausedAt, resumesAt.',
    upgrade: 'Stores the plan or price you send and records Subscription.Upgraded; status stays as it is.',
    downgrade: 'Stores the plan or price you send and records Subscription.Downgraded; status stays as it is.',
    activate: 'Sets status to Active.',
    renew: 'Moves currentPeriodStart and currentPeriodEnd on by one period, or to the times you send.',
  },
}
