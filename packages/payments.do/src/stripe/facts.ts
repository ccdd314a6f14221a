// What each side says of an object at the end of a day: whether it existed, its state and its amounts. Both sides' facts come from
// the times at which things happened, so they can be compared for any past day; those of the present have the state as it is.

import type { EntityFields, JsonValue } from 'digital-objects'
import { disputeStatus } from './mirror-dispute.ts'
import type { ObjectName } from './object-table.ts'
import { subscriptionStatus } from './subscription-status.ts'
import type { StripeObject } from './stripe-api.ts'
import { amountOfOthers, inOrderOfItems } from './subscription-items.ts'
import { numberAt, textAt } from './stripe-value.ts'

export interface Fact {
  readonly object: ObjectName
  /** Stripe's id. */
  readonly id: string
  /** The entity; only ours has one. */
  readonly entity?: string
  readonly values: Readonly<Record<string, JsonValue>>
  /** The monthly revenue of a subscription. */
  readonly monthly?: number
}

type Said = Pick<Fact, 'values' | 'monthly'>

/** The time of which facts are asked. */
export interface FactTime {
  readonly ms: number
  readonly isPresent: boolean
}

/** Returns what Stripe says; undefined if the object did not exist yet, or is none that is compared. */
export function theirFact(object: ObjectName, said: StripeObject, at: FactTime): Fact | undefined {
  const of = object === 'subscription' ? inOrderOfItems(said) : said
  const id = textAt(of, 'id') ?? ''
  const ms = (path: string): number | undefined => {
    const seconds = numberAt(of, path)
    return seconds === undefined ? undefined : seconds * 1_000
  }
  const facts = saidAt(object, at, {
    status: object === 'dispute' ? disputeStatus(of) : subscriptionStatus(of),
    createdMs: object === 'subscription' ? (ms('start_date') ?? ms('created')) : ms('created'),
    finalizedMs: ms('status_transitions.finalized_at'),
    paidMs: ms('status_transitions.paid_at'),
    voidedMs: ms('status_transitions.voided_at'),
    uncollectibleMs: ms('status_transitions.marked_uncollectible_at'),
    endedMs: ms('ended_at'),
    trialEndMs: ms('trial_end'),
    capturedMs: textAt(of, 'status') === 'succeeded' ? (ms('latest_charge.created') ?? ms('created')) : undefined,
    refundedMs: ['succeeded', 'pending', 'requires_action'].includes(textAt(of, 'status') ?? '')
      ? ms('created')
      : undefined,
    amount:
      numberAt(
        of,
        object === 'invoice' ? 'total' : object === 'subscription' ? 'items.data.0.price.unit_amount' : 'amount',
      ) ?? 0,
    quantity: numberAt(of, 'items.data.0.quantity') ?? 1,
    items: amountOfOthers(of),
    months: monthsOf(
      textAt(of, 'items.data.0.price.recurring.interval', 'items.data.0.plan.interval'),
      numberAt(of, 'items.data.0.price.recurring.interval_count', 'items.data.0.plan.interval_count'),
    ),
    currency: (textAt(of, 'currency', 'items.data.0.price.currency') ?? '').toUpperCase(),
  })
  return facts && { object, id, ...facts }
}

export interface OurEntity {
  readonly id: string
  /** The price of a subscription. */
  readonly price?: EntityFields | undefined
  readonly stripeId: string
  readonly fields: EntityFields
}

