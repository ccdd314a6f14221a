// Takes the events that Stripe sends. Only the signature says who has sent one, so it is checked on the bytes as they came, before
// anything of them is read. An answer of 200 promises that the hint is stored.

import { type JsonValue, ObjectError } from 'digital-objects'
import { notConnected, type StripeConnection } from './connection.ts'
import type { EventMarks } from './gaps.ts'
import type { Hints } from './hints.ts'
import type { Asked } from './provider-parts.ts'
import { parseObject, type StripeObject } from './stripe-api.ts'
import { textAt } from './stripe-value.ts'

/** Older deliveries are repetitions by somebody who has listened: Stripe signs each attempt anew. */
const toleranceSeconds = 300

export async function receiveEvent(
  {
    connection,
    hints,
    marks,
    now,
  }: {
    readonly connection: StripeConnection
    readonly hints: Hints
    readonly marks: EventMarks
    readonly now: () => number
  },
  { body, signature }: Asked,
): Promise<JsonValue> {
  if (!connection.isConnected) throw notConnected()
  const secret = await connection.webhookSecret()
  if (secret === undefined) throw notConnected()
  const event = signature === undefined ? undefined : await verified({ body, signature, secret, nowMs: now() })
  if (event === undefined)
    throw new ObjectError({
      code: 'forbidden',
      field: 'Stripe-Signature',
      message: 'the signature is missing, wrong, or older than five minutes',
    })
  await hints.take(event, now())
  marks.add(textAt(event, 'id') ?? '', now())
  return { received: true }
}

interface ToVerify {
  readonly body: string
  readonly signature: string
  readonly secret: string
  readonly nowMs: number
}

async function verified({ body, signature, secret, nowMs }: ToVerify): Promise<StripeObject | undefined> {
  const { default: Stripe } = await import('stripe')
  try {
    const provider = Stripe.createSubtleCryptoProvider()
    const event: unknown = await Stripe.webhooks.constructEventAsync(
      body,
      signature,
      secret,
      toleranceSeconds,
      provider,
      nowMs,
    )
    return parseObject(event)
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError || error instanceof SyntaxError)
      return undefined
    throw error
  }
}
