// The books of marketing: what campaigns cost and brought, how far visitors came, and whether the pages of the experiment differ.

import { type Act, hoursOfFunnel, steps, variants } from './acts.ts'
import { addDays, hourMs } from './calendar.ts'

interface Campaign {
  readonly launchedAtMs: number
  readonly measured: { leads: number; revenue: number; cost: number }
  cost: number
  leads: number
  revenue: number
  /** The day of the next measurement, counted from the launch; infinite once the campaign has ended. */
  nextDay: number
}

export class MarketLedger {
  readonly #campaigns = new Map<string, Campaign>()
  readonly #deals = new Map<string, { readonly campaign: string | undefined; readonly value: number }>()
  readonly #steps = new Map<string, { readonly name: string; readonly atMs: number }[]>()
  readonly #seen = new Map<string, { readonly variant: string; readonly atMs: number }>()

  note(act: Act): void {
    switch (act.kind) {
      case 'launch': {
        const measured = { leads: 0, revenue: 0, cost: act.cost }
        this.#campaigns.set(act.campaign, {
          launchedAtMs: act.atMs,
          cost: act.cost,
          leads: 0,
          revenue: 0,
          nextDay: 0,
          measured,
        })
        return
      }
      case 'spend':
        this.#campaign(act.campaign).cost = act.cost
        return
      case 'inquire':
        this.#campaign(act.campaign).leads++
        return
      case 'finish': {
        const campaign = this.#campaign(act.campaign)
        measure(campaign)
        campaign.nextDay = Number.POSITIVE_INFINITY
        return
      }
      case 'offer':
        this.#deals.set(act.deal, { campaign: act.campaign, value: act.value })
        return
      case 'win': {
        const { campaign, value = 0 } = this.#deals.get(act.deal) ?? {}
        if (campaign !== undefined) this.#campaign(campaign).revenue += value
        return
      }
      case 'step':
        this.#steps.set(act.visitor, [...(this.#steps.get(act.visitor) ?? []), { name: act.name, atMs: act.atMs }])
        return
      default:
    }
  }

  /** The page that a visitor got to see is what the product decides, and all else follows from it. */
  saw(visitor: string, variant: string, atMs: number): void {
    if (!this.#seen.has(visitor)) this.#seen.set(visitor, { variant, atMs })
  }

  /** Each campaign that runs is measured once a day, at the time of day of its launch. */
  reach(untilMs: number): void {
    for (const campaign of this.#campaigns.values())
      for (; addDays(campaign.launchedAtMs, campaign.nextDay) <= untilMs; campaign.nextDay++) measure(campaign)
  }

  leads(): number {
    return sumOf([...this.#campaigns.values()].map(({ measured }) => measured.leads))
  }

  /** The sum of the returns of all campaigns in percent, as they were measured last. */
  returns(): number {
    return sumOf(
      [...this.#campaigns.values()].map(({ measured: { revenue, cost } }) => ((revenue - cost) / cost) * 100),
    )
  }

  /** The visitors who came as far as each step, in order and within the time of the funnel. */
  funnel(): readonly number[] {
    const reached = [...this.#steps.values()].map(stepsOf)
    return steps.map((_, at) => reached.filter((count) => count > at).length)
  }

  conversions(): number {
    return sumOf(variants.map((variant) => this.#proportion(variant).successes))
  }

  /** The probability of such a difference by chance in percent, by the pooled z-test; null without a difference to judge. */
  chance(): number | null {
    const [a, b] = variants.map((variant) => this.#proportion(variant))
    if (a === undefined || b === undefined || a.trials === 0 || b.trials === 0) return null
    const pooled = (a.successes + b.successes) / (a.trials + b.trials)
    const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / a.trials + 1 / b.trials))
    if (deviation === 0) return null
    return 2 * upperTail(Math.abs(a.successes / a.trials - b.successes / b.trials) / deviation) * 100
  }

  #proportion(variant: string): { readonly trials: number; readonly successes: number } {
    const seen = [...this.#seen].filter(([, one]) => one.variant === variant)
    const converted = seen.filter(([visitor, { atMs }]) =>
      (this.#steps.get(visitor) ?? []).some((step) => step.name === 'ordered' && step.atMs >= atMs),
    )
    return { trials: seen.length, successes: converted.length }
  }

  #campaign(key: string): Campaign {
    const campaign = this.#campaigns.get(key)
    if (campaign === undefined) throw new Error(`nobody has launched ${key}`)
    return campaign
  }
}

function measure(campaign: Campaign): void {
  Object.assign(campaign.measured, { leads: campaign.leads, revenue: campaign.revenue, cost: campaign.cost })
}

/** The most steps that follow each other from any start. */
function stepsOf(taken: readonly { readonly name: string; readonly atMs: number }[]): number {
  const starts = taken.filter(({ name }) => name === steps[0])
  return Math.max(
    0,
    ...starts.map((start) => {
      let [count, atMs] = [1, start.atMs]
      for (const name of steps.slice(1)) {
        const untilMs = start.atMs + hoursOfFunnel * hourMs
        const next = taken.find((one) => one.name === name && one.atMs >= atMs && one.atMs <= untilMs)
        if (next === undefined) return count
        ;[count, atMs] = [count + 1, next.atMs]
      }
      return count
    }),
  )
}

/** The area of the normal distribution above z, by Simpson's rule. */
function upperTail(z: number): number {
  const parts = 2_000
  const width = 10 / parts
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  let area = density(z) + density(z + 10)
  for (let at = 1; at < parts; at++) area += density(z + at * width) * (at % 2 === 0 ? 2 : 4)
  return (area * width) / 3
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0)
}
