// The state of a subscription at Stripe as that of a subscription here.

import type { StripeObject } from './stripe-api.ts'
import { at, textAt } from './stripe-value.ts'

const states: Readonly<Record<string, string>> = {
  active: 'Active',
  trialing: 'Trialing',
  past_due: 'PastDue',
  unpaid: 'Unpaid',
  paused: 'Paused',
  incomplete: 'Incomplete',
  incomplete_expired: 'Cancelled',
  canceled: 'Cancelled',
}

/** Returns undefined for a state that is unknown here. */
export function subscriptionStatus(subscription: StripeObject): string | undefined {
  const status = textAt(subscription, 'status') ?? ''
  // A subscription whose collection is paused stays active at Stripe, and earns nothing.
  if (status === 'active' && at(subscription, 'pause_collection') !== undefined) return 'Paused'
  return Object.hasOwn(states, status) ? states[status] : undefined
}
