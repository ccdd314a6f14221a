// A tenant that is connected to a server that stands in for Stripe, for tests.

import { env } from 'cloudflare:test'
import type { CommandOutcome } from '../src/answers/answer.ts'
import { type Authority, type Entity, fullAuthority, ObjectError } from 'digital-objects'
import { Stripe } from 'stripe'
import { FakeStripe } from '../../payments.do/test/fake-stripe.ts'
import { type Loss, sendToFake } from '../../payments.do/test/send-to-fake.ts'
import { ask, askRead } from './ask-tenant.ts'
import { stripes } from './payment-services.ts'

export type Json = Readonly<Record<string, unknown>>

const callerParts = { tenant: 'acme', context: 'http://localhost/~acme', via: 'rest' } as const
const caller = { ...callerParts, authority: fullAuthority('owner') }
const waitMsMax = 20_000
export const signingSecret = 'whsec_testtesttest'
let count = 0

export class StripeTenant {
  readonly fake: FakeStripe
  readonly stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
  /** Loses requests or answers. */
  loss: (request: { readonly method: string; readonly path: string }) => Loss = () => undefined

  constructor(fake = new FakeStripe(`rk_test_tenant${++count}`)) {
    this.fake = fake
  }

  /** `sync` brings all objects at once. */
  static async connected({
    sync = false,
    fake,
  }: { readonly sync?: boolean; readonly fake?: FakeStripe } = {}): Promise<StripeTenant> {
    const tenant = new StripeTenant(fake)
    await tenant.write('Contact', 'create', { name: 'First' })
    await tenant.connect(sync)
    return tenant
  }

  async connect(sync = false): Promise<Json> {
    stripes.set(
      this.fake.key,
      sendToFake(this.fake, (request) => this.loss(request)),
    )
    return this.serve('POST /payments/connect', { key: this.fake.key, webhookSecret: signingSecret, sync })
  }

  async serve(route: string, body: Json = {}): Promise<Json> {
    const outcome = await this.ask({ route, body: JSON.stringify(body) })
    if (!outcome.ok) throw new ObjectError(outcome.error)
    return (outcome.output ?? {}) as Json
  }

  /** Sends the command of a route. */
  async ask(
    input: Json,
    {
      isStranger = false,
      authority = 'owner',
    }: { readonly isStranger?: boolean; readonly authority?: Authority | string } = {},
  ): Promise<CommandOutcome> {
    const sent = { caller: { ...callerParts, authority }, isStranger, command: 'payments.do/ask' }
    return JSON.parse(await this.stub.serve({ ...sent, input: JSON.stringify(input) })) as CommandOutcome
  }

  /** Sends an event as Stripe does. */
  async deliver(event: unknown, secret = signingSecret): Promise<CommandOutcome> {
    const payload = JSON.stringify(event)
    const cryptoProvider = Stripe.createSubtleCryptoProvider()
    const signature = await Stripe.webhooks.generateTestHeaderStringAsync({ payload, secret, cryptoProvider })
    return this.ask({ route: 'POST /payments/stripe/webhook', body: payload, signature }, { isStranger: true })
  }

  async write(noun: string, verb: string, body: Json = {}, id?: string): Promise<Entity> {
    const call = { kind: 'write', noun, verb, body: JSON.stringify(body), ...(id === undefined ? {} : { id }) } as const
    const answer = await ask(this.stub, caller, call)
    if (!answer.ok) throw new ObjectError(answer.error)
    return (answer.body === '' ? {} : JSON.parse(answer.body)) as Entity
  }

  /** Sets or advances the clock of a test tenant. */
  async clock(body: Json): Promise<void> {
    const call = { kind: 'write', noun: '', verb: 'clock.set', body: JSON.stringify(body) } as const
    const answer = await ask(this.stub, caller, call)
    if (!answer.ok) throw new ObjectError(answer.error)
  }

  async list(noun: string, filter: Json = {}): Promise<readonly Entity[]> {
    const parameters = { limit: '100', filter: JSON.stringify(filter), strong: 'true', sort: '$createdAt' }
    const answer = await askRead(this.stub, caller, { read: 'find', noun, parameters })
    if (!answer.ok) throw new ObjectError(answer.error)
    return (JSON.parse(answer.body) as { readonly results: readonly Entity[] }).results
  }

  async one(noun: string, filter: Json): Promise<Entity> {
    const [found] = await this.list(noun, filter)
    if (found === undefined) throw new Error(`there is no ${noun} with ${JSON.stringify(filter)}`)
    return found
  }

  /** Resolves when nothing waits, in either direction, and no run is under way. */
  async settled(): Promise<void> {
    const endMs = Date.now() + waitMsMax
    while (Date.now() < endMs) {
      const status = await this.serve('GET /payments/status')
      const { waitingFromStripe, waitingToStripe, running } = status
      if (waitingFromStripe === 0 && waitingToStripe === 0 && (running as readonly unknown[]).length === 0) return
      await new Promise((done) => setTimeout(done, 20))
    }
    throw new Error(`it did not settle: ${JSON.stringify(await this.serve('GET /payments/status'))}`)
  }

  /** What the tenant knows of Stripe's objects, by their ids: nothing of our own ids and times of writing. */
  async mirrored(): Promise<Json> {
    const ids: Readonly<Record<string, string>> = {
      Customer: 'stripeCustomerId',
      Product: 'stripeProductId',
      Price: 'stripeId',
      Coupon: 'stripeCouponId',
      Subscription: 'stripeSubscriptionId',
      Invoice: 'stripeInvoiceId',
      Payment: 'stripePaymentId',
      Refund: 'stripeRefundId',
      Dispute: 'stripeDisputeId',
    }
    const found: Record<string, Record<string, unknown>> = {}
    const names = new Map<string, string>()
    for (const [noun, field] of Object.entries(ids))
      for (const entity of await this.list(noun))
        names.set(entity.$id, `${noun} ${String(entity[field] ?? 'without id')}`)
    for (const noun of Object.keys(ids))
      for (const entity of await this.list(noun)) found[names.get(entity.$id) ?? ''] = named(entity, names)
    return found
  }
}

function named(entity: Entity, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const fields = Object.entries(entity).filter(([name]) => !name.startsWith('$'))
  return Object.fromEntries(
    fields.map(([name, value]) => [name, typeof value === 'string' ? (names.get(value) ?? value) : value]),
  )
}
