// A refund at Stripe. Payment.refund makes its record here; the record then gets its id and follows its state.

import { ObjectError } from 'digital-objects'
import type { Mirroring } from './mirroring.ts'
import { differences, Unsupported } from './object-fields.ts'
import { requireRow } from './object-table.ts'
import type { StripeObject } from './stripe-api.ts'
import { idAt, numberAt, textAt, timeAt } from './stripe-value.ts'
import { stripeActor } from './mirror-write.ts'

export async function mirrorRefund(mirror: Mirroring, object: StripeObject, depth: number): Promise<void> {
  const row = requireRow('refund')
  const payment = idAt(object, 'payment_intent')
  if (payment === undefined) throw new Unsupported('it is of a charge without a payment')
  await mirror.ensure('payment_intent', payment, depth)
  const paid = mirror.entityOf('payment_intent', payment) ?? ''
  const known = mirror.linkedEntity(row, object) ?? (await makeRefund(mirror, object, paid))
  await settle(mirror, known, object)
  await date(mirror, { refund: known, payment: paid, object })
  const { reason = null, failureReason = null } = mirror.valuesOf(row, object)
  const wanted = { reason, failureReason, [row.id]: textAt(object, 'id') ?? '' }
  const changed = differences(wanted, mirror.parts.read(known) ?? {})
  if (Object.keys(changed).length > 0)
    await mirror.write({ noun: 'Refund', verb: 'update', target: known, input: changed })
}

/** Under a key, so that a crash before the record has its id makes no second one. */
async function makeRefund(mirror: Mirroring, object: StripeObject, payment: string): Promise<string> {
  const stripeId = textAt(object, 'id') ?? ''
  const status = textAt(object, 'status')
  const at = timeAt(object, 'created')
  const body = {
    amount: numberAt(object, 'amount') ?? 0,
    ...(status === 'succeeded' ? {} : { pending: true }),
    ...(at === undefined ? {} : { refundedAt: at }),
  }
  const answer = await mirror.parts.answer(
    {
      kind: 'write',
      noun: 'Payment',
      verb: 'refund',
      id: payment,
      body: JSON.stringify(body),
      idempotencyKey: `stripe ${stripeId}`,
    },
    { who: stripeActor, via: 'system' },
  )
  if (!answer.ok) throw new ObjectError(answer.error)
  const made = await refundOfCommit(mirror, answer.commit ?? 0)
  if (made === undefined) throw new Error(`Payment.refund made no Refund for ${stripeId}`)
  return made
}

async function refundOfCommit(mirror: Mirroring, commit: number): Promise<string | undefined> {
  const read = { kind: 'read', read: 'commit', id: String(commit), parameters: {} } as const
  const answer = await mirror.parts.answer(read, { who: stripeActor, via: 'system' })
  if (!answer.ok) throw new ObjectError(answer.error)
  const { events } = JSON.parse(answer.body) as {
    readonly events: readonly { readonly type: string; readonly target: string }[]
  } // the commit's own JSON
  return events.find(({ type }) => type === 'Refund.Created')?.target
}

const verbs: Readonly<Record<string, readonly [verb: string, from: readonly string[], time: string]>> = {
  succeeded: ['succeed', ['Pending'], 'refundedAt'],
  failed: ['fail', ['Pending', 'Succeeded'], 'failedAt'],
  canceled: ['cancel', ['Pending'], 'canceledAt'],
}

async function settle(mirror: Mirroring, target: string, object: StripeObject): Promise<void> {
  const [verb, from = [], time = ''] = verbs[textAt(object, 'status') ?? ''] ?? []
  const current = String(mirror.parts.read(target)?.['status'])
  if (verb === undefined || !from.includes(current)) return
  const at = timeAt(object, 'created')
  await mirror.write({ noun: 'Refund', verb, target, at, exact: { [time]: at ?? null } })
}

interface ToDate {
  readonly refund: string
  readonly payment: string
  readonly object: StripeObject
}

/** Refunds of a payment whose times are compared. */
const refundsMax = 100

/** A refund says when it succeeded, and its payment when it was refunded last, in whatever order the refunds came. */
async function date(mirror: Mirroring, { refund, payment, object }: ToDate): Promise<void> {
  const { parts } = mirror
  const at = textAt(object, 'status') === 'succeeded' ? timeAt(object, 'created') : undefined
  await redate(mirror, { noun: 'Refund', target: refund, at: at ?? null })
  const times = parts
    .idsWith('Refund', { field: 'payment', value: payment, limit: refundsMax })
    .map((id) => parts.read(id)?.['refundedAt'])
    .filter((time) => typeof time === 'string')
  await redate(mirror, { noun: 'Payment', target: payment, at: times.toSorted().at(-1) ?? null })
}

interface ToRedate {
  readonly noun: string
  readonly target: string
  readonly at: string | null
}

async function redate(mirror: Mirroring, { noun, target, at }: ToRedate): Promise<void> {
  if ((mirror.parts.read(target)?.['refundedAt'] ?? null) === at) return
  const force = 'Stripe says when it was refunded'
  await mirror.write({ noun, verb: 'update', target, exact: { refundedAt: at }, force })
}
