// Compares the figures of the ledger with the product's metrics, at the end of a day: live, or as of that time.

import type { Client } from '@headlessly/sdk'
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
} as const satisfies Readonly<Record<keyof Figures, string>>

const amounts = ['mrr', 'cash', 'receivables', 'weightedPipeline']

/** Returns the figures that differ; none if all agree to the cent. `asOf` reads the past instead of the present. */
export async function compareDay(
  client: Client,
  day: { readonly endMs: number; readonly figures: Figures },
  { asOf = false }: { readonly asOf?: boolean } = {},
): Promise<readonly Difference[]> {
  const options = asOf ? { asOf: new Date(day.endMs) } : {}
  const compared = figureNames.map(async (figure) => {
    const { value } = await client.metrics.get(metrics[figure], options)
    const ledger = day.figures[figure]
    // Amounts of metrics are in major units.
    const product = value !== null && amounts.includes(figure) ? value * 100 : value
    return isSame(ledger, product) ? [] : [{ date: dateOf(day.endMs), figure, ledger, product }]
  })
  return (await Promise.all(compared)).flat()
}

/** A yearly price divided by twelve is no whole number of cents, so amounts are compared as cents. */
function isSame(ledger: number | null, product: number | null): boolean {
  if (ledger === null || product === null) return ledger === product
  return Math.abs(ledger - product) < 0.005
}