export function ourFact(
  object: ObjectName,
  { id, stripeId, fields, price = {} }: OurEntity,
  at: FactTime,
): Fact | undefined {
  const ms = (name: string): number | undefined => {
    const value = fields[name]
    return typeof value === 'string' ? Date.parse(value) : undefined
  }
  const created = {
    invoice: 'issuedAt',
    subscription: 'startedAt',
    payment_intent: 'capturedAt',
    refund: 'refundedAt',
    dispute: 'disputedAt',
  }
  const said = saidAt(object, at, {
    status: String(fields['status']),
    createdMs: Object.hasOwn(created, object) ? ms(created[object as keyof typeof created]) : undefined,
    finalizedMs: ms('issuedAt'),
    paidMs: fields['status'] === 'Paid' ? ms('paidAt') : undefined,
    voidedMs: ms('voidedAt'),
    uncollectibleMs: ms('uncollectibleAt'),
    endedMs: ms('endedAt'),
    trialEndMs: ms('trialEnd'),
    capturedMs: fields['status'] === 'Succeeded' || fields['status'] === 'Refunded' ? ms('capturedAt') : undefined,
    refundedMs: fields['status'] === 'Succeeded' || fields['status'] === 'Pending' ? ms('refundedAt') : undefined,
    amount: Number(fields[object === 'invoice' ? 'total' : 'amount'] ?? 0),
    quantity: Number(fields['quantity'] ?? 1),
    items: Number(fields['itemsAmount'] ?? 0),
    months: monthsOf(String(price['interval'] ?? 'Monthly'), Number(price['intervalCount'] ?? 1)),
    currency: String(fields['currency'] ?? ''),
  })
  return said && { object, id: stripeId, entity: id, ...said }
}

/** By both sides' names of intervals; those without a place in a month's revenue have none. */
const intervalMonths: Readonly<Record<string, number>> = { month: 1, year: 12, Monthly: 1, Quarterly: 3, Yearly: 12 }

function monthsOf(interval: string | undefined, count = 1): number | undefined {
  const months =
    interval === undefined || !Object.hasOwn(intervalMonths, interval) ? undefined : intervalMonths[interval]
  return months && months * count
}

interface Times {
  readonly status: string | undefined
  readonly createdMs: number | undefined
  readonly finalizedMs: number | undefined
  readonly paidMs: number | undefined
  readonly voidedMs: number | undefined
  readonly uncollectibleMs: number | undefined
  readonly endedMs: number | undefined
  readonly trialEndMs: number | undefined
  readonly capturedMs: number | undefined
  readonly refundedMs: number | undefined
  readonly amount: number
  readonly quantity: number
  /** Amounts that a subscription bills in each period beside its price. */
  readonly items: number
  /** Months of a billing period. */
  readonly months: number | undefined
  readonly currency: string
}

/** The one rule for both sides. */
function saidAt(object: ObjectName, at: FactTime, of: Times): Said | undefined {
  const isPast = (ms: number | undefined): boolean => ms !== undefined && ms <= at.ms
  const { amount, quantity, currency } = of
  switch (object) {
    case 'invoice': {
      // A draft is no document yet.
      if (!isPast(of.finalizedMs)) return undefined
      const status = isPast(of.voidedMs)
        ? 'Voided'
        : isPast(of.paidMs)
          ? 'Paid'
          : isPast(of.uncollectibleMs)
            ? 'Uncollectible'
            : 'Open'
      return { values: { status, amount, currency } }
    }
    case 'subscription': {
      if (!isPast(of.createdMs)) return undefined
      const isTrial = of.trialEndMs !== undefined && of.trialEndMs > at.ms
      const past = isPast(of.endedMs) ? 'Cancelled' : isTrial ? 'Trialing' : 'Active'
      const status = (at.isPresent ? of.status : undefined) ?? past
      const isCounted = status === 'Active' && of.months !== undefined
      const monthly = isCounted ? (amount * quantity + of.items) / (of.months ?? 1) : 0
      // An ended subscription bills no items, and its earlier ones are not brought.
      const items = status === 'Cancelled' ? {} : { items: of.items }
      return { values: { status, amount, quantity, ...items, currency }, monthly }
    }
    case 'payment_intent':
      return isPast(of.capturedMs) ? { values: { amount, currency } } : undefined
    case 'refund':
      return isPast(of.refundedMs) ? { values: { amount, currency } } : undefined
    case 'dispute':
      if (!isPast(of.createdMs)) return undefined
      return { values: { ...(at.isPresent ? { status: of.status ?? null } : {}), amount, currency } }
    default:
      return undefined
  }
}
