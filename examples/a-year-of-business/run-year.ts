// Performs a year in an empty tenant, and compares the product's numbers with the ledger at the end of each day: live, and after
// the year as of each day.

import type { Client } from '@headlessly/sdk'
import { compareDay, type Difference } from './compare.ts'
import { endsOfDays, imagineYear, wholeYear, type YearSize, yearStartMs } from './imagine-year.ts'
import { type Figures, Ledger } from './ledger.ts'
import { TenantOfYear } from './tenant.ts'

export interface YearReport {
  readonly acts: number
  /** Acts that found nothing to act on, by the ledger and by the product alike. */
  readonly idle: number
  readonly days: readonly { readonly endMs: number; readonly figures: Figures }[]
  readonly live: readonly Difference[]
  readonly asOf: readonly Difference[]
  readonly ledger: Ledger
}

/** The size of a year with this many customers, and all else in proportion. */
export function sizeOf({ customers, days }: { readonly customers: number; readonly days: number }): YearSize {
  const share = (count: number): number => Math.ceil((count * customers) / wholeYear.customers)
  return {
    organizations: share(wholeYear.organizations),
    customers,
    tickets: share(wholeYear.tickets),
    deals: share(wholeYear.deals),
    campaigns: share(wholeYear.campaigns),
    visitors: share(wholeYear.visitors),
    days,
  }
}

export async function runYear(
  client: Client,
  {
    size,
    seed,
    log = () => {},
  }: { readonly size: YearSize; readonly seed: number; readonly log?: (line: string) => void },
): Promise<YearReport> {
  const acts = imagineYear(size, seed)
  const tenant = await TenantOfYear.open(client, yearStartMs)
  const ids = tenant.analyzed
  const ledger = new Ledger()
  const days: { endMs: number; figures: Figures }[] = []
  const live: Difference[] = []
  let idle = 0
  let at = 0
  for (const endMs of endsOfDays(size)) {
    for (; at < acts.length; at++) {
      const act = acts[at]
      if (act === undefined || act.atMs >= endMs) break
      const [expected, done] = [ledger.note(act), await tenant.perform(act)]
      if (expected !== done) throw new Error(`${JSON.stringify(act)}: the ledger says ${expected}, the product ${done}`)
      if (!done) idle++
      if (act.kind === 'show') ledger.market.saw(act.visitor, tenant.pageOf(act.visitor), act.atMs)
    }
    await tenant.reach(endMs)
    const day = { endMs, figures: ledger.close(endMs) }
    days.push(day)
    const differences = await compareDay(client, day, { ids })
    live.push(...differences)
    for (const one of differences) log(`live ${describe(one)}`)
  }
  const asOf: Difference[] = []
  for (const day of days) {
    const differences = await compareDay(client, day, { ids, asOf: true })
    asOf.push(...differences)
    for (const one of differences) log(`as of ${describe(one)}`)
  }
  return { acts: acts.length, idle, days, live, asOf, ledger }
}

function describe({ date, figure, ledger, product }: Difference): string {
  return `${date}: ${figure} is ${product}, the ledger has ${ledger}`
}
