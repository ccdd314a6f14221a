// The books of the billing: subscriptions, invoices and payments that follow from the acts by the rules of the business, in
// plain code. It reads nothing of the product.

import { type Deed, type PriceKey, prices, terms } from './acts.ts'
import { addDays, addMonths, dayMs } from './calendar.ts'

export type Status = 'Trialing' | 'Active' | 'PastDue' | 'Paused' | 'Cancelled'

export interface Subscription {
  readonly signedUpAtMs: number
  status: Status
  price: PriceKey
  quantity: number
  anchorMs: number
  startMs: number
  endMs: number
  /** Minor units that the next invoice adds: credits for unused time, and the rest of periods after a change of plan. */
  pending: number
  isEnding: boolean
  resumesAtMs: number
  pastDueAtMs: number
  cancelledAtMs: number
}

interface Invoice {
  readonly customer: string
  readonly isOfSubscription: boolean
  readonly issuedAtMs: number
  readonly dueAtMs: number
  readonly total: number
  open: number
  pastDueAtMs: number
  state: 'Open' | 'Closed'
}

interface Payment {
  readonly customer: string
  readonly atMs: number
  readonly amount: number
  refunded: number
}

const never = Number.POSITIVE_INFINITY
const giveUpDays = terms.retryDays.at(-1) ?? 0

export class BillingLedger {
  readonly subscriptions = new Map<string, Subscription>()
  readonly payments: Payment[] = []
  readonly #invoices: Invoice[] = []

  get invoiceCount(): number {
    return this.#invoices.length
  }

  /** Does all that is due until a time, in the order of the times. */
  reach(untilMs: number): void {
    for (;;) {
      const next = this.#nextDue()
      if (next === undefined || next.atMs > untilMs) return
      next.happen()
    }
  }

  /** Returns false if there is nothing that the act could act on. */
  note(deed: Deed, atMs: number): boolean {
    switch (deed.kind) {
      case 'signUp':
        this.#signUp(deed, atMs)
        return true
      case 'changePlan':
        return this.#changePlan(this.#of(deed.customer), deed, atMs)
      case 'pause': {
        const subscription = this.#of(deed.customer)
        if (subscription.status !== 'Active') return false
        Object.assign(subscription, { status: 'Paused', resumesAtMs: deed.resumesAtMs })
        return true
      }
      case 'cancel':
        return this.#cancel(this.#of(deed.customer), deed.isAtPeriodEnd, atMs)
      case 'comeBack': {
        const subscription = this.#of(deed.customer)
        if (subscription.status !== 'Cancelled') return false
        this.#reactivate(subscription, atMs)
        return true
      }
      case 'bill': {
        const net = deed.amounts.reduce((sum, amount) => sum + amount, 0) - deed.discount
        this.#issue(deed.customer, { atMs, total: net + deed.tax, isOfSubscription: false })
        return true
      }
      default:
        return this.#noteMoney(deed, atMs)
    }
  }

  /** The sum that open invoices still owe. */
  receivables(): number {
    return this.#invoices.reduce((sum, { state, open }) => sum + (state === 'Open' ? open : 0), 0)
  }

  /** The amounts due of open invoices whose time to pay has passed. */
  overdue(atMs: number): readonly number[] {
    return this.#invoices.filter(({ state, dueAtMs }) => state === 'Open' && dueAtMs < atMs).map(({ open }) => open)
  }

