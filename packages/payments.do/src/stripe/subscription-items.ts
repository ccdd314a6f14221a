// The items of a subscription at Stripe. The first one that was made is the price of the subscription here; the others are
// SubscriptionItems.

import { priceOfOneAmount, Unsupported } from './object-fields.ts'
import type { StripeObject } from './stripe-api.ts'
import { at, listAt, numberAt, textAt } from './stripe-value.ts'

/** Returns the subscription with its items in the order in which they were made, which is that of no list of Stripe. */
export function inOrderOfItems(subscription: StripeObject): StripeObject {
  const items = listAt(subscription, 'items.data')
  if (items.length < 2) return subscription
  const data = items.toSorted(
    (left, right) =>
      (numberAt(left, 'created') ?? 0) - (numberAt(right, 'created') ?? 0) ||
      ((textAt(left, 'id') ?? '') < (textAt(right, 'id') ?? '') ? -1 : 1),
  )
  return { ...subscription, items: { object: 'list', data, has_more: at(subscription, 'items.has_more') === true } }
}

const oneKind = 'at Stripe, make a subscription of its own of each kind of item; until then it counts in no metric here'

/** Returns the items beside the price of the subscription, which is in the order of its items. Throws an Unsupported. */
export function otherItems(subscription: StripeObject): readonly StripeObject[] {
  const [first, ...others] = listAt(subscription, 'items.data')
  if (first === undefined || others.length === 0) return []
  if (at(subscription, 'items.has_more') === true) throw new Unsupported('it has more items than Stripe lists with it')
  const all = [first, ...others]
  if (all.some((item) => usageOf(item) === 'metered'))
    throw new Unsupported('it bills usage beside other items', oneKind)
  if (all.some((item) => numberAt(item, 'price.unit_amount', 'plan.amount') === undefined))
    throw new Unsupported(
      'the amount of one of its items is in tiers, or in fractions of the smallest unit',
      priceOfOneAmount,
    )
  if (new Set(all.map(periodOf)).size > 1) throw new Unsupported('its items are billed in different periods', oneKind)
  return others
}

/** Returns what the other items bill in each period; those that cannot be held here count too. */
export function amountOfOthers(subscription: StripeObject): number {
  const [, ...others] = listAt(subscription, 'items.data')
  return others.reduce((sum, item) => sum + amountOfItem(item) * (numberAt(item, 'quantity') ?? 1), 0)
}

export function amountOfItem(item: StripeObject): number {
  return numberAt(item, 'price.unit_amount', 'plan.amount') ?? 0
}

function usageOf(item: StripeObject): string | undefined {
  return textAt(item, 'price.recurring.usage_type', 'plan.usage_type')
}

function periodOf(item: StripeObject): string {
  const interval = textAt(item, 'price.recurring.interval', 'plan.interval') ?? ''
  return `${interval} ${numberAt(item, 'price.recurring.interval_count', 'plan.interval_count') ?? 1}`
}
