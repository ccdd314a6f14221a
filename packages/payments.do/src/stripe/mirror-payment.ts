// A payment at Stripe. One that succeeded pays its invoice here, in the same commit.

import type { Mirroring } from './mirroring.ts'
import { differences, type Values } from './object-fields.ts'
import { requireRow } from './object-table.ts'
import { type StripeObject, StripeRefused } from './stripe-api.ts'
import { idAt, listAt, numberAt, textAt, timeAt } from './stripe-value.ts'

export async function mirrorPayment(mirror: Mirroring, object: StripeObject, depth: number): Promise<void> {
  const row = requireRow('payment_intent')
  const status = textAt(object, 'status')
  const known = mirror.linkedEntity(row, object)
  if (known === undefined) {
    // A payment that nobody has begun, or that was given up before it began, is none.
    if (status === 'canceled' || (status === 'requires_payment_method' && object['last_payment_error'] == null)) return
    const invoice = await invoiceOf(mirror, object, depth)
    // Bringing the invoice may have brought its payments.
    if (mirror.linkedEntity(row, object) === undefined) return makePayment(mirror, object, invoice)
  }
  const target = mirror.linkedEntity(row, object) ?? ''
  const current = mirror.parts.read(target) ?? {}
  if (status === 'succeeded' && current['status'] === 'Pending')
    await mirror.write({
      noun: 'Payment',
      verb: 'capture',
      target,
      at: capturedAt(object),
      exact: { capturedAt: capturedAt(object) ?? null },
    })
  if (status === 'canceled' && current['status'] === 'Pending')
    await mirror.write({
      noun: 'Payment',
      verb: 'fail',
      target,
      at: timeAt(object, 'canceled_at'),
      exact: { failedAt: timeAt(object, 'canceled_at') ?? null },
    })
  const changed = differences(describing(mirror, object), mirror.parts.read(target) ?? {})
  if (Object.keys(changed).length > 0) await mirror.write({ noun: 'Payment', verb: 'update', target, input: changed })
}

/** Values that may change later. */
function describing(mirror: Mirroring, object: StripeObject): Values {
  const {
    method = null,
    failureCode = null,
    failureMessage = null,
  } = mirror.valuesOf(requireRow('payment_intent'), object)
  return { method, failureCode, failureMessage, stripePaymentId: textAt(object, 'id') ?? '' }
}

async function makePayment(mirror: Mirroring, object: StripeObject, invoice: string | undefined): Promise<void> {
  const isPaid = textAt(object, 'status') === 'succeeded'
  const amount = (isPaid ? numberAt(object, 'amount_received') : undefined) ?? numberAt(object, 'amount') ?? 0
  const { customer = null, currency = null } = mirror.valuesOf(requireRow('payment_intent'), object)
  const at = isPaid ? capturedAt(object) : timeAt(object, 'created')
  await mirror.write({
    noun: 'Payment',
    verb: isPaid ? 'capture' : 'create',
    input: {
      ...describing(mirror, object),
      amount,
      customer,
      currency,
      ...(invoice === undefined ? {} : { invoice }),
      ...(isPaid && at !== undefined ? { capturedAt: at } : {}),
    },
    at,
  })
}

function capturedAt(object: StripeObject): string | undefined {
  return timeAt(object, 'latest_charge.created', 'created')
}

/** Returns the entity of the invoice that the payment is for, brought here first. */
async function invoiceOf(mirror: Mirroring, object: StripeObject, depth: number): Promise<string | undefined> {
  const id = textAt(object, 'id') ?? ''
  const named = idAt(object, 'invoice') ?? mirror.invoicesOf.get(id) ?? (await askInvoice(mirror, id))
  if (named === undefined) return undefined
  const status = mirror.parts.read(mirror.entityOf('invoice', named) ?? '')?.['status']
  if (status === undefined || status === 'Draft') await mirror.refresh('invoice', named, depth + 1)
  return mirror.entityOf('invoice', named)
}

/** Newer versions of the API name the invoice in an object of its own; older ones do not know that. */
async function askInvoice(mirror: Mirroring, payment: string): Promise<string | undefined> {
  try {
    const page = await mirror.api.get('/v1/invoice_payments', {
      payment: { type: 'payment_intent', payment_intent: payment },
      limit: 1,
    })
    const [first] = listAt(page, 'data')
    return first === undefined ? undefined : idAt(first, 'invoice')
  } catch (error) {
    if (error instanceof StripeRefused && error.isMissing) return undefined
    throw error
  }
}
