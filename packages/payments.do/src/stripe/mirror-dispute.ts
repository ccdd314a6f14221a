// A dispute at Stripe. Its state is Stripe's, and evidence is sent there.

import { disputeFunds } from './dispute-funds.ts'
import type { Mirroring } from './mirroring.ts'
import { differences, Unsupported } from './object-fields.ts'
import { requireRow } from './object-table.ts'
import type { StripeObject } from './stripe-api.ts'
import { idAt, textAt, timeAt } from './stripe-value.ts'

const states: Readonly<Record<string, string>> = {
  needs_response: 'NeedsResponse',
  under_review: 'UnderReview',
  won: 'Won',
  lost: 'Lost',
  // An inquiry of the bank.
  warning_needs_response: 'NeedsResponse',
  warning_under_review: 'UnderReview',
  warning_closed: 'Closed',
  prevented: 'Closed',
}

const verbs: Readonly<Record<string, string>> = { UnderReview: 'respond', Won: 'win', Lost: 'lose', Closed: 'close' }

export async function mirrorDispute(mirror: Mirroring, object: StripeObject, depth: number): Promise<void> {
  const row = requireRow('dispute')
  const said = textAt(object, 'status') ?? ''
  const status = disputeStatus(object)
  if (status === undefined) throw new Unsupported(`its status is '${said}'`)
  const intent = idAt(object, 'payment_intent')
  if (intent === undefined) throw new Unsupported('it is of a charge without a payment')
  await mirror.ensure('payment_intent', intent, depth)
  const payment = mirror.entityOf('payment_intent', intent) ?? ''
  const isInquiry = said.startsWith('warning_')
  const id = textAt(object, 'id') ?? ''
  const input = { ...mirror.valuesOf(row, object), ...disputeFunds(object), payment, isInquiry, [row.id]: id }
  const at = timeAt(object, 'created')
  const target =
    mirror.entityOf('dispute', id) ??
    (await mirror.write({ noun: 'Dispute', verb: 'create', input: { ...input, status: 'NeedsResponse' }, at }))
  const ours = mirror.parts.read(target) ?? {}
  if (ours['status'] !== status) await move(mirror, { target, from: String(ours['status']), to: status })
  const changed = differences(input, mirror.parts.read(target) ?? {})
  if (Object.keys(changed).length > 0) await mirror.write({ noun: 'Dispute', verb: 'update', target, input: changed })
}

/** Returns undefined for a state that is unknown here. */
export function disputeStatus(object: StripeObject): string | undefined {
  const said = textAt(object, 'status') ?? ''
  return Object.hasOwn(states, said) ? states[said] : undefined
}

/** A bank may change its mind, to which no verb leads. */
async function move(
  mirror: Mirroring,
  { target, from, to }: { readonly target: string; readonly from: string; readonly to: string },
): Promise<void> {
  const verb = verbs[to]
  const schema = mirror.parts.lookup('Dispute')
  const leads = schema?.transitions.some((row) => row.verb === verb && row.from.includes(from) && row.to === to)
  if (verb !== undefined && leads === true) await mirror.write({ noun: 'Dispute', verb, target })
  else {
    const force = 'Stripe says what became of the dispute'
    await mirror.write({ noun: 'Dispute', verb: 'update', target, exact: { status: to }, force })
  }
}

/** Whether somebody has to answer it, and until when. */
export function awaitsResponse(object: StripeObject): boolean {
  return (textAt(object, 'status') ?? '').endsWith('needs_response')
}
