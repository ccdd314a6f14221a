// The items that a subscription of Stripe bills beside its price, as SubscriptionItems. The subscription adds them up.

import type { Mirroring } from './mirroring.ts'
import { differences, Unsupported, type Values } from './object-fields.ts'
import type { StripeObject } from './stripe-api.ts'
import { idAt, numberAt, textAt, timeAt } from './stripe-value.ts'
import { amountOfItem } from './subscription-items.ts'

const noun = 'SubscriptionItem'
/** Stripe allows 20. */
const itemsMax = 100

export async function mirrorItems(
  mirror: Mirroring,
  {
    target,
    items,
    depth,
  }: { readonly target: string; readonly items: readonly StripeObject[]; readonly depth: number },
): Promise<void> {
  const known = mirror.parts.idsWith(noun, { field: 'subscription', value: target, limit: itemsMax })
  const listed = new Set(items.map((item) => textAt(item, 'id')))
  for (const id of known)
    if (!listed.has(stripeIdOf(mirror, id))) await mirror.write({ noun, verb: 'delete', target: id })
  for (const item of items) await mirrorItem(mirror, item, { subscription: target, depth })
}

function stripeIdOf(mirror: Mirroring, id: string): string | undefined {
  const value = mirror.parts.read(id)?.['stripeSubscriptionItemId']
  return typeof value === 'string' ? value : undefined
}

async function mirrorItem(
  mirror: Mirroring,
  item: StripeObject,
  { subscription, depth }: { readonly subscription: string; readonly depth: number },
): Promise<void> {
  const stripeSubscriptionItemId = textAt(item, 'id') ?? ''
  const priceId = idAt(item, 'price', 'plan')
  if (priceId === undefined) throw new Unsupported('one of its items has no price')
  await mirror.ensure('price', priceId, depth)
  const price = mirror.entityOf('price', priceId) ?? null
  const values: Values = { quantity: numberAt(item, 'quantity') ?? 1, unitAmount: amountOfItem(item) }
  const [target] = mirror.parts.idsWith(noun, {
    field: 'stripeSubscriptionItemId',
    value: stripeSubscriptionItemId,
    limit: 1,
  })
  const ours = target === undefined ? undefined : mirror.parts.read(target)
  if (target !== undefined && ours?.['price'] === price) {
    const changed = differences(values, ours)
    if (Object.keys(changed).length > 0) await mirror.write({ noun, verb: 'update', target, input: changed })
    return
  }
  // Another price is another item here.
  if (target !== undefined) await mirror.write({ noun, verb: 'delete', target })
  const input = { ...values, subscription, price, stripeSubscriptionItemId }
  await mirror.write({ noun, verb: 'create', input, at: target === undefined ? timeAt(item, 'created') : undefined })
}
