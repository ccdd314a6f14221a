// An invoice that Stripe collects: made as a draft with its lines, then finalized, paid by its payments, voided or given up, as far
// as the object has come.

import type { EntityFields, JsonValue } from 'digital-objects'
import { lineItemsOf, linesOf } from './invoice-lines.ts'
import type { Mirroring } from './mirroring.ts'
import { refusalIn } from './refusal.ts'
import { differences, Unsupported, type Values } from './object-fields.ts'
import { requireRow } from './object-table.ts'
import type { StripeObject } from './stripe-api.ts'
import { idAt, listAt, numberAt, textAt, timeAt } from './stripe-value.ts'

const states = ['draft', 'open', 'paid', 'void', 'uncollectible']
/** Values that only later states have. */
const later = ['voidedAt', 'uncollectibleAt'] as const

export async function mirrorInvoice(mirror: Mirroring, object: StripeObject, depth: number): Promise<void> {
  const status = textAt(object, 'status') ?? ''
  if (!states.includes(status)) throw new Unsupported(`its status is '${status}'`)
  const row = requireRow('invoice')
  const all = invoiceValues(mirror, object)
  const values = Object.fromEntries(Object.entries(all).filter(([name]) => !later.some((one) => one === name)))
  const target = mirror.linkedEntity(row, object)
  const current = target === undefined ? undefined : (mirror.parts.read(target) ?? {})
  const isDraft = current === undefined || current['status'] === 'Draft'
  const lineItems = isDraft ? lineItemsOf(object, await linesOf(mirror.api, object)) : undefined
  const id = await draft(mirror, { target, current, values, lineItems, object, isFinal: status !== 'draft' })
  if (status === 'draft') return
  await finalize(mirror, id, { values, object })
  if (status === 'open') await reopen(mirror, id)
  await paid(mirror, id, { object, depth })
  await ended(mirror, id, { status, all })
  await describe(mirror, id, values)
}

export function invoiceValues(mirror: Mirroring, object: StripeObject): Values {
  const row = requireRow('invoice')
  const [start, end] = [timeAt(object, 'period_start'), timeAt(object, 'period_end')]
  // The first invoice of a subscription is of a moment.
  const isPeriod = start !== undefined && end !== undefined && start < end
  return {
    ...mirror.valuesOf(row, object),
    periodStart: isPeriod ? start : null,
    periodEnd: isPeriod ? end : null,
    billedBy: 'stripe',
    [row.id]: textAt(object, 'id') ?? '',
  }
}

interface Draft {
  readonly target: string | undefined
  readonly current: EntityFields | undefined
  readonly values: Values
  readonly lineItems: readonly JsonValue[] | undefined
  readonly object: StripeObject
  readonly isFinal: boolean
}

/** Makes the draft, or brings one up to date. */
async function draft(mirror: Mirroring, { target, current, values, lineItems, object }: Draft): Promise<string> {
  const { issuedAt: _issued, dueAt: _due, number: _number, ...others } = values
  const input = { ...others, ...(lineItems === undefined ? {} : { lineItems }) }
  if (target === undefined)
    return mirror.write({ noun: 'Invoice', verb: 'create', input, at: timeAt(object, 'created') })
  if (current?.['status'] !== 'Draft') return target
  const changed = differencesOfJson(input, current)
  if (Object.keys(changed).length > 0) await mirror.write({ noun: 'Invoice', verb: 'update', target, input: changed })
  return target
}

function differencesOfJson(values: Values, fields: EntityFields): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => JSON.stringify(fields[name] ?? null) !== JSON.stringify(value)),
  )
}

