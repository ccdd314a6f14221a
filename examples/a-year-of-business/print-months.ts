// Prints the figures of a year by the month, and the days on which ledger and product agree.

import { dayMs } from './calendar.ts'
import type { Difference } from './compare.ts'
import { dateOf } from './imagine-year.ts'
import type { YearReport } from './run-year.ts'

export function printMonths({ days, live, asOf, acts, idle, ledger }: YearReport): void {
  console.log('\nend of     MRR        churn    NRR     cash in 30 days  receivables  tickets  late  pipeline')
  for (const { endMs, figures } of days) {
    const isLast = endMs === days.at(-1)?.endMs
    if (!isLast && !dateOf(endMs + dayMs).endsWith('-01')) continue

    const { mrr, churn, nrr, cash, receivables, ticketsOpen, ticketsLate, weightedPipeline } = figures
    const amount = (cents: number, width: number): string => (cents / 100).toFixed(2).padStart(width)
    const percent = (value: number | null): string => (value === null ? '-' : `${value.toFixed(1)} %`).padStart(8)
    console.log(
      `${dateOf(endMs)} ${amount(mrr, 10)} ${percent(churn)} ${percent(nrr)} ${amount(cash, 15)} ` +
        `${amount(receivables, 12)} ${String(ticketsOpen).padStart(8)} ${String(ticketsLate).padStart(5)} ${amount(weightedPipeline, 10)}`,
    )
  }
  const wrong = (differences: readonly Difference[]): number => new Set(differences.map(({ date }) => date)).size
  console.log(`\n${acts} acts, of which ${idle} found nothing to act on; ${ledger.billing.invoiceCount} invoices`)
  console.log(
    `days that agree: ${days.length - wrong(live)} of ${days.length} live, ${days.length - wrong(asOf)} as of the day`,
  )
}
