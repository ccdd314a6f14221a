// The sentences about a subscription, its fields and its verbs.

import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const subscriptionTexts: NounTexts = {
  about: 'A recurring purchase of a plan by a customer.',
  descriptions: {
    status: 'State of the subscription, which its verbs change; Trialing by default if the plan has trialDays.',
    quantity: 'Number of units or seats; 1 by default.',
    amount: 'Amount of one period and unit in minor units of currency; by default that of the price.',
    currency: 'ISO 4217 code of the amount; by default that of the price or customer, else that of the tenant.',
    timeZone:
      'Time zone in which periods are counted, such as Europe/Berlin; by default that of the customer, else that of the tenant.',
    startedAt: 'Time the subscription began; now by default.',
    billingAnchor:
      'Time from which billing periods are counted; by default the end of the trial, else startedAt; reactivate may move it.',
    currentPeriodStart: 'Time the current billing period began; renew moves it on.',
    currentPeriodEnd: 'Time the current billing period, or the trial, ends; renew and reactivate move it on.',
    trialStart: 'Time the free trial began.',
    trialEnd: 'Time the free trial ends; by default trialDays of the plan after startedAt.',
    activatedAt: 'Time of the last activation; activate and reactivate set it.',
    changedAt: 'Time of the last change of plan, price or quantity; upgrade and downgrade set it.',
    renewedAt: 'Time of the last renewal; renew sets it.',
    pastDueAt: 'Time since which a payment is late; markPastDue sets it, and activate and reactivate clear it.',
    unpaidAt: 'Time its late payment was given up; markUnpaid sets it and reactivate clears it.',
    cancelAtPeriodEnd: 'True if the subscription is to end with the current period; cancel sets it.',
    canceledAt: 'Time the subscription was cancelled; cancel sets it and reactivate clears it.',
    cancelReason: 'Reason for the cancellation.',
    cancelFeedback: 'Comment of the customer on the cancellation.',
    pausedAt: 'Time the subscription was paused; pause sets it; reactivate clears it, and so does a cancellation.',
    resumesAt: 'Time a paused subscription is to continue; reactivate clears it.',
    endedAt: 'Time the subscription ended; cancel sets it and reactivate clears it.',
    recurringItems:
      'Items as JSON that each invoice bills beside the price; itemize lists the items of the subscription.',
    itemsAmount: 'Amount of these items after discounts and before tax, in minor units of currency.',
    pendingItems:
      'Lines of the next invoice as JSON, such as the rest of a period after a change of plan; renew bills them.',
    paymentMethod: 'Way this subscription is paid, such as card or the identifier of a stored method.',
    collectionMethod: 'Way payment is collected, such as charge_automatically or send_invoice.',
    billedBy:
      'Provider that bills it, such as stripe, in place of the server, whose clock then renews and ends nothing.',
    stripeSubscriptionId: 'Identifier of the subscription at Stripe, unique among subscriptions.',
    stripeCustomerId: 'Identifier of its customer at Stripe.',
    organization: 'Organization that subscribes; by default that of the customer or contact.',
    customer: 'Customer that is billed.',
    contact: 'Contact who subscribes; by default that of the customer.',
    plan: 'Plan that is subscribed to; by default that of the price.',
    price: 'Price at which the plan is billed.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    invoices: 'Invoices for the subscription.',
    items: 'Items that are billed in each period beside the price.',
    deals: 'Deals with which the subscription was sold.',
    pause: 'Sets status to Paused and pausedAt to now, or to the time you send.',
    cancel: 'Sets status to Cancelled with canceledAt and endedAt; with cancelAtPeriodEnd true, only sets that flag.',
    reactivate:
      'Sets status to Active and cancelAtPeriodEnd to false; a new period begins now if one has ended meanwhile.',
    upgrade: 'Raises price, plan, amount or quantity to those you send, and prorates the period in pendingItems.',
    downgrade: 'Lowers price, plan, amount or quantity to those you send, and prorates the period in pendingItems.',
    activate: 'Sets status to Active.',
    renew: 'Moves the current period on by one and creates its invoice; a trial becomes Active.',
    markPastDue: 'Sets status to PastDue and pastDueAt.',
    markUnpaid: 'Sets status to Unpaid, in which nothing is billed until a late invoice is paid, and unpaidAt.',
    itemize: 'Puts the items into recurringItems, and an amount of 0 if it is empty; called when an item changes.',
  },
}
