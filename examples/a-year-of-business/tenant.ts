// Performs the acts in a tenant with a test clock, through the typed client: one act at its own time, as one commit. All that
// follows from an act by itself, such as renewals, is the product's work.

import { type Client, HeadlesslyError } from '@headlessly/sdk'
import { type Act, type Deed, type PriceKey, priceKeys, prices, steps, terms, variants } from './acts.ts'
import { businessCalendar } from './calendar.ts'

type Of<Kind extends Deed['kind']> = Deed & { readonly kind: Kind }

export class TenantOfYear {
  readonly #client: Client
  #nowMs: number
  readonly #prices = new Map<PriceKey, string>()
  readonly #organizations = new Map<string, string>()
  readonly #customers = new Map<string, { readonly customer: string; readonly subscription: string }>()
  readonly #tickets = new Map<string, string>()
  readonly #deals = new Map<string, string>()
  readonly #campaigns = new Map<string, string>()
  readonly #pages = new Map<string, string>()
  #experiment = ''
  #funnel = ''

  private constructor(client: Client, nowMs: number) {
    this.#client = client
    this.#nowMs = nowMs
  }

  /** Opens the business: its clock, settings, plans and prices. The tenant has to be empty. */
  static async open(client: Client, startMs: number): Promise<TenantOfYear> {
    await client.clock.set(new Date(startMs).toISOString())
    await client.settings.update({
      ...businessCalendar,
      currency: 'EUR',
      paymentTerms: `P${terms.paymentDays}D`,
      paymentRetryDays: [...terms.retryDays],
      sla: { firstResponse: toDurations(terms.firstResponseHours), resolution: toDurations(terms.resolutionHours) },
    })
    const business = new TenantOfYear(client, startMs)
    for (const key of priceKeys) {
      const { plan: name, amount, interval, trialDays } = prices[key]
      const { result } = await client.batch((tx) => {
        const plan = tx.Plan.create({ name, slug: key, ...(trialDays > 0 ? { trialDays } : {}) })
        return tx.Price.create({ plan: plan.$id, amount, currency: 'EUR', interval })
      })
      business.#prices.set(key, result.$id)
    }
    business.#funnel = (await client.Funnel.create({ name: 'Orders', steps: [...steps] })).$id
    const experiment = { name: 'Page', variants: variants.map((key) => ({ key })), primaryMetric: steps.at(-1) ?? '' }
    business.#experiment = (await client.Experiment.create({ ...experiment, status: 'Running' })).$id
    return business
  }

