// The ledger: it follows the acts, and has the figures of the business at the end of each day.

import { type Act, prices } from './acts.ts'
import { BillingLedger } from './billing-ledger.ts'
import { addDays } from './calendar.ts'
import { yearStartMs } from './imagine-year.ts'
import { MarketLedger } from './market-ledger.ts'
import { SupportLedger } from './support-ledger.ts'

/** Amounts are in minor units of EUR. A figure without a value is null. */
export interface Figures {
  readonly mrr: number
  /** Subscriptions cancelled within 30 days, in percent of those that were active before. Null on the first 29 days, of which the 30 days before are unknown. */
  readonly churn: number | null
  /** The present amount of the subscriptions of 30 days ago, in percent of their amount then. */
  readonly nrr: number | null
  /** Money received within 30 days, less refunds. */
  readonly cash: number
  readonly receivables: number
  readonly ticketsOpen: number
  readonly ticketsLate: number
  readonly weightedPipeline: number
  readonly campaignLeads: number
  /** The sum of the returns of all campaigns, in percent. */
  readonly campaignReturns: number
  /** The visitors who took the first step of the funnel, and who took all of them. */
  readonly visitors: number
  readonly orders: number
  readonly conversions: number
  /** The probability that the experiment's difference is chance, in percent. */
  readonly chance: number | null
}

export const figureNames = [
  'mrr',
  'churn',
  'nrr',
  'cash',
  'receivables',
  'ticketsOpen',
  'ticketsLate',
  'weightedPipeline',
  'campaignLeads',
  'campaignReturns',
  'visitors',
  'orders',
  'conversions',
  'chance',
] as const

export class Ledger {
  readonly billing = new BillingLedger()
  readonly support = new SupportLedger()
  readonly market = new MarketLedger()
  /** Maps the beginning of the year and the end of each day to the monthly amounts of its active subscriptions. */
  readonly #amounts = new Map<number, ReadonlyMap<string, number>>([[yearStartMs, new Map()]])

  /** Returns false if there is nothing that the act could act on. */
  note(act: Act): boolean {
    this.#reach(act.atMs)
    this.support.note(act, act.atMs)
    this.market.note(act)
    return this.billing.note(act, act.atMs)
  }

  /** Closes a day. Call it for each day. */
  close(endOfDayMs: number): Figures {
    this.#reach(endOfDayMs)
    const amounts = new Map<string, number>()
    for (const [customer, { status, price, quantity }] of this.billing.subscriptions)
      if (status === 'Active') amounts.set(customer, (prices[price].amount * quantity) / prices[price].months)
    this.#amounts.set(endOfDayMs, amounts)
    const fromMs = addDays(endOfDayMs, -30)
    const known = this.#amounts.get(fromMs)
    const before = known ?? new Map<string, number>()
    return {
      mrr: sumOf(amounts.values()),
      churn: known === undefined ? null : churn(this.#cancelledSince(fromMs), before.size),
      nrr: retention(before, amounts),
      cash: sumOf(this.billing.payments.filter(({ atMs }) => atMs > fromMs).map((one) => one.amount - one.refunded)),
      receivables: this.billing.receivables(),
      ticketsOpen: this.support.openTickets(),
      ticketsLate: this.support.lateTickets(endOfDayMs),
      weightedPipeline: Math.round(this.support.weightedPipeline() * 100),
      campaignLeads: this.market.leads(),
      campaignReturns: this.market.returns(),
      visitors: this.market.funnel()[0] ?? 0,
      orders: this.market.funnel().at(-1) ?? 0,
      conversions: this.market.conversions(),
      chance: this.market.chance(),
    }
  }

  #reach(untilMs: number): void {
    this.billing.reach(untilMs)
    this.support.reach(untilMs)
    this.market.reach(untilMs)
  }

  #cancelledSince(fromMs: number): number {
    const isMeant = (atMs: number): boolean => atMs > fromMs && atMs < Number.POSITIVE_INFINITY
    return [...this.billing.subscriptions.values()].filter(({ cancelledAtMs }) => isMeant(cancelledAtMs)).length
  }
}

function churn(cancelled: number, before: number): number {
  return before === 0 ? 0 : (cancelled / before) * 100
}

function retention(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number | null {
  const base = sumOf(before.values())
  if (base === 0) return null
  return (sumOf([...before.keys()].map((customer) => now.get(customer) ?? 0)) / base) * 100
}

function sumOf(amounts: Iterable<number>): number {
  let sum = 0
  for (const amount of amounts) sum += amount
  return sum
}
