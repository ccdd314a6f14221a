// A year of an account at Stripe: subscriptions that begin, renew, change, fail and end, as the objects and events of each day. What
// the business is worth is written down from the decisions themselves, so it is independent of the objects.

import type { FakeStripe } from '../packages/payments.do/test/fake-stripe.ts'

type Json = Record<string, unknown>

export const daySeconds = 86_400
const graceDays = 7
const trialDays = 14
/** Chances of a subscription on a day. */
const chances = { cancel: 0.001, quantity: 0.002, pause: 0.0005, resume: 0.05, refund: 0.0003 }
/** Chances of a subscription at its renewal. */
const failing = 0.08

const plans = [
  { amount: 900, interval: 'month', months: 1 },
  { amount: 4_900, interval: 'month', months: 1 },
  { amount: 19_900, interval: 'month', months: 1 },
  { amount: 50_000, interval: 'year', months: 12 },
] as const

interface Running {
  readonly id: string
  readonly customer: string
  readonly plan: (typeof plans)[number]
  readonly price: Json
  quantity: number
  status: 'trialing' | 'active' | 'past_due' | 'canceled'
  isPaused: boolean
  periodEnd: number
  /** The invoice that was not paid, and the day on which that is decided. */
  owed?: { readonly invoice: string; readonly total: number; readonly decidedAt: number }
}

/** Figures at the end of a day, in the smallest unit of the currency. */
export interface DayFigures {
  readonly mrr: number
  readonly receivables: number
  readonly active: number
  readonly received: number
  readonly refunded: number
}

export interface ImaginedOptions {
  readonly fake: FakeStripe
  readonly random: () => number
  /** Seconds at which the first day begins. */
  readonly start: number
  readonly days: number
  readonly subscriptions: number
}

export class ImaginedStripe {
  readonly #of: ImaginedOptions
  readonly #running: Running[] = []
  readonly #prices: readonly Json[]
  readonly #payments: { readonly id: string; left: number }[] = []
  #day = 0
  #receivables = 0
  #received = 0
  #refunded = 0

