// The services of a tenant with the records of money, for tests. Its Stripe is the one that the tenant's key names.

import type { SendOutside } from '@dotdo/service'
import { paymentsService } from 'payments.do'

/** Servers that stand in for Stripe, by the key that they accept. */
export const stripes = new Map<string, SendOutside>()

export const stripeStandIn = 'https://stripe.test'

export const paymentServices = [
  paymentsService({
    send: (request, rules) => {
      const key = request.headers?.['authorization']?.replace('Bearer ', '') ?? ''
      const send = stripes.get(key)
      return (
        send?.(request, rules) ?? Promise.resolve({ kind: 'failed', reason: 'there is no such server', isLate: false })
      )
    },
    server: stripeStandIn,
    now: Date.now,
  }),
]