async function finalize(
  mirror: Mirroring,
  target: string,
  { values, object }: { readonly values: Values; readonly object: StripeObject },
): Promise<void> {
  if (mirror.parts.read(target)?.['status'] !== 'Draft') return
  const isNothingDue = (numberAt(object, 'total') ?? 0) === 0
  await mirror.write({
    noun: 'Invoice',
    verb: 'finalize',
    target,
    at: textOf(values['issuedAt']),
    exact: {
      issuedAt: values['issuedAt'] ?? null,
      dueAt: values['dueAt'] ?? null,
      ...(values['number'] === null || values['number'] === undefined ? {} : { number: values['number'] }),
      ...(isNothingDue ? { paidAt: timeAt(object, 'status_transitions.paid_at') ?? values['issuedAt'] ?? null } : {}),
    },
  })
}

/** An invoice that Stripe has refused to void or to give up is open again. A verb that is not sent yet stays. */
async function reopen(mirror: Mirroring, target: string): Promise<void> {
  const { status, metadata } = mirror.parts.read(target) ?? {}
  if ((status !== 'Voided' && status !== 'Uncollectible') || refusalIn(metadata) === undefined) return
  await mirror.write({
    noun: 'Invoice',
    verb: 'update',
    target,
    exact: { status: 'Open', voidedAt: null, uncollectibleAt: null },
    force: 'Stripe has refused it, and collects this invoice',
  })
}

/** Its payments pay it; a rest of one that is paid came by other means. */
async function paid(
  mirror: Mirroring,
  target: string,
  { object, depth }: { readonly object: StripeObject; readonly depth: number },
): Promise<void> {
  for (const id of paymentsOf(object)) {
    mirror.invoicesOf.set(id, textAt(object, 'id') ?? '')
    const payment = mirror.entityOf('payment_intent', id)
    const isCounted = payment !== undefined && mirror.parts.read(payment)?.['status'] !== 'Pending'
    if (isCounted) continue
    await mirror.refresh('payment_intent', id, depth + 1)
    // Its amount must not become a payment that nobody has made.
    if (mirror.entityOf('payment_intent', id) === undefined) throw new Unsupported(`its payment ${id} is not here`)
  }
  if (textAt(object, 'status') !== 'paid') return
  const { status, amountDue } = mirror.parts.read(target) ?? {}
  if (status !== 'Open' && status !== 'Uncollectible') return
  const at = timeAt(object, 'status_transitions.paid_at')
  await mirror.write({
    noun: 'Payment',
    verb: 'capture',
    input: {
      invoice: target,
      amount: amountDue ?? 0,
      method: 'other',
      ...(at === undefined ? {} : { capturedAt: at }),
    },
    at,
  })
}

/** The ids of the payments that succeeded. */
export function paymentsOf(invoice: StripeObject): readonly string[] {
  const listed = listAt(invoice, 'payments.data')
    .filter((payment) => textAt(payment, 'status') === 'paid')
    .flatMap((payment) => idAt(payment, 'payment.payment_intent') ?? [])
  // Older versions of the API name one.
  const named = textAt(invoice, 'status') === 'paid' ? idAt(invoice, 'payment_intent') : undefined
  return named === undefined || listed.includes(named) ? listed : [...listed, named]
}

async function ended(
  mirror: Mirroring,
  target: string,
  { status, all }: { readonly status: string; readonly all: Values },
): Promise<void> {
  const current = mirror.parts.read(target)?.['status']
  if (status === 'void' && current !== 'Voided')
    await mirror.write({
      noun: 'Invoice',
      verb: 'void',
      target,
      at: textOf(all['voidedAt']),
      exact: { voidedAt: all['voidedAt'] ?? null },
    })
  if (status === 'uncollectible' && current === 'Open')
    await mirror.write({
      noun: 'Invoice',
      verb: 'markUncollectible',
      target,
      at: textOf(all['uncollectibleAt']),
      exact: { uncollectibleAt: all['uncollectibleAt'] ?? null },
    })
}

/** Links that Stripe gives when the invoice is final. */
async function describe(mirror: Mirroring, target: string, { pdfUrl = null, hostedUrl = null }: Values): Promise<void> {
  const changed = differences({ pdfUrl, hostedUrl }, mirror.parts.read(target) ?? {})
  if (Object.keys(changed).length > 0) await mirror.write({ noun: 'Invoice', verb: 'update', target, input: changed })
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
