// The connection of a tenant to Stripe: an account in one mode, by the tenant's settings, and keys in its secret store.

import type { ObjectParts, SendOutside } from '@dotdo/service'
import { ObjectError, type PaymentSettings } from 'digital-objects'
import { Findings } from '../records/findings.ts'
import { Agreements } from './agreements.ts'
import { Mirror } from './mirror.ts'
import { openStripe, stripeServer } from './stripe-api.ts'

export type StripeMode = PaymentSettings['mode']

/** Keys of the two modes have names of their own, so that one never stands in for the other. */
export function keySecret(mode: StripeMode): string {
  return `stripe-${mode}-key`
}

export function webhookSecret(mode: StripeMode): string {
  return `stripe-${mode}-webhook`
}

/** Secret and restricted keys say their mode themselves. */
export function modeOfKey(key: string): StripeMode | undefined {
  const [, mode] = /^(?:sk|rk)_(test|live)_[A-Za-z0-9_]{4,250}$/.exec(key) ?? []
  return mode === 'test' || mode === 'live' ? mode : undefined
}

export function connectedSettings(parts: Pick<ObjectParts, 'settings'>): PaymentSettings | undefined {
  const { payments } = parts.settings()
  return payments?.provider === 'stripe' && payments.connected ? payments : undefined
}

export function notConnected(): ObjectError {
  return new ObjectError({
    code: 'not_connected',
    message:
      'this tenant is not connected to Stripe: headlessly payments connect, or POST /payments/connect, does that',
  })
}

export interface ConnectionParts {
  readonly parts: ObjectParts
  readonly send: SendOutside
  /** By default Stripe's own. */
  readonly server: string | undefined
}

export class StripeConnection {
  readonly findings: Findings
  readonly agreements: Agreements
  readonly #of: ConnectionParts
  #last: Promise<unknown> = Promise.resolve()

  constructor(of: ConnectionParts) {
    this.#of = of
    this.findings = new Findings(of.parts, 'stripe')
    this.agreements = new Agreements(of.parts.values)
  }

  get parts(): ObjectParts {
    return this.#of.parts
  }

  get isConnected(): boolean {
    return connectedSettings(this.#of.parts) !== undefined
  }

  /** Runs one work after another, each with the key of now. Throws an ObjectError `not_connected`. */
  run<Result>(work: (mirror: Mirror) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => this.#open()).then(work)
    this.#last = result.catch(() => {})
    return result
  }

  async webhookSecret(): Promise<string | undefined> {
    const settings = connectedSettings(this.#of.parts)
    return settings && (await this.#of.parts.secret(webhookSecret(settings.mode)))
  }

  async #open(): Promise<Mirror> {
    const { parts, send, server = stripeServer } = this.#of
    const settings = connectedSettings(parts)
    const key = settings && (await parts.secret(keySecret(settings.mode)))
    if (key === undefined) throw notConnected()
    const api = await openStripe({ key, server, send })
    return new Mirror({ parts, api, findings: this.findings, agreements: this.agreements })
  }
}
