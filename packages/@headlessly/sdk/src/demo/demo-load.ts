// Loads the sample company into an empty tenant: a year of a small business that rents software to harbours, up to a day. Its
// acts come from a seed and are written through the client under a test clock, so renewals, invoices, late payments and targets
// follow by themselves, and two loads up to the same day are the same business.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Client } from '../client/client.ts'
import { anyEntity } from '../entities/any-entity.ts'
import type { DemoOptions, DemoSize, LoadedDemo } from './load-demo.ts'
import { type DemoAct, DemoNames } from './demo-act.ts'
import { demoCustomers } from './demo-customers.ts'
import { demoOffer } from './demo-offer.ts'
import { demoVisitors } from './demo-visitors.ts'
import { SeededChoice } from './seeded-choice.ts'

export const demoSize: DemoSize = { leads: 60, visitors: 60, days: 365 }

const dayMs = 86_400_000
const seed = 20_261_129
/** Days between two looks at the bills that are open. */
const paymentDays = 7
/** A step of the clock runs all that is due, in slices of ten seconds at the server. */
const pollMs = 200

export async function runDemo(client: Client, options: DemoOptions): Promise<LoadedDemo> {
  return new DemoLoad(client, options).run()
}

/** The acts of the year in the order of their times. */
export function demoActs({ leads, visitors, days }: DemoSize = demoSize): readonly DemoAct[] {
  const choice = new SeededChoice(seed)
  const customers = demoCustomers(choice, { count: leads, days })
  const acts = [...demoOffer, ...customers, ...demoVisitors(choice, { count: visitors, days })]
  return acts.filter(({ day }) => day < days).toSorted((one, other) => one.day - other.day)
}

class DemoLoad {
  readonly #client: Client
  readonly #options: DemoOptions
  readonly #names = new DemoNames()
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
  }

  async run(): Promise<LoadedDemo> {
    const { signal, onProgress, untilMs, begin } = this.#options
    const { days } = this.#size
    const now = new Date(this.#startMs).toISOString()
    await (begin === undefined ? this.#client.clock.set(now, { signal }) : begin(now))
    await this.#client.settings.update({ currency: 'EUR', timeZone: 'Europe/Berlin', paymentTerms: 'P14D' }, { signal })
    const acts = demoActs(this.#size)
    let nextPayments = paymentDays
    for (const [at, act] of acts.entries()) {
      signal?.throwIfAborted()
      for (; nextPayments <= act.day; nextPayments += paymentDays) await this.#collect(nextPayments)
      await this.#reach(act.day)
      await this.#perform(act)
      onProgress?.(at + 1, acts.length)
    }
    for (; nextPayments < days; nextPayments += paymentDays) await this.#collect(nextPayments)
    await this.#reach(days)
    return { acts: acts.length, paid: this.#paid, now: new Date(untilMs).toISOString() }
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

  async #perform({ write, target, body = {}, as }: DemoAct): Promise<void> {
    const [noun = '', verb = ''] = write.split('.')
    const given = this.#names.resolve(body)
    if (verb === 'first') return this.#nameFirst(noun, given, as)
    const id = target === undefined ? undefined : this.#names.resolve(target)
    try {
      const made = await anyEntity(this.#client, noun).perform(verb, ...(id === undefined ? [given] : [id, given]))
      if (as !== undefined) this.#names.name(as, parseFields(made))
    } catch (error) {
      // A subscription that was given up, for example, is not upgraded.
      if (!(error instanceof HeadlesslyError) || error.code !== 'invalid_transition') throw error
    }
  }

  async #nameFirst(noun: string, filter: unknown, as = ''): Promise<void> {
    const found = await anyEntity(this.#client, noun).find(parseFields(filter), { limit: 1, strong: true })
    const [first]: readonly unknown[] = Array.isArray(found) ? found : []
    this.#names.name(as, parseFields(first))
  }

  /** Most customers pay within three weeks, some payments fail, and some bills stay open. */
  async #collect(day: number): Promise<void> {
    await this.#reach(day)
    const { Invoice, Payment } = this.#client
    const open = await Invoice.find(
      { status: 'Open', subscription: { $exists: true } },
      { sort: 'number', limit: 100, strong: true },
    )
    for (const { $id: invoice, amountDue: amount } of open) {
      const drawn = this.#choice.next()
      if (drawn < 0.08) {
        const { $id } = await Payment.create({ invoice, amount, method: 'card' })
        await Payment.fail($id, { failureCode: 'card_declined' })
      } else if (drawn < 0.75) {
        await Payment.capture({ invoice, amount, method: 'card' })
        this.#paid++
      }
    }
  }
}

function parseFields(entity: unknown): Readonly<Record<string, unknown>> {
  return typeof entity === 'object' && entity !== null ? { ...entity } : {}
}
