// Compares the figures of the ledger with the product's numbers, at the end of a day: live, or as of that time.

import type { Client } from '@headlessly/sdk'
import { hoursOfFunnel } from './acts.ts'
import { dateOf } from './imagine-year.ts'
import { type Figures, figureNames } from './ledger.ts'

export interface Difference {
  readonly date: string
  readonly figure: string
  readonly ledger: number | null
  readonly product: number | null
}

const metrics = {
  mrr: 'mrr',
  churn: 'churn',
  nrr: 'nrr',
  cash: 'revenue',
  receivables: 'receivables',
  ticketsOpen: 'tickets_open',
  ticketsLate: 'sla_breached',
  weightedPipeline: 'weighted_pipeline',
} as const

/** Amounts of these metrics are in major units. */
const amounts = ['mrr', 'cash', 'receivables', 'weightedPipeline']

type Numbers = Readonly<Partial<Record<keyof Figures, number | null>>>

export interface Compared {
  /** The entities whose analyses are compared. */
  readonly ids: { readonly experiment: string; readonly funnel: string }
  /** True reads the past instead of the present. */
  readonly asOf?: boolean
}

/** Returns the figures that differ; none if all agree to the cent. */
export async function compareDay(
  client: Client,
  { endMs, figures }: { readonly endMs: number; readonly figures: Figures },
  { ids, asOf = false }: Compared,
): Promise<readonly Difference[]> {
  const options = asOf ? { asOf: new Date(endMs) } : {}
  const product: Numbers = Object.assign(
    {},
    ...(await Promise.all([
      ...Object.entries(metrics).map(async ([figure, metric]): Promise<Numbers> => {
        const { value } = await client.metrics.get(metric, options)
        return { [figure]: value !== null && amounts.includes(figure) ? value * 100 : value }
      }),
      campaignNumbers(client, options),
      analysisNumbers(client, ids, options),
    ])),
  )
  return figureNames.flatMap((figure) => {
    const [ledger, own] = [figures[figure], product[figure] ?? null]
    return isSame(ledger, own) ? [] : [{ date: dateOf(endMs), figure, ledger, product: own }]
  })
}

interface Options {
  readonly asOf?: Date
}

async function campaignNumbers({ Campaign }: Client, options: Options): Promise<Numbers> {
  const [all] = await Campaign.aggregate({}, { sum: ['actualLeads', 'roi'], ...options })
  return { campaignLeads: all?.sum.actualLeads ?? 0, campaignReturns: all?.sum.roi ?? 0 }
}

async function analysisNumbers(client: Client, ids: Compared['ids'], options: Options): Promise<Numbers> {
  const { steps } = await client.analysis('Funnel', ids.funnel, { within: `PT${hoursOfFunnel}H`, ...options })
  const { variants, conversions } = await client.analysis('Experiment', ids.experiment, options)
  const chance = variants[1]?.p ?? null
  return {
    visitors: steps[0]?.count ?? 0,
    orders: steps.at(-1)?.count ?? 0,
    conversions,
    chance: chance === null ? null : chance * 100,
  }
}

/** A yearly price divided by twelve is no whole number of cents, so amounts are compared as cents. */
function isSame(ledger: number | null, product: number | null): boolean {
  if (ledger === null || product === null) return ledger === product
  return Math.abs(ledger - product) < 0.005
}
