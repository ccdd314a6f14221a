// The questions of a founder, each with the ledger's answer. A question is one request, and at most three lines.

import type { Client } from '@headlessly/sdk'
import { priorities } from './acts.ts'
import { addDays, localTime } from './calendar.ts'
import { dateOf } from './imagine-year.ts'
import type { YearReport } from './run-year.ts'
import { outcomes } from './support-ledger.ts'

/** Numbers by what they are of. */
export type Answer = Readonly<Record<string, number | null>>

export interface Question {
  readonly name: string
  /** The request as the founder writes it. */
  readonly ask: (client: Client, year: Asked) => Promise<unknown>
  /** The figures in what the product answers; amounts in major units. */
  readonly read: (answer: never) => Answer
  readonly expect: (report: YearReport) => Answer
}

/** The times that questions name. */
export interface Asked {
  readonly first: string
  readonly last: string
  readonly someDay: Date
}

export function askedOf({ days }: YearReport): Asked {
  const [first, middle, last] = [days[0], days[Math.floor(days.length / 2)], days.at(-1)]
  if (first === undefined || middle === undefined || last === undefined) throw new Error('expected a year with days')
  return { first: dateOf(first.endMs), last: dateOf(last.endMs), someDay: new Date(middle.endMs) }
}

interface Row {
  readonly by: Readonly<Record<string, unknown>>
  readonly count: number
  readonly sum: Readonly<Record<string, number>>
  readonly avg: Readonly<Record<string, number | null>>
}

const zone = 'Europe/Berlin'
const received = { status: { $in: ['Succeeded', 'Refunded'] } } as const
const cycle = '(closedAt-$createdAt)/86400000'

export const questions: readonly Question[] = [
  {
    name: 'MRR and ARR today',
    ask: ({ metrics }) => Promise.all([metrics.get('mrr'), metrics.get('arr')]),
    read: ([mrr, arr]: [Metric, Metric]) => ({ mrr: mrr.value, arr: arr.value }),
    expect: (report) => ({ mrr: last(report).mrr / 100, arr: (last(report).mrr * 12) / 100 }),
  },
  {
    name: 'MRR on each day',
    ask: ({ metrics }, { first, last }) => metrics.get('mrr', { step: 'day', from: first, to: last }),
    read: (series: Metric) => Object.fromEntries((series.history ?? []).map(({ date, value }) => [date, value])),
    expect: ({ days }) => Object.fromEntries(days.map(({ endMs, figures }) => [dateOf(endMs), figures.mrr / 100])),
  },
  {
    name: 'MRR on a past day, as it was known then',
    ask: ({ metrics }, { someDay }) => metrics.get('mrr', { asOf: someDay }),
    read: ({ value }: Metric) => ({ mrr: value }),
    expect: ({ days }) => ({ mrr: (days[Math.floor(days.length / 2)]?.figures.mrr ?? 0) / 100 }),
  },
  {
    name: 'Churn within 30 days, and net revenue retention',
    ask: ({ metrics }) => Promise.all([metrics.get('churn'), metrics.get('nrr')]),
    read: ([churn, nrr]: [Metric, Metric]) => ({ churn: churn.value, nrr: nrr.value }),
    expect: (report) => ({ churn: last(report).churn, nrr: last(report).nrr }),
  },
  {
    name: 'Pipeline by stage, and weighted',
    ask: ({ Deal }) => Deal.aggregate({}, { by: 'stage', sum: ['value', 'value*probability/100'] }),
    read: (rows: readonly Row[]) => ({
      open: sumOf(rows.filter(isOpen).map(({ sum }) => sum['value'] ?? 0)),
      weighted: sumOf(rows.filter(isOpen).map(({ sum }) => sum['value*probability/100'] ?? 0)),
      won: rows.find(({ by }) => by['stage'] === 'Won')?.count ?? 0,
      lost: rows.find(({ by }) => by['stage'] === 'Lost')?.count ?? 0,
    }),
    expect: ({ ledger }) => ({
      open: sumOf(ledger.support.openDeals().map(({ value }) => value)),
      weighted: ledger.support.weightedPipeline(),
      ...Object.fromEntries(outcomes.map((outcome) => [outcome, ledger.support.decided(outcome).length])),
    }),
  },
  {
    name: 'Deals won and lost, by quarter',
    ask: ({ Deal }) =>
      Deal.aggregate({ stage: { $in: ['Won', 'Lost'] } }, { by: ['stage', 'quarter(closedAt)'], zone }),
    read: (rows: readonly Row[]) =>
      Object.fromEntries(
        rows.map(({ by, count }) => [`${String(by['stage']).toLowerCase()} ${String(by['quarter(closedAt)'])}`, count]),
      ),
    expect: ({ ledger }) =>
      countOf(
        outcomes.flatMap((outcome) =>
          ledger.support.decided(outcome).map(({ decidedAtMs }) => `${outcome} ${quarterOf(decidedAtMs)}`),
        ),
      ),
  },
  {
    name: 'Sales cycle of won deals in days',
    ask: ({ Deal }) => Deal.aggregate({ stage: 'Won' }, { avg: cycle }),
    read: ([row]: readonly Row[]) => ({ days: row?.avg[cycle] ?? null }),
    expect: ({ ledger }) => {
      const won = ledger.support.decided('won')
      const lengths = won.map(({ offeredAtMs, decidedAtMs }) => (decidedAtMs - offeredAtMs) / 86_400_000)
      return { days: won.length === 0 ? null : sumOf(lengths) / won.length }
    },
  },
  {
    name: 'The ten customers who paid most',
    ask: ({ Payment }) =>
      Payment.aggregate(received, { by: 'customer.name', sum: 'netAmount', sort: '-sum(netAmount)', limit: 10 }),
    read: (rows: readonly Row[]) =>
      Object.fromEntries(rows.map(({ by, sum }) => [String(by['customer.name']), sum['netAmount'] ?? 0])),
    expect: ({ ledger }) => {
      const paid = totalsOf(ledger.billing.payments.map((one) => [one.customer, one.amount - one.refunded]))
      return Object.fromEntries([...paid].toSorted(([, a], [, b]) => b - a).slice(0, 10))
    },
  },
  {
    name: 'Overdue invoices and what they owe',
    ask: ({ metrics }) => Promise.all([metrics.get('overdue'), metrics.get('overdue_amount')]),
    read: ([count, amount]: [Metric, Metric]) => ({ count: count.value, amount: amount.value }),
    expect: ({ ledger, days }) => {
      const overdue = ledger.billing.overdue(days.at(-1)?.endMs ?? 0)
      return { count: overdue.length, amount: sumOf(overdue) / 100 }
    },
  },
  {
    name: 'Tickets that missed a target, by priority',
    ask: ({ Ticket }) => Ticket.aggregate({ slaBreachedAt: { $exists: true } }, { by: 'priority' }),
    read: (rows: readonly Row[]) => Object.fromEntries(rows.map(({ by, count }) => [String(by['priority']), count])),
    expect: ({ ledger }) => {
      const missed = [...ledger.support.tickets.values()].filter(({ breachedAtMs }) => breachedAtMs !== undefined)
      return countOf(missed.map(({ priority }) => priorities.find((one) => one === priority) ?? ''))
    },
  },
  {
    name: 'Money received, by month',
    ask: ({ Payment }) => Payment.aggregate(received, { by: 'month(capturedAt)', zone, sum: 'netAmount' }),
    read: (rows: readonly Row[]) =>
      Object.fromEntries(rows.map(({ by, sum }) => [String(by['month(capturedAt)']), sum['netAmount'] ?? 0])),
    expect: ({ ledger }) =>
      Object.fromEntries(
        totalsOf(ledger.billing.payments.map((one) => [monthOf(one.atMs), one.amount - one.refunded])),
      ),
  },
  {
    name: 'Customers that remain, by the month of their sign-up',
    ask: ({ Subscription }) => Subscription.aggregate({}, { by: ['month(startedAt)', 'status'], zone }),
    read: (rows: readonly Row[]) =>
      Object.fromEntries(
        rows.map(({ by, count }) => [`${String(by['month(startedAt)'])} ${String(by['status'])}`, count]),
      ),
    expect: ({ ledger }) =>
      countOf(
        [...ledger.billing.subscriptions.values()].map(
          ({ signedUpAtMs, status }) => `${monthOf(signedUpAtMs)} ${status}`,
        ),
      ),
  },
]