  /** The questions at the end of each day besides metrics. */
  get analyzed(): { readonly experiment: string; readonly funnel: string } {
    return { experiment: this.#experiment, funnel: this.#funnel }
  }

  /** The page that a visitor got to see. */
  pageOf(visitor: string): string {
    return known(this.#pages, visitor)
  }

  /** Advances the clock; all that is due until then happens. */
  async reach(atMs: number): Promise<void> {
    if (atMs <= this.#nowMs) return
    let state = await this.#client.clock.advance(new Date(atMs).toISOString())
    while (state.advancingTo !== null) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      state = await this.#client.clock.read()
    }
    this.#nowMs = atMs
  }

  /** Returns false if the act found nothing to act on, or was refused as impossible in that state. */
  async perform(act: Act): Promise<boolean> {
    await this.reach(act.atMs)
    try {
      return await this.#do(act)
    } catch (error) {
      const code = error instanceof HeadlesslyError ? error.code : undefined
      if (code === 'invalid_transition') return false
      throw new Error(`${JSON.stringify(act)}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }

  async #do(deed: Deed): Promise<boolean> {
    const { Organization, Subscription } = this.#client
    switch (deed.kind) {
      case 'meet': {
        const { $id } = await Organization.create({ name: deed.organization, slug: deed.organization })
        this.#organizations.set(deed.organization, $id)
        return true
      }
      case 'signUp':
        return this.#signUp(deed)
      case 'changePlan': {
        const { subscription } = this.#customer(deed.customer)
        const [before, price] = [await Subscription.get(subscription, { strong: true }), this.#price(deed.price)]
        const isMore = (before?.quantity ?? 0) < deed.quantity || (before?.amount ?? 0) < prices[deed.price].amount
        const to = { price, quantity: deed.quantity }
        await (isMore ? Subscription.upgrade(subscription, to) : Subscription.downgrade(subscription, to))
        return true
      }
      case 'pause': {
        const { subscription } = this.#customer(deed.customer)
        await Subscription.pause(subscription, { resumesAt: new Date(deed.resumesAtMs).toISOString() })
        return true
      }
      case 'cancel':
        return this.#cancel(deed)
      case 'comeBack': {
        const { subscription } = this.#customer(deed.customer)
        const before = await Subscription.get(subscription, { strong: true })
        if (before?.status !== 'Cancelled') return false
        await Subscription.reactivate(subscription)
        return true
      }
      case 'ask':
      case 'reply':
      case 'escalate':
      case 'solve':
        return this.#support(deed)
      case 'offer':
      case 'advance':
      case 'win':
      case 'lose':
        return this.#sell(deed)
      case 'launch':
      case 'spend':
      case 'finish':
      case 'inquire':
        return this.#advertise(deed)
      case 'step':
        await this.#client.Event.create({ name: deed.name, userId: deed.visitor })
        return true
      case 'show': {
        const { variant } = await this.#client.flags.assign(this.#experiment, { userId: deed.visitor })
        this.#pages.set(deed.visitor, variant ?? '')
        return true
      }
      default:
        return this.#money(deed)
    }
  }

  async #signUp({ customer, organization, price, quantity }: Of<'signUp'>): Promise<boolean> {
    const { result } = await this.#client.batch((tx) => {
      const buyer = tx.Customer.create({
        name: customer,
        email: `${customer}@customers.example`,
        currency: 'EUR',
        organization: this.#organization(organization),
      })
      const bought = tx.Subscription.create({ customer: buyer.$id, price: this.#price(price), quantity })
      return { buyer, bought }
    })
    this.#customers.set(customer, { customer: result.buyer.$id, subscription: result.bought.$id })
    return true
  }

  /** A customer that has left does not leave again. */
  async #cancel({ customer, isAtPeriodEnd }: Of<'cancel'>): Promise<boolean> {
    const { Subscription } = this.#client
    const { subscription } = this.#customer(customer)
    const before = await Subscription.get(subscription, { strong: true })
    if (before?.status === 'Cancelled') return false
    await Subscription.cancel(subscription, isAtPeriodEnd ? { cancelAtPeriodEnd: true } : {})
    return true
  }

  async #money(deed: Of<'pay' | 'decline' | 'refund' | 'credit' | 'bill'>): Promise<boolean> {
    const { Invoice, Payment } = this.#client
    const { customer } = this.#customer(deed.customer)
    if (deed.kind === 'bill') {
      const lineItems = deed.amounts.map((amount, at) => ({ description: `Work ${at + 1}`, amount }))
      await Invoice.finalize({ customer, lineItems, discount: deed.discount, tax: deed.tax })
      return true
    }
    if (deed.kind === 'refund') {
      const paid = { customer, status: 'Succeeded' } as const
      const [last] = await Payment.find(paid, { sort: '-capturedAt', limit: 1, strong: true })
      if (last === undefined) return false
      await Payment.refund(last.$id, { amount: partOf(last.netAmount ?? last.amount, deed.percent) })
      return true
    }
    const [oldest] = await Invoice.find({ customer, status: 'Open' }, { sort: 'issuedAt', limit: 1, strong: true })
    if (oldest === undefined) return false
    const { $id: invoice, amountDue: amount } = oldest
    if (deed.kind === 'credit') await Invoice.credit(invoice, { amount: partOf(amount, deed.percent) })
    else if (deed.kind === 'pay') await Payment.capture({ invoice, amount })
    else
      await this.#client.batch((tx) => {
        const payment = tx.Payment.create({ invoice, amount })
        tx.Payment.fail(payment.$id, { failureCode: 'card_declined' })
      })
    return true
  }

  async #support(deed: Of<'ask' | 'reply' | 'escalate' | 'solve'>): Promise<boolean> {
    const { Message, Ticket } = this.#client
    if (deed.kind === 'ask') {
      const organization = this.#organization(deed.organization)
      const { $id } = await Ticket.create({ subject: deed.ticket, priority: deed.priority, organization })
      this.#tickets.set(deed.ticket, $id)
      return true
    }
    const ticket = known(this.#tickets, deed.ticket)
    if (deed.kind === 'escalate') await Ticket.escalate(ticket)
    else if (deed.kind === 'solve') await Ticket.resolve(ticket)
    else await Message.create({ ticket, channel: 'Chat', direction: 'Outbound', status: 'Sent', body: 'Try again.' })
    return true
  }

  async #sell(deed: Of<'offer' | 'advance' | 'win' | 'lose'>): Promise<boolean> {
    const { Deal } = this.#client
    if (deed.kind === 'offer') {
      const { deal: name, value, probability } = deed
      const campaign = deed.campaign === undefined ? {} : { campaign: known(this.#campaigns, deed.campaign) }
      const organization = this.#organization(deed.organization)
      const { $id } = await Deal.create({ name, value, probability, currency: 'EUR', organization, ...campaign })
      this.#deals.set(name, $id)
      return true
    }
    const deal = known(this.#deals, deed.deal)
    if (deed.kind === 'advance') await Deal.advance(deal, { probability: deed.probability })
    else if (deed.kind === 'win') await Deal.win(deal)
    else await Deal.lose(deal, { lostReason: 'Price' })
    return true
  }

  async #advertise(deed: Of<'launch' | 'spend' | 'finish' | 'inquire'>): Promise<boolean> {
    const { Campaign, Lead } = this.#client
    if (deed.kind === 'launch') {
      const { campaign: name, cost: actualCost } = deed
      const { $id } = await Campaign.create({ name, type: 'Paid', status: 'Launched', currency: 'EUR', actualCost })
      this.#campaigns.set(name, $id)
      return true
    }
    const campaign = known(this.#campaigns, deed.campaign)
    if (deed.kind === 'spend') await Campaign.update(campaign, { actualCost: deed.cost })
    else if (deed.kind === 'finish') await Campaign.complete(campaign)
    else await Lead.create({ name: deed.lead, source: 'Paid', campaign })
    return true
  }

  #customer(key: string): { readonly customer: string; readonly subscription: string } {
    return known(this.#customers, key)
  }

  #organization(key: string): string {
    return known(this.#organizations, key)
  }

  #price(key: PriceKey): string {
    return known(this.#prices, key)
  }
}

function known<Value>(ids: ReadonlyMap<string, Value>, key: string): Value {
  const id = ids.get(key)
  if (id === undefined) throw new Error(`no act has brought ${key}`)
  return id
}

function toDurations(hours: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(hours).map(([priority, count]) => [priority, `PT${count}H`]))
}

/** At least 1. */
function partOf(amount: number, percent: number): number {
  return Math.min(amount, Math.max(1, Math.round((amount * percent) / 100)))
}
