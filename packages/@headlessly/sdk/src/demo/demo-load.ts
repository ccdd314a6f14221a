// Loads the sample company into an empty tenant: a year of a small business that rents software to harbours, up to a day. Its
// acts come from a seed and are written through the client under a test clock, so renewals, invoices, late payments and targets
// follow by themselves, and two loads up to the same day are the same business.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Client } from '../client/client.ts'
import type { DemoOptions, DemoSize, LoadedDemo } from './load-demo.ts'
import { type DemoAct, type DemoDeed, DemoNames, isAct, namesIn } from './demo-act.ts'
import { demoAgents } from './demo-agents.ts'
import { demoCampaigns } from './demo-campaigns.ts'
import { demoCustomers } from './demo-customers.ts'
import { demoHelp, demoLetters } from './demo-help.ts'
import { demoOffer } from './demo-offer.ts'
import { DemoSteps } from './demo-steps.ts'
import { demoExperiment, demoVisitors } from './demo-visitors.ts'
import { SeededChoice } from './seeded-choice.ts'

export const demoSize: DemoSize = { leads: 72, visitors: 600, days: 365 }

const dayMs = 86_400_000
const seed = 20_261_129
/** Days between two looks at the bills that are open. */
const paymentDays = 7
/** A step of the clock runs all that is due, in slices of ten seconds at the server. */
const pollMs = 200
const waveMax = 50

export async function runDemo(client: Client, options: DemoOptions): Promise<LoadedDemo> {
  return new DemoLoad(client, options).run()
}

/** The deeds of the year in the order of their times. */
export function demoActs({ leads, visitors, days }: DemoSize = demoSize): readonly DemoDeed[] {
  const choice = new SeededChoice(seed)
  const customers = demoCustomers(choice, { count: leads, days })
  const { buyers } = customers
  const deeds: readonly DemoDeed[] = [
    ...demoOffer,
    ...demoCampaigns(days),
    ...customers.acts,
    ...demoHelp(choice, { buyers, days }),
    ...demoLetters(buyers, days),
    ...demoVisitors(choice, { count: visitors, days }),
    ...demoExperiment({ count: visitors, days }),
  ]
  const all = [...deeds, ...demoAgents({ days, deeds })]
  return all.filter(({ day }) => day < days).toSorted((one, other) => one.day - other.day)
}

class DemoLoad {
  readonly #client: Client
  readonly #options: DemoOptions
  readonly #names: DemoNames
  readonly #steps: DemoSteps
  readonly #choice = new SeededChoice(seed + 1)
  readonly #size: DemoSize
  readonly #startMs: number
  #day = 0
  #paid = 0

  constructor(client: Client, options: DemoOptions) {
    this.#client = client
    this.#options = options
    this.#size = options.size ?? demoSize
    this.#startMs = options.untilMs - this.#size.days * dayMs
    this.#names = new DemoNames(this.#startMs)
    this.#steps = new DemoSteps(client, this.#names)
  }

  async run(): Promise<LoadedDemo> {
    const { signal, onProgress, untilMs, begin } = this.#options
    const { days } = this.#size
    const now = new Date(this.#startMs).toISOString()
    await (begin === undefined ? this.#client.clock.set(now, { signal }) : begin(now))
    await this.#client.settings.update({ currency: 'EUR', timeZone: 'Europe/Berlin', paymentTerms: 'P14D' }, { signal })
    const deeds = demoActs(this.#size)
    let nextPayments = paymentDays
    for (let at = 0; at < deeds.length;) {
      signal?.throwIfAborted()
      const wave = waveAt(deeds, at)
      const { day } = wave[0] ?? { day: days }
      for (; nextPayments <= day; nextPayments += paymentDays) await this.#collect(nextPayments)
      await this.#reach(day)
      await Promise.all(wave.map((deed) => this.#perform(deed)))
      at += wave.length
      onProgress?.(at, deeds.length)
    }
    for (; nextPayments < days; nextPayments += paymentDays) await this.#collect(nextPayments)
    await this.#reach(days)
    return { acts: deeds.length, paid: this.#paid, now: new Date(untilMs).toISOString() }
  }

  /** Advances the clock; what is due until then happens. */
  async #reach(day: number): Promise<void> {
    if (day <= this.#day) return
    this.#day = day
    const { clock } = this.#client
    let state = await clock.advance(new Date(this.#startMs + Math.round(day * dayMs)).toISOString())
    while (state.advancingTo !== null) {
      await new Promise((resolve) => setTimeout(resolve, pollMs))
      state = await clock.read()
    }
  }

  async #perform(deed: DemoDeed): Promise<void> {
    if (!isAct(deed)) return this.#steps.perform(deed)
    const { write, target, body = {}, as, by } = deed
    const [noun = '', verb = ''] = write.split('.')
    const given = this.#names.resolve(body)
    const id = target === undefined ? [] : [this.#names.resolve(target)]
    try {
      const made = await this.#steps.entities(noun, by).perform(verb, ...id, given)
      if (as !== undefined) this.#names.name(as, { ...made })
    } catch (error) {
      if (!(error instanceof HeadlesslyError)) throw error
      // A subscription that was given up, for example, is not upgraded.
      if (error.code === 'invalid_transition') return
      if (error.code !== 'approval_required' || as === undefined) throw error
      this.#names.name(as, { $id: error.detail['approval'] })
    }
  }

  /** Most customers pay within three weeks, some payments fail, and some bills stay open. */
  async #collect(day: number): Promise<void> {
    await this.#reach(day)
    const { Invoice, Payment } = this.#client
    const open = await Invoice.find(
      { status: 'Open', subscription: { $exists: true } },
      { sort: 'number', limit: 100, strong: true },
    )
    const pay = async ({ $id: invoice, amountDue: amount }: (typeof open)[number], drawn: number): Promise<void> => {
      if (drawn < 0.08) {
        const { $id } = await Payment.create({ invoice, amount, method: 'card' })
        await Payment.fail($id, { failureCode: 'card_declined' })
      } else if (drawn < 0.75) {
        await Payment.capture({ invoice, amount, method: 'card' })
        this.#paid++
      }
    }
    await Promise.all(open.map((invoice) => pay(invoice, this.#choice.next())))
  }
}

/** The deeds of one time that name nothing of each other: they are sent at once. A step, or what an agent does, is alone. */
function waveAt(deeds: readonly DemoDeed[], from: number): readonly DemoDeed[] {
  const [first] = deeds.slice(from, from + 1)
  if (first === undefined || !isAct(first) || first.by !== undefined) return deeds.slice(from, from + 1)
  const made = new Set<string>()
  const targets = new Set<string>()
  const wave: DemoAct[] = []
  for (const deed of deeds.slice(from, from + waveMax)) {
    if (deed.day !== first.day || !isAct(deed) || deed.by !== undefined) break
    const { as, target = '' } = deed
    if ([...namesIn(deed)].some((name) => made.has(name)) || targets.has(target)) break
    if (as !== undefined) made.add(as)
    if (target !== '') targets.add(target)
    wave.push(deed)
  }
  return wave
}
