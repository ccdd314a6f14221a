// Links to Stripe's own pages, on which a customer pays or manages a subscription. No card ever reaches this server.

import { ObjectError } from 'digital-objects'
import { entityKey, type Mirror } from './mirror.ts'
import type { ObjectName } from './object-table.ts'
import { requireRow } from './object-table.ts'
import { StripeRefused, type StripeObject, type StripeParameters } from './stripe-api.ts'
import { textAt, timeAt } from './stripe-value.ts'
import { type Body, invalid } from './provider-parts.ts'

export interface Link {
  readonly url: string
  readonly expiresAt?: string
}

/** A page on which a price is bought; what follows from it comes back as Stripe's events. */
export async function checkoutLink(mirror: Mirror, body: Body): Promise<Link> {
  const { quantity = 1 } = body
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1)
    throw invalid('quantity', 'expects a whole number from 1')
  const price = objectOf(mirror, 'price', body)
  const interval = mirror.parts.read(String(body['price']))?.['interval']
  const customer = body['customer'] === undefined ? undefined : objectOf(mirror, 'customer', body)
  const session = await ask(mirror, '/v1/checkout/sessions', {
    mode: interval === 'OneTime' ? 'payment' : 'subscription',
    line_items: [{ price, quantity }],
    success_url: urlOf(body, 'successUrl'),
    cancel_url: urlOf(body, 'cancelUrl'),
    ...(customer === undefined ? {} : { customer }),
    metadata: { [entityKey]: String(body['price']) },
  })
  const expiresAt = timeAt(session, 'expires_at')
  return { url: linkIn(session), ...(expiresAt === undefined ? {} : { expiresAt }) }
}

export async function portalLink(mirror: Mirror, body: Body): Promise<Link> {
  const customer = objectOf(mirror, 'customer', body)
  const session = await ask(mirror, '/v1/billing_portal/sessions', { customer, return_url: urlOf(body, 'returnUrl') })
  return { url: linkIn(session) }
}

async function ask(mirror: Mirror, path: string, parameters: StripeParameters): Promise<StripeObject> {
  try {
    // Another session does no harm, so each request makes one.
    return await mirror.api.post(path, parameters, `headlessly-${crypto.randomUUID()}`)
  } catch (error) {
    if (!(error instanceof StripeRefused)) throw error
    const code = error.isPermanent ? 'validation_error' : 'overloaded'
    throw new ObjectError({ code, message: `Stripe made no link: ${error.message}` })
  }
}

function linkIn(session: StripeObject): string {
  const url = textAt(session, 'url')
  if (url === undefined) throw new ObjectError({ code: 'internal_error', message: 'Stripe answered without a link' })
  return url
}

function objectOf(mirror: Mirror, name: ObjectName & ('price' | 'customer'), body: Body): string {
  const id = body[name]
  const row = requireRow(name)
  const stripeId = typeof id === 'string' ? mirror.parts.read(id)?.[row.id] : undefined
  if (typeof stripeId === 'string') return stripeId
  throw invalid(name, `expects the id of a ${row.noun} that is at Stripe`)
}

function urlOf(body: Body, name: string): string {
  const value = body[name]
  if (typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value
  throw invalid(name, 'expects a URL')
}