  #noteMoney(deed: Deed, atMs: number): boolean {
    if (deed.kind === 'refund') {
      const last = this.payments.findLast(
        ({ customer, amount, refunded }) => customer === deed.customer && refunded < amount,
      )
      if (last === undefined) return false
      last.refunded += partOf(last.amount - last.refunded, deed.percent)
      return true
    }
    if (deed.kind !== 'pay' && deed.kind !== 'decline' && deed.kind !== 'credit') return true
    const oldest = this.#invoices.find(({ customer, state }) => customer === deed.customer && state === 'Open')
    if (oldest === undefined) return false
    if (deed.kind === 'decline') this.#isLate(oldest, atMs)
    else if (deed.kind === 'credit') this.#settle(oldest, partOf(oldest.open, deed.percent))
    else {
      this.payments.push({ customer: deed.customer, atMs, amount: oldest.open, refunded: 0 })
      this.#settle(oldest, oldest.open)
    }
    return true
  }

  #of(customer: string): Subscription {
    const subscription = this.subscriptions.get(customer)
    if (subscription === undefined) throw new Error(`${customer} has not signed up`)
    return subscription
  }

  #signUp({ customer, price, quantity }: Deed & { readonly kind: 'signUp' }, atMs: number): void {
    const { trialDays, months } = prices[price]
    const anchorMs = trialDays > 0 ? atMs + trialDays * dayMs : atMs
    const subscription: Subscription = {
      signedUpAtMs: atMs,
      status: trialDays > 0 ? 'Trialing' : 'Active',
      price,
      quantity,
      anchorMs,
      startMs: atMs,
      endMs: trialDays > 0 ? anchorMs : addMonths(atMs, months),
      pending: 0,
      isEnding: false,
      resumesAtMs: never,
      pastDueAtMs: never,
      cancelledAtMs: never,
    }
    this.subscriptions.set(customer, subscription)
    if (trialDays === 0) this.#bill(customer, subscription, atMs)
  }

  /** The rest of the paid period is credited, and charged at the new price. */
  #changePlan(subscription: Subscription, to: { price: PriceKey; quantity: number }, atMs: number): boolean {
    const { status, price, quantity, startMs, endMs } = subscription
    if (status !== 'Active' && status !== 'PastDue' && status !== 'Trialing') return false
    if (status !== 'Trialing') {
      const rest = (amount: number): number => Math.round((amount * (endMs - atMs)) / (endMs - startMs))
      subscription.pending += rest(prices[to.price].amount * to.quantity) - rest(prices[price].amount * quantity)
    }
    Object.assign(subscription, { price: to.price, quantity: to.quantity })
    return true
  }

  #cancel(subscription: Subscription, isAtPeriodEnd: boolean, atMs: number): boolean {
    if (subscription.status === 'Cancelled') return false
    if (isAtPeriodEnd) subscription.isEnding = true
    else this.#end(subscription, atMs)
    return true
  }

  #end(subscription: Subscription, atMs: number): void {
    Object.assign(subscription, { status: 'Cancelled', cancelledAtMs: atMs, isEnding: false, resumesAtMs: never })
  }

  /** A period that has ended meanwhile is not billed: a new one begins now. */
  #reactivate(subscription: Subscription, atMs: number): void {
    Object.assign(subscription, {
      status: 'Active',
      isEnding: false,
      resumesAtMs: never,
      pastDueAtMs: never,
      cancelledAtMs: never,
    })
    if (subscription.endMs <= atMs) Object.assign(subscription, { anchorMs: atMs, endMs: atMs })
  }

  #renew(customer: string, subscription: Subscription): void {
    const { anchorMs, endMs, price } = subscription
    const { months } = prices[price]
    let periods = 1
    while (addMonths(anchorMs, periods * months) <= endMs) periods++
    Object.assign(subscription, { startMs: endMs, endMs: addMonths(anchorMs, periods * months) })
    if (subscription.status === 'Trialing') subscription.status = 'Active'
    this.#bill(customer, subscription, subscription.startMs)
  }

  /** Bills the current period, and what is pending. A bill below 0 is 0, and the next one is lower. */
  #bill(customer: string, subscription: Subscription, atMs: number): void {
    const { price, quantity, pending } = subscription
    const due = prices[price].amount * quantity + pending
    subscription.pending = Math.min(due, 0)
    this.#issue(customer, { atMs, total: Math.max(due, 0), isOfSubscription: true })
  }

  #issue(
    customer: string,
    { atMs, total, isOfSubscription }: { atMs: number; total: number; isOfSubscription: boolean },
  ): void {
    this.#invoices.push({
      customer,
      isOfSubscription,
      issuedAtMs: atMs,
      dueAtMs: atMs + terms.paymentDays * dayMs,
      total,
      open: total,
      pastDueAtMs: never,
      state: total === 0 ? 'Closed' : 'Open',
    })
  }

  #settle(invoice: Invoice, amount: number): void {
    invoice.open -= amount
    if (invoice.open > 0) return
    invoice.state = 'Closed'
    const { customer, isOfSubscription } = invoice
    const subscription = this.#of(customer)
    const isLate = this.#invoices.some(
      (other) =>
        other.customer === customer && other.isOfSubscription && other.state === 'Open' && other.pastDueAtMs < never,
    )
    if (isOfSubscription && subscription.status === 'PastDue' && !isLate)
      Object.assign(subscription, { status: 'Active', pastDueAtMs: never })
  }

  /** An invoice is late once its day has passed, or a bank has declined to pay it; so is its subscription. */
  #isLate(invoice: Invoice, atMs: number): void {
    invoice.pastDueAtMs = Math.min(invoice.pastDueAtMs, atMs)
    const subscription = this.#of(invoice.customer)
    if (invoice.isOfSubscription && subscription.status === 'Active')
      Object.assign(subscription, { status: 'PastDue', pastDueAtMs: atMs })
  }

  #nextDue(): { readonly atMs: number; readonly happen: () => void } | undefined {
    let next: { readonly atMs: number; readonly happen: () => void } | undefined
    const offer = (atMs: number, happen: () => void): void => {
      if (atMs < (next?.atMs ?? never)) next = { atMs, happen }
    }
    for (const invoice of this.#invoices) {
      if (invoice.state !== 'Open') continue
      const lateMs = invoice.pastDueAtMs
      if (lateMs < never)
        offer(addDays(lateMs, giveUpDays), () => {
          invoice.state = 'Closed'
        })
      else offer(invoice.dueAtMs, () => this.#isLate(invoice, invoice.dueAtMs))
    }
    for (const [customer, subscription] of this.subscriptions) {
      const { status, isEnding, endMs, resumesAtMs, pastDueAtMs } = subscription
      if (status === 'Cancelled') continue
      if (isEnding) offer(endMs, () => this.#end(subscription, endMs))
      else if (status !== 'Paused') offer(endMs, () => this.#renew(customer, subscription))
      if (status === 'Paused') offer(resumesAtMs, () => this.#reactivate(subscription, resumesAtMs))
      if (status !== 'PastDue') continue
      const givenUpMs = addDays(pastDueAtMs, giveUpDays)
      offer(givenUpMs, () => this.#end(subscription, givenUpMs))
    }
    return next
  }
}

/** At least 1. */
function partOf(amount: number, percent: number): number {
  return Math.min(amount, Math.max(1, Math.round((amount * percent) / 100)))
}
