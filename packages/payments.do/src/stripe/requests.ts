// The requests that follow from an event here, as data: what is asked of Stripe, and which object its answer is.

import type { EntityFields } from 'digital-objects'
import type { Stripe } from 'stripe'
import { entityKey } from './mirror.ts'
import { type ObjectOf, valuesToParameters } from './object-fields.ts'
import { type ObjectName, type ObjectRow, requireRow, rowOfNoun } from './object-table.ts'
import type { StripeParameters } from './stripe-api.ts'

export interface Outgoing {
  readonly object: ObjectName
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  readonly parameters: StripeParameters
  /** The same request has the same key, so that Stripe performs it once. */
  readonly key: string
  /** A second request, which attaches the object that the first one has made to this path. */
  readonly attachTo?: string
  /** The fields of which Stripe gets our value, in an update. */
  readonly fields?: readonly string[]
}

/** The part of an event that requests are made from. */
export interface SentEvent {
  readonly id: string
  readonly type: string
  readonly target: string
  readonly data: EntityFields
  readonly changes?: Readonly<Record<string, unknown>>
}

export interface Sendable {
  readonly event: SentEvent
  /** The entity as it is now. */
  readonly entity: EntityFields
  readonly objectOf: ObjectOf
  readonly read: (id: string) => EntityFields | undefined
}

/** Entities that have to be at Stripe before a request can name them. */
export class WaitsFor extends Error {
  readonly entity: string

  constructor(entity: string) {
    super(`${entity} is not at Stripe yet`)
    this.entity = entity
  }
}

/** Types of events that may be sent, for `handles`. */
export function mayBeSent(type: string): boolean {
  const [noun = '', event = ''] = type.split('.')
  return (simpleNouns.includes(noun) && simpleEvents.includes(event)) || Object.hasOwn(verbRequests, type)
}

const simpleNouns: readonly string[] = ['Customer', 'Product', 'Price', 'Coupon', 'TaxRate']
const simpleEvents: readonly string[] = ['Created', 'Updated', 'Archived', 'Activated']

/** Returns undefined if the event says nothing that Stripe would be asked for. Throws a WaitsFor. */
export function requestOf(of: Sendable): Outgoing | undefined {
  const { type } = of.event
  const noun = type.slice(0, type.indexOf('.'))
  const row = rowOfNoun(noun)
  if (row === undefined) return undefined
  const byVerb = Object.hasOwn(verbRequests, type) ? verbRequests[type] : undefined
  if (byVerb !== undefined) return byVerb(row, of)
  const isThere = typeof of.entity[row.id] === 'string'
  return isThere ? updateOf(row, of) : createOf(row, of)
}

/** A request that creates the object of an entity, whatever event asks for it. */
export function createOf(row: ObjectRow, { event, entity, objectOf, read }: Sendable): Outgoing | undefined {
  if (row.object === 'price' && entity['interval'] === 'Usage') return undefined
  const parameters = valuesToParameters(row, { fields: entity, isNew: true, objectOf: required(objectOf, read) })
  // A product at Stripe needs a name, and a price a product.
  if (row.object === 'price' && parameters['product'] === undefined) return undefined
  return {
    object: row.object,
    method: 'POST',
    path: row.path,
    parameters: { ...parameters, metadata: { [entityKey]: event.target } },
    key: `headlessly-create-${event.target}`,
  }
}

function required(objectOf: ObjectOf, read: Sendable['read']): ObjectOf {
  return (id) => {
    const found = objectOf(id)
    if (found === undefined && read(id) !== undefined) throw new WaitsFor(id)
    return found
  }
}

function updateOf(row: ObjectRow, { event, entity, objectOf }: Sendable): Outgoing | undefined {
  const changed = Object.keys(event.changes ?? {})
  const fields = row.fields
    .filter(({ side, field }) => side === 'Both' && changed.includes(field))
    .map(({ field }) => field)
  if (event.type.endsWith('.Created') || fields.length === 0) return undefined
  const parameters = valuesToParameters(row, { fields: event.data, isNew: false, only: fields, objectOf })
  if (Object.keys(parameters).length === 0) return undefined
  const path = pathOf(row, entity[row.id])
  return { object: row.object, method: 'POST', path, parameters, key: `headlessly-${event.id}`, fields }
}

/** Whoever may write an entity may set its id at Stripe, so it stays one word of the path: `../refunds` would be another request. */
function pathOf({ path }: ObjectRow, id: EntityFields[string] | undefined): string {
  return `${path}/${encodeURIComponent(String(id))}`
}

type VerbRequest = (row: ObjectRow, of: Sendable) => Outgoing | undefined