  constructor(of: ImaginedOptions) {
    this.#of = of
    of.fake.now = of.start
    const product = of.fake.put('product', { name: 'Engine', active: true })['id']
    this.#prices = plans.map(({ amount, interval }) =>
      of.fake.put('price', {
        product,
        unit_amount: amount,
        currency: 'usd',
        active: true,
        recurring: { interval, interval_count: 1 },
      }),
    )
  }

  /** Lets one day pass, and returns what the business is worth at its end. */
  passDay(): DayFigures {
    const { fake, start, days, subscriptions } = this.#of
    const day = this.#day++
    fake.now = Math.max(fake.now, start + day * daySeconds)
    const isOnDay = (time: number): boolean => time < start + (day + 1) * daySeconds
    for (const one of this.#running) {
      if (one.status === 'canceled') continue
      if (one.owed !== undefined && isOnDay(one.owed.decidedAt)) this.#decide(one, one.owed)
      else if (isOnDay(one.periodEnd) && one.owed === undefined) this.#renew(one)
      else this.#happen(one)
    }
    const begun = (until: number): number => Math.floor((until * subscriptions) / days)
    for (let count = begun(day); count < begun(day + 1); count++) this.#begin()
    this.#refundSome()
    if (!isOnDay(fake.now)) throw new Error('a day has more than its seconds')
    return this.#figures()
  }

  #figures(): DayFigures {
    const active = this.#running.filter(({ status, isPaused }) => status === 'active' && !isPaused)
    const mrr = active.reduce((sum, { plan, quantity }) => sum + (plan.amount * quantity) / plan.months, 0)
    const [receivables, received, refunded] = [this.#receivables, this.#received, this.#refunded]
    return { mrr, receivables, active: active.length, received, refunded }
  }

  #chance(of: number): boolean {
    return this.#of.random() < of
  }

  #begin(): void {
    const { fake, random } = this.#of
    const number = this.#running.length
    const customer = String(fake.put('customer', { name: `Customer ${number}`, email: `c${number}@acme.test` })['id'])
    const chosen = Math.floor(random() * plans.length)
    const isTrial = this.#chance(0.15)
    const start = fake.now + 1
    const plan = plans[chosen] ?? plans[0]
    const one: Running = {
      id: `sub_imagined${number}`,
      customer,
      plan,
      price: this.#prices[chosen] ?? {},
      quantity: 1 + Math.floor(random() * 3),
      status: isTrial ? 'trialing' : 'active',
      isPaused: false,
      periodEnd: isTrial ? start + trialDays * daySeconds : periodAfter(start, plan.months),
    }
    this.#running.push(one)
    const trial = isTrial ? { trial_start: start, trial_end: one.periodEnd } : {}
    this.#put(one, { start_date: start, billing_cycle_anchor: isTrial ? one.periodEnd : start, ...trial })
    if (!isTrial) this.#pay(this.#bill(one, start))
  }

  #renew(one: Running): void {
    const from = one.periodEnd
    one.periodEnd = periodAfter(from, one.plan.months)
    one.status = 'active'
    const bill = this.#bill(one, from)
    if (one.isPaused || !this.#chance(failing)) {
      this.#put(one)
      this.#pay(bill)
      return
    }
    const { fake, random } = this.#of
    fake.put('payment_intent', {
      customer: one.customer,
      amount: bill.total,
      currency: 'usd',
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined', message: 'Your card was declined.' },
      payment_method_types: ['card'],
    })
    one.status = 'past_due'
    one.owed = { ...bill, decidedAt: fake.now + Math.floor((1 + random() * graceDays) * daySeconds) }
    this.#put(one)
  }

  #decide(one: Running, owed: NonNullable<Running['owed']>): void {
    const { fake, random } = this.#of
    const fate = random()
    delete one.owed
    if (fate < 0.6) {
      this.#pay(owed)
      one.status = 'active'
      return this.#put(one)
    }
    this.#receivables -= owed.total
    const transitions = fake.get(owed.invoice)['status_transitions'] as Json
    const [status, time] = fate < 0.8 ? ['void', 'voided_at'] : ['uncollectible', 'marked_uncollectible_at']
    fake.put('invoice', { id: owed.invoice, status, status_transitions: { ...transitions, [time]: fake.now + 1 } })
    this.#end(one)
  }

  #happen(one: Running): void {
    if (one.status !== 'active') return
    if (this.#chance(chances.cancel)) return this.#end(one)
    if (one.isPaused ? this.#chance(chances.resume) : this.#chance(chances.pause)) {
      one.isPaused = !one.isPaused
      return this.#put(one)
    }
    if (one.isPaused || !this.#chance(chances.quantity)) return
    one.quantity = one.quantity === 1 || this.#chance(0.6) ? one.quantity + 1 : one.quantity - 1
    this.#put(one)
  }

  #end(one: Running): void {
    one.status = 'canceled'
    const at = this.#of.fake.now + 1
    this.#put(one, { canceled_at: at, ended_at: at })
  }

  /** An open invoice. */
  #bill(one: Running, from: number): { readonly invoice: string; readonly total: number } {
    const { fake } = this.#of
    const total = one.plan.amount * one.quantity
    this.#receivables += total
    const invoice = fake.invoice({
      customer: one.customer,
      subscription: one.id,
      lines: [{ amount: total, description: 'Engine' }],
    })
    const id = String(invoice['id'])
    fake.put('invoice', { id, period_start: from, period_end: periodAfter(from, one.plan.months) })
    return { invoice: id, total }
  }

  #pay({ invoice, total }: { readonly invoice: string; readonly total: number }): void {
    const { fake } = this.#of
    const { payments } = fake.pay(invoice)
    this.#receivables -= total
    this.#received += total
    const [paid] = (payments as { readonly data: readonly { readonly payment: Json }[] }).data
    this.#payments.push({ id: String(paid?.payment['payment_intent']), left: total })
  }

  #refundSome(): void {
    for (const payment of this.#payments) {
      if (payment.left < 100 || !this.#chance(chances.refund)) continue
      const amount = Math.floor(payment.left * (0.2 + 0.8 * this.#of.random()))
      this.#of.fake.refund(payment.id, amount)
      payment.left -= amount
      this.#refunded += amount
    }
  }

  #put({ id, customer, price, quantity, status, isPaused, periodEnd, plan }: Running, more: Json = {}): void {
    const item = {
      id: `si_${id}`,
      object: 'subscription_item',
      price,
      quantity,
      current_period_start:
        status === 'trialing' ? periodEnd - trialDays * daySeconds : periodBefore(periodEnd, plan.months),
      current_period_end: periodEnd,
    }
    this.#of.fake.put('subscription', {
      id,
      customer,
      status,
      currency: 'usd',
      cancel_at_period_end: false,
      collection_method: 'charge_automatically',
      pause_collection: isPaused ? { behavior: 'void' } : null,
      items: { object: 'list', data: [item], has_more: false },
      ...more,
    })
  }
}

/** Months of thirty days, which nothing here depends on. */
function periodAfter(from: number, months: number): number {
  return from + months * 30 * daySeconds
}

function periodBefore(end: number, months: number): number {
  return end - months * 30 * daySeconds
}