/** Asks a question, and returns the figures that differ from those of the ledger; none if the answers agree. */
export async function differencesIn(
  client: Client,
  { question, report }: { readonly question: Question; readonly report: YearReport },
): Promise<readonly string[]> {
  const given = await question.ask(client, askedOf(report))
  const answer = question.read(given as never) // each question reads the answer to its own request
  const expected = question.expect(report)
  const names = new Set([...Object.keys(answer), ...Object.keys(expected)])
  return [...names].flatMap((name) => {
    const [ours, theirs] = [answer[name], expected[name]]
    const isSame =
      typeof ours === 'number' && typeof theirs === 'number' ? Math.abs(ours - theirs) < 0.005 : ours === theirs
    return isSame ? [] : [`${name} is ${String(ours)}, the ledger has ${String(theirs)}`]
  })
}

interface Metric {
  readonly value: number | null
  readonly history?: readonly { readonly date: string; readonly value: number | null }[]
}

function last({ days }: YearReport): YearReport['days'][number]['figures'] {
  const day = days.at(-1)
  if (day === undefined) throw new Error('expected a year with days')
  return day.figures
}

function isOpen({ by }: Row): boolean {
  return by['stage'] !== 'Won' && by['stage'] !== 'Lost'
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function totalsOf(entries: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const totals = new Map<string, number>()
  for (const [key, amount] of entries) totals.set(key, (totals.get(key) ?? 0) + amount)
  return totals
}

function countOf(keys: readonly string[]): Answer {
  return Object.fromEntries(totalsOf(keys.map((key) => [key, 1])))
}

function monthOf(atMs: number): string {
  const { year, month } = localTime(addDays(atMs, 0))
  return `${year}-${String(month + 1).padStart(2, '0')}`
}

function quarterOf(atMs: number): string {
  const { year, month } = localTime(atMs)
  return `${year}-Q${Math.floor(month / 3) + 1}`
}