const subscriptionUpdate =
  (parametersOf: (of: Sendable) => StripeParameters | undefined): VerbRequest =>
  (row, of) => {
    const id = of.entity[row.id]
    const parameters = typeof id === 'string' ? parametersOf(of) : undefined
    if (parameters === undefined) return undefined
    return {
      object: row.object,
      method: 'POST',
      path: pathOf(row, id),
      parameters,
      key: `headlessly-${of.event.id}`,
    }
  }

const verbRequests: Readonly<Record<string, VerbRequest>> = {
  // A subscription is Stripe's if it was created as such; others are billed here.
  'Subscription.Created': (row, of) => {
    if (of.event.data['billedBy'] !== 'stripe' || typeof of.entity[row.id] === 'string') return undefined
    return createOf(row, of)
  },
  'Subscription.Cancelled': (row, of) => {
    const id = of.entity[row.id]
    if (typeof id !== 'string') return undefined
    const isAtEnd = of.event.data['status'] !== 'Cancelled'
    const path = pathOf(row, id)
    const key = `headlessly-${of.event.id}`
    return isAtEnd
      ? { object: row.object, method: 'POST', path, parameters: { cancel_at_period_end: true }, key }
      : { object: row.object, method: 'DELETE', path, parameters: {}, key }
  },
  'Subscription.Paused': subscriptionUpdate(() => ({ pause_collection: { behavior: 'void' } })),
  'Subscription.Reactivated': subscriptionUpdate(() => ({ pause_collection: '', cancel_at_period_end: false })),
  'Invoice.Voided': invoiceAction('void'),
  'Invoice.Uncollectible': invoiceAction('mark_uncollectible'),
  // Money that came by other means than Stripe.
  'Payment.Captured': (_row, { event, read }) => {
    const invoice = typeof event.data['invoice'] === 'string' ? read(event.data['invoice']) : undefined
    const stripeId = invoice?.['stripeInvoiceId']
    if (typeof stripeId !== 'string' || event.data['stripePaymentId'] !== undefined) return undefined
    const path = pathOf(requireRow('invoice'), stripeId)
    const request = { object: 'invoice', method: 'POST', key: `headlessly-${event.id}` } as const
    // The rest is still Stripe's to collect.
    if (invoice?.['status'] !== 'Paid')
      return {
        ...request,
        path: '/v1/payment_records/report_payment',
        parameters: { ...reportOf(event) },
        attachTo: `${path}/attach_payment`,
      }
    return { ...request, path: `${path}/pay`, parameters: { paid_out_of_band: true } }
  },
  'Refund.Created': (row, { event, entity, read }) => {
    const payment = typeof event.data['payment'] === 'string' ? read(event.data['payment']) : undefined
    const stripeId = payment?.['stripePaymentId']
    if (typeof stripeId !== 'string' || entity[row.id] !== undefined) return undefined
    // One that has failed has given its amount back to the payment.
    if (entity['status'] === 'Failed' || entity['status'] === 'Cancelled') return undefined
    return {
      object: 'refund',
      method: 'POST',
      path: '/v1/refunds',
      parameters: {
        payment_intent: stripeId,
        amount: event.data['amount'],
        metadata: { [entityKey]: event.target },
      },
      key: `headlessly-create-${event.target}`,
    }
  },
}

function reportOf({ target, data }: SentEvent): Stripe.PaymentRecordReportPaymentParams {
  const { amount, currency, capturedAt, method } = data
  const at = Math.floor(Date.parse(String(capturedAt)) / 1_000)
  return {
    amount_requested: { currency: String(currency).toLowerCase(), value: Number(amount) },
    initiated_at: at,
    outcome: 'guaranteed',
    guaranteed: { guaranteed_at: at },
    payment_method_details: { type: 'custom', custom: { display_name: typeof method === 'string' ? method : 'other' } },
    processor_details: { type: 'custom', custom: { payment_reference: target } },
    metadata: { [entityKey]: target },
  }
}

function invoiceAction(action: 'void' | 'mark_uncollectible'): VerbRequest {
  return (row, { event, entity }) => {
    const id = entity[row.id]
    if (typeof id !== 'string') return undefined
    const path = `${pathOf(row, id)}/${action}`
    return { object: row.object, method: 'POST', path, parameters: {}, key: `headlessly-${event.id}` }
  }
}

export function requireSimpleRow(entity: string, nounOf: (id: string) => string | undefined): ObjectRow | undefined {
  const noun = nounOf(entity)
  const row = noun === undefined ? undefined : rowOfNoun(noun)
  return row !== undefined && simpleNouns.includes(row.noun) ? requireRow(row.object) : undefined
}
