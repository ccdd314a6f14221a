// A subscription that Stripe bills, with its items. All its values are those of the object; the verb only names what happened.

import type { EntityFields, NounSchema } from 'digital-objects'
import { mirrorItems } from './mirror-items.ts'
import type { Mirroring } from './mirroring.ts'
import { differences, Unsupported, type Values } from './object-fields.ts'
import { requireRow } from './object-table.ts'
import type { StripeObject } from './stripe-api.ts'
import { textAt, timeAt } from './stripe-value.ts'
import { inOrderOfItems, otherItems } from './subscription-items.ts'
import { subscriptionStatus } from './subscription-status.ts'

/** Times that our own verbs set, and of which Stripe says nothing. */
const unsaid = ['activatedAt', 'changedAt', 'renewedAt', 'pastDueAt', 'unpaidAt', 'pausedAt', 'pendingItems'] as const

export async function mirrorSubscription(mirror: Mirroring, object: StripeObject, depth: number): Promise<void> {
  const row = requireRow('subscription')
  const ordered = inOrderOfItems(object)
  const items = otherItems(ordered)
  const exact = subscriptionValues(mirror, ordered)
  const target = mirror.linkedEntity(row, object)
  if (target !== undefined) {
    await changeSubscription(mirror, target, exact)
    // An ended subscription bills no items.
    if (exact['status'] !== 'Cancelled') await mirrorItems(mirror, { target, items, depth })
    return
  }
  const { status, ...others } = exact
  // It begins in a state in which one can begin, and goes on from there.
  const isStart = ['Active', 'Trialing', 'Incomplete'].includes(String(status))
  const input = { ...startValues(others), status: isStart ? (status ?? null) : 'Active' }
  const id = await mirror.write({
    noun: row.noun,
    verb: 'create',
    input,
    exact: isStart ? exact : input,
    at: timeAt(object, 'created'),
  })
  await mirrorItems(mirror, { target: id, items, depth })
  await changeSubscription(mirror, id, exact)
}

/** Values with which the creation is asked for; the others follow as they are. */
function startValues({
  customer,
  price,
  amount,
  currency,
  quantity,
  startedAt,
  currentPeriodStart,
  currentPeriodEnd,
  billedBy,
  stripeSubscriptionId,
}: Values): Values {
  const named = {
    customer,
    price,
    amount,
    currency,
    quantity,
    startedAt,
    currentPeriodStart,
    currentPeriodEnd,
    billedBy,
    stripeSubscriptionId,
  }
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value ?? null]))
}

async function changeSubscription(mirror: Mirroring, target: string, exact: Values): Promise<void> {
  const ours = mirror.parts.read(target) ?? {}
  if (Object.keys(differences(exact, ours)).length === 0) return
  const schema = mirror.parts.lookup('Subscription')
  const verb = schema && verbOf(schema, ours, exact)
  await mirror.write({
    noun: 'Subscription',
    verb: verb ?? 'update',
    target,
    exact,
    ...(verb === 'cancel'
      ? { input: { cancelAtPeriodEnd: exact['cancelAtPeriodEnd'] === true && exact['status'] !== 'Cancelled' } }
      : {}),
    ...(verb === undefined ? { force: 'Stripe bills this subscription, and says so' } : {}),
  })
}

function subscriptionValues(mirror: Mirroring, object: StripeObject): Values {
  const row = requireRow('subscription')
  const status = subscriptionStatus(object)
  if (status === undefined) throw new Unsupported(`its status is '${textAt(object, 'status') ?? ''}'`)
  const values = mirror.valuesOf(row, object)
  return {
    ...values,
    ...Object.fromEntries(unsaid.map((name) => [name, null])),
    quantity: values['quantity'] ?? 1,
    status,
    billedBy: 'stripe',
    [row.id]: textAt(object, 'id') ?? '',
  }
}

/** The verb that names the change; undefined if none leads there. */
function verbOf(schema: NounSchema, ours: EntityFields, exact: Values): string | undefined {
  const [from, to] = [String(ours['status']), String(exact['status'])]
  return candidates(ours, exact).find((verb) =>
    schema.transitions.some((row) => row.verb === verb && row.from.includes(from) && row.to === to),
  )
}

const byState: Readonly<Record<string, readonly string[]>> = {
  Active: ['activate', 'reactivate'],
  Cancelled: ['cancel'],
  PastDue: ['markPastDue'],
  Unpaid: ['markUnpaid'],
  Paused: ['pause'],
}

function candidates(ours: EntityFields, exact: Values): readonly string[] {
  const isOther = (name: string): boolean => (ours[name] ?? null) !== exact[name]
  const later = isOther('currentPeriodStart') ? ['renew'] : []
  if (isOther('status')) return [...(byState[String(exact['status'])] ?? []), ...later]
  if (exact['cancelAtPeriodEnd'] === true && isOther('cancelAtPeriodEnd')) return ['cancel']
  const isMore =
    Number(exact['amount']) * Number(exact['quantity']) >= Number(ours['amount']) * Number(ours['quantity'] ?? 1)
  if (isOther('price') || isOther('quantity') || isOther('amount')) return [isMore ? 'upgrade' : 'downgrade']
  return later
}
