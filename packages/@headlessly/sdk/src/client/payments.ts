// `$.payments`: the tenant's connection to a payment provider.

import { isPlainObject } from 'digital-objects'
import type { CallOptions } from '../calls/call-options.ts'
import { unexpectedAnswer } from '../calls/parse-answer.ts'
import type { Session } from '../calls/session.ts'

export interface PaymentsStatus {
  readonly provider: string
  readonly connected: boolean
  readonly mode: 'test' | 'live' | null
  readonly account: string | null
  /** Objects that changed at the provider and are not fetched yet. */
  readonly waitingFromStripe: number
  /** Events here that are not sent yet. */
  readonly waitingToStripe: number
  readonly eventsListedUntil: string | null
  readonly running: readonly { readonly id: string; readonly kind: string; readonly progress: unknown }[]
  readonly openFindings: number
}

/** The created `PaymentRun`. */
export interface PaymentRunStarted {
  readonly $id: string
  readonly kind: string
  readonly status: string
}

export interface ConnectOptions extends CallOptions {
  /** A restricted or secret key of Stripe. */
  readonly key: string
  /** The signing secret of the endpoint that Stripe sends events to. */
  readonly webhookSecret?: string | undefined
  /** False lets the first synchronization wait until it is asked for. */
  readonly sync?: boolean | undefined
}

export interface CheckoutOptions extends CallOptions {
  readonly price: string
  readonly quantity?: number | undefined
  readonly customer?: string | undefined
  readonly successUrl: string
  readonly cancelUrl: string
}

export interface PortalOptions extends CallOptions {
  readonly customer: string
  readonly returnUrl: string
}

export interface Payments {
  /** Tries the key, stores it as a secret, and begins the first synchronization. */
  connect(options: ConnectOptions): Promise<PaymentsStatus>
  disconnect(options?: CallOptions): Promise<void>
  status(options?: CallOptions): Promise<PaymentsStatus>
  /** Brings all objects; `Rehearsal` only counts them, and `Gaps` only finds missed events. */
  sync(
    options?: CallOptions & { readonly kind?: 'Sync' | 'Rehearsal' | 'Gaps' | undefined },
  ): Promise<PaymentRunStarted>
  /** Compares both sides at the end of a day such as 2026-03-31, or now. */
  reconcile(options?: CallOptions & { readonly day?: string | undefined }): Promise<PaymentRunStarted>
  /** Makes a link to a page of the provider on which a price is bought. */
  checkout(options: CheckoutOptions): Promise<{ readonly url: string; readonly expiresAt?: string }>
  /** Makes a link to a page of the provider on which a customer manages subscriptions. */
  portal(options: PortalOptions): Promise<{ readonly url: string }>
}

export function makePayments(session: () => Session): Payments {
  const ask = async (name: string, { signal, ...fields }: CallOptions = {}): Promise<unknown> => {
    const call = { path: `payments/${name}`, body: JSON.stringify(fields) }
    const { body } = await session().command(signal === undefined ? call : { ...call, signal })
    return body
  }
  /** The form of the answer is the server's own. */
  const object = async <Form>(name: string, options?: CallOptions): Promise<Form> => {
    const body = await ask(name, options)
    if (!isPlainObject(body)) throw unexpectedAnswer('an object')
    return body as Form
  }
  return Object.freeze<Payments>({
    connect: (options) => object('connect', options),
    disconnect: async (options) => void (await ask('disconnect', options)),
    status: (options) => object('status', options),
    sync: (options) => object('sync', options),
    reconcile: (options) => object('reconcile', options),
    checkout: (options) => object('checkout', options),
    portal: (options) => object('portal', options),
  })
}
