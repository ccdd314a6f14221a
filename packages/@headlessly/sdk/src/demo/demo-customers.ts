// People who become interested in the sample company over its year: some buy, change, or leave.

import { type DemoAct, type DemoDeed, atHour } from './demo-act.ts'
import { campaignsOn } from './demo-campaigns.ts'
import { type Prospect, prospectAt } from './demo-people.ts'
import type { SeededChoice } from './seeded-choice.ts'

const lostReasons = ['Price', 'Went with another product', 'No budget this year', 'No answer']
/** The revenue of a year at each price, in whole euros. */
const offers = [
  { price: 'harbour-monthly', yearly: 588 },
  { price: 'harbour-monthly', yearly: 588 },
  { price: 'marina-monthly', yearly: 1_788 },
  { price: 'marina-monthly', yearly: 1_788 },
  { price: 'marina-yearly', yearly: 1_490 },
] as const
/** More people ask each month: the share of the year that has passed when a share of the leads has come. */
const growth = 0.7

interface Interest extends Prospect {
  readonly at: number
  readonly day: number
  readonly days: number
  readonly price: string
  readonly quantity: number
  readonly value: number
  readonly choice: SeededChoice
}

/** Somebody who has bought, from a day on. */
export interface Buyer {
  readonly at: number
  readonly day: number
  readonly name: string
  readonly company: string
}

export interface DemoCustomers {
  readonly acts: readonly DemoDeed[]
  readonly buyers: readonly Buyer[]
}

export function demoCustomers(
  choice: SeededChoice,
  { count, days }: { readonly count: number; readonly days: number },
): DemoCustomers {
  const acts: DemoDeed[] = []
  const buyers: Buyer[] = []
  for (let at = 0; at < count; at++) {
    // On every second day, so that several things happen at one time.
    const day = 2 + 2 * Math.round(((days - 4) * ((at + 0.5) / count) ** growth) / 2)
    const { price, yearly } = choice.of(offers)
    const quantity = choice.whole(1, 3)
    const interest = { ...prospectAt(at), at, day, days, price, quantity, value: yearly * quantity, choice }
    acts.push(...ask(interest))
    if (choice.chance(0.2)) {
      const lose = { write: 'Lead.lose', target: `@lead-${at}`, body: { lostReason: choice.of(lostReasons) } } as const
      acts.push({ day: atHour(day + 8, 9), ...lose })
      continue
    }
    acts.push(...negotiate(interest))
    const decided = day + 2 * choice.whole(14, 20)
    if (choice.chance(0.25)) {
      const body = { lostReason: choice.of(lostReasons) }
      acts.push({ day: atHour(decided, 15), write: 'Deal.lose', target: `@lead-${at}.deal`, body })
      continue
    }
    acts.push(...buy({ ...interest, day: decided }))
    if (decided < days) buyers.push({ at, day: decided, name: interest.name, company: interest.company })
  }
  return { acts, buyers }
}

function ask({ at, day, days, choice, name, company, email, value }: Interest): readonly DemoAct[] {
  const running = campaignsOn(day / days)
  // Some come by themselves.
  const brought = running.length > 0 && choice.chance(0.8) ? choice.of(running) : undefined
  const from =
    brought === undefined
      ? { source: choice.of(['Web', 'Referral']) }
      : { source: brought.source, campaign: `@campaign-${brought.at}` }
  const body = { name, email, company, budget: Math.round(value / 100) * 100, owner: '@sales', ...from }
  return [
    { day: atHour(day, 9), write: 'Lead.create', body, as: `lead-${at}` },
    { day: atHour(day + 2, 9), write: 'Lead.update', target: `@lead-${at}`, body: { status: 'Contacted' } },
  ]
}

/** The lead becomes a deal, whose stage advances each week or two. */
function negotiate({
  at,
  day,
  choice,
  name,
  company,
  city,
  country,
  role,
  title,
  value,
}: Interest): readonly DemoAct[] {
  const lead = `@lead-${at}`
  const deal = `${lead}.deal`
  const [converted, close] = [atHour(day + 6, 9), day + 36]
  const step = (after: number, nextStep: string): DemoAct => {
    return { day: atHour(day + after, 9), write: 'Deal.advance', target: deal, body: { nextStep } }
  }
  return [
    {
      day: converted,
      write: 'Lead.convert',
      target: lead,
      body: { dealName: company, value, pipeline: '@pipeline' },
      as: `lead-${at}`,
    },
    {
      day: converted,
      write: 'Deal.update',
      target: deal,
      body: { probability: 10, expectedCloseDate: `@on:${close}`, nextStep: 'Show the booking plan' },
    },
    { day: converted, write: 'Contact.update', target: `${lead}.contact`, body: { title, role, assignee: '@sales' } },
    {
      day: converted,
      write: 'Organization.update',
      target: `${lead}.organization`,
      body: { city, country, tier: value > 3_000 ? 'Business' : 'SMB', employeeCount: choice.whole(3, 40) },
    },
    {
      day: converted,
      write: 'Activity.log',
      body: {
        subject: `Call with ${name}`,
        description: 'Berths, season and how they take bookings today.',
        type: 'Call',
        deal,
        contact: `${lead}.contact`,
        assignee: '@sales',
      },
    },
    step(12, 'Send an offer'),
    step(18, 'Talk about the price'),
    step(24, 'Wait for the board'),
  ]
}

function buy(interest: Interest): readonly DemoDeed[] {
  const { at, day, price, quantity } = interest
  const body = { price: `@${price}`, quantity }
  return [
    { day: atHour(day, 15), write: 'Deal.win', target: `@lead-${at}.deal`, body, as: `won-${at}` },
    ...extras(interest),
    ...onboarding(interest),
    ...change(interest),
  ]
}

/** Cameras beside the plan, some with a discount. A yearly plan has none, since they are paid by the month. */
function extras({ at, day, choice, price }: Interest): readonly DemoAct[] {
  if (price.endsWith('yearly') || !choice.chance(0.4)) return []
  const coupon = choice.of([{ coupon: '@boat-show' }, { coupon: '@partner' }, {}])
  const body = {
    subscription: `@won-${at}.subscription`,
    price: '@cameras',
    quantity: choice.whole(1, 4),
    taxRate: '@vat',
    ...coupon,
  }
  return [{ day: atHour(day + 2, 9), write: 'SubscriptionItem.create', body }]
}

/** Two days of help on an invoice of its own. Some of it is credited and paid back. */
function onboarding({ at, day, choice }: Interest): readonly DemoDeed[] {
  if (!choice.chance(0.4)) return []
  const bill = `bill-${at}`
  const coupon = choice.chance(0.5) ? '@welcome' : undefined
  const line = {
    invoice: `@${bill}`,
    description: 'Onboarding',
    quantity: 2,
    unitAmount: 45_000,
    taxRate: '@vat',
    coupon,
  }
  const made = atHour(day + 2, 9)
  const paid: readonly DemoAct[] = [
    { day: made, write: 'Invoice.create', body: { customer: `@won-${at}.customer`, currency: 'EUR' }, as: bill },
    { day: made, write: 'LineItem.create', body: line },
    { day: atHour(day + 4, 9), write: 'Invoice.finalize', target: `@${bill}`, as: bill },
    {
      day: atHour(day + 12, 9),
      write: 'Payment.capture',
      body: { invoice: `@${bill}`, amount: `@${bill}.amountDue`, method: 'bank_transfer' },
      as: `paid-${at}`,
    },
  ]
  if (!choice.chance(0.3)) return paid
  const [amount, credited] = [20_000, atHour(day + 20, 9)]
  return [
    ...paid,
    { day: credited, write: 'Invoice.credit', target: `@${bill}`, body: { amount, reason: 'product_unsatisfactory' } },
    { day: credited, step: 'name the first', noun: 'CreditNote', filter: { invoice: `@${bill}` }, as: `note-${at}` },
    { day: credited, write: 'Payment.refund', target: `@paid-${at}`, body: { amount, creditNote: `@note-${at}` } },
  ]
}

function change({ at, day, choice, price }: Interest): readonly DemoAct[] {
  const target = `@won-${at}.subscription`
  const later = atHour(day + 2 * choice.whole(20, 80), 9)
  const drawn = choice.next()
  if (drawn < 0.12)
    return [
      {
        day: later,
        write: 'Subscription.cancel',
        target,
        body: { cancelReason: choice.of(['Too expensive', 'Harbour closed']) },
      },
    ]
  if (drawn < 0.5 && price === 'harbour-monthly')
    return [{ day: later, write: 'Subscription.upgrade', target, body: { price: '@marina-monthly' } }]
  if (drawn < 0.55)
    return [
      { day: later, write: 'Subscription.pause', target },
      { day: later + 46, write: 'Subscription.reactivate', target },
    ]
  return []
}
